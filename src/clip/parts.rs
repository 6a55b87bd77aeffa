//! A programme put together: the chime, then the message as often as it repeats, with its gaps.

use std::path::Path;
use std::time::Duration;

use super::RATE;
use super::fault::RenderFault;
use super::recording::RecordingFault;
use crate::model::{ClipLength, Reason, Repeat, Words, length_of};

/// Longest programme, chime and repeats included. It is held in memory: 20 minutes are 230 MB.
const LONGEST_PROGRAMME: Duration = Duration::from_mins(20);

/// One reading of a message, finished.
pub(super) struct Reading {
    pub(super) samples: Vec<i16>,
    pub(super) voice: String,
}

/// What a programme is put together from.
pub(super) struct Parts {
    reading: Reading,
    chime: Vec<f32>,
    gap: usize,
    times: usize,
    pub(super) length: ClipLength,
}

impl Parts {
    /// Measures the programme; `Err` if it is longer than any may be.
    pub(super) fn of(reading: Reading, chime: Vec<f32>, repeat: Repeat) -> Result<Self, RenderFault> {
        let times = usize::try_from(repeat.times.max(1)).unwrap_or(usize::MAX);
        let gap = samples_in(repeat.gap);
        let (one, rests) = (reading.samples.len(), times - 1);
        let whole = one.saturating_mul(times).saturating_add(gap.saturating_mul(rests));
        if length(whole.saturating_add(chime.len())) > LONGEST_PROGRAMME {
            return Err(too_long());
        }
        let voice = reading.voice.clone();
        let length =
            ClipLength { message: length(whole), reading: length(one), chime: length(chime.len()), voice };
        Ok(Self { reading, chime, gap, times, length })
    }

    /// Puts the samples one after the other.
    pub(super) fn join(self) -> Vec<f32> {
        let mut joined = self.chime;
        for turn in 0..self.times {
            if turn > 0 {
                joined.resize(joined.len() + self.gap, 0.0);
            }
            joined.extend(self.reading.samples.iter().copied().map(full_scale));
        }
        joined
    }
}

impl RecordingFault {
    pub(super) fn about(&self, file: &Path) -> Words {
        let (file, words) = (file.display(), self.words());
        Words::new(format!("录音 {file}：{}", words.zh), format!("recording {file}: {}", words.en))
    }
}

pub(super) fn both(recorded: &Words, spoken: &Words) -> Words {
    let zh = format!("{}；也念不出文字：{}", recorded.zh, spoken.zh);
    Words::new(zh, format!("{}; nor can the text be spoken: {}", recorded.en, spoken.en))
}

fn too_long() -> RenderFault {
    let minutes = LONGEST_PROGRAMME.as_secs() / 60;
    let zh = format!("连同提示音和重复，总长超过 {minutes} 分钟");
    let en = format!("with its chime and repeats it is longer than {minutes} minutes");
    RenderFault { reason: Reason::RenderFailed, detail: Words::new(zh, en) }
}

pub(super) fn full_scale(sample: i16) -> f32 {
    f32::from(sample) / 32_768.0
}

pub(super) fn length(samples: usize) -> Duration {
    length_of(samples as u64, RATE)
}

pub(super) fn samples_in(time: Duration) -> usize {
    usize::try_from(time.as_micros() * u128::from(RATE) / 1_000_000).unwrap_or(usize::MAX)
}
