//! From a message to its finished programme: spoken or decoded, kept, repeated, with its chime before it.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::ahead::Ahead;
use super::fault::{RenderFault, SpeechFault};
use super::parts::{Parts, Reading, both, full_scale, length, samples_in};
use super::recording::{self, Folders, RecordingFault};
use super::rendered::{Rendered, RenderedClip};
use super::shape::Role;
use super::{Cache, Key, RATE, chime, shape};
use crate::model::{Chime, Clip, ClipLength, Message, Reason, Selection, Shaping, Words};
use crate::speech::engine::{self, Engine, EngineFault, Home};
use crate::speech::text::{Reader, Speech};

/// Changes whenever the same request comes out with other samples, so that old clips are not taken for new ones.
const FORMAT: &[u8] = b"dalaba clip 3";

/// Bytes of clips kept on disk: an hour and a half of speech, a hundred times what a village airs.
const CACHE_BYTES: u64 = 512 * 1024 * 1024;

/// Children at a time; a board with two cores has none to spare for more.
const CHILDREN: usize = 2;

/// Longest recording used as a chime.
const LONGEST_CHIME: Duration = Duration::from_secs(30);

/// What the log calls a recording in place of a voice.
const RECORDING: &str = "recording";

/// What the log calls a chime that stands alone.
const CHIME: &str = "chime";

/// Silence between the chime and the message.
const AFTER_CHIME: Duration = Duration::from_millis(400);

/// Makes clips, shaped as a station wishes. Cheap to clone; all clones share the cache and the two children.
#[derive(Clone)]
pub struct Workshop {
    shop: Arc<Shop>,
    shaping: Shaping,
}

struct Shop {
    /// The house's voice, as it was chosen.
    voice: Selection,
    /// Decides how texts are read.
    reader: Reader,
    recordings: Folders,
    rendered: Rendered,
    home: Home,
    cache: Cache,
    children: Semaphore,
    ahead: Ahead,
}

impl Workshop {
    /// Opens the workshop: texts are spoken by `voice`, recordings lie in `recordings`, clips are kept in `cache`.
    /// Fails if no engine has the name in `voice`.
    pub fn new(
        voice: &Selection,
        reader: Reader,
        recordings: Folders,
        cache: PathBuf,
        home: Home,
    ) -> Result<Self, EngineFault> {
        engine::open(voice, &home)?;
        let cache = Cache::new(cache, CACHE_BYTES);
        let children = Semaphore::new(CHILDREN);
        let (voice, ahead, rendered) = (voice.clone(), Ahead::default(), Rendered::default());
        let shop = Shop { voice, reader, recordings, rendered, home, cache, children, ahead };
        Ok(Self { shop: Arc::new(shop), shaping: Shaping::default() })
    }

    /// Returns the same workshop for a station that wishes its clips to be shaped as `shaping` says.
    #[must_use]
    pub fn shaped(&self, shaping: Shaping) -> Self {
        Self { shop: Arc::clone(&self.shop), shaping }
    }

    /// Lets texts sound in the clips that the county rendered of them. To be called before the workshop is shared.
    #[must_use]
    pub fn with_rendered(mut self, rendered: Rendered) -> Self {
        if let Some(shop) = Arc::get_mut(&mut self.shop) {
            shop.rendered = rendered;
        }
        self
    }

    /// Makes what goes before alerts ahead: nothing that can be made beforehand is made when one has come.
    pub async fn prepare_tones(&self) {
        blocking(chime::make_tones).await;
    }

    /// Makes sure that `message` can be aired at once, and says how long it is. Clips that are kept are checked, and
    /// made again if they are broken. The clips of a slow voice are made beside; until one is there, espeak speaks, and the
    /// answer says so.
    pub async fn prepare(&self, message: &Message, chime: Option<&Chime>) -> Result<ClipLength, RenderFault> {
        Ok(self.parts(message, chime, None).await?.length)
    }

