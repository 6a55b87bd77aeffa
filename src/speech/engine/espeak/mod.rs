//! The engine `espeak`: libespeak-ng in a child of our own, one message a process.

mod job;
mod phrases;
mod reader;
mod voices;

#[expect(unsafe_code, reason = "the one door to libespeak-ng, a C library")]
mod ffi;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::child::{self, Input, Job, Order, Told};
use super::{Engine, EngineFault, Home, Kind, Speaking};
use crate::config::{Field, FieldKind, KindFields, USUAL_PACE};
use crate::model::{Clip, Selection, Words};
use crate::speech::text::Speech;
use phrases::{Phrase, Voice};

pub use job::answer;
pub(super) use reader::Reader;

/// The row of this engine.
pub(super) const KIND: Kind = Kind { fields: FIELDS, open, speaks: voices::speaks };

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
        .or("145"),
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

/// Words a minute if the house asks for none: slow speech is understood better.
#[expect(clippy::cast_possible_truncation, reason = "some hundred words a minute")]
const PACE: i32 = USUAL_PACE as i32;

/// A message takes some 30 ms; a slow board under load some 20 times that.
const LIMIT: Duration = Duration::from_secs(10);

/// Most samples of one message: ten minutes at the library's 22 050 Hz.
const MOST_SAMPLES: usize = 10 * 60 * 22_050;

/// Peak under which a message counts as silent: -60 dB of full scale. Speech peaks near 0 dB.
const SILENCE: f32 = 0.001;

/// What a child is asked to speak.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    words_per_minute: i32,
    pitch: i32,
    voices: Vec<Voice>,
    phrases: Vec<Phrase>,
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

fn open(voice: &Selection, home: &Home) -> Arc<dyn Engine> {
    let option = |key: &str, default: i32| {
        // Out of range cannot happen: the reader of the file holds options to the table above.
        voice.integer(key).and_then(|value| i32::try_from(value).ok()).unwrap_or(default)
    };
    Arc::new(Espeak {
        program: home.program.clone(),
        words_per_minute: option(WORDS_PER_MINUTE, PACE),
        pitch: option(PITCH, 50),
    })
}

impl Engine for Espeak {
    fn identity(&self) -> String {
        format!("espeak-ng {} {} wpm pitch {}", ffi::version(), self.words_per_minute, self.pitch)
    }

    fn voice(&self, speech: &Speech) -> String {
        let names: Vec<_> = phrases::of(speech).0.into_iter().map(|voice| voice.name).collect();
        format!("espeak {}", names.join("+"))
    }

    fn speak<'a>(&'a self, speech: &'a Speech) -> Speaking<'a> {
        Box::pin(self.speak_in_child(speech))
    }

    fn is_quick(&self) -> bool {
        true
    }
}

impl Espeak {
    async fn speak_in_child(&self, speech: &Speech) -> Result<Clip, EngineFault> {
        let (voices, phrases) = phrases::of(speech);
        let (words_per_minute, pitch) = (self.words_per_minute, self.pitch);
        let request = Request { words_per_minute, pitch, voices, phrases };
        let line = serde_json::to_vec(&request).expect("texts and numbers are always JSON");
        let order = Order {
            program: &self.program,
            job: Job::Speak,
            input: Input::Bytes(line),
            limit: LIMIT,
            most_samples: MOST_SAMPLES,
        };
        let clip = child::run::<SpeakFault>(order).await?;
        let peak = clip.samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        if peak < SILENCE { Err(EngineFault::Silent(speech.said.clone())) } else { Ok(clip) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_speed_in_the_table_of_keys_is_that_of_the_engine() {
        let field = FIELDS.fields.iter().find(|field| field.key == WORDS_PER_MINUTE).unwrap();
        assert_eq!(field.default, Some(PACE.to_string().as_str()));
    }
}
