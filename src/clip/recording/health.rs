//! What a recording is like, and what its maker should do about it.

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clip::loudness::MOST_GAIN;
use crate::model::{Shaping, Words};

/// Silence at an end that is worth a word: a breath is shorter.
pub const LONG_SILENCE: Duration = Duration::from_millis(1500);

/// What was measured of a recording, all of it, in the child that decodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// How long it sounds.
    pub length: Duration,
    /// Its loudness, mixed to one channel, LUFS; none if nothing of it passes the gate of −70.
    pub integrated: Option<f64>,
    /// Its loudness range, LU.
    pub range: f64,
    /// Silence before the first sound.
    pub silent_before: Duration,
    /// Silence after the last sound.
    pub silent_after: Duration,
    /// Where it is cut flat at the top for the first time, if it is so again and again.
    pub clipped_at: Option<Duration>,
    /// The channel in which there is nothing, if another sounds: 1 is the left one.
    pub dead_channel: Option<usize>,
    /// How alike two channels are: 1 the same, −1 the same upside down; none unless there are two.
    pub alike: Option<f64>,
    /// Part of its power below what a horn carries, 0 to 1.
    pub below_horn: f64,
    /// Part of its power above what a horn carries, 0 to 1.
    pub above_horn: f64,
}

/// One thing that is wrong with a recording that can be aired all the same.
#[derive(Debug, Clone, PartialEq)]
pub enum Flaw {
    /// It needs more gain than it gets: how much is missing after that, dB.
    TooQuiet(f64),
    /// It was recorded too loud: where that begins.
    Clipped(Duration),
    /// It is silent for long before and after its sound.
    SilentEnds(Duration, Duration),
    /// A channel is dead: which one.
    DeadChannel(usize),
    /// Its channels work against each other.
    OutOfPhase,
    /// Most of its power lies where a horn is silent, below what it carries.
    BelowHorn(f64),
    /// The same, above what a horn carries.
    AboveHorn(f64),
    /// Soft and loud parts lie far apart: its loudness range, LU.
    Uneven(f64),
}

