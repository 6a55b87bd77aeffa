//! What can be wrong with a pipe.

use std::io;
use std::path::PathBuf;

/// Says why sound cannot be given to a pipe.
#[derive(Debug, thiserror::Error)]
pub enum PipeFault {
    /// Neither of the two ways is chosen, or both.
    #[error("write exactly one of `path` and `command`")]
    OneOf,
    /// Sound is not converted to this rate.
    #[error("{rate} Hz is not offered; write one of {}", super::pcm::RATES.map(|rate| rate.to_string()).join(", "))]
    Rate {
        /// What was written, Hz.
        rate: i64,
    },
    /// The program is written by a path that depends on where we happen to be.
    #[error("{program} is a relative path; write a name alone, or an absolute path")]
    Relative {
        /// The program as written.
        program: String,
    },
    /// No such program, or it may not be run.
    #[error("there is no program {program} that we may run")]
    NoProgram {
        /// The program as written.
        program: String,
    },
    /// Nothing is at the path.
    #[error("there is no pipe at {0}; make it with `mkfifo {0}`, or start what reads it first")]
    Missing(PathBuf),
    /// Something else is at the path, and is left as it is.
    #[error("{0} is no pipe (FIFO) and is left as it is")]
    NoPipe(PathBuf),
    /// Nobody has opened the pipe for reading.
    #[error("nobody reads the pipe {0}")]
    Unread(PathBuf),
    /// The pipe or the program cannot be opened.
    #[error("{name} cannot be opened: {source}")]
    Refused {
        /// The path or the program.
        name: String,
        /// The error.
        source: io::Error,
    },
    /// The reader is there and reads nothing.
    #[error("{0} takes no sound")]
    Untaken(String),
    /// The reader closed its end.
    #[error("the reader of {0} went away")]
    Left(String),
    /// The program ended, although nobody told it to.
    #[error("{program} ended ({status}): {said}")]
    Ended {
        /// The program as written.
        program: String,
        /// How it ended, as the system names it.
        status: String,
        /// The end of what it wrote on standard error.
        said: String,
    },
    /// The sound cannot be brought to the pipe's rate.
    #[error("the sound cannot be converted: {0}")]
    Convert(String),
}

impl PipeFault {
    /// Says the fault in Chinese; [`std::fmt::Display`] says it in English.
    pub(in crate::output) fn zh(&self) -> String {
        match self {
            Self::OneOf => "`path` 和 `command` 要写一个，也只能写一个".to_owned(),
            Self::Rate { rate } => {
                let rates = super::pcm::RATES.map(|rate| rate.to_string()).join("、");
                format!("不支持 {rate} Hz，可以写 {rates}")
            }
            Self::Relative { program } => {
                format!("{program} 是相对路径；请只写程序名，或写绝对路径")
            }
            Self::NoProgram { program } => format!("找不到程序 {program}，或没有权限运行"),
            Self::Missing(path) => {
                let path = path.display();
                format!("{path} 处没有管道；请用 `mkfifo {path}` 建立，或先启动读它的程序")
            }
            Self::NoPipe(path) => format!("{} 不是管道（FIFO），未作改动", path.display()),
            Self::Unread(path) => format!("没有程序在读管道 {}", path.display()),
            Self::Refused { name, source } => format!("{name} 打不开（{source}）"),
            Self::Untaken(name) => format!("{name} 不接收声音"),
            Self::Left(name) => format!("读 {name} 的程序已离开"),
            Self::Ended { program, status, said } => format!("{program} 自己结束了（{status}）：{said}"),
            Self::Convert(why) => format!("声音转换不了（{why}）"),
        }
    }
}
