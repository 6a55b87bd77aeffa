//! Signed bundles against everything that can be done to them without the keys.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

mod alerts;
mod county;
mod import;
mod keys;
mod keys_command;
mod mutations;
mod office;
mod roots;
mod verdicts;
