//! Where sound goes: one file a kind, one table that lists them. And where it is heard: [`Capture`], a microphone.
//!
//! To add a kind: write its file, name it below, add its row to [`KINDS`], and try it in `tests/sound`.

mod device;
mod fade;
mod fault;
mod file;
mod icecast;
mod live;
mod mixer;
mod null;
mod pace;
mod pipe;
mod quarrels;
mod rtp;

use std::time::Duration;

pub use device::{Capture, Stretch};
pub use fault::OutputFault;
pub use icecast::IcecastFault;
pub use mixer::{Fader, check_mixer, fader};
pub use pipe::PipeFault;
pub use quarrels::{Quarrel, quarrels};

use crate::config::KindFields;
use crate::model::{Priority, Selection};

/// Takes sound and gives it to the listener at the listener's pace. Used from one thread only; calls may block.
///
/// Sound is mono, full scale is 1; louder samples are clipped.
pub trait Output {
    /// Returns how many samples a second the output takes, Hz.
    fn rate(&self) -> u32;

    /// Hands over a block (20 ms is good) and returns when less than about 200 ms of sound wait for their turn.
    ///
    /// Fails within 2 s when the listener's side takes nothing any more, or within 3 s when it never began. After any failure the output is of no use:
    /// drop it and open another.
    fn write(&mut self, block: &[f32]) -> Result<(), OutputFault>;

    /// Counts the written samples that have left towards the listener since the output was opened.
    ///
    /// What waits in the device is taken off, as far as it is known: for a device and for streams within 50 ms, for
    /// the others exactly.
    fn heard(&self) -> u64;

    /// Has the next written sample heard at `at`, by the clock of [`OpenContext`], with silence before it; sound
    /// written before plays out first. An instant that has passed means at once. [`Output::cut`] takes it back.
    ///
    /// Returns whether the output does so by itself, to the sample as far as it knows its own latency. One that does
    /// not, which is the default, is written to when [`Output::latency`] before the instant has come.
    fn place(&mut self, at: Duration) -> bool {
        let _ = at;
        false
    }

    /// Tells how long a sample that is written now takes to the listener, as far as that is known.
    fn latency(&self) -> Duration {
        Duration::ZERO
    }

    /// Tells when, by the clock of [`OpenContext`], the first sample of what was placed last is heard; none before
    /// that is decided, and for outputs that do not know.
    fn placed(&self) -> Option<Duration> {
        None
    }

    /// Returns when the last written sample was heard; no tail is cut by dropping the output then.
    fn drain(&mut self) -> Result<(), OutputFault>;

    /// Falls silent within 250 ms: fades out over 10 ms, so that the horns do not click, and forgets what waits. Of
    /// what was placed and has not begun nothing sounds.
    fn cut(&mut self);

    /// Says what is written from now on, for listeners who see it; most outputs have nowhere to show it.
    fn announce(&mut self, _title: &str) {}

    /// Learns the priority of what is written from now on, while nothing sounds, for listeners who rank what they hear.
    fn rank(&mut self, priority: Priority) -> Result<(), OutputFault> {
        let _ = priority;
        Ok(())
    }
}

/// What an output needs from the outside.
#[derive(Debug, Clone, Copy)]
pub struct OpenContext {
    /// Reads a clock that never steps: time since the machine started, suspended time included (`CLOCK_BOOTTIME`).
    pub clock: fn() -> Duration,
}

/// Opens an output.
pub type Open = fn(&Selection, OpenContext) -> Result<Box<dyn Output>, OutputFault>;

/// Finds what is wrong with an output.
pub type Check = fn(&Selection) -> Result<(), OutputFault>;

/// One row of the table of kinds.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its name and its options, as they stand in `station.toml`.
    pub fields: KindFields,
    /// Finds what is wrong with the options without touching the device.
    pub check: Check,
    /// Lists what the output takes for itself alone, by the options that name it: no two stations may have the same.
    pub takes: fn(&Selection) -> Vec<(&'static str, String)>,
    /// Opens the output; returns within 5 s whatever the device does.
    pub open: Open,
    /// Finds out whether the device could be opened, without a sound; none if the kind cannot go away by itself.
    pub probe: Option<Check>,
    /// Keeps up what belongs to the output while the station runs, whether it sounds or not; over when dropped.
    pub standing: Option<Standing>,
}

/// Begins what is kept up; none where the options ask for nothing.
pub type Standing = fn(&Selection) -> Option<Box<dyn Send>>;

/// Every kind of output that this program has; the first is the default.
pub const KINDS: &[Kind] = &[device::KIND, file::KIND, null::KIND, rtp::KIND, icecast::KIND, pipe::KIND];

/// Finds the row that a selection chooses.
pub fn kind(selection: &Selection) -> Result<&'static Kind, OutputFault> {
    KINDS
        .iter()
        .find(|kind| kind.fields.name == selection.kind)
        .ok_or_else(|| OutputFault::UnknownKind { name: selection.kind.clone() })
}

/// Checks the options of a selection and opens its output.
pub fn open(selection: &Selection, context: OpenContext) -> Result<Box<dyn Output>, OutputFault> {
    let kind = kind(selection)?;
    (kind.check)(selection)?;
    (kind.open)(selection, context)
}
