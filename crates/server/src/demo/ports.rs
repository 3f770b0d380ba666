//! The demo's two ports: opened before anything is made, so that a port in use leaves nothing behind.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
};

use tokio::net::TcpListener;

use super::hosts::PUBLIC_IDENTITY_URL;
use crate::{
    cli::DemoArguments,
    compose::{Running, Tollgate},
    config::{Config, HttpUrl, ListenAddress},
    error::CommandError,
    listen::{self, BindError, Bounds, Certificates, Listener},
};

/// Both ports, open and not answering yet.
pub(super) struct Ports {
    main: (TcpListener, SocketAddr),
    gateway: (TcpListener, SocketAddr),
    /// Whether clients are to say `localhost`.
    is_named: bool,
}

impl Ports {
    /// Opens the ports that the command line names.
    pub(super) fn open(arguments: &DemoArguments) -> Result<Self, CommandError> {
        if arguments.port == arguments.gateway_port && arguments.port != 0 {
            return Err(CommandError::bad_input(format_args!(
                "--port and --gateway-port are both {}: give two different ports",
                arguments.port
            )));
        }
        let open = |port, option| {
            let address = SocketAddr::new(arguments.host.ip, port);
            let socket = listen::bind(address).map_err(|refused| in_use(refused, option))?;
            let opened = socket
                .local_addr()
                .map_err(|cause| CommandError::fault(format_args!("cannot open {address}"), &cause))?;
            Ok::<_, CommandError>((socket, opened))
        };
        Ok(Self {
            main: open(arguments.port, "--port")?,
            gateway: open(arguments.gateway_port, "--gateway-port")?,
            is_named: arguments.host.is_named,
        })
    }

    /// Where clients on this machine reach the identity system and the gateway.
    pub(super) fn addresses(&self) -> [SocketAddr; 2] {
        [reachable(self.main.1), reachable(self.gateway.1)]
    }

    /// The configuration for these ports and the files of `folder`.
    pub(super) fn configuration(&self, folder: &Path, tls: bool) -> Result<Config, CommandError> {
        let mut config = Config::of_demo(folder)?;
        let scheme = if tls { "https" } else { "http" };
        let url = |address: &dyn std::fmt::Display| -> Result<HttpUrl, CommandError> {
            // The port that goes without saying is left out, as clients do.
            let text = format!("{scheme}://{address}");
            let text = text.strip_suffix(if tls { ":443" } else { ":80" }).unwrap_or(&text);
            Ok(text.parse()?)
        };
        let [main, gateway] = self.addresses();
        config.identity.listen = ListenAddress(self.main.1);
        config.gateway.listen = ListenAddress(self.gateway.1);
        let called = |address: SocketAddr| {
            if self.is_named { url(&format_args!("localhost:{}", address.port())) } else { url(&address) }
        };
        config.identity.public_url = Some(called(main)?);
        config.gateway.public_url = Some(called(gateway)?);
        config.identity.also_known_as = vec![
            url(&format_args!("localhost:{}", main.port()))?,
            url(&format_args!("127.0.0.1:{}", main.port()))?,
            PUBLIC_IDENTITY_URL.parse()?,
        ];
        // Nobody shall be told to insist on HTTPS at a loopback address.
        config.network.strict_transport_seconds = 0;
        Ok(config)
    }

    /// Starts to answer.
    pub(super) fn serve(self, tollgate: Tollgate, certificates: Option<&Certificates>, bounds: &Bounds) -> Running {
        let listener = |socket| Listener { socket, certificates: certificates.cloned(), bounds: bounds.clone() };
        let (main, gateway) = (listener(self.main.0), listener(self.gateway.0));
        tollgate.serve(main, gateway)
    }
}

/// An address that stands for all of the machine is reached by way of loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    };
    SocketAddr::new(ip, address.port())
}

fn in_use(refused: BindError, option: &str) -> CommandError {
    match refused {
        BindError::InUse(address) => CommandError::Fault(format!(
            "port {} on {} is in use: stop the program that has it, or choose another with {option} PORT",
            address.port(),
            address.ip()
        )),
        other => other.into(),
    }
}
