//! Signed bundles against everything that can be done to them without the keys.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

mod alerts;
mod county;
mod cut_off;
mod import;
mod keys;
mod keys_command;
mod mutations;
mod office;
#[path = "../support/poll.rs"]
#[expect(dead_code, reason = "only sound has to be let go on")]
mod poll;
mod publish;
mod roots;
mod signed;
mod verdicts;
