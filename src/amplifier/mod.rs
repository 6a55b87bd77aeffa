//! What switches amplifiers: one file a kind, one table that lists them, and the guard, a child process of ours that
//! alone touches the switch and switches it off when nobody speaks to it any more. Switches done leave this room.
//!
//! To add a kind: write its file, name it below, add its row to [`KINDS`], and try it in `tests/amplifier`.

mod command;
mod fault;
mod gpio;
pub mod guard;
mod heirloom;
mod sharing;
mod wire;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::config::{Field, FieldKind, KindFields};
use crate::model::{AmplifierTimes, Selection, Station, Switch};

pub use fault::AmplifierFault;
pub use heirloom::below as files_below;
pub use sharing::{Quarrel, quarrels};
pub use wire::{Answer, Request, Setup};

/// Is what [`Amplifier::switch`] returns.
pub type Switching<'a> = Pin<Box<dyn Future<Output = Result<(), AmplifierFault>> + 'a>>;

/// Switches one amplifier.
pub trait Amplifier {
    /// Switches on or off, whatever was before; done when it is known to have worked. Takes no longer than the limit of
    /// its kind, and leaves nothing running.
    fn switch(&mut self, to: Switch) -> Switching<'_>;
}

/// One row of the table of kinds.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its name and its options, as they stand in `station.toml`.
    pub fields: KindFields,
    /// Finds what is wrong with the options without touching anything.
    pub check: fn(&Selection) -> Result<(), AmplifierFault>,
    /// Makes one; the first switch finds out whether it works.
    pub open: fn(&Selection) -> Box<dyn Amplifier>,
    /// Returns what one switch may take.
    pub limit: fn(&Selection) -> Duration,
}

/// Every kind of switch that this program has.
pub const KINDS: &[Kind] = &[gpio::KIND, command::KIND];

const LEAD_IN_KEY: &str = "lead_in";
const LEAD_OUT_KEY: &str = "lead_out";
const MAX_ON_KEY: &str = "max_on";
const MIN_OFF_KEY: &str = "min_off";
const SHARED_KEY: &str = "shared";

/// Times of an amplifier of which nothing is written.
const USUAL: AmplifierTimes = AmplifierTimes {
    lead_in: Duration::from_millis(800),
    lead_out: Duration::from_millis(500),
    max_on: Duration::from_mins(30),
    min_off: Duration::from_secs(1),
};

/// Longest `lead_in`, `lead_out` and `min_off`.
const LONGEST: Duration = Duration::from_secs(10);

const LEAD_IN: Field = Field::new(
    LEAD_IN_KEY,
    FieldKind::Length { min: Duration::ZERO, max: LONGEST },
    "预热：开功放后多久才出声，头几个字不会丢；最长 10 秒",
    "From switching on to the first sound, so that no word is lost; 10 seconds at the most",
)
.or("800ms");
const LEAD_OUT: Field = Field::new(
    LEAD_OUT_KEY,
    FieldKind::Length { min: Duration::ZERO, max: LONGEST },
    "最后一点声音之后多久关功放；最长 10 秒。两次播音相隔不到 10 秒就不关",
    "From the last sound to switching off, 10 seconds at the most. It stays on over pauses of less than 10 seconds",
)
.or("500ms");
const MAX_ON: Field = Field::new(
    MAX_ON_KEY,
    FieldKind::Length { min: Duration::from_secs(1), max: Duration::from_hours(24) },
    "功放最多连续开多久，到时一定关掉，程序死了也一样；1 秒到 24 小时",
    "Longest stretch for which it is on; then it is switched off whatever happens, also when the daemon is dead. \
     1 second to 24 hours",
)
.or("30m");
const MIN_OFF: Field = Field::new(
    MIN_OFF_KEY,
    FieldKind::Length { min: Duration::ZERO, max: LONGEST },
    "关掉后至少停多久才再开，保护继电器；最长 10 秒。应急播报最多等 0.5 秒",
    "Shortest stretch for which it is off, for the relay's sake; 10 seconds at the most. An emergency waits for 0.5 seconds \
     of it at the most",
)
.or("1s");
const SHARED: Field = Field::new(
    SHARED_KEY,
    FieldKind::Id,
    "几个站点共用一台功放时，给它起个名，每个站点写同样的设置；有一个站点要出声就开着",
    "A name under which stations share this amplifier; each of them repeats the same settings. It is on while any of them \
     sounds",
);

/// Finds the row that a selection chooses.
pub fn kind(selection: &Selection) -> Result<&'static Kind, AmplifierFault> {
    KINDS
        .iter()
        .find(|kind| kind.fields.name == selection.kind)
        .ok_or_else(|| AmplifierFault::UnknownKind { name: selection.kind.clone() })
}

/// Reads how the amplifier wants to be treated.
pub fn times(selection: &Selection) -> AmplifierTimes {
    let length = |key: &str, usual: Duration| selection.length(key).unwrap_or(usual);
    AmplifierTimes {
        lead_in: length(LEAD_IN_KEY, USUAL.lead_in),
        lead_out: length(LEAD_OUT_KEY, USUAL.lead_out),
        max_on: length(MAX_ON_KEY, USUAL.max_on),
        min_off: length(MIN_OFF_KEY, USUAL.min_off),
    }
}

/// Returns the name of a station's amplifier: the one under which it is shared, or the station's own.
pub fn name_of<'a>(station: &'a Station, selection: &'a Selection) -> &'a str {
    selection.text(SHARED_KEY).unwrap_or(station.id.as_str())
}

/// Tells whether the amplifier may have several stations.
pub fn is_shared(selection: &Selection) -> bool {
    selection.text(SHARED_KEY).is_some()
}