impl Health {
    /// Lists what is wrong, for a station that wishes `shaping`.
    pub fn flaws(&self, shaping: Shaping) -> Vec<Flaw> {
        /// Part of the power that a horn swallows before it is worth a word; low voices have a half below 300 Hz.
        const SWALLOWED: f64 = 0.9;
        /// Two channels less alike than this lose half of their power when they are mixed.
        const AGAINST: f64 = -0.5;
        /// Read speech stays within 10 LU; beyond this its soft parts are not heard outside.
        const EVEN: f64 = 15.0;
        let missing =
            self.integrated.map_or(f64::INFINITY, |found| shaping.loudness.lufs() - found) - MOST_GAIN;
        [
            (missing > 0.0).then_some(Flaw::TooQuiet(missing)),
            self.clipped_at.map(Flaw::Clipped),
            self.is_silent_at_an_end().then_some(Flaw::SilentEnds(self.silent_before, self.silent_after)),
            self.dead_channel.map(Flaw::DeadChannel),
            self.alike.filter(|alike| *alike < AGAINST).map(|_| Flaw::OutOfPhase),
            (self.below_horn > SWALLOWED).then_some(Flaw::BelowHorn(self.below_horn)),
            (self.above_horn > SWALLOWED).then_some(Flaw::AboveHorn(self.above_horn)),
            (self.range > EVEN).then_some(Flaw::Uneven(self.range)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Health {
    /// Whether a trimmed copy would be much shorter.
    pub fn is_silent_at_an_end(&self) -> bool {
        self.silent_before >= LONG_SILENCE || self.silent_after >= LONG_SILENCE
    }
}

impl Flaw {
    /// Says what is wrong with `file`.
    pub fn what(&self, file: &Path) -> Words {
        let (zh, en) = match self {
            Self::TooQuiet(missing) if missing.is_finite() => (
                format!("太轻，提高 {MOST_GAIN:.0} dB 后还差 {missing:.0} dB；再提高就只剩噪声了"),
                format!(
                    "is too quiet: {missing:.0} dB are missing after {MOST_GAIN:.0} dB of gain; more would raise its noise"
                ),
            ),
            Self::TooQuiet(_) => {
                ("太轻，几乎没有声音".to_owned(), "is too quiet: there is hardly any sound".to_owned())
            }
            Self::Clipped(at) => (
                format!("录得过响，从 {} 起削波失真", place(*at)),
                format!("was recorded too loud: it is clipped from {} on", place(*at)),
            ),
            Self::SilentEnds(before, after) => {
                let (before, after) = (before.as_secs_f64(), after.as_secs_f64());
                (
                    format!("开头有 {before:.1} 秒、结尾有 {after:.1} 秒没有声音"),
                    format!("is silent for {before:.1} s at its beginning and {after:.1} s at its end"),
                )
            }
            Self::DeadChannel(channel) => {
                (format!("第 {channel} 声道没有声音"), format!("has nothing in channel {channel}"))
            }
            Self::OutOfPhase => (
                "两个声道反相，混成一路时互相抵消".to_owned(),
                "has two channels out of phase: mixed to one they cancel each other".to_owned(),
            ),
            Self::BelowHorn(part) => {
                let percent = part * 100.0;
                (
                    format!("有 {percent:.0}% 的能量低于 300 Hz，喇叭放不出来"),
                    format!("has {percent:.0} % of its power below 300 Hz, which a horn does not carry"),
                )
            }
            Self::AboveHorn(part) => {
                let percent = part * 100.0;
                (
                    format!("有 {percent:.0}% 的能量高于 6000 Hz，喇叭放不出来"),
                    format!("has {percent:.0} % of its power above 6000 Hz, which a horn does not carry"),
                )
            }
            Self::Uneven(range) => (
                format!("忽轻忽响，相差 {range:.0} LU，轻的地方在室外听不到"),
                format!(
                    "is uneven: its soft parts are {range:.0} LU below its loud ones, and will not be heard outside"
                ),
            ),
        };
        let file = file.display();
        Words::new(format!("录音 `{file}` {zh}"), format!("the recording `{file}` {en}"))
    }

    /// Says what to do about it.
    pub fn fix(&self) -> Words {
        match self {
            Self::TooQuiet(_) => Words::new("离话筒近一些重录", "record it again, nearer to the microphone"),
            Self::Clipped(_) => Words::new(
                "把录音电平调低（最响处不到顶）重录",
                "record it again with a lower input level, so that the loudest words stay below the top",
            ),
            Self::SilentEnds(..) => Words::new(
                "播出时会自动去掉；要文件也短，运行 `dalaba check --trim`，另存一份剪好的",
                "it is cut when aired; for a shorter file run `dalaba check --trim`, which writes a trimmed copy",
            ),
            Self::DeadChannel(_) => Words::new(
                "能用；检查录音的插头和接线，或存成单声道",
                "it can be used; check the plug and cable of the recorder, or save it as mono",
            ),
            Self::OutOfPhase => Words::new(
                "只留一个声道，存成单声道；检查话筒接线有没有接反",
                "keep one channel and save it as mono; check whether a microphone cable is wired the wrong way round",
            ),
            Self::BelowHorn(_) => Words::new(
                "检查录音里是不是电流声或风声；离话筒近一些重录",
                "look for hum or wind in it; record it again, nearer to the microphone",
            ),
            Self::AboveHorn(_) => Words::new(
                "检查录音里是不是尖叫声或嘶声；重录",
                "look for whistling or hiss in it; record it again",
            ),
            Self::Uneven(_) => Words::new(
                "说话时与话筒保持一样远，重录",
                "record it again at a steady distance from the microphone",
            ),
        }
    }
}

/// Writes a place in a recording: `1:05.3`.
fn place(at: Duration) -> String {
    let seconds = at.as_secs();
    format!("{}:{:02}.{}", seconds / 60, seconds % 60, at.subsec_millis() / 100)
}
