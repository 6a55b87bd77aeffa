//! Clips that the county rendered: so a small box speaks with the natural voice of a large one.
//!
//! A clip is found by exactly the text that it says, the text's language, and the voice that its message asks for. It sounds only
//! where the village reads the text as the county does: where the village's own lexicon has other readings, they win, and the
//! text is spoken there. Chime, repeats, gaps and loudness are the village's in any case.

use std::collections::BTreeMap;
use std::path::PathBuf;

use sha2::Sha256;

use crate::model::{Digest, Message, Selection, Setting};
use crate::speech::text::{Reader, Speech};

/// What stands behind the voice in the as-run log, where the county has spoken.
pub const MARK: &str = "(county)";

/// One clip on this machine's disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedClip {
    /// The folder of the bundle that it came with.
    pub folder: PathBuf,
    /// Its file there.
    pub file: PathBuf,
    /// Who speaks, for the as-run log.
    pub voice: String,
    /// What the file holds, as it was signed.
    pub sha256: Digest,
}

/// The clips in force, by what they say.
#[derive(Clone, Default)]
pub struct Rendered {
    clips: BTreeMap<Digest, RenderedClip>,
    /// Reads as the county does: by its words, and by none of the village's.
    county: Option<Reader>,
}

impl Rendered {
    /// Takes clips by their [`key`]; `county` reads without the village's own words.
    pub fn new(clips: BTreeMap<Digest, RenderedClip>, county: Reader) -> Self {
        Self { clips, county: Some(county) }
    }

    /// Finds the clip of `message`, which is read as `speech` here.
    pub(super) fn find(&self, message: &Message, speech: &Speech) -> Option<&RenderedClip> {
        let clip = self.clips.get(&key(message)?)?;
        let theirs = self.county.as_ref()?.prepare(message.text.as_ref()?, &message.language).ok()?;
        (theirs == *speech).then_some(clip)
    }
}

/// Returns the key of what a clip of `message` says; none if the message has no text.
pub fn key(message: &Message) -> Option<Digest> {
    let text = message.text.as_ref()?;
    let voice = message.voice.as_ref().map(written).unwrap_or_default();
    let mut sum = Sha256::default();
    for part in ["dalaba rendered 1", &message.language, text, &voice] {
        sha2::Digest::update(&mut sum, (part.len() as u64).to_be_bytes());
        sha2::Digest::update(&mut sum, part);
    }
    Some(Digest::finish(sum))
}

/// Two programs of two years must write it alike, so nothing here is left to a derived form.
fn written(voice: &Selection) -> String {
    let mut written = voice.kind.clone();
    for (key, value) in &voice.options {
        let value = match value {
            Setting::Text(text) => text.clone(),
            Setting::Integer(number) => number.to_string(),
            Setting::Flag(flag) => flag.to_string(),
            Setting::Length(length) => length.as_millis().to_string(),
            Setting::Texts(texts) => texts.join("\t"),
        };
        written.extend(["\n", key, "=", &value]);
    }
    written
}