    /// Returns the programme in the message's own voice, however long that takes to make. If that voice fails espeak speaks,
    /// and the last part of the answer says why.
    pub async fn in_own_voice(
        &self,
        message: &Message,
        chime: Option<&Chime>,
    ) -> Result<(Clip, ClipLength, Option<Words>), RenderFault> {
        let failed = self.own_voice(message).await.err().map(|fault| fault.words());
        // A voice that has just failed is not asked again.
        let voice = failed.as_ref().map(|_| engine::FALLBACK);
        let (clip, length) = self.programme(message, chime, voice).await?;
        Ok((clip, length, failed))
    }

    /// Returns the finished sound at [`RATE`]: the chime if there is one, then the message as often as it repeats,
    /// with its gaps. The same message in the same voice gives the same samples each time. `voice` is the one that
    /// [`Workshop::prepare`] named; if none, it is chosen as there.
    ///
    /// The recording is aired, and the text is spoken if the recording cannot be used. A chime that cannot be used
    /// is left out: it never silences the message.
    pub async fn programme(
        &self,
        message: &Message,
        chime: Option<&Chime>,
        voice: Option<&str>,
    ) -> Result<(Clip, ClipLength), RenderFault> {
        let parts = self.parts(message, chime, voice).await?;
        let length = parts.length.clone();
        let samples = blocking(move || parts.join()).await;
        Ok((Clip { rate: RATE, samples }, length))
    }
}

impl Workshop {
    async fn parts(
        &self,
        message: &Message,
        chime: Option<&Chime>,
        wanted: Option<&str>,
    ) -> Result<Parts, RenderFault> {
        let alone = chime.is_some() && message.text.is_none() && message.audio.is_none();
        let reading = if alone {
            Reading { samples: Vec::new(), voice: CHIME.to_owned() }
        } else {
            self.reading(message, wanted).await?
        };
        let chime = match chime {
            Some(chime) => self.chime(chime).await,
            None => Vec::new(),
        };
        Parts::of(reading, chime, message.repeat)
    }

    async fn reading(&self, message: &Message, wanted: Option<&str>) -> Result<Reading, RenderFault> {
        // A recording that could not be used when the clip was measured is not taken after all.
        let audio = message.audio.as_ref().filter(|_| wanted.is_none_or(|wanted| wanted == RECORDING));
        let recorded = match audio {
            Some(file) => match self.recorded(file, Role::Message).await {
                Ok(samples) => return Ok(Reading { samples, voice: RECORDING.to_owned() }),
                Err(fault) => Some(fault.about(file)),
            },
            None => None,
        };
        let spoken = match &message.text {
            Some(text) => self.spoken(text, message, wanted).await.map_err(|fault| fault.words()),
            None => Err(Words::new("没有可念的文字", "there is no text to speak")),
        };
        match (spoken, recorded) {
            (Ok(reading), None) => Ok(reading),
            (Ok(reading), Some(fault)) => {
                tracing::warn!(message = %message.id, %fault, "the text is spoken in place of the recording");
                Ok(reading)
            }
            (Err(fault), None) => Err(RenderFault { reason: Reason::RenderFailed, detail: fault }),
            (Err(fault), Some(recorded)) => {
                Err(RenderFault { reason: Reason::FileMissing, detail: both(&recorded, &fault) })
            }
        }
    }

    async fn spoken(
        &self,
        text: &str,
        message: &Message,
        wanted: Option<&str>,
    ) -> Result<Reading, SpeechFault> {
        let speech = self.shop.reader.prepare(text, &message.language)?;
        if let Some(reading) = self.by_the_county(message, &speech, wanted).await {
            return Ok(reading);
        }
        let chosen = self.voice_of(message);
        let engine = engine::open(chosen, &self.shop.home)?;
        if wanted.is_none_or(|wanted| wanted == engine.voice(&speech)) {
            match self.in_time(&engine, &speech).await {
                Ok(Some(reading)) => return Ok(reading),
                Ok(None) => {
                    tracing::info!(message = %message.id, "its own voice is not ready; espeak speaks");
                }
                Err(fault) if chosen.kind == engine::FALLBACK => return Err(fault),
                Err(fault) => tracing::warn!(message = %message.id, %fault, "espeak speaks instead"),
            }
        }
        self.speak_with(&self.fallback()?, &speech).await
    }

