//! Loudness: sound measured, and sound brought to a loudness with its true peak under a ceiling, leave this folder.

mod level;
mod limiter;
mod meter;
mod peaks;

#[cfg(test)]
mod ebu;
#[cfg(test)]
mod tests;

pub use level::{CEILING, MOST_GAIN};
pub(in crate::clip) use level::{Goal, bring};
pub use meter::{Loudness, Meter};
