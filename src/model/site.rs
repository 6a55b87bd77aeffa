//! What `station.toml` says: the stations that this daemon runs, and their limits.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::NaiveTime;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{GroupId, StationId, UserCalendar, ZoneId};

/// Holds one value of a kind's own options, already checked against the kind's table of keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Setting {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Flag(bool),
    /// A length of time.
    Length(Duration),
    /// Several texts.
    Texts(Vec<String>),
}

/// Chooses one row of a table of kinds (an output, an engine), with that kind's own options.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Selection {
    /// Name of the kind, such as `device` or `espeak`.
    pub kind: String,
    /// The kind's options by key; those not written are filled in with their defaults.
    pub options: BTreeMap<String, Setting>,
}

impl Selection {
    /// Returns a text option.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.options.get(key) {
            Some(Setting::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Returns a whole-number option.
    pub fn integer(&self, key: &str) -> Option<i64> {
        match self.options.get(key) {
            Some(Setting::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    /// Returns a length of time.
    pub fn length(&self, key: &str) -> Option<Duration> {
        match self.options.get(key) {
            Some(Setting::Length(length)) => Some(*length),
            _ => None,
        }
    }

    /// Returns yes or no.
    pub fn flag(&self, key: &str) -> Option<bool> {
        match self.options.get(key) {
            Some(Setting::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }

    /// Returns a list of texts; an empty one if there is none.
    pub fn texts(&self, key: &str) -> &[String] {
        match self.options.get(key) {
            Some(Setting::Texts(texts)) => texts,
            _ => &[],
        }
    }
}

/// A part of each day in which only emergencies sound; `until` at or before `from` means past midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    /// First quiet instant of the part, civil time.
    pub from: NaiveTime,
    /// First instant that is not quiet any more, civil time.
    pub until: NaiveTime,
}

/// What a station lets through, whoever asks; only emergencies pass.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    /// 静音时段.
    pub quiet_hours: Vec<QuietHours>,
    /// Most minutes of sound in any 60 minutes; none means no limit.
    pub minutes_per_hour: Option<u32>,
    /// Most minutes of sound in a civil day; none means no limit.
    pub minutes_per_day: Option<u32>,
}

/// A station's place among those that start in step with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The group.
    pub id: GroupId,
    /// How long after the first station of the group this one starts.
    pub after: Duration,
}

/// Which recordings of a microphone are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// None.
    Nothing,
    /// Those of airings that were not heard, or of which nobody can say.
    Unheard,
    /// All.
    All,
}

/// A microphone by the horn, or the amplifier's loop-back, that hears whether a station sounds (监听).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Monitor {
    /// Name of the capture device, as an output's device is named; `pulse:` and the name of a source of `PulseAudio`.
    pub device: String,
    /// Which recordings are kept.
    pub keep: Keep,
    /// Days for which they are kept at most.
    pub keep_days: u32,
    /// Bytes that they take at most, at this station; the oldest go first.
    pub keep_bytes: u64,
    /// Airings in a row that were not heard, after which it is a fault.
    pub fault_after: u32,
}

/// One place that makes sound (终端).
#[derive(Debug, Clone, PartialEq)]
pub struct Station {
    /// Its name.
    pub id: StationId,
    /// The zones it belongs to.
    pub zones: Vec<ZoneId>,
    /// The stations with which it starts in step; none if it starts for itself.
    pub group: Option<Group>,
    /// Where its sound goes.
    pub output: Selection,
    /// What switches its amplifier on and off; none if nobody needs to.
    pub amplifier: Option<Selection>,
    /// Software gain in percent of full scale, 0 to 100.
    pub volume: u8,
    /// What it lets through: the file's common limits with the station's own over them.
    pub limits: Limits,
    /// Who hears whether it sounds; none if nobody does.
    pub monitor: Option<Monitor>,
}

/// Everything that `station.toml` says, validated, paths resolved against the file's folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// The civil time in which people write and read.
    pub time_zone: Tz,
    /// Folder of the playlists.
    pub broadcasts: PathBuf,
    /// Folder of the recordings.
    pub audio: PathBuf,
    /// Folder of holiday files that replace or extend the built-in years; need not exist.
    pub holidays: PathBuf,
    /// Folder of the voice packs, if one is named.
    pub voices: Option<PathBuf>,
    /// The user's lexicon; need not exist.
    pub lexicon: PathBuf,
    /// Whether 儿 is left out where it is only an ending (花儿 → 花).
    pub remove_erhua: bool,
    /// The voice that speaks texts.
    pub voice: Selection,
    /// The stations, ids unique, at least one.
    pub stations: Vec<Station>,
    /// The user's own calendars, ids unique.
    pub calendars: Vec<UserCalendar>,
}

impl Site {
    /// Returns the folder of the voice packs: the one named, else `voices` in the state folder. It need not exist.
    pub fn voices_below(&self, state: &Path) -> PathBuf {
        self.voices.clone().unwrap_or_else(|| state.join("voices"))
    }
}