    /// Returns the clip that the county rendered of `speech`, if there is one and it is whole.
    async fn by_the_county(
        &self,
        message: &Message,
        speech: &Speech,
        wanted: Option<&str>,
    ) -> Option<Reading> {
        let clip = self.shop.rendered.find(message, speech)?;
        let voice = clip.voice.clone();
        if wanted.is_some_and(|wanted| wanted != voice) {
            return None;
        }
        match self.rendered(clip.clone()).await {
            Ok(samples) => Some(Reading { samples, voice }),
            Err(fault) => {
                tracing::warn!(message = %message.id, %fault, "the county's clip cannot be used; it is spoken here");
                None
            }
        }
    }

    fn voice_of<'a>(&'a self, message: &'a Message) -> &'a Selection {
        message.voice.as_ref().unwrap_or(&self.shop.voice)
    }

    /// Makes the clip of a message that is spoken, in its own voice.
    async fn own_voice(&self, message: &Message) -> Result<(), SpeechFault> {
        let Some(text) = message.text.as_ref().filter(|_| message.audio.is_none()) else { return Ok(()) };
        let speech = self.shop.reader.prepare(text, &message.language)?;
        let engine = engine::open(self.voice_of(message), &self.shop.home)?;
        self.speak_with(&engine, &speech).await.map(drop)
    }

    /// Returns the speech of `engine` if it can be had in time: kept, or made in moments. A slow engine is set to work.
    async fn in_time(
        &self,
        engine: &Arc<dyn Engine>,
        speech: &Speech,
    ) -> Result<Option<Reading>, SpeechFault> {
        if engine.is_quick() {
            return self.speak_with(engine, speech).await.map(Some);
        }
        let key = key_of(&**engine, speech, self.shaping);
        if let Some(samples) = self.kept(key).await {
            return Ok(Some(Reading { samples, voice: engine.voice(speech) }));
        }
        let (shop, engine, speech) = (self.clone(), Arc::clone(engine), speech.clone());
        self.shop.ahead.begin(key, async move { shop.speak_with(&engine, &speech).await.map(drop) });
        Ok(None)
    }

    /// Returns the engine that is always there.
    fn fallback(&self) -> Result<Arc<dyn Engine>, EngineFault> {
        let plain = Selection { kind: engine::FALLBACK.to_owned(), options: BTreeMap::new() };
        let voice = if self.shop.voice.kind == engine::FALLBACK { &self.shop.voice } else { &plain };
        engine::open(voice, &self.shop.home)
    }

    async fn speak_with(&self, engine: &Arc<dyn Engine>, speech: &Speech) -> Result<Reading, SpeechFault> {
        let (key, voice) = (key_of(&**engine, speech, self.shaping), engine.voice(speech));
        if let Some(samples) = self.kept(key).await {
            return Ok(Reading { samples, voice });
        }
        let clip = {
            let _child = if engine.is_quick() { Some(self.child().await) } else { None };
            engine.speak(speech).await?
        };
        if clip.length() > recording::LONGEST {
            return Err(SpeechFault::TooLong);
        }
        let samples = self.finish(key, clip, Role::Message).await.map_err(SpeechFault::Shape)?;
        Ok(Reading { samples, voice })
    }

    /// Returns the samples of the recording `file`.
    async fn recorded(&self, file: &Path, role: Role) -> Result<Vec<i16>, RecordingFault> {
        let (folders, file) = (self.shop.recordings.clone(), file.to_owned());
        self.decoded(move || recording::open_in(&folders, &file), None, role).await
    }

    /// Returns the samples of a clip that the county rendered, if the disk still has what was signed.
    async fn rendered(&self, clip: RenderedClip) -> Result<Vec<i16>, RecordingFault> {
        let signed = *clip.sha256.bytes();
        self.decoded(move || recording::open(&clip.folder, &clip.file), Some(signed), Role::Message).await
    }

