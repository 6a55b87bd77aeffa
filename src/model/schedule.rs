//! When the messages of a playlist air, and how.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{NaiveTime, WeekdaySet};

use super::{CalendarId, MessageId};

/// Names the times of day (and, for cron, also days) at which slots begin, in the station's civil time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// A cron expression of six fields, seconds first, already past our guards.
    Cron(Box<cron::Schedule>),
    /// Times of day, sorted and without doubles.
    At(Vec<NaiveTime>),
}

/// Narrows the days on which a schedule fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    /// Every day.
    Every,
    /// The named weekdays.
    Weekdays(WeekdaySet),
    /// 工作日: by the statutory holidays with make-up workdays.
    Workdays,
    /// 休息日: the days that are not workdays.
    Restdays,
}

/// Chooses among the messages of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// All, in the order written.
    #[default]
    Listed,
    /// 轮播: one message a slot, the next one each time.
    Rotate,
    /// All, in an order drawn by date and slot, the same one after a restart.
    Shuffle,
}

/// Says what may happen to others at the due instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Start {
    /// 软起播: next in line, cuts nothing.
    #[default]
    Soft,
    /// 硬起播: at the second, cuts what is on air unless that is stronger.
    Hard,
}

/// Names the sound before a slot.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Chime {
    /// One of ours, by its name (`four-rising`).
    Named(String),
    /// A recording, relative to the audio folder.
    File(PathBuf),
}

/// Airs messages of a playlist at certain times. Each occurrence at one station is a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// When slots begin.
    pub when: When,
    /// On which days only.
    pub days: Days,
    /// A calendar of the user's own that narrows the days further.
    pub calendar: Option<CalendarId>,
    /// The messages, at least one, each present in the playlist.
    pub messages: Vec<MessageId>,
    /// How a slot chooses among them.
    pub order: Order,
    /// Whether a slot cuts what is on air.
    pub start: Start,
    /// How long after its turn an airing may still start.
    pub grace: Duration,
    /// Silence between two messages of a slot.
    pub gap: Duration,
    /// The sound before the first message of a slot.
    pub chime: Option<Chime>,
}
