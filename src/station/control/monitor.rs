//! What `dalaba status` tells of a station's microphone.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use crate::model::{Audible, Doubt, Words};

/// What a station's microphone hears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MonitorReport {
    /// The device.
    pub device: String,
    /// `waiting`, `heard`, `not_heard`, `unknown`, `absent`, or `fault` after too many in a row that were not heard.
    pub state: String,
    /// Why the microphone is absent; empty if it is not.
    pub detail: String,
    /// The last airing that was judged in this run.
    pub last: Option<ListenedReport>,
    /// When the station was last heard.
    pub last_heard: Option<DateTime<FixedOffset>>,
    /// Airings in a row that were not heard.
    pub missed: u32,
}

/// What a microphone heard of one airing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListenedReport {
    /// The airing's id.
    pub airing: String,
    /// When it was judged.
    pub at: DateTime<FixedOffset>,
    /// Whether it was heard.
    pub heard: Audible,
    /// Why nobody can say; none unless it is not known.
    pub doubt: Option<Doubt>,
}

impl MonitorReport {
    /// Says what a person should see to at `station`, if anything.
    pub(super) fn fault(&self, station: &str) -> Option<Words> {
        let Self { device, missed, detail, .. } = self;
        match self.state.as_str() {
            "fault" => Some(Words::new(
                format!("{station}：监听连续 {missed} 次没听到声音：请查功放、喇叭线和喇叭"),
                format!(
                    "{station}: its microphone heard nothing {missed} times in a row: see to amplifier, wires and horn"
                ),
            )),
            "absent" => Some(Words::new(
                format!("{station}：监听设备 {device} 用不了：{detail}"),
                format!("{station}: its microphone {device} cannot be used: {detail}"),
            )),
            _ => None,
        }
    }
}
