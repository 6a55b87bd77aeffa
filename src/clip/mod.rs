//! Finished sound: recordings decoded, clips shaped and kept. Clips leave this room.

mod ahead;
mod cache;
mod chime;
pub mod clarity;
mod fault;
pub mod flac;
mod loudness;
mod parts;
pub mod recording;
pub mod rendered;
mod shape;
mod workshop;

pub use cache::{Cache, Key};
pub use chime::{ALL as SOUNDS, Facts as Sound, NAMES as CHIMES, lasts, tone};
pub use fault::RenderFault;
pub use loudness::{CEILING, Loudness, MOST_GAIN, Meter};
pub use workshop::Workshop;

/// Samples a second of every finished clip, Hz: what sound cards and PulseAudio run at, so nothing after us resamples.
pub const RATE: u32 = 48_000;
