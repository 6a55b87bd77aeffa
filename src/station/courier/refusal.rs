//! What a fault of the store means for the county: refused for good, or to be tried again.

use std::io;

use super::Fault;
use crate::station::bundles::TakeFault;

/// What to do about a fault.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It was refused: a word for programs, and what a person should know.
    Refused(String),
    /// The disk, or somebody at it: later it may come in.
    Later(Fault),
}

/// Sorts a fault of the store.
pub(super) fn outcome(fault: &TakeFault) -> Outcome {
    let refused = |word: &str| Outcome::Refused(format!("{word}: {}", fault.words()));
    let again = || Outcome::Later(Fault::Disk(io::Error::other(fault.to_string())));
    match fault {
        TakeFault::Refused(refusal) => refused(refusal.name()),
        TakeFault::NoRoot => refused("no_root"),
        TakeFault::OtherRoot(_) => refused("other_root"),
        TakeFault::Root(_) => refused("root"),
        TakeFault::Unfit { .. } => refused("unfit"),
        TakeFault::Long => refused("malformed"),
        TakeFault::Busy => Outcome::Later(Fault::Busy(fault.to_string())),
        // Every file was held against its sum just before: it is the disk that is not as it was.
        TakeFault::Short(_) | TakeFault::Differs(_) | TakeFault::Read(_) | TakeFault::Write(_) => again(),
    }
}
