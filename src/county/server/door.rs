//! The door: takes connections in, so many at a time, and lets them out before the end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use super::connection;

/// How long a handshake may take: several round trips over a slow link.
const HANDSHAKE: Duration = Duration::from_secs(20);

/// How long the last answers may take when the server ends.
const LAST: Duration = Duration::from_secs(5);

/// Pause after a connection could not be taken, for want of files or memory.
const SHORT: Duration = Duration::from_millis(100);

/// The door.
pub(super) struct Door {
    listener: TcpListener,
    tls: watch::Receiver<Option<Arc<ServerConfig>>>,
    routes: Router,
    places: Arc<Semaphore>,
    most: u32,
    closing: watch::Receiver<bool>,
}

impl Door {
    /// `most` is how many connections there may be.
    pub(super) fn new(
        listener: TcpListener,
        tls: watch::Receiver<Option<Arc<ServerConfig>>>,
        routes: Router,
        most: usize,
        closing: watch::Receiver<bool>,
    ) -> Self {
        let most = u32::try_from(most).unwrap_or(u32::MAX).clamp(1, 1 << 20);
        let places = Arc::new(Semaphore::new(most as usize));
        Self { listener, tls, routes, places, most, closing }
    }

    /// Takes connections, for ever. Who comes when all places are taken waits before the door.
    pub(super) async fn serve(&self) {
        loop {
            let Ok(place) = Arc::clone(&self.places).acquire_owned().await else { return };
            match self.listener.accept().await {
                Ok((stream, peer)) => self.take_in(stream, peer, place),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    sleep(SHORT).await;
                }
            }
        }
    }

    fn take_in(&self, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit) {
        // Only small things are sent, each as soon as it is there.
        let _ = stream.set_nodelay(true);
        let (tls, routes, closing) = (self.tls.borrow().clone(), self.routes.clone(), self.closing.clone());
        // Ten thousand of these wait at a time: one that needs no TLS has no room for it.
        match tls {
            None => tokio::spawn(async move {
                let _place = place;
                connection::serve(stream, peer.ip(), routes, closing).await;
            }),
            Some(config) => tokio::spawn(async move {
                let _place = place;
                // Boxed, and so gone once hands are shaken.
                let shaking = Box::pin(timeout(HANDSHAKE, TlsAcceptor::from(config).accept(stream)));
                if let Ok(Ok(stream)) = shaking.await {
                    connection::serve(stream, peer.ip(), routes, closing).await;
                }
            }),
        };
    }

    /// Waits until everybody has left, but not for long.
    pub(super) async fn drained(self) {
        drop(self.listener);
        if timeout(LAST, self.places.acquire_many(self.most)).await.is_err() {
            tracing::warn!("some answers were cut off");
        }
    }
}
