//! The as-run log (播发记录), the memory of the daemon: one fact a record, committed to disk, chained by hash, never
//! changed. What was closed, what sounded and what a reader asks for leave this room.
//!
//! `docs/as-run.md` describes the file for people who want to read it without us.

mod anchor;
mod aside;
mod chain;
mod entry;
mod error;
mod handle;
mod invariants;
mod moment;
mod query;
mod reader;
mod recovery;
mod row;
mod schema;
mod ship;
mod store;
mod switched;
mod verify;

pub use anchor::Link;
pub use entry::{Close, Entry, Verdict as HeardVerdict};
pub use error::JournalError;
pub use handle::{JournalHandle, Writer};
pub use query::{ClockFact, Filter, RunFact};
pub use reader::{Entries, Reader};
pub use recovery::{HeardBefore, Recovered};
pub use ship::{BEFORE_THE_FIRST, entry, follows};
pub use store::{ClockEvent, Journal, RunStart};
pub use switched::SwitchFact;
pub use verify::{Fault, FaultKind, Verdict, verify};
