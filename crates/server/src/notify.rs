//! Tells the service manager how far we are (`sd_notify`), when there is one that wants to know.

use std::os::unix::net::UnixDatagram;

/// Every port answers.
pub(crate) fn ready() {
    tell("READY=1");
}

/// The stop has begun.
pub(crate) fn stopping() {
    tell("STOPPING=1");
}

fn tell(state: &str) {
    let Some(path) = std::env::var_os("NOTIFY_SOCKET") else { return };
    // An abstract socket, whose name begins with `@`, is not worth its own code: systemd gives a path.
    let told = UnixDatagram::unbound().and_then(|socket| socket.send_to(state.as_bytes(), path));
    if let Err(cause) = told {
        tracing::warn!(%cause, "the service manager could not be told {state}");
    }
}
