//! Warnings of other offices: real ones, the standard's own examples, attacks, and what becomes of them at a county.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

mod desk;
mod hostile;
mod samples;
