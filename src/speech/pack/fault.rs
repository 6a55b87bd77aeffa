//! Why a voice pack could not be installed.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::Words;
use crate::speech::engine::KokoroFault;
use crate::speech::engine::child::Told;

/// Says why a voice pack could not be installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallFault {
    /// There is no pack for this machine.
    #[error(transparent)]
    Pack(#[from] KokoroFault),
    /// Nothing was found there.
    #[error("{0} is no folder, no file and no http address")]
    NoSource(String),
    /// The server did not give a file.
    #[error("{url}: {why}")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// What came instead.
        why: String,
    },
    /// A file is missing at the source.
    #[error("the source lacks {0}")]
    Missing(String),
    /// A file of the source broke off.
    #[error("{file} cannot be read: {why}")]
    Unread {
        /// Its name in the pack.
        file: String,
        /// What the system says.
        why: String,
    },
    /// A file of the source is not the one that this program knows: damaged, cut, changed, or of another version.
    #[error("{0} is damaged or of another version; nothing was installed")]
    Wrong(String),
    /// The archive is no tar file.
    #[error("this is no tar archive of a voice pack: {0}")]
    Archive(String),
    /// Here it could not be stored.
    #[error("{place} cannot be written: {why}")]
    Write {
        /// Where.
        place: PathBuf,
        /// What the system says.
        why: io::Error,
    },
    /// Somebody else is at it.
    #[error("voice packs are being changed by somebody else just now")]
    Busy,
}

impl InstallFault {
    pub(super) fn write(place: &Path, why: io::Error) -> Self {
        Self::Write { place: place.to_owned(), why }
    }

    /// Says the fault in both languages.
    pub fn words(&self) -> Words {
        let zh = match self {
            Self::Pack(fault) => return fault.told(),
            Self::NoSource(source) => format!("{source} 不是文件夹、文件，也不是 http 网址"),
            Self::Unreachable { url, why } => format!("{url} 取不到：{why}"),
            Self::Missing(file) => format!("来源里缺少 {file}"),
            Self::Unread { file, why } => format!("读不了 {file}：{why}"),
            Self::Wrong(file) => format!("{file} 坏了，或者不是这个版本的；没有安装"),
            Self::Archive(why) => format!("这不是语音包的 tar 文件：{why}"),
            Self::Write { place, why } => format!("写不了 {}：{why}", place.display()),
            Self::Busy => "另一个程序正在安装或删除语音包，请稍后再试".to_owned(),
        };
        Words::new(zh, self.to_string())
    }
}
