//! The binary `tollgate`.

/// Fewer and cheaper system calls than the default under many small allocations from several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    tollgate_server::main()
}
