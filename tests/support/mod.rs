//! What the tests share: a sound server of their own, an ear on its sinks, a loudspeaker to try, and a whole county.

pub(crate) mod correlate;
pub(crate) mod county;
pub(crate) mod horn;
pub(crate) mod icecast;
pub(crate) mod loudspeaker;
pub(crate) mod noise;
pub(crate) mod poll;
pub(crate) mod process;
pub(crate) mod pulse;
pub(crate) mod recording;
