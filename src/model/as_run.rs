//! What really happened: the facts that go into the as-run log (播发记录).

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::closed_list::closed_list;
use super::{Airing, Switched, Words};

closed_list!(
    /// How an airing ended; every airing gets exactly one.
    Outcome {
        Completed = "completed", "播完", "heard to the end, on time";
        CompletedLate = "completed_late", "迟播播完", "heard to the end, started late";
        Partial = "partial", "未播完", "only a part was heard";
        Preempted = "preempted", "被抢占", "cut by something stronger";
        Suppressed = "suppressed", "按规定未播", "held back by a rule";
        Missed = "missed", "漏播", "its time went by";
        Failed = "failed", "失败", "could not be aired";
        Cancelled = "cancelled", "已取消", "taken back before it sounded";
    }
);

closed_list!(
    /// Why an airing ended so; every outcome but a plain completion has one.
    Reason {
        QuietHours = "quiet_hours", "静音时段", "quiet hours";
        NoiseLimit = "noise_limit", "超过播音时长上限", "the noise limit was reached";
        Holiday = "holiday", "节假日", "a holiday";
        PowerOff = "power_off", "断电", "the power was off";
        ClockUntrusted = "clock_untrusted", "时钟不可信", "the clock could not be trusted";
        ClockStepped = "clock_stepped", "时钟被拨动", "the clock was stepped";
        GracePassed = "grace_passed", "超过宽限", "the grace had passed";
        OutputAbsent = "output_absent", "没有音频输出", "the output was absent";
        OutputFailed = "output_failed", "音频输出中断", "the output failed";
        RenderFailed = "render_failed", "语音合成失败", "the text could not be spoken";
        FileMissing = "file_missing", "录音缺失或损坏", "the recording was missing or broken";
        OperatorStop = "operator_stop", "人工停止", "a person stopped it";
        HigherPriority = "higher_priority", "让位于更高优先级", "something stronger took its place";
        Superseded = "superseded", "被新节目单取代", "a newer playlist replaced it";
        Expired = "expired", "已过有效期", "its validity was over";
        Shutdown = "shutdown", "程序退出", "the daemon was shut down";
    }
);

closed_list!(
    /// What the microphone says of an airing that was sent out.
    Audible {
        Yes = "yes", "听到了", "heard";
        No = "no", "没听到", "not heard";
        Unknown = "unknown", "听不准", "not known";
    }
);

closed_list!(
    /// Why nobody can say whether an airing was heard.
    Doubt {
        DeviceAbsent = "device_absent", "监听设备不在", "the monitor's device is absent";
        TooShort = "too_short", "声音太短，不好判断", "too short to tell";
        TooNoisy = "too_noisy", "环境太吵，不好判断", "too noisy to tell";
        Overrun = "overrun", "监听录音有缺口", "the monitor's recording has gaps";
        TooQuiet = "too_quiet", "发出的声音里没有可比对的内容", "nothing was sent that could be told apart";
        Busy = "busy", "来不及判断", "no time to judge";
    }
);

/// The fact that an airing is about to sound; committed before the first sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnAir {
    /// The airing.
    pub airing: Airing,
    /// Wall-clock time of the decision.
    pub at: DateTime<Utc>,
    /// What sounds: an engine and its voice, or `recording`.
    pub voice: String,
    /// How long it is to sound, chime included.
    pub planned: Duration,
}

/// The fact that an airing ended, or never sounded; the only close of its airing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsRun {
    /// The airing.
    pub airing: Airing,
    /// Wall-clock time of the record.
    pub at: DateTime<Utc>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why; none for `completed`, and for `completed_late` when it only waited in line.
    pub reason: Option<Reason>,
    /// What a person should know besides, such as an error's text; may be empty.
    pub detail: String,
    /// When the first sample was heard; none if nothing was.
    pub started: Option<DateTime<Utc>>,
    /// When the last sample was heard; none if nothing was, or if nobody can know (a power cut, a player that hung).
    pub ended: Option<DateTime<Utc>>,
    /// How much was heard; none if nobody can know (a power cut, a player that hung).
    pub heard: Option<Duration>,
    /// Whole readings of the message that were heard.
    pub readings: u32,
    /// What sounded: an engine and its voice, or `recording`; empty if nothing was rendered.
    pub voice: String,
}

/// The fact that a person's order was accepted; it is in no plan, so that only this record outlives a power cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordered {
    /// The airing.
    pub airing: Airing,
    /// Wall-clock time of the acceptance.
    pub at: DateTime<Utc>,
}

/// What a microphone heard of an airing; at most one an airing, and only after its close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Monitored {
    /// The airing.
    pub airing: Airing,
    /// Wall-clock time of the record.
    pub at: DateTime<Utc>,
    /// Whether it was heard.
    pub heard: Audible,
    /// Why nobody can say; none unless it is not known.
    pub doubt: Option<Doubt>,
    /// Level of the recording in hundredths of dBFS; none if nothing was recorded.
    pub level_millibel: Option<i32>,
    /// How much of what was sent was found in the recording, in thousandths; none if nothing could be compared.
    pub score_permille: Option<u16>,
    /// How much later than it was sent it came in; none unless it was heard.
    pub delay: Option<Duration>,
    /// Airings in a row that this station's microphone did not hear, this one included; 0 unless it was not heard.
    pub missed: u32,
    /// Name of the recording that was kept; none if none was.
    pub kept: Option<String>,
}

/// One thing to be committed to the as-run log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A person asked for an airing, and it was accepted.
    Ordered(Ordered),
    /// An airing is about to sound.
    OnAir(OnAir),
    /// An airing is closed.
    Closed(AsRun),
    /// An amplifier was switched, or should have been.
    Switched(Switched),
    /// A microphone has judged a closed airing.
    Monitored(Monitored),
}

impl Record {
    /// Returns the airing that the record is about, if it is about one.
    pub fn airing(&self) -> Option<&Airing> {
        match self {
            Self::Ordered(ordered) => Some(&ordered.airing),
            Self::OnAir(on_air) => Some(&on_air.airing),
            Self::Closed(as_run) => Some(&as_run.airing),
            Self::Monitored(monitored) => Some(&monitored.airing),
            Self::Switched(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_closed_list_reads_back() {
        for outcome in Outcome::ALL {
            assert_eq!(outcome.as_str().parse(), Ok(*outcome));
        }
        for reason in Reason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(*reason));
        }
        for audible in Audible::ALL {
            assert_eq!(audible.as_str().parse(), Ok(*audible));
        }
        for doubt in Doubt::ALL {
            assert_eq!(doubt.as_str().parse(), Ok(*doubt));
        }
    }
}
