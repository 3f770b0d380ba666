//! Opening a port, with one clear line when that cannot be.

use std::{io, net::SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 4_096;

/// Why a port could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another process answers there.
    #[error("port {port} on {host} is in use: stop the program that has it, or choose another port", port = .0.port(), host = .0.ip())]
    InUse(SocketAddr),
    /// The system keeps the port for its administrator.
    #[error("this user may not open port {port}: choose a port above 1023, or grant CAP_NET_BIND_SERVICE", port = .0.port())]
    Forbidden(SocketAddr),
    /// The address does not belong to this machine.
    #[error("{host} is not an address of this machine: choose another, such as 127.0.0.1", host = .0.ip())]
    NotOurs(SocketAddr),
    /// Anything else.
    #[error("cannot open {0}: {1}")]
    Other(SocketAddr, io::Error),
}

/// Opens a port; port 0 lets the system choose one.
pub fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    open(address).map_err(|cause| match cause.kind() {
        io::ErrorKind::AddrInUse => BindError::InUse(address),
        io::ErrorKind::PermissionDenied => BindError::Forbidden(address),
        io::ErrorKind::AddrNotAvailable => BindError::NotOurs(address),
        _ => BindError::Other(address, cause),
    })
}

fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A restart must not wait for the connections of the run before to be forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Whether accepting failed because of the one connection that was about to be accepted, which is then gone.
pub(super) fn concerns_one_connection(cause: &io::Error) -> bool {
    matches!(
        cause.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}
