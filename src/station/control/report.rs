//! What `dalaba status` tells. Instants carry the stations' own offset, so that they read as on the village clock.

use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::{CountyReport, MonitorReport};
use crate::model::{Priority, Status, Switch, Words};

/// Says how everything is at one instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatusReport {
    /// Version of the daemon.
    pub version: String,
    /// Number of this start of the daemon.
    pub run: u64,
    /// When it started, by the wall clock of then.
    pub since: DateTime<FixedOffset>,
    /// The wall clock.
    pub clock: ClockReport,
    /// The as-run log.
    pub journal: JournalReport,
    /// Playlists whose newest version is not in force because of a mistake in it.
    pub faulty_playlists: Vec<FaultyPlaylist>,
    /// The county's campaigns in force, by name.
    #[serde(default)]
    pub campaigns: Vec<CampaignReport>,
    /// The county's alerts in force, the first that came first.
    #[serde(default)]
    pub alerts: Vec<AlertReport>,
    /// How it stands with the county; none if this station belongs to none.
    #[serde(default)]
    pub county: Option<CountyReport>,
    /// The stations, in the order of `station.toml`.
    pub stations: Vec<StationReport>,
}

/// Says what time it is thought to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClockReport {
    /// The wall clock's reading.
    pub wall: DateTime<FixedOffset>,
    /// Whether it is believed; routine airings wait while it is not.
    pub trusted: bool,
    /// Why it is not believed; in both languages, empty when it is.
    pub why: String,
}

/// Says whether the as-run log can be written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalReport {
    /// It can.
    Ok,
    /// It cannot.
    CannotWrite {
        /// First failure of the present row of failures.
        since: DateTime<FixedOffset>,
        /// The error's text.
        detail: String,
    },
}

/// Names a playlist that has a mistake.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaultyPlaylist {
    /// Its file's name without `.toml`.
    pub name: String,
    /// The first mistake, in 简体中文.
    pub zh: String,
    /// The first mistake, in English.
    pub en: String,
    /// When the version that is on air instead was read; none if there is no good version.
    pub in_force_since: Option<DateTime<FixedOffset>>,
}

/// Names a campaign of the county's that is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignReport {
    /// Its name.
    pub name: String,
    /// The number of its bundle.
    pub serial: u64,
}

/// Says what is alarming people here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertReport {
    /// The name that the county gave it.
    pub identifier: String,
    /// What happens.
    pub event: String,
    /// Whether it is meant.
    pub status: Status,
    /// How strong it is.
    pub priority: Priority,
    /// When it is over.
    pub expires: DateTime<FixedOffset>,
    /// The stations that it is for and at which nobody has silenced it.
    pub stations: Vec<String>,
    /// The stations at which a person silenced it.
    pub silenced: Vec<String>,
}

/// Says how one station is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StationReport {
    /// Its id.
    pub id: String,
    /// Kind of its output, such as `device`.
    pub output: String,
    /// Whether the output takes sound.
    pub state: OutputReport,
    /// How its amplifier is; none if it has none.
    #[serde(default)]
    pub amplifier: Option<AmplifierReport>,
    /// What sounds now.
    pub on_air: Option<OnAirReport>,
    /// What is due next.
    pub next: Option<NextReport>,
    /// Airings that are due and wait.
    pub queue: usize,
    /// Sound made, against the limits.
    pub used: UsedReport,
    /// What was last heard to the end.
    pub completed: Option<CompletedReport>,
    /// What its microphone hears; none without one.
    #[serde(default)]
    pub monitor: Option<MonitorReport>,
}

/// Says whether an output takes sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputReport {
    /// It does, or would.
    Up,
    /// It does not.
    Down {
        /// When that was found.
        since: DateTime<FixedOffset>,
        /// The error's text.
        detail: String,
    },
}

/// Says how an amplifier is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AmplifierReport {
    /// Its name: the one under which it is shared, or the station's.
    pub name: String,
    /// What it was last switched to; none if it was not yet.
    pub switch: Option<Switch>,
    /// When that was.
    pub since: Option<DateTime<FixedOffset>>,
    /// What is wrong with it.
    pub faults: Vec<AmplifierFaultReport>,
}

/// Says what is wrong with an amplifier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AmplifierFaultReport {
    /// When it was found.
    pub since: DateTime<FixedOffset>,
    /// What it is, in 简体中文.
    pub zh: String,
    /// What it is, in English.
    pub en: String,
}

