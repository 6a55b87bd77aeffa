//! Why the store could not do what it was asked.

use crate::model::Words;

/// Says what is wrong with the store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreFault {
    /// It cannot be reached, or did not answer in time. Whether something was written nobody knows.
    #[error("the database cannot be reached: {0}")]
    Down(String),
    /// It refused what it was asked: a mistake of ours, or a disk that is full.
    #[error("the database: {0}")]
    Refused(String),
    /// A later program has changed its tables.
    #[error("the database is of version {found}, this program knows {known}")]
    Newer {
        /// The version of the tables.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// What was read is not what was written.
    #[error("the database holds a {0} that cannot be read")]
    Damaged(&'static str),
    /// The address is none.
    #[error("{0} is no address of a database")]
    Address(String),
}

impl StoreFault {
    /// Says it to people.
    pub fn words(&self) -> Words {
        let zh = match self {
            Self::Down(why) => format!("数据库连不上：{why}"),
            Self::Refused(why) => format!("数据库出错：{why}"),
            Self::Newer { found, known } => {
                format!("数据库是第 {found} 版的，这个程序只认得第 {known} 版；请升级程序")
            }
            Self::Damaged(what) => format!("数据库里有读不懂的内容（{what}）"),
            Self::Address(text) => format!("“{text}”不是数据库地址（文件路径，或 postgres://…）"),
        };
        Words::new(zh, self.to_string())
    }
}
