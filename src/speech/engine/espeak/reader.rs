//! How English words sound, for another engine that has letters but no dictionary.

use std::path::{Path, PathBuf};

use super::SpeakFault;
use super::ffi::{self, Library};

/// The voice whose sounds are written, and its dictionary.
const VOICE: &str = "en-us";
const DICTIONARY: &str = "en_dict";

/// The started library. There is at most one in a process, and it belongs into a child that is locked in.
pub(in crate::speech::engine) struct Reader(Library);

impl Reader {
    /// Returns the folder that the library reads. Needs no start of it.
    pub(in crate::speech::engine) fn data_folder() -> PathBuf {
        ffi::data_folder()
    }

    /// Starts the library on `data`.
    pub(in crate::speech::engine) fn start(data: &Path) -> Result<Self, SpeakFault> {
        if !data.join(DICTIONARY).is_file() {
            return Err(SpeakFault::NoVoice(VOICE.to_owned()));
        }
        let library = Library::start(data)?;
        library.choose(VOICE)?;
        Ok(Self(library))
    }

    /// Writes in IPA how `words` sound.
    pub(in crate::speech::engine) fn ipa(&self, words: &str) -> Result<String, SpeakFault> {
        self.0.phonemes(words)
    }
}
