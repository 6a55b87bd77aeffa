//! The engine `command`: any program that takes text on standard input and gives WAV on standard output.

mod fault;
mod program;
mod wav;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::child::ChildFault;
use super::{Engine, EngineFault, Home, Kind, Speaking};
use crate::config::{Field, FieldKind, KindFields, ListOf};
use crate::model::{Clip, Selection};
use crate::speech::text::Speech;

pub use fault::CommandFault;

/// The row of this engine.
pub(super) const KIND: Kind = Kind { fields: FIELDS, open, speaks: |_| true };

const COMMAND: &str = "command";
const TIME_LIMIT: &str = "time_limit";

/// Longest time that a program may have: a natural voice on a small board takes minutes for a long text.
const LONGEST_LIMIT: Duration = Duration::from_mins(30);

const FIELDS: KindFields = KindFields {
    name: "command",
    fields: &[
        Field::new(
            COMMAND,
            FieldKind::List(&ListOf { kind: FieldKind::Text { longest: 1000 }, fewest: 1, most: 64 }),
            "程序和它的参数，一项一个；路径要写绝对路径。文字从标准输入给它（UTF-8），它在标准输出给出 WAV",
            "The program and its arguments, one an item; paths must be absolute. It gets the text on standard input (UTF-8) \
             and gives WAV on standard output",
        )
        .required(),
        Field::new(
            TIME_LIMIT,
            FieldKind::Length { min: Duration::from_secs(1), max: LONGEST_LIMIT },
            "一条文字最多给它多久，最长 30 分钟；超过就中止",
            "How long it may take for one text, 30 minutes at the most; it is stopped after that",
        )
        .or("30s"),
    ],
    zh: "任何会把文字念成 WAV 的程序",
    en: "Any program that turns text into WAV",
};

/// What a file without `time_limit` means.
const USUAL_LIMIT: Duration = Duration::from_secs(30);

/// Most samples of one text: ten minutes at 48 kHz.
const MOST_SAMPLES: usize = 600 * 48_000;

struct Command {
    /// Our own executable, which decodes what the other one gives.
    ours: PathBuf,
    words: Vec<String>,
    limit: Duration,
}

fn open(voice: &Selection, home: &Home) -> Arc<dyn Engine> {
    Arc::new(Command {
        ours: home.program.clone(),
        words: voice.texts(COMMAND).to_vec(),
        limit: voice.length(TIME_LIMIT).unwrap_or(USUAL_LIMIT),
    })
}

impl Engine for Command {
    fn identity(&self) -> String {
        format!("command {:?}", self.words)
    }

    fn voice(&self, _: &Speech) -> String {
        let program = self.words.first().map(String::as_str).unwrap_or_default();
        let name = Path::new(program).file_name().unwrap_or_default().to_string_lossy();
        format!("command {name}")
    }

    fn speak<'a>(&'a self, speech: &'a Speech) -> Speaking<'a> {
        Box::pin(self.speak_text(&speech.said))
    }

    /// Nobody knows how slow it is.
    fn is_quick(&self) -> bool {
        false
    }
}

impl Command {
    async fn speak_text(&self, text: &str) -> Result<Clip, EngineFault> {
        let given = program::run(&self.words, text, self.limit).await?;
        wav::decode(&self.ours, given).await.map_err(|fault| match fault {
            CommandFault::Decode(ChildFault::Refused(fault)) if fault.is_silence() => {
                EngineFault::Silent(text.to_owned())
            }
            fault => fault.into(),
        })
    }
}
