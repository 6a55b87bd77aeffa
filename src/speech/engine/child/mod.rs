//! A process of our own for work that hostile input may crash: one job, one answer, a time limit and a sandbox.
//!
//! libespeak-ng keeps state between texts and has overflowed on crafted ones; decoders eat files from USB sticks.
//! A fresh child costs some 20 ms, gives the same samples every time, and takes a crash with it to the grave.

mod sandbox;
mod spawn;
mod wire;

use std::io;
use std::time::Duration;

use crate::model::Words;

pub use sandbox::Sandbox;
pub use spawn::{Input, Order, report, run};
pub use wire::{Answer, answer};

/// The hidden subcommand that starts a child.
pub const SUBCOMMAND: &str = "render";

/// Names what a child is started for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// Speaks the request on standard input.
    Speak,
    /// Speaks the request on standard input with the voice pack.
    Kokoro,
    /// Decodes the sound file that is its standard input.
    Decode,
    /// Measures the sound file that is its standard input, and answers with a report in place of its sound.
    Examine,
}

impl Job {
    /// Every job.
    pub const ALL: [Self; 4] = [Self::Speak, Self::Kokoro, Self::Decode, Self::Examine];

    /// Returns the word after [`SUBCOMMAND`].
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Speak => "speak",
            Self::Kokoro => "kokoro",
            Self::Decode => "decode",
            Self::Examine => "examine",
        }
    }
}

/// Says why a child gave no sound. `F` is what the job itself can find wrong.
#[derive(Debug, thiserror::Error)]
pub enum ChildFault<F> {
    /// It could not be started.
    #[error("the child could not be started")]
    Start(#[source] io::Error),
    /// It was not done in time.
    #[error("the child was stopped after {} s", .0.as_secs())]
    TimedOut(Duration),
    /// It died: a crash, a limit that was reached, or something that its sandbox forbids.
    #[error("the child died ({status}): {said}")]
    Died {
        /// How, as the system names it.
        status: String,
        /// The last that it wrote on standard error.
        said: String,
    },
    /// It gave more sound than was allowed.
    #[error("the child gave too much sound")]
    TooMuch,
    /// Its answer was no answer.
    #[error("the child's answer could not be read: {0}")]
    Garbled(String),
    /// It did its job and found something wrong.
    #[error("{0}")]
    Refused(F),
}

/// Says a job's own fault in both languages.
pub trait Told {
    /// Returns the wording.
    fn told(&self) -> Words;
}

impl<F: Told> ChildFault<F> {
    /// Says the fault in both languages; `zh` and `en` name the work.
    pub fn words(&self, zh: &str, en: &str) -> Words {
        match self {
            Self::Start(error) => Words::new(
                format!("{zh}进程启动不了：{error}"),
                format!("{en}: cannot start the process: {error}"),
            ),
            Self::TimedOut(limit) => {
                let seconds = limit.as_secs();
                Words::new(
                    format!("{zh}超过 {seconds} 秒，已中止"),
                    format!("{en}: stopped after {seconds} s"),
                )
            }
            Self::Died { status, said } => Words::new(
                format!("{zh}进程意外退出（{status}）。{said}").trim().to_owned(),
                format!("{en}: the process died ({status}). {said}").trim().to_owned(),
            ),
            Self::TooMuch => Words::new(
                format!("{zh}得到的声音太长，已中止"),
                format!("{en}: gave too much sound and was stopped"),
            ),
            Self::Garbled(why) => {
                Words::new(format!("{zh}进程的应答读不懂：{why}"), format!("{en}: unreadable answer: {why}"))
            }
            Self::Refused(fault) => fault.told(),
        }
    }
}
