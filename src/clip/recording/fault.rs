//! What can be wrong with a recording.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{LARGEST, LONGEST};
use crate::model::Words;
use crate::speech::engine::child::Told;

/// Says why a recording cannot be aired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum RecordingFault {
    /// No such file.
    #[error("there is no such file")]
    Missing,
    /// The path leads out of the audio folder.
    #[error("it lies outside the audio folder")]
    Outside,
    /// Not a regular file.
    #[error("it is not a regular file")]
    NotAFile,
    /// More bytes than [`LARGEST`].
    #[error("it has {0} bytes; {LARGEST} are allowed")]
    TooLarge(u64),
    /// The system or the format stands against reading it.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// A format that we do not decode.
    #[error("it is in none of the formats wav, mp3, flac, ogg vorbis, m4a: {0}")]
    Unsupported(String),
    /// It ends before it says it does.
    #[error("it is cut off: {}", cut_en(*.claimed, *.found))]
    Truncated {
        /// The length that it claims, where it claims one.
        claimed: Option<Duration>,
        /// The sound that is there.
        found: Duration,
    },
    /// It sounds longer than [`LONGEST`].
    #[error("it is longer than {} minutes", LONGEST.as_secs() / 60)]
    TooLong,
    /// Nothing in it can be heard.
    #[error("it is silent")]
    Silent,
    /// Each channel sounds, and nothing is left when they are mixed.
    #[error("its channels cancel each other: one is the other upside down")]
    Cancelled,
    /// Somebody was writing it while it was read.
    #[error("it changed while it was read")]
    Changed,
    /// The process that decodes it failed.
    #[error("{}", .0.en)]
    Decoder(#[serde(with = "words")] Words),
}

impl RecordingFault {
    /// Takes over what the system or the decoder says.
    pub(super) fn unreadable(error: impl std::error::Error) -> Self {
        Self::Unreadable(error.to_string())
    }

    /// Says the fault in both languages.
    pub fn words(&self) -> Words {
        let zh = match self {
            Self::Missing => "找不到这个文件".to_owned(),
            Self::Outside => "文件不在录音文件夹里".to_owned(),
            Self::NotAFile => "不是普通文件".to_owned(),
            Self::TooLarge(bytes) => {
                format!("文件太大：{} MB，最大 {} MB", bytes / 1_000_000, LARGEST / 1_000_000)
            }
            Self::Unreadable(why) => format!("读不出来：{why}"),
            Self::Unsupported(what) => {
                format!("格式不支持（{what}），请用 wav、mp3、flac、ogg（vorbis）或 m4a")
            }
            Self::Truncated { claimed, found } => cut_zh(*claimed, *found),
            Self::TooLong => format!("超过 {} 分钟", LONGEST.as_secs() / 60),
            Self::Silent => "没有声音".to_owned(),
            Self::Cancelled => "两个声道反相，混成一路后没有声音".to_owned(),
            Self::Changed => "读取时文件正在被改动".to_owned(),
            Self::Decoder(words) => words.zh.clone(),
        };
        Words::new(zh, self.to_string())
    }
}

impl Told for RecordingFault {
    fn told(&self) -> Words {
        self.words()
    }
}

fn cut_en(claimed: Option<Duration>, found: Duration) -> String {
    let found = found.as_secs_f64();
    match claimed {
        Some(claimed) => format!("{found:.1} s of {:.1} s are there", claimed.as_secs_f64()),
        None => "its end is missing".to_owned(),
    }
}

fn cut_zh(claimed: Option<Duration>, found: Duration) -> String {
    let found = found.as_secs_f64();
    match claimed {
        Some(claimed) => {
            format!("文件不完整：应有 {:.1} 秒，实际只有 {found:.1} 秒", claimed.as_secs_f64())
        }
        None => "文件不完整：缺了结尾".to_owned(),
    }
}

/// Both wordings as a pair; [`Words`] themselves are never stored.
mod words {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::model::Words;

    pub(super) fn serialize<S: Serializer>(words: &Words, out: S) -> Result<S::Ok, S::Error> {
        (&words.zh, &words.en).serialize(out)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Words, D::Error> {
        let (zh, en) = <(String, String)>::deserialize(from)?;
        Ok(Words::new(zh, en))
    }
}
