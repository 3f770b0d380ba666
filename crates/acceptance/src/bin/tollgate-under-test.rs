//! The program, built for the tests of this crate.

fn main() -> std::process::ExitCode {
    tollgate_server::main()
}
