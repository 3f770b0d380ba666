//! A connection that hears what other processes announce.

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use tokio_postgres::{AsyncMessage, Client, Connection, NoTls, Socket, tls::NoTlsStream};

use super::{Address, LINE_SECONDS_MAX, tls::Encrypted};
use crate::{Statement, StoreError};

const LISTEN: Statement = Statement { name: "listen", sql: "listen tollgate" };

/// Hears announcements while [`Listener::heard`] is awaited; in between they are kept by the connection.
pub(crate) struct Listener {
    /// Keeps the connection open.
    _client: Client,
    wire: Wire,
}

enum Wire {
    Plain(Box<Connection<Socket, NoTlsStream>>),
    Encrypted(Box<Connection<Socket, Encrypted<Socket>>>),
}

impl Wire {
    async fn message(&mut self) -> Option<Result<AsyncMessage, tokio_postgres::Error>> {
        poll_fn(|cx| match self {
            Self::Plain(connection) => connection.poll_message(cx),
            Self::Encrypted(connection) => connection.poll_message(cx),
        })
        .await
    }
}

impl Listener {
    /// Connects and begins to listen.
    pub(crate) async fn open(address: &Address) -> Result<Self, StoreError> {
        tokio::time::timeout(Duration::from_secs(LINE_SECONDS_MAX), connect(address))
            .await
            .map_err(|_| StoreError::Unavailable(format!("no connection within {LINE_SECONDS_MAX} s")))?
            .map_err(|fault| StoreError::of_postgres(&LISTEN, &fault))
    }

    /// Waits for an announcement; `false` when the connection is gone. May be cancelled and asked again.
    pub(crate) async fn heard(&mut self) -> bool {
        loop {
            match self.wire.message().await {
                Some(Ok(AsyncMessage::Notification(_))) => return true,
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return false,
            }
        }
    }
}

async fn connect(address: &Address) -> Result<Listener, tokio_postgres::Error> {
    let (client, mut wire) = if let Some(tls) = &address.tls {
        let (client, connection) = address.config.connect(tls.clone()).await?;
        (client, Wire::Encrypted(Box::new(connection)))
    } else {
        let (client, connection) = address.config.connect(NoTls).await?;
        (client, Wire::Plain(Box::new(connection)))
    };
    {
        // The request travels only while the connection is polled as well.
        let mut listening = pin!(client.batch_execute(LISTEN.sql));
        let mut notices = pin!(async { while let Some(Ok(_)) = wire.message().await {} });
        poll_fn(|cx| match notices.as_mut().poll(cx) {
            // The connection is gone, so the request has failed and says how.
            Poll::Ready(()) | Poll::Pending => listening.as_mut().poll(cx),
        })
        .await?;
    }
    Ok(Listener { _client: client, wire })
}
