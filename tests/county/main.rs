//! The county's server as a process, driven over HTTP and TLS as villages drive it, on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

#[path = "../as_run/common.rs"]
#[expect(dead_code, reason = "shared with the tests of the log itself")]
mod common;
#[path = "../support/poll.rs"]
#[expect(dead_code, reason = "shared with tests that wait for sound")]
mod poll;
#[path = "../support/postgres.rs"]
mod postgres;

mod alerts;
mod as_run;
mod bounds;
mod document;
mod enrol;
mod files;
mod nodes;
mod offers;
mod office;
mod store;
mod village;
