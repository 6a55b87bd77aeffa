//! Who speaks: one file a kind of engine, one table that lists them. Raw speech leaves this room.

pub mod child;
mod command;
mod espeak;
pub mod kokoro;
pub mod phrases;

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use super::text::Speech;
use crate::config::KindFields;
use crate::model::{Clip, Selection, Words};

pub use command::CommandFault;
pub use espeak::{SpeakFault, answer as speak_as_child};
pub use kokoro::KokoroFault;

/// Describes one kind of engine; [`KINDS`] lists them.
pub struct Kind {
    /// Its name and the keys that it understands under `[voice]`.
    pub fields: KindFields,
    /// Makes one from its options.
    pub open: fn(voice: &Selection, home: &Home) -> Arc<dyn Engine>,
    /// Tells whether it speaks the language of a BCP 47 tag.
    pub speaks: fn(language: &str) -> bool,
}

/// Says where an engine finds what it works with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// Our own executable, for engines that speak in a child of ours.
    pub program: PathBuf,
    /// The folder of the voice packs, one folder each; need not exist.
    pub voices: PathBuf,
}

/// The kind that is always there and quick: it speaks when another cannot.
pub const FALLBACK: &str = espeak::KIND.fields.name;

/// Every kind of engine; the first is the default.
pub const KINDS: &[Kind] = &[espeak::KIND, kokoro::KIND, command::KIND];

/// Tells whether the kind of engine `kind` speaks `language`, a BCP 47 tag.
pub fn speaks(kind: &str, language: &str) -> bool {
    let kind = KINDS.iter().find(|known| known.fields.name == kind);
    kind.is_some_and(|kind| (kind.speaks)(language))
}

/// Is what [`Engine::speak`] returns: it can be awaited on any thread.
pub type Speaking<'a> = Pin<Box<dyn Future<Output = Result<Clip, EngineFault>> + Send + 'a>>;

/// Speaks.
pub trait Engine: Send + Sync {
    /// Names everything besides the text that shapes the sound: program, version, options. Clips are kept by it.
    fn identity(&self) -> String;

    /// Names the engine and the voices that speak `speech`, for the as-run log.
    fn voice(&self, speech: &Speech) -> String;

    /// Speaks. The same speech sounds the same, sample for sample, each time.
    ///
    /// The clip is mono at the engine's own rate. Whatever the text does to the engine (crash, endless loop, flood of
    /// sound), the answer comes within a time limit and is one fault.
    fn speak<'a>(&'a self, speech: &'a Speech) -> Speaking<'a>;

    /// Tells whether a clip is made in moments. A slow engine's clips are made ahead, never at airtime.
    fn is_quick(&self) -> bool;
}

/// Says why something could not be spoken.
#[derive(Debug, thiserror::Error)]
pub enum EngineFault {
    /// No engine bears the name.
    #[error("no engine is called {0:?}")]
    NoSuchEngine(String),
    /// espeak-ng could not speak.
    #[error(transparent)]
    Espeak(#[from] child::ChildFault<SpeakFault>),
    /// The voice pack `kokoro` could not speak.
    #[error(transparent)]
    Kokoro(#[from] child::ChildFault<KokoroFault>),
    /// A program of the user's gave no speech.
    #[error(transparent)]
    Command(#[from] CommandFault),
    /// What came back for this text cannot be heard.
    #[error("{0:?} came out silent")]
    Silent(String),
}

impl EngineFault {
    /// Says the fault in both languages.
    pub fn words(&self) -> Words {
        let zh = match self {
            Self::NoSuchEngine(name) => format!("没有名为“{name}”的语音引擎"),
            Self::Espeak(fault) => return fault.words("语音合成", "speech synthesis"),
            Self::Kokoro(fault) => return fault.words("语音包 kokoro", "voice pack kokoro"),
            Self::Command(fault) => return fault.words(),
            Self::Silent(text) => format!("“{text}”合成出来没有声音"),
        };
        Words::new(zh, self.to_string())
    }
}

/// Makes the engine that `voice` selects.
pub fn open(voice: &Selection, home: &Home) -> Result<Arc<dyn Engine>, EngineFault> {
    let kind = KINDS.iter().find(|kind| kind.fields.name == voice.kind);
    let kind = kind.ok_or_else(|| EngineFault::NoSuchEngine(voice.kind.clone()))?;
    Ok((kind.open)(voice, home))
}
