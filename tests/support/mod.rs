//! What the tests share: a sound server of their own, an ear on its sinks, and a loudspeaker to try.

pub(crate) mod correlate;
pub(crate) mod loudspeaker;
pub(crate) mod noise;
pub(crate) mod poll;
pub(crate) mod pulse;
pub(crate) mod recording;
