//! Servers, databases and wires of the county that fail while villages report and wait: what was acknowledged stays, what was
//! sent arrives once, and news come to everybody once. Programs and faults are real: PostgreSQL, HAProxy, `kill -9`, silence.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

#[path = "../support/airing.rs"]
mod airing;
#[path = "../support/cable.rs"]
mod cable;
#[allow(dead_code, reason = "other tests use the rest of it")]
#[path = "../support/daemon.rs"]
mod daemon;
#[path = "../support/poll.rs"]
mod poll;
#[path = "../support/postgres.rs"]
#[expect(dead_code, reason = "shared with the tests that want TLS")]
mod postgres;

mod county;
mod couriers;
mod month;
mod nodes;
mod one_node;
mod partition;
mod village;
mod villages;
