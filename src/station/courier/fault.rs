//! Why the county could not be spoken with. Nothing of it touches what airs.

use std::io;
use std::time::Duration;

use crate::model::Words;
use crate::wire::Refused;

/// Says why a conversation with the county came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Nobody is there, or no way leads there.
    #[error("no connection: {0}")]
    Unreachable(io::Error),
    /// Somebody is there who cannot show that it is the county.
    #[error("not the county: {0}")]
    Stranger(String),
    /// Nothing came for too long.
    #[error("no answer in time")]
    Silent,
    /// The connection broke in the middle.
    #[error("the connection broke: {0}")]
    Cut(String),
    /// What answered is no county: a page to log in, a redirect, another program.
    #[error("that was not the county's server: {0}")]
    Astray(String),
    /// More than was allowed.
    #[error("the answer is too large")]
    TooLarge,
    /// The county said no.
    #[error("the county refused ({status}): {}", said.en)]
    Refused {
        /// The status code.
        status: u16,
        /// Its reason.
        said: Refused,
        /// How long it wants to be left alone.
        after: Option<Duration>,
    },
    /// It, or what stands before it, cannot answer just now.
    #[error("the server cannot answer now ({status})")]
    Unable {
        /// The status code.
        status: u16,
        /// How long it wants to be left alone.
        after: Option<Duration>,
    },
    /// This station's disk.
    #[error("this station's disk: {0}")]
    Disk(io::Error),
    /// There is no room on it.
    #[error("no room on this station's disk: {needed} bytes are needed, {free} are free")]
    NoRoom {
        /// Bytes wanted.
        needed: u64,
        /// Bytes there.
        free: u64,
    },
    /// Something else here is in the way, and will not be for long.
    #[error("busy: {0}")]
    Busy(String),
}

impl Fault {
    /// Returns how long the county asked to be left alone.
    pub(super) const fn asked(&self) -> Option<Duration> {
        match self {
            Self::Refused { after, .. } | Self::Unable { after, .. } => *after,
            _ => None,
        }
    }

    /// Tells whether the county does not know this station any more: nothing but a person can mend that.
    pub(super) const fn is_dismissal(&self) -> bool {
        matches!(self, Self::Refused { status: 401 | 403, .. })
    }

    /// Tells whether it lies on this side, and says nothing about the network.
    pub(super) const fn is_here(&self) -> bool {
        matches!(self, Self::Disk(_) | Self::NoRoom { .. } | Self::Busy(_))
    }

    /// Says it to people.
    pub fn words(&self) -> Words {
        let zh = match self {
            Self::Unreachable(error) => format!("连不上：{error}"),
            Self::Stranger(why) => format!("对方证明不了自己是县里的服务器：{why}"),
            Self::Silent => "等了很久没有回答".to_owned(),
            Self::Cut(why) => format!("连接断了：{why}"),
            Self::Astray(what) => format!("回答的不是县里的服务器（上网可能要先登录）：{what}"),
            Self::TooLarge => "回答太大".to_owned(),
            Self::Refused { status, said, .. } => format!("县里不答应（{status}）：{}", said.zh),
            Self::Unable { status, .. } => format!("服务器现在答不了（{status}）"),
            Self::Disk(error) => format!("本站的磁盘：{error}"),
            Self::NoRoom { needed, free } => format!("本站的磁盘放不下：要 {needed} 字节，只剩 {free}"),
            Self::Busy(what) => format!("稍等：{what}"),
        };
        Words::new(zh, self.to_string())
    }
}
