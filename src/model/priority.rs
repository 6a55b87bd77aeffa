//! How strong an item is, and whether it is meant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Words;

/// Ranks items (优先级); a later name is stronger.
///
/// Scales on which 1 is strongest are converted where they enter, never inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// 日常: the everyday safety message.
    #[default]
    Routine,
    /// 重要.
    Important,
    /// 紧急.
    Urgent,
    /// 应急: passes quiet hours and noise limits, and cuts whatever is weaker.
    Emergency,
}

impl Priority {
    /// Every priority, weakest first.
    pub const ALL: [Self; 4] = [Self::Routine, Self::Important, Self::Urgent, Self::Emergency];

    /// Returns the name used in TOML, commands and records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Routine => "routine",
            Self::Important => "important",
            Self::Urgent => "urgent",
            Self::Emergency => "emergency",
        }
    }

    /// Names the priority as people say it.
    pub fn words(self) -> Words {
        let zh = match self {
            Self::Routine => "日常",
            Self::Important => "重要",
            Self::Urgent => "紧急",
            Self::Emergency => "应急",
        };
        Words::new(zh, self.as_str())
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Priority {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|p| p.as_str() == text).ok_or(())
    }
}

/// Says whether an item is meant; a drill must never be taken for the real thing, nor the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// 实播: meant.
    #[default]
    Actual,
    /// 演练: a marked test, spoken as a test.
    Drill,
    /// 测试: a technical test.
    Test,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Actual, Self::Drill, Self::Test];

    /// Returns the name used in TOML, commands and records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Actual => "actual",
            Self::Drill => "drill",
            Self::Test => "test",
        }
    }

    /// Says it to people.
    pub fn words(self) -> Words {
        match self {
            Self::Actual => Words::new("实播", "actual"),
            Self::Drill => Words::new("演练", "DRILL"),
            Self::Test => Words::new("测试", "TEST"),
        }
    }
}

impl FromStr for Status {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|s| s.as_str() == text).ok_or(())
    }
}
