//! An amplifier (功放) as the rest of the house names it: its times, and the record of each switch.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::closed_list::closed_list;
use super::{AiringId, Words};

/// Says how an amplifier wants to be treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AmplifierTimes {
    /// 预热: from the switch to the first sample, so that no word is lost.
    pub lead_in: Duration,
    /// From the last sample to the switch, so that no word is cut.
    pub lead_out: Duration,
    /// Longest stretch for which it is on, whatever happens.
    pub max_on: Duration,
    /// Shortest stretch for which it is off: relays and power supplies wear.
    pub min_off: Duration,
}

closed_list!(
    /// What an amplifier is switched to.
    Switch {
        On = "on", "开", "on";
        Off = "off", "关", "off";
    }
);

closed_list!(
    /// Why an amplifier was switched.
    SwitchCause {
        Sound = "sound", "要出声", "sound is due";
        Idle = "idle", "播完", "nothing more to sound";
        MaxOn = "max_on", "连续开启已到上限", "it was on for as long as it may be";
        Started = "started", "程序启动", "the daemon started";
        Shutdown = "shutdown", "程序退出", "the daemon was shut down";
        DaemonGone = "daemon_gone", "程序异常中断", "the daemon died";
        GuardGone = "guard_gone", "看守进程中断后恢复", "its guard died and another one took over";
        Retry = "retry", "失败后重试", "it was tried again";
    }
);

/// The fact that an amplifier was switched, or should have been.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switched {
    /// The amplifier: the name under which stations share it, or the station's.
    pub amplifier: String,
    /// Wall-clock time at which the switch was done, or had failed.
    pub at: DateTime<Utc>,
    /// What it was switched to.
    pub switch: Switch,
    /// Why.
    pub cause: SwitchCause,
    /// The airing that it was switched for, if there was one.
    pub airing: Option<AiringId>,
    /// Why it failed, in both languages; none if it did not.
    pub fault: Option<String>,
}
