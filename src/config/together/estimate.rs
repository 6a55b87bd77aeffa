//! How long a slot will sound, as far as that can be known before anything is spoken.

use std::time::Duration;

use crate::config::advice::half_width;
use crate::model::{Chime, Message, Order, Playlist, Schedule};

use super::{Facts, RecordingFact};

/// Words a minute of ordinary speech, at which espeak is understood best (`docs/voices.md`), and at which the lengths below
/// were measured.
pub const USUAL_PACE: i64 = 145;
/// A Han character or a digit, spoken by espeak-ng at that pace, milliseconds.
const SYLLABLE: u64 = 280;
/// A letter of an English word, milliseconds.
const LETTER: u64 = 70;
/// The rest at a comma and at the end of a sentence, milliseconds.
const REST: u64 = 350;
/// A chime of ours, milliseconds: ISO 7240-16 wants an attention tone of 3 to 10 s.
const CHIME: u64 = 3000;

/// Estimates how long `text` takes to speak at `pace` words a minute.
pub fn spoken(text: &str, pace: i64) -> Duration {
    let millis: u64 = text.chars().map(sound_of).sum();
    let pace = u64::try_from(pace.max(1)).unwrap_or(1);
    Duration::from_millis(millis * USUAL_PACE.unsigned_abs() / pace)
}

fn sound_of(c: char) -> u64 {
    match half_width(c) {
        ',' | '.' | '!' | '?' | ';' | ':' | '…' => REST,
        c if c.is_ascii_alphabetic() => LETTER,
        c if c.is_alphanumeric() => SYLLABLE,
        _ => 0,
    }
}

/// Estimates how long a slot of `schedule` sounds; with `rotate`, its longest one.
pub(super) fn slot(playlist: &Playlist, schedule: &Schedule, facts: &Facts<'_>, pace: i64) -> Duration {
    let lengths: Vec<Duration> = schedule
        .messages
        .iter()
        .filter_map(|id| playlist.message(id.as_str()))
        .map(|message| airing(message, facts, pace))
        .collect();
    let gaps = u32::try_from(lengths.len().saturating_sub(1)).unwrap_or_default();
    let messages = match schedule.order {
        Order::Rotate => lengths.into_iter().max().unwrap_or_default(),
        Order::Listed | Order::Shuffle => lengths.iter().sum::<Duration>() + schedule.gap * gaps,
    };
    messages + chime(schedule.chime.as_ref(), facts)
}

fn airing(message: &Message, facts: &Facts<'_>, pace: i64) -> Duration {
    let recording = message.audio.as_ref().and_then(|path| measured(path, facts));
    let text = || message.text.as_deref().map(|text| spoken(text, pace));
    let reading = recording.or_else(text).unwrap_or_default();
    let times = message.repeat.times;
    reading * times + message.repeat.gap * times.saturating_sub(1)
}

fn measured(path: &std::path::Path, facts: &Facts<'_>) -> Option<Duration> {
    match facts.recordings.get(path) {
        Some(RecordingFact::Sound(length) | RecordingFact::Flawed { length, .. }) => Some(*length),
        _ => None,
    }
}

fn chime(chime: Option<&Chime>, facts: &Facts<'_>) -> Duration {
    match chime {
        None => Duration::ZERO,
        Some(Chime::Named(_)) => Duration::from_millis(CHIME),
        Some(Chime::File(path)) => measured(path, facts).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slogan_takes_about_three_seconds_and_less_at_a_faster_pace() {
        let slow = spoken("安全带就是生命带！", USUAL_PACE);
        assert!((2000..4000).contains(&slow.as_millis()), "{slow:?}");
        assert_eq!(spoken("安全带就是生命带！", 2 * USUAL_PACE), slow / 2);
        assert_eq!(spoken("", 0), Duration::ZERO);
    }

    #[test]
    fn a_rest_is_as_long_after_a_full_width_mark_as_after_a_half_width_one() {
        let half = spoken("一停,二看;三通过!", USUAL_PACE);
        assert_eq!(spoken("一停\u{ff0c}二看\u{ff1b}三通过\u{ff01}", USUAL_PACE), half);
        assert_eq!(half, Duration::from_millis(7 * SYLLABLE + 3 * REST));
    }
}
