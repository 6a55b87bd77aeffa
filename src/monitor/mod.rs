//! Whether a microphone heard what was sent: a finding leaves this room.
//!
//! `docs/monitor.md` says how it is judged, and how often it is right.

mod judge;
mod prints;
#[cfg(test)]
mod rooms;
#[cfg(test)]
mod tests;

pub use judge::{Finding, Sent, judge};

use std::time::Duration;

/// The longest way from the daemon to the microphone: device, amplifier, network, and 300 m of air.
pub const LONGEST_DELAY: Duration = Duration::from_secs(2);

/// How much earlier than it was said to begin a sound may come in: what is known of a device's latency is good to that.
pub const EARLY: Duration = Duration::from_millis(200);

/// The most that is judged of one airing, from its beginning.
pub const LONGEST: Duration = Duration::from_secs(90);
