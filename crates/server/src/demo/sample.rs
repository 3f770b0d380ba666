//! The sample upstream as a running thing: its port, and the services that point to it.

use std::net::{Ipv4Addr, SocketAddr};

use hyper::service::service_fn;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tollgate_console::Console;
use tollgate_model::service::Upstream;

use super::{document::Example, sample_upstream};
use crate::{
    error::CommandError,
    listen::{self, Bounds, Listener},
};

/// The sample upstream's open port.
pub(super) struct Sample {
    socket: TcpListener,
    address: Upstream,
}

impl Sample {
    /// Opens the port that it had at the last start, so that nothing has to change, or else any free one.
    pub(super) fn open(last: Option<&Upstream>) -> Result<Self, CommandError> {
        let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let again = last.and_then(|last| listen::bind(loopback(last.port())).ok());
        let socket = match again {
            Some(socket) => socket,
            None => listen::bind(loopback(0))?,
        };
        let opened = socket
            .local_addr()
            .map_err(|cause| CommandError::fault("cannot open a port for the sample service", &cause))?;
        Ok(Self { socket, address: format!("http://{opened}").parse()? })
    }

    /// Where it answers.
    pub(super) fn address(&self) -> Upstream {
        self.address.clone()
    }

    /// Points the services of the example here if they point to an earlier port; says whether that was so.
    pub(super) async fn adopt(&self, console: &Console, example: &mut Example) -> Result<bool, CommandError> {
        let before = std::mem::replace(&mut example.sample_upstream, self.address.clone());
        if before == self.address {
            return Ok(false);
        }
        for service in console.services().await? {
            if service.upstreams.contains(&before) {
                let moved = |draft: &mut tollgate_console::services::ServiceDraft| {
                    for upstream in draft.upstreams.iter_mut().filter(|upstream| **upstream == before) {
                        *upstream = self.address.clone();
                    }
                };
                console.update_service(&service.code, moved).await?;
            }
        }
        Ok(true)
    }

    /// Answers until the handle is dropped.
    pub(super) fn serve(self, bounds: Bounds) -> AbortOnDropHandle<()> {
        let listener = Listener { socket: self.socket, certificates: None, bounds };
        let service_for = |_| service_fn(sample_upstream::answer);
        AbortOnDropHandle::new(tokio::spawn(async move { listener.serve(service_for, CancellationToken::new()).await }))
    }
}
