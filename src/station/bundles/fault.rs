//! Why something that the county sent was not taken. What was in force before stays so, each time.

use std::io;

use crate::model::{BundlePath, Words};
use crate::trust::{Refusal, RootFault};

/// Says why a bundle or a root was not taken.
#[derive(Debug, thiserror::Error)]
pub enum TakeFault {
    /// No root is held, so nothing could be verified.
    #[error("this station knows no county yet")]
    NoRoot,
    /// The first root is another one than the digits say.
    #[error("its fingerprint is {0}, another one than was given")]
    OtherRoot(String),
    /// The root was refused.
    #[error("{0}")]
    Root(#[from] RootFault),
    /// The bundle was refused.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The stream ended inside a file.
    #[error("it ends inside {0}")]
    Short(BundlePath),
    /// Bytes follow after the last file.
    #[error("there is something after its last file")]
    Long,
    /// A file is not the one that was signed.
    #[error("{0} is not the file that was signed")]
    Differs(BundlePath),
    /// A file was signed, but cannot be aired.
    #[error("{path}: {}", what.en)]
    Unfit {
        /// The file.
        path: BundlePath,
        /// What is wrong with it.
        what: Words,
    },
    /// Another import is under way.
    #[error("another import is under way")]
    Busy,
    /// The file or stick that it is read from.
    #[error("cannot be read: {0}")]
    Read(io::Error),
    /// This station's disk.
    #[error("cannot be stored: {0}")]
    Write(io::Error),
}

impl TakeFault {
    /// Says it to people.
    pub fn words(&self) -> Words {
        let zh = match self {
            Self::NoRoot => {
                "这个站点还不认识任何县：先导入县里的根文件（dalaba import root.json --trust 指纹）"
                    .to_owned()
            }
            Self::OtherRoot(found) => format!("根文件的指纹是 {found}，和给出的不一样"),
            Self::Root(fault) => fault.words().zh,
            Self::Refused(refusal) => refusal.words().zh,
            Self::Short(path) => format!("文件不完整：到 {path} 就断了；请重新拷贝"),
            Self::Long => "文件末尾多出了东西".to_owned(),
            Self::Differs(path) => format!("{path} 和签发的不一样；请重新拷贝"),
            Self::Unfit { path, what } => format!("{path} 播不了：{}", what.zh),
            Self::Busy => "另一个导入正在进行".to_owned(),
            Self::Read(error) => format!("读不了：{error}"),
            Self::Write(error) => format!("存不下：{error}"),
        };
        Words::new(zh, self.to_string())
    }
}
