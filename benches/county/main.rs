//! What one county office carries on this machine: ten thousand villages over real HTTP on loopback, and records by the
//! hundred thousand on SQLite and on PostgreSQL, each figure beside its limit.
//!
//! The villages share the cores with the server, so the server's own share is better than what is printed.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures for people: counts far below what a fraction holds"
)]

mod ingest;
#[path = "../support/log.rs"]
mod log;
#[path = "../../tests/support/poll.rs"]
#[expect(dead_code, reason = "made for tests, where a failure ends all")]
mod poll;
#[path = "../../tests/support/postgres.rs"]
#[expect(clippy::unwrap_used, dead_code, reason = "made for tests, where a failure ends all")]
mod postgres;
mod server;
mod village;

use std::env;
use std::time::Duration;

use postgres::Postgres;
use tokio::runtime::Builder;

/// Villages, unless `VILLAGES` says otherwise.
const VILLAGES: usize = 10_000;

/// Until all villages that begin at once have everything.
const STORM: Duration = Duration::from_secs(30);

/// From the publisher's request to the village that is served as the ninety-ninth of a hundred.
const PUBLISH: Duration = Duration::from_secs(5);

/// What the server may take with all of them waiting, in bytes.
const MEMORY: u64 = 256 * 1024 * 1024;

/// Records a second that must be on the disk.
const RECORDS: f64 = 20_000.0;

fn main() {
    let villages = env::var("VILLAGES").ok().and_then(|text| text.parse().ok()).unwrap_or(VILLAGES);
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let server = server::start(None, villages).await;
        storm(&server, villages).await;
        ingest::measure("SQLite", &server).await;
        drop(server);
        let postgres = Postgres::start();
        let server = server::start(Some(postgres.url()), ingest::SITES).await;
        ingest::measure("PostgreSQL", &server).await;
    });
}

/// All villages at once without anything, then all waiting, then one new bundle for all of them.
async fn storm(server: &server::Server, villages: usize) {
    let idle = server.memory();
    let (all, took) = village::storm(server, villages).await;
    println!(
        "cold storm: {villages} villages in sync after {took:.2?}, {:.2} of the limit of {STORM:?}",
        took.as_secs_f64() / STORM.as_secs_f64()
    );
    let spread = village::publish(server, all).await;
    let waiting = spread.memory;
    println!(
        "memory with {villages} long polls: {:.0} MB, {:.2} of the limit of {} MB; {:.1} kB a village",
        mega(waiting),
        mega(waiting) / mega(MEMORY),
        MEMORY >> 20,
        (waiting.saturating_sub(idle)) as f64 / 1e3 / villages as f64
    );
    println!(
        "publish → a village has all of it: p50 {:.2?}, p99 {:.2?}, last {:.2?}; p99 is {:.2} of the limit of {PUBLISH:?}",
        spread.at(0.5),
        spread.at(0.99),
        spread.at(1.0),
        spread.at(0.99).as_secs_f64() / PUBLISH.as_secs_f64()
    );
}

fn mega(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
