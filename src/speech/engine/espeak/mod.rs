//! The engine `espeak`: libespeak-ng in a child of our own, one run a process.

mod job;

#[expect(unsafe_code, reason = "the one door to libespeak-ng, a C library")]
mod ffi;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::child::{self, Input, Job, Order, Told};
use super::{Engine, EngineFault, Kind, Speaking};
use crate::config::{Field, FieldKind, KindFields};
use crate::model::{Clip, Selection, Words};
use crate::speech::text::{Run, Tongue};

pub use job::answer;

/// The row of this engine.
pub(super) const KIND: Kind = Kind { fields: FIELDS, open };

const WORDS_PER_MINUTE: &str = "words_per_minute";
const PITCH: &str = "pitch";

const FIELDS: KindFields = KindFields {
    name: "espeak",
    fields: &[
        Field::new(
            WORDS_PER_MINUTE,
            FieldKind::Integer { min: 80, max: 450 },
            "语速，单位：词/分钟。广播宜慢",
            "Speed in words a minute. Horns want it slow",
        )
        .or("160"),
        Field::new(
            PITCH,
            FieldKind::Integer { min: 0, max: 99 },
            "音高，0 最低，99 最高",
            "Pitch, 0 the lowest, 99 the highest",
        )
        .or("50"),
    ],
    zh: "espeak-ng 语音合成，离线可用",
    en: "espeak-ng, works without a network",
};

/// A run takes some 20 ms; a slow board under load some 20 times that.
const LIMIT: Duration = Duration::from_secs(10);

/// Most samples of one run: ten minutes at the library's 22 050 Hz.
const MOST_SAMPLES: usize = 10 * 60 * 22_050;

/// Peak under which a run counts as silent: -60 dB of full scale. Speech peaks near 0 dB.
const SILENCE: f32 = 0.001;

/// A voice of the library, and the dictionary without which it would read letters instead of words.
struct Voice {
    tongue: Tongue,
    name: &'static str,
    dictionary: &'static str,
}

/// Each name must be the first language of its voice, because that is how a fallback is found out (`en-gb` is not a
/// name that the library finds). Never `cmn`: in espeak-ng 1.51 it turns characters into pinyin and reads that as English ("hao two").
const VOICES: [Voice; 2] = [
    Voice { tongue: Tongue::Mandarin, name: "cmn-latn-pinyin", dictionary: "cmn_dict" },
    Voice { tongue: Tongue::English, name: "en-us", dictionary: "en_dict" },
];

fn voice_of(tongue: Tongue) -> &'static Voice {
    VOICES.iter().find(|voice| voice.tongue == tongue).expect("every tongue has a row in VOICES")
}

/// What a child is asked to speak.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    voice: String,
    dictionary: String,
    words_per_minute: i32,
    pitch: i32,
    text: String,
}

/// Says why libespeak-ng could not speak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum SpeakFault {
    /// The request on standard input was none.
    #[error("the request cannot be read: {0}")]
    Request(String),
    /// The library has no data, or not this voice. Another voice would be the wrong language.
    #[error("espeak-ng has no voice {0}; install espeak-ng-data")]
    NoVoice(String),
    /// A call of the library failed.
    #[error("espeak-ng failed: {call} returned {code}")]
    Library {
        /// Which call.
        call: String,
        /// Its answer.
        code: i32,
    },
    /// The speech is longer than ten minutes.
    #[error("the speech would last more than ten minutes")]
    TooLong,
}

impl Told for SpeakFault {
    fn told(&self) -> Words {
        let zh = match self {
            Self::Request(why) => format!("语音请求读不懂：{why}"),
            Self::NoVoice(name) => format!("espeak-ng 没有语音 {name}，请安装 espeak-ng-data"),
            Self::Library { call, code } => format!("espeak-ng 出错：{call} 返回 {code}"),
            Self::TooLong => "语音超过十分钟".to_owned(),
        };
        Words::new(zh, self.to_string())
    }
}

struct Espeak {
    program: PathBuf,
    words_per_minute: i32,
    pitch: i32,
}

fn open(voice: &Selection, program: &Path) -> Arc<dyn Engine> {
    let option = |key: &str, default: i32| {
        // Out of range cannot happen: the reader of the file holds options to the table above.
        voice.integer(key).and_then(|value| i32::try_from(value).ok()).unwrap_or(default)
    };
    Arc::new(Espeak {
        program: program.to_owned(),
        words_per_minute: option(WORDS_PER_MINUTE, 160),
        pitch: option(PITCH, 50),
    })
}

impl Engine for Espeak {
    fn identity(&self) -> String {
        format!("espeak-ng {} {} wpm pitch {}", ffi::version(), self.words_per_minute, self.pitch)
    }

    fn voice(&self, runs: &[Run]) -> String {
        let spoken = VOICES.iter().filter(|voice| runs.iter().any(|run| run.tongue == voice.tongue));
        let names: Vec<_> = spoken.map(|voice| voice.name).collect();
        format!("espeak {}", names.join("+"))
    }

    fn speak<'a>(&'a self, run: &'a Run) -> Speaking<'a> {
        Box::pin(self.speak_in_child(run))
    }
}

impl Espeak {
    async fn speak_in_child(&self, run: &Run) -> Result<Clip, EngineFault> {
        let voice = voice_of(run.tongue);
        let request = Request {
            voice: voice.name.to_owned(),
            dictionary: voice.dictionary.to_owned(),
            words_per_minute: self.words_per_minute,
            pitch: self.pitch,
            text: run.text.clone(),
        };
        let line = serde_json::to_vec(&request).expect("texts and numbers are always JSON");
        let order = Order {
            program: &self.program,
            job: Job::Speak,
            input: Input::Bytes(line),
            limit: LIMIT,
            most_samples: MOST_SAMPLES,
        };
        let clip: Clip = child::run(order).await?;
        let peak = clip.samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        if peak < SILENCE { Err(EngineFault::Silent(run.text.clone())) } else { Ok(clip) }
    }
}