/// What sounds at a station.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OnAirReport {
    /// The airing's id.
    pub airing: String,
    /// The message's id.
    pub message: String,
    /// What it says; empty for a recording without text.
    pub text: String,
    /// When its first sample was heard.
    pub started: DateTime<FixedOffset>,
    /// Milliseconds heard.
    pub heard_ms: u64,
    /// Milliseconds that it will have sounded at its end.
    pub total_ms: u64,
    /// How strong it is.
    pub priority: Priority,
}

/// What is due next at a station.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NextReport {
    /// The airing's id.
    pub airing: String,
    /// When its slot begins.
    pub due: DateTime<FixedOffset>,
}

/// Sound made, against the station's limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UsedReport {
    /// Milliseconds of sound in the last 60 minutes.
    pub hour_ms: u64,
    /// Milliseconds of sound in this civil day.
    pub day_ms: u64,
    /// Most minutes in any 60 minutes; none means no limit.
    pub minutes_per_hour: Option<u32>,
    /// Most minutes in a civil day; none means no limit.
    pub minutes_per_day: Option<u32>,
}

/// What was last heard to the end at a station.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompletedReport {
    /// The airing's id.
    pub airing: String,
    /// When its last sample was heard.
    pub at: DateTime<FixedOffset>,
}

impl StatusReport {
    /// Lists what a person should see to, most serious first; empty when all is well.
    pub fn faults(&self) -> Vec<Words> {
        let journal = self.journal.fault();
        let outputs = self.stations.iter().filter_map(StationReport::fault);
        let unheard = |station: &StationReport| station.monitor.as_ref()?.fault(&station.id);
        let unheard = self.stations.iter().filter_map(unheard);
        let amplifiers = self.amplifiers();
        let clock = self.clock.fault();
        let playlists = self.faulty_playlists.iter().map(FaultyPlaylist::fault);
        let county = self.county.as_ref().and_then(CountyReport::fault);
        journal
            .into_iter()
            .chain(outputs)
            .chain(unheard)
            .chain(amplifiers)
            .chain(clock)
            .chain(playlists)
            .chain(county)
            .collect()
    }
}

impl StatusReport {
    /// Lists what is wrong with amplifiers; one that is shared is told of once.
    fn amplifiers(&self) -> Vec<Words> {
        let mut told = BTreeSet::new();
        let reports = self.stations.iter().filter_map(|station| station.amplifier.as_ref());
        reports.filter(|report| told.insert(&report.name)).flat_map(AmplifierReport::faults).collect()
    }
}

impl AmplifierReport {
    fn faults(&self) -> Vec<Words> {
        let name = &self.name;
        let words = |AmplifierFaultReport { since, zh, en }: &AmplifierFaultReport| {
            let since = clock_time(since);
            Words::new(
                format!("功放“{name}”自 {since} 起有问题：{zh}"),
                format!("amplifier {name}, since {since}: {en}"),
            )
        };
        self.faults.iter().map(words).collect()
    }
}

impl JournalReport {
    fn fault(&self) -> Option<Words> {
        let Self::CannotWrite { since, detail } = self else { return None };
        let since = clock_time(since);
        Some(Words::new(
            format!("播发记录自 {since} 起写不进去：{detail}"),
            format!("the as-run log cannot be written since {since}: {detail}"),
        ))
    }
}

impl StationReport {
    fn fault(&self) -> Option<Words> {
        let OutputReport::Down { since, detail } = &self.state else { return None };
        let (id, since) = (&self.id, clock_time(since));
        Some(Words::new(
            format!("{id}：自 {since} 起没有声音输出：{detail}"),
            format!("{id}: no sound output since {since}: {detail}"),
        ))
    }
}

impl ClockReport {
    fn fault(&self) -> Option<Words> {
        (!self.trusted).then(|| {
            Words::new(
                format!("时钟不可信：{}。对好时间后会自动恢复；确认无误请运行 dalaba clock accept", self.why),
                format!(
                    "the clock is not trusted: {}. Set it and all goes on; if it is right, run dalaba clock accept",
                    self.why
                ),
            )
        })
    }
}

impl FaultyPlaylist {
    fn fault(&self) -> Words {
        let Self { name, zh, en, in_force_since } = self;
        match in_force_since.as_ref().map(clock_time) {
            Some(since) => Words::new(
                format!("节目单“{name}”有错，仍在播 {since} 读入的版本：{zh}"),
                format!("playlist {name} has a mistake; the version read at {since} stays on air: {en}"),
            ),
            None => Words::new(
                format!("节目单“{name}”有错，没有在播：{zh}"),
                format!("playlist {name} has a mistake and does not air: {en}"),
            ),
        }
    }
}

/// Writes an instant as people read it: date and time to the second, without the offset.
fn clock_time(instant: &DateTime<FixedOffset>) -> String {
    instant.format("%Y-%m-%d %H:%M:%S").to_string()
}
