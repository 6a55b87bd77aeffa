//! One connection: HTTP/1.1 over a stream, bounded in size and time.

use std::net::IpAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tower::ServiceExt;

use super::steady::Steady;

/// How long the head of a request may take, and how long a connection may be idle between two.
const HEAD: Duration = Duration::from_secs(20);

/// Largest head of a request, in bytes; it is also what an idle connection may hold.
const LARGEST_HEAD: usize = 16 * 1024;

/// Most headers of a request.
const MOST_HEADERS: usize = 64;

/// The address at the other end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// Answers the requests of one connection until it ends, or, once the server closes, until the present one is answered.
pub(super) async fn serve<S>(stream: S, peer: IpAddr, routes: Router, mut closing: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let answer = tower::service_fn(move |request: axum::http::Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        routes.clone().oneshot(request)
    });
    let mut builder = Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(LARGEST_HEAD)
        .max_headers(MOST_HEADERS);
    let stream = TokioIo::new(Steady::new(stream));
    let connection = builder.serve_connection(stream, TowerToHyperService::new(answer));
    tokio::pin!(connection);
    tokio::select! {
        // Who hangs up, or does not speak HTTP, is no trouble of ours.
        _ = connection.as_mut() => return,
        _ = closing.wait_for(|closing| *closing) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}
