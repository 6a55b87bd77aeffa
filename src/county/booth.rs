//! The speaker's booth: a campaign's texts spoken at the county, once, for every station that reads them alike.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::clip::{flac, rendered};
use crate::model::{BundlePath, Clip, Digest, Message, Playlist, Selection, Words};
use crate::speech::engine::{self, EngineFault, Home};
use crate::speech::text::{Reader, TextFault};
use crate::station::disk::replace;

/// Speaks in one voice, and keeps what it spoke for the next time.
pub struct Booth {
    reader: Reader,
    voice: Selection,
    home: Home,
    kept: PathBuf,
    runtime: tokio::runtime::Runtime,
}

/// Says why a text could not be spoken at the county.
#[derive(Debug, thiserror::Error)]
pub enum BoothFault {
    /// The text.
    #[error(transparent)]
    Text(#[from] TextFault),
    /// The voice.
    #[error(transparent)]
    Engine(#[from] EngineFault),
    /// The voice has a name that cannot be a folder's.
    #[error("the voice {0:?} cannot be named in a bundle")]
    Name(String),
    /// The disk.
    #[error("{0}")]
    Disk(#[from] io::Error),
}

impl Booth {
    /// Opens a booth: texts are read by `reader` and spoken by `voice`; what was spoken lies in the folder `kept`.
    pub fn open(reader: Reader, voice: Selection, home: Home, kept: PathBuf) -> Result<Self, BoothFault> {
        engine::open(&voice, &home)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { reader, voice, home, kept, runtime })
    }

    /// Lists what it would speak: every text that has no recording and is in a language of its voice, each once.
    pub fn texts<'a>(&self, playlists: &'a [Playlist]) -> Vec<&'a Message> {
        let mut known = BTreeSet::new();
        let messages = playlists.iter().flat_map(|playlist| &playlist.messages).map(AsRef::as_ref);
        let speaks = |message: &&Message| {
            message.audio.is_none() && engine::speaks(&self.voice_of(message).kind, &message.language)
        };
        messages
            .filter(speaks)
            .filter(|message| rendered::key(message).is_some_and(|key| known.insert(key)))
            .collect()
    }

    /// Speaks `message` into the folder of a campaign, as the file of a bundle.
    pub fn render(&self, message: &Message, folder: &Path) -> Result<(), BoothFault> {
        let Some((key, text)) = rendered::key(message).zip(message.text.as_ref()) else { return Ok(()) };
        let speech = self.reader.prepare(text, &message.language)?;
        let engine = engine::open(self.voice_of(message), &self.home)?;
        let voice = engine.voice(&speech).replace('/', "_");
        let path = format!("clips/{voice}/{key}.flac");
        let path = BundlePath::new(&path).map_err(|_| BoothFault::Name(voice))?;
        let wanted = format!("{}\n{}\n{:?}", engine.identity(), speech.said, speech.script);
        let kept = self.kept.join(format!("{}.flac", Digest::of(wanted.as_bytes())));
        if !kept.exists() {
            let clip: Clip = self.runtime.block_on(engine.speak(&speech))?;
            fs::create_dir_all(&self.kept)?;
            replace(&kept, &flac::write(&clip))?;
        }
        let to = folder.join(path.as_str());
        fs::create_dir_all(to.parent().unwrap_or(folder))?;
        fs::copy(kept, to)?;
        Ok(())
    }

    fn voice_of<'a>(&'a self, message: &'a Message) -> &'a Selection {
        message.voice.as_ref().unwrap_or(&self.voice)
    }
}

impl BoothFault {
    /// Says it to people.
    pub fn words(&self) -> Words {
        match self {
            Self::Text(fault) => fault.words(),
            Self::Engine(fault) => fault.words(),
            Self::Name(voice) => Words::new(format!("声音“{voice}”的名称不能进节目包"), self.to_string()),
            Self::Disk(error) => Words::new(format!("存不下：{error}"), self.to_string()),
        }
    }
}