    async fn decoded(
        &self,
        open: impl FnOnce() -> Result<File, RecordingFault> + Send + 'static,
        signed: Option<[u8; 32]>,
        role: Role,
    ) -> Result<Vec<i16>, RecordingFault> {
        let fingerprinted = move || {
            let mut opened = open()?;
            let hash = recording::fingerprint(&mut opened)?;
            Ok((opened, hash))
        };
        let (opened, before) = blocking(fingerprinted).await?;
        if signed.is_some_and(|signed| signed != before) {
            return Err(RecordingFault::Changed);
        }
        let key = Key::of(&[FORMAT, b"recording", written(self.shaping, role).as_bytes(), &before]);
        if let Some(samples) = self.kept(key).await {
            return Ok(samples);
        }
        // The child reads the file itself, so somebody may write to it after it was fingerprinted.
        let mut again = opened.try_clone().map_err(|error| RecordingFault::Unreadable(error.to_string()))?;
        let clip = {
            let _child = self.child().await;
            recording::load(&self.shop.home.program, opened).await?
        };
        if blocking(move || recording::fingerprint(&mut again)).await? != before {
            return Err(RecordingFault::Changed);
        }
        let shaped = self.finish(key, clip, role).await;
        shaped.map_err(|fault| RecordingFault::Unsupported(fault.to_string()))
    }

    async fn child(&self) -> tokio::sync::SemaphorePermit<'_> {
        self.shop.children.acquire().await.expect("the semaphore is never closed")
    }

    async fn kept(&self, key: Key) -> Option<Vec<i16>> {
        let cache = self.shop.cache.clone();
        blocking(move || cache.get(&key)).await
    }

    /// Shapes raw sound and keeps it. A full disk is no reason for silence: the sound is there.
    async fn finish(&self, key: Key, clip: Clip, role: Role) -> Result<Vec<i16>, shape::ShapeFault> {
        let (cache, shaping) = (self.shop.cache.clone(), self.shaping);
        blocking(move || {
            let samples = shape::finish(&clip, shaping, role)?;
            if let Err(error) = cache.put(&key, &samples) {
                tracing::warn!(%error, "the clip could not be kept and will be rendered again");
            }
            Ok(samples)
        })
        .await
    }

    /// Returns the chime with the silence after it; nothing if it cannot be had.
    async fn chime(&self, chime: &Chime) -> Vec<f32> {
        let sound = match chime {
            Chime::Named(name) => {
                let (name, shaping) = (name.clone(), self.shaping);
                blocking(move || chime::at_its_level(&name, shaping)).await
            }
            Chime::File(file) => match self.recorded(file, Role::Chime).await {
                Ok(samples) => Some(samples.into_iter().map(full_scale).collect()),
                Err(fault) => {
                    tracing::warn!(%fault, file = %file.display(), "the chime cannot be used");
                    None
                }
            },
        };
        let usable = sound.filter(|samples| length(samples.len()) <= LONGEST_CHIME);
        let Some(mut samples) = usable else {
            tracing::warn!(?chime, "the message sounds without its chime");
            return Vec::new();
        };
        samples.resize(samples.len() + samples_in(AFTER_CHIME), 0.0);
        samples
    }
}

fn key_of(engine: &dyn Engine, speech: &Speech, shaping: Shaping) -> Key {
    let identity = engine.identity();
    // The readings and pauses too: a corrected lexicon makes another clip.
    let script = format!("{:?}", speech.script);
    let (identity, said, script, shaped) =
        (identity.as_bytes(), speech.said.as_bytes(), script.as_bytes(), written(shaping, Role::Message));
    Key::of(&[FORMAT, b"speech", shaped.as_bytes(), identity, said, script])
}

/// Everything that a station may wish, for the name of a clip.
fn written(shaping: Shaping, role: Role) -> String {
    format!("{shaping:?} {role:?}")
}

/// Does work that takes a core for a while, away from the threads that drive tasks.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    spawn_blocking(work).await.expect("a panic in the work is a bug, and it is passed on")
}
