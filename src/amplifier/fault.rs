//! What can be wrong with an amplifier's switch.

use std::io;
use std::time::Duration;

use crate::model::Words;

/// Says why an amplifier cannot be switched.
#[derive(Debug, thiserror::Error)]
pub enum AmplifierFault {
    /// No row of the table has that name.
    #[error("there is no kind of amplifier named {name:?}")]
    UnknownKind {
        /// The name.
        name: String,
    },
    /// Neither a line's name nor a chip with an offset says which line is meant, or both do.
    #[error("write either `line`, or `chip` and `offset`")]
    WhichLine,
    /// `lead_in` and `lead_out` leave no time for sound within `max_on`.
    #[error("`max_on` must be longer than `lead_in` and `lead_out` together")]
    NoTime,
    /// No line of that name, or no such chip, is present.
    #[error("there is no GPIO line {line}; present: {present}")]
    NoLine {
        /// What was written.
        line: String,
        /// The chips that are present.
        present: String,
    },
    /// The line is there and cannot be had: another program holds it, or it may not be touched.
    #[error("the GPIO line {line} cannot be used")]
    Line {
        /// What was written.
        line: String,
        /// The kernel's answer.
        #[source]
        source: gpiocdev::Error,
    },
    /// The program could not be started.
    #[error("{program} cannot be started")]
    Start {
        /// The program as written.
        program: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The program was not done in time.
    #[error("{program} was stopped after {} ms", limit.as_millis())]
    TimedOut {
        /// The program as written.
        program: String,
        /// What it may take.
        limit: Duration,
    },
    /// The program said itself that it failed, or died.
    #[error("{program} failed ({status}) {said}")]
    Failed {
        /// The program as written.
        program: String,
        /// How it ended, as the system names it.
        status: String,
        /// The last line that it wrote on standard error.
        said: String,
    },
}

impl AmplifierFault {
    /// Says the fault in both languages.
    pub fn words(&self) -> Words {
        Words::new(self.zh().trim(), self.en().trim())
    }

    fn en(&self) -> String {
        let source = std::error::Error::source(self);
        source.map_or_else(|| self.to_string(), |source| format!("{self}: {source}"))
    }

    fn zh(&self) -> String {
        match self {
            Self::UnknownKind { name } => format!("没有名为“{name}”的功放控制方式"),
            Self::WhichLine => "要么写 `line`，要么写 `chip` 和 `offset`".to_owned(),
            Self::NoTime => "`max_on` 要比 `lead_in` 加 `lead_out` 长".to_owned(),
            Self::NoLine { line, present } => format!("没有 GPIO 线 {line}；现有：{present}"),
            Self::Line { line, source } => format!("GPIO 线 {line} 用不了（{source}）"),
            Self::Start { program, source } => format!("启动不了 {program}：{source}"),
            Self::TimedOut { program, limit } => {
                format!("{program} 超过 {} 毫秒，已中止", limit.as_millis())
            }
            Self::Failed { program, status, said } => format!("{program} 出错（{status}）{said}"),
        }
    }
}
