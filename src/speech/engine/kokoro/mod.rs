//! The engine `kokoro`: the voice pack of that name, spoken in a child of our own at the lowest priority.

mod english;
mod fault;
mod job;
mod model;
mod pack;
mod phonemes;

#[expect(
    unsafe_code,
    reason = "the one place that asks the kernel for the lowest priority, which no crate of ours can"
)]
mod priority;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::child::{self, ChildFault, Input, Job, Order};
use super::{Engine, EngineFault, Home, Kind, Speaking};
use crate::config::{Field, FieldKind, KindFields};
use crate::model::{Clip, Selection};
use crate::speech::text::Speech;

pub use fault::KokoroFault;
pub use job::answer;
pub use pack::{Item, MANIFEST, Manifest, NOTICE, Pack, sum};
use phonemes::Piece;

/// The row of this engine.
pub(super) const KIND: Kind = Kind { fields: FIELDS, open, speaks: super::espeak::KIND.speaks };

/// The folder of the pack in the folder of voice packs.
pub const FOLDER: &str = "kokoro";

const VOICE: &str = "voice";
const SPEED: &str = "speed";
const THREADS: &str = "threads";

/// The voices of the pack; `zf` are women, `zm` men. The first is understood best; `zf_xiaoni` is clearly the hardest to
/// understand, so she stands last.
const VOICES: &[&str] = &[
    "zf_xiaoxiao",
    "zf_xiaoyi",
    "zf_xiaobei",
    "zm_yunxia",
    "zm_yunxi",
    "zm_yunjian",
    "zm_yunyang",
    "zf_xiaoni",
];

const FIELDS: KindFields = KindFields {
    name: "kokoro",
    fields: &[
        Field::new(
            VOICE,
            FieldKind::OneOf(VOICES),
            "谁的声音：`zf` 开头是女声，`zm` 开头是男声",
            "Whose voice: `zf` are women, `zm` are men",
        )
        .or("zf_xiaoxiao"),
        Field::new(
            SPEED,
            FieldKind::Integer { min: 60, max: 150 },
            "语速，百分比，100 是原速",
            "Speed in percent; 100 is the voice's own",
        )
        .or("100"),
        Field::new(
            THREADS,
            FieldKind::Integer { min: 1, max: 4 },
            "合成时最多用几个处理器核；总是给别的工作让路",
            "Processor cores that it may use; it always gives way to other work",
        )
        .or("2"),
    ],
    zh: "自然的普通话声音，离线；要先用 `dalaba voices install kokoro` 装语音包",
    en: "A natural Mandarin voice, offline; its voice pack is installed with `dalaba voices install kokoro`",
};

/// Samples a second of all that it speaks.
const RATE: u32 = 24_000;

/// Most samples of one message: ten minutes.
const MOST_SAMPLES: usize = 600 * RATE as usize;

/// What loading the model and looking its files through may take on a slow board.
const LOADING: Duration = Duration::from_mins(2);

/// What one symbol may take: it sounds for some 60 ms, and a slow board needs six times as long as it sounds; the rest is
/// for what goes before it.
const A_SYMBOL: Duration = Duration::from_secs(2);

/// What a child is asked to speak.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    /// The folder of the pack.
    pack: PathBuf,
    voice: String,
    /// Percent.
    speed: u8,
    threads: usize,
    /// Most computing time, seconds.
    seconds: u64,
    pieces: Vec<Piece>,
}

struct Kokoro {
    home: Home,
    voice: String,
    speed: u8,
    threads: usize,
}

fn open(voice: &Selection, home: &Home) -> Arc<dyn Engine> {
    // Out of range cannot happen: the reader of the file holds options to the table above.
    let number = |key: &str, default: u8| {
        voice.integer(key).and_then(|value| u8::try_from(value).ok()).unwrap_or(default)
    };
    Arc::new(Kokoro {
        home: home.clone(),
        voice: voice.text(VOICE).unwrap_or("zf_xiaoxiao").to_owned(),
        speed: number(SPEED, 100),
        threads: usize::from(number(THREADS, 2)),
    })
}

impl Engine for Kokoro {
    fn identity(&self) -> String {
        // The number of threads changes no sample.
        format!("kokoro {} {} {} %", MANIFEST.version, self.voice, self.speed)
    }

    fn voice(&self, _: &Speech) -> String {
        format!("kokoro {}", self.voice)
    }

    fn speak<'a>(&'a self, speech: &'a Speech) -> Speaking<'a> {
        Box::pin(self.speak_in_child(speech))
    }

    fn is_quick(&self) -> bool {
        false
    }
}

impl Kokoro {
    async fn speak_in_child(&self, speech: &Speech) -> Result<Clip, EngineFault> {
        // What can be told without a child need not cost one.
        let pack = Pack::at(&self.home.voices).map_err(ChildFault::Refused)?;
        let pieces = phonemes::of(&speech.script).map_err(ChildFault::Refused)?;
        let symbols: usize = pieces.iter().map(Piece::symbols).sum();
        let limit = LOADING + A_SYMBOL * u32::try_from(symbols).unwrap_or(u32::MAX);
        let request = Request {
            pack: pack.folder().to_owned(),
            voice: self.voice.clone(),
            speed: self.speed,
            threads: self.threads,
            seconds: limit.as_secs(),
            pieces,
        };
        let line = serde_json::to_vec(&request).expect("texts and numbers are always JSON");
        let order = Order {
            program: &self.home.program,
            job: Job::Kokoro,
            input: Input::Bytes(line),
            limit,
            most_samples: MOST_SAMPLES,
        };
        let clip = child::run::<KokoroFault>(order).await?;
        if clip.samples.is_empty() { Err(EngineFault::Silent(speech.said.clone())) } else { Ok(clip) }
    }
}
