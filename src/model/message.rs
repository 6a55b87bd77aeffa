//! A message (播报条): one short item to be aired.

use std::path::PathBuf;
use std::time::Duration;

use super::{MessageId, Selection};

/// Says how often a message is read in one airing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Repeat {
    /// Times that the message is read, at least 1.
    pub times: u32,
    /// Silence between two readings.
    pub gap: Duration,
}

impl Default for Repeat {
    fn default() -> Self {
        Self { times: 1, gap: Duration::from_secs(2) }
    }
}

/// Describes one short item: a text to be spoken, or a recording, or a recording with a text to fall back on.
///
/// At least one of `text` and `audio` is present. With both, the recording is aired; the text is shown on pages and
/// spoken when the recording cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Message {
    /// Its name within the playlist.
    pub id: MessageId,
    /// What is to be spoken, as written.
    pub text: Option<String>,
    /// The recording, relative to the audio folder.
    pub audio: Option<PathBuf>,
    /// BCP 47 tag of the text's language; `zh` unless the message says otherwise.
    pub language: String,
    /// The voice that speaks it; the house's if none.
    pub voice: Option<Selection>,
    /// How often it is read, and the silence between.
    pub repeat: Repeat,
    /// Most percent of volume at which it sounds; the station's own if none, and never more than that.
    pub volume: Option<u8>,
}
