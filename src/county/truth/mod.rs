//! The truth of the villages: what was received, what was planned and what was heard, and papers that say so. Verdicts and
//! printed registers leave this room.
//!
//! Nothing here asks a database or a clock: what the county knows comes in as values, with the present. And nothing is taken
//! for a success that a station did not record as one.

mod account;
mod approvals;
mod chain;
mod fleet;
mod known;
pub mod national;
mod paper;
mod promise;
mod register;
mod told;
mod wording;
mod xml;

pub use account::{Account, Fate, Line, Place, Tally, account};
pub use approvals::{Approval, approvals};
pub use chain::{Broken, Chain, Doubt, Walk};
pub use fleet::{Fault, Listened, Row, SILENT, Standing, Summary, find_shared, row, summary};
pub use known::{Issued, Log, Published, Reported, Taken, Village};
pub use paper::Head;
pub use promise::{Planned, Span, in_force, planned};
pub use register::register;
pub use told::{Arrived, Told, told};
pub use wording::{Wording, wording};
pub use xml::xml;
