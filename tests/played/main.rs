//! Was it played? A county with villages of every kind, their real logs, and the office's answers, on SQLite and PostgreSQL.

#![expect(clippy::unwrap_used, reason = "what helps tests may unwrap, as tests may")]

mod accounts;
#[path = "../support/airing.rs"]
mod airing;
mod answers;
mod county;
mod fleet;
mod papers;
#[path = "../support/poll.rs"]
#[expect(dead_code, reason = "of the ways to wait, this test needs one")]
mod poll;
#[path = "../support/postgres.rs"]
#[expect(dead_code, reason = "shared with the tests that want TLS")]
mod postgres;
