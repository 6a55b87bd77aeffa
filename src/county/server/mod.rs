//! The server from which the county's stations get what is signed, and to which they tell what came of it: answers to the
//! requests of `wire` leave this room.

mod alerts;
mod answer;
mod as_run;
mod body;
mod bundles;
mod certificate;
mod connection;
mod door;
mod enrol;
mod fault;
mod files;
mod heads;
mod limits;
mod memory;
mod offered;
mod offers;
mod office;
mod reports;
mod roots;
mod routes;
mod spool;
mod steady;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

pub use fault::ServerFault;
use office::Office;

use super::store::{Address, Store};
use crate::station::systemd;

/// The document that says what every route takes and answers.
pub const OPENAPI: &str = include_str!("openapi.json");

/// How often certificates are looked at, and the database's counters of changes besides the bell.
const ROUND: Duration = Duration::from_secs(1);

/// What a server goes by.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where the database is.
    pub database: Address,
    /// Files of the certificate and its key, in PEM; none for plain HTTP.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// The file with the certificate by which stations are to know this county; none if everybody knows it.
    pub known_by: Option<PathBuf>,
    /// Whether a proxy stands before it, which says who asks.
    pub behind_proxy: bool,
    /// Every root that the office has, as signed, the first one first.
    pub roots: Vec<Vec<u8>>,
    /// Our own executable, which decodes recordings in a child.
    pub program: PathBuf,
    /// Most connections at one time.
    pub connections: usize,
    /// Most enrolments that one address may try in a minute.
    pub enrolments: u32,
}

/// Serves until it is asked to end. `ready` is told the address once it listens.
pub async fn run(options: Options, ready: impl FnOnce(SocketAddr)) -> Result<(), ServerFault> {
    if options.tls.is_none() && !options.listen.ip().is_loopback() {
        return Err(ServerFault::Plain(options.listen));
    }
    let store = Store::open(&options.database).await?;
    roots::bring(&store, &options.roots).await?;
    let certificate = certificate::Certificate::read(&options)?;
    let (close, closing) = watch::channel(false);
    let office = Office::open(store, &options, certificate.known_by(), closing.clone()).await?;
    let listener = TcpListener::bind(options.listen).await;
    let listener = listener.map_err(|error| ServerFault::Listen(options.listen, error))?;
    let at = listener.local_addr().map_err(|error| ServerFault::Listen(options.listen, error))?;
    let door =
        door::Door::new(listener, certificate.configs(), routes::all(office), options.connections, closing);
    tracing::info!(%at, tls = options.tls.is_some(), "serving");
    systemd::ready(&format!("{at}"));
    ready(at);
    tokio::select! {
        () = door.serve() => {}
        () = certificate.keep(ROUND) => {}
        () = systemd::keep_fed(|| true) => {}
        asked = asked_to_end() => asked.map_err(ServerFault::Signals)?,
    }
    systemd::stopping();
    close.send_replace(true);
    door.drained().await;
    tracing::info!("ended");
    Ok(())
}

async fn asked_to_end() -> std::io::Result<()> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    Ok(())
}
