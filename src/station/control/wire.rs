//! The words of the control socket: a closed list of requests, and of answers.

use serde::{Deserialize, Serialize};

use super::StatusReport;
use crate::model::{Priority, Status, Words};

/// Longest request line, bytes: a text of some thousand characters with room to spare.
pub const LONGEST_LINE: u64 = 64 * 1024;

/// Most readings that one order may ask for; a text of 5 s read 20 times holds the horns for two minutes.
pub const MOST_REPEATS: u32 = 20;

/// What a person may ask of a running daemon. Unknown requests and unknown fields are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Says how everything is.
    Status,
    /// Puts a text on air, by the one road that everything takes.
    Say {
        /// What is to be spoken, as written.
        text: String,
        /// Station ids, `zone:河东`, or `*`; at least one.
        stations: Vec<String>,
        /// How strong it is.
        #[serde(default)]
        priority: Priority,
        /// Times that the text is read, 1 to [`MOST_REPEATS`].
        #[serde(default = "once")]
        repeat: u32,
        /// Whether it is meant.
        #[serde(default)]
        status: Status,
    },
    /// Ends what is on air and clears what is queued now; the plan goes on.
    Stop {
        /// As in `say`; empty means all stations.
        stations: Vec<String>,
    },
    /// Sounds a chime everywhere, by the same road: whoever put a stick in hears whether it was taken.
    Chime {
        /// Whether all went well.
        good: bool,
    },
    /// Reads configuration, playlists and recordings again.
    Reload,
    /// Says that the wall clock is right, though it looks wrong.
    ClockAccept,
    /// Looks which alerts are on the disk: one came.
    Alerts,
}

fn once() -> u32 {
    1
}

impl Request {
    /// Says what is wrong with a request that is well-formed and yet cannot be meant.
    pub fn fault(&self) -> Option<Words> {
        match self {
            Self::Say { text, .. } if text.trim().is_empty() => {
                Some(Words::new("没有要播的文字", "there is no text to say"))
            }
            Self::Say { stations, .. } if stations.is_empty() => {
                Some(Words::new("没有说明在哪个站点播", "no station is named"))
            }
            Self::Say { repeat, .. } if !(1..=MOST_REPEATS).contains(repeat) => Some(Words::new(
                format!("遍数须在 1 到 {MOST_REPEATS} 之间，写的是 {repeat}"),
                format!("a text is read 1 to {MOST_REPEATS} times, not {repeat}"),
            )),
            _ => None,
        }
    }
}

/// What the daemon answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlReply {
    /// To [`Request::Status`].
    Status(Box<StatusReport>),
    /// To [`Request::Say`] and [`Request::Chime`].
    Said {
        /// Ids of the airings that were queued, one a station.
        airings: Vec<String>,
    },
    /// To [`Request::Stop`]: one entry for each station addressed.
    Stopped {
        /// What was ended where.
        stations: Vec<StopReport>,
    },
    /// To [`Request::Reload`].
    Reloaded {
        /// Files that are in force as they stand on disk now.
        read: usize,
        /// Mistakes that keep something off the air; warnings are not counted.
        mistakes: usize,
        /// Every complaint as `dalaba check` writes it, in 简体中文; empty when there is none.
        zh: String,
        /// The same in English.
        en: String,
    },
    /// To [`Request::ClockAccept`].
    ClockAccepted,
    /// To [`Request::Alerts`]: the stations know of them.
    Alerts,
    /// To any request that was not carried out.
    Refused {
        /// Why, in 简体中文.
        zh: String,
        /// Why, in English.
        en: String,
    },
}

impl From<Words> for ControlReply {
    /// Refuses, for the reason given.
    fn from(why: Words) -> Self {
        Self::Refused { zh: why.zh, en: why.en }
    }
}

/// What `stop` did at one station.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopReport {
    /// The station's id.
    pub station: String,
    /// The airing that was on air, if one was.
    pub cut: Option<String>,
    /// Airings taken out of the queue.
    pub cleared: Vec<String>,
    /// What happens, by the county's alerts that are silenced here for good.
    #[serde(default)]
    pub silenced: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(text: &str, repeat: u32) -> Request {
        Request::Say {
            text: text.to_owned(),
            stations: vec!["*".to_owned()],
            priority: Priority::Routine,
            repeat,
            status: Status::Actual,
        }
    }

    #[test]
    fn what_may_be_left_out_of_an_order_has_a_harmless_default() {
        let read: Request = serde_json::from_str(r#"{"say":{"text":"停水","stations":["*"]}}"#).unwrap();
        assert_eq!(read, say("停水", 1));
    }

    #[test]
    fn unknown_requests_and_unknown_fields_are_refused() {
        for line in [
            r#""shutdown""#,
            r#"{"say":{"text":"x","stations":["*"],"volume":100}}"#,
            r#"{"stop":{"stations":[],"force":true}}"#,
            r#"{"stop":{"stations":[]},"reload":null}"#,
            r#"{"say":{"text":"x","stations":["*"],"priority":"EMERGENCY"}}"#,
        ] {
            assert!(serde_json::from_str::<Request>(line).is_err(), "{line}");
        }
    }

    #[test]
    fn an_order_without_text_or_with_endless_repeats_is_refused() {
        assert_eq!(say("停水", MOST_REPEATS).fault(), None);
        assert!(say(" \n", 1).fault().is_some());
        assert!(say("停水", 0).fault().is_some());
        assert!(say("停水", MOST_REPEATS + 1).fault().is_some());
    }
}
