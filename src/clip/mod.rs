//! Finished sound: recordings decoded, clips shaped and kept. Clips leave this room.

/// Samples a second of every finished clip, Hz: what sound cards like best, so that nothing converts it again.
pub const RATE: u32 = 48_000;
