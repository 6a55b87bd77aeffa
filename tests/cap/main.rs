//! Warnings of other offices: real ones, the standard's own examples, attacks, and what becomes of them at a county.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

mod clerk;
mod desk;
mod feeds;
mod hostile;
#[path = "../support/poll.rs"]
#[expect(dead_code, reason = "shared with tests that wait for sound")]
mod poll;
mod samples;
mod takes_in;
