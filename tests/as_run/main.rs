//! The as-run log with real parts: SQLite on a real file system, real kills, a real full disk.

#![expect(clippy::unwrap_used, reason = "what helps tests may unwrap, as tests may")]

mod append_only;
mod common;
mod crash;
mod disk;
mod field;
mod log_command;
mod monitored;
mod readers;
mod reconcile;
mod recovery;
mod switched;
mod tampering;
