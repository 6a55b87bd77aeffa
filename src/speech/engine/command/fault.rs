//! Why a program of the user's gave no speech.

use std::io;
use std::time::Duration;

use serde::Deserialize;

use super::program::MOST_BYTES;
use crate::model::Words;
use crate::speech::engine::child::{ChildFault, Told};

/// Says why a program of the user's gave no speech.
#[derive(Debug, thiserror::Error)]
pub enum CommandFault {
    /// It could not be started.
    #[error("{program} could not be started")]
    Start {
        /// The program as written.
        program: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It was not done in time.
    #[error("{program} was stopped after {} s", .limit.as_secs())]
    TimedOut {
        /// The program as written.
        program: String,
        /// What it may take.
        limit: Duration,
    },
    /// It gave more than 64 MB.
    #[error("{0} gave more than {most} MB and was stopped", most = MOST_BYTES / 1_000_000)]
    TooMuch(String),
    /// It said itself that it failed, or died.
    #[error("{program} failed ({status}): {said}")]
    Failed {
        /// The program as written.
        program: String,
        /// How it ended, as the system names it.
        status: String,
        /// The last line that it wrote on standard error.
        said: String,
    },
    /// What it gave is no WAV.
    #[error("{program} gave no WAV on standard output ({bytes} bytes) {said}")]
    NoWav {
        /// The program as written.
        program: String,
        /// How much it gave.
        bytes: u64,
        /// The last line that it wrote on standard error.
        said: String,
    },
    /// What it gave could not be handed on.
    #[error("what it gave could not be kept")]
    Keep(#[source] io::Error),
    /// What it gave begins like a WAV, but cannot be decoded.
    #[error(transparent)]
    Decode(#[from] ChildFault<Undecodable>),
}

impl CommandFault {
    /// Says the fault in both languages.
    pub fn words(&self) -> Words {
        let zh = match self {
            Self::Start { program, source } => {
                return Words::new(
                    format!("启动不了 {program}：{source}"),
                    format!("{program} cannot be started: {source}"),
                );
            }
            Self::TimedOut { program, limit } => format!("{program} 超过 {} 秒，已中止", limit.as_secs()),
            Self::TooMuch(program) => {
                format!("{program} 给出的声音超过 {} MB，已中止", MOST_BYTES / 1_000_000)
            }
            Self::Failed { program, status, said } => format!("{program} 出错（{status}）。{said}"),
            Self::NoWav { program, bytes, said } => {
                format!("{program} 没有在标准输出给出 WAV（{bytes} 字节）{said}")
            }
            Self::Keep(error) => {
                return Words::new(
                    format!("收下的声音存不住：{error}"),
                    format!("its sound cannot be kept: {error}"),
                );
            }
            Self::Decode(fault) => {
                return fault.words("解码语音程序的声音", "decoding what the program gave");
            }
        };
        Words::new(zh.trim().to_owned(), self.to_string().trim().to_owned())
    }
}

/// What our own decoder found wrong, in its own terms.
#[derive(Debug, Deserialize, thiserror::Error)]
#[serde(transparent)]
#[error("{0}")]
pub struct Undecodable(serde_json::Value);

impl Undecodable {
    /// Tells whether nothing can be heard in what was decoded.
    pub(super) fn is_silence(&self) -> bool {
        self.0 == "silent"
    }
}

impl Told for Undecodable {
    fn told(&self) -> Words {
        Words::new(
            format!("语音程序给出的 WAV 解不开：{}", self.0),
            format!("the program's WAV cannot be decoded: {}", self.0),
        )
    }
}
