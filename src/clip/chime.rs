//! The sounds before a message (提示音), made from sines: nothing to license, nothing to lose.

use std::collections::BTreeMap;
use std::f64::consts::{PI, TAU};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::RATE;
use super::loudness::{Goal, bring};
use crate::model::Shaping;

/// The names of our own chimes.
pub const NAMES: &[&str] = &["four-rising", "four-falling", "bell"];

/// The names of the tones of alerts. No playlist may ask for one: who hears [`tone::ALARM`] must know that it is meant.
pub mod tone {
    /// Before an emergency.
    pub const ALARM: &str = "alarm";
    /// Before a drill.
    pub const DRILL: &str = "drill";
    /// Before a technical test.
    pub const TEST: &str = "test";
}

/// Tells what one of our sounds is for.
pub struct Facts {
    /// The name typed.
    pub name: &'static str,
    /// What it is and when it sounds, in Chinese.
    pub zh: &'static str,
    /// The same in English.
    pub en: &'static str,
}

const fn facts(name: &'static str, zh: &'static str, en: &'static str) -> Facts {
    Facts { name, zh, en }
}

/// Every sound of ours: first those of [`NAMES`], then those of alerts.
pub const ALL: &[Facts] = &[
    facts(
        "four-rising",
        "四个音，一个比一个高：平常播报之前；U 盘收下了",
        "four notes going up: before ordinary messages; a USB stick was taken in",
    ),
    facts(
        "four-falling",
        "四个音，一个比一个低：收尾；U 盘没收下",
        "four notes going down: for a close; a USB stick was refused",
    ),
    facts("bell", "一声钟：短通知之前", "a single bell: before a short notice"),
    facts(tone::ALARM, "两个音轮换：只用在应急播报之前", "two tones in turn: only before emergencies"),
    facts(
        tone::DRILL,
        "三声低音，中间有停顿：只用在演练之前",
        "three low tones with pauses: only before drills",
    ),
    facts(tone::TEST, "一声，很短：只用在技术测试之前", "one short tone: only before technical tests"),
];

/// Returns how long our sound of that name lasts; none if we have none of that name.
pub fn lasts(name: &str) -> Option<Duration> {
    named(name).map(|samples| super::parts::length(samples.len()))
}

/// Peak of a chime as it is made, before it is brought to its loudness: -6 dB of full scale.
const PEAK: f64 = 0.501;

/// How loud the loudest 0.4 s of a chime are beside speech, LU. No louder: it calls for attention, it must not startle, and what
/// rings out is softer than the message all along.
const BESIDE_SPEECH: f64 = 0.0;

/// How loud the alarm is beside speech, LU: nobody is to sleep through it. Drills and tests are chimes in this.
const ALARM_BESIDE_SPEECH: f64 = 4.0;

/// Returns how loud the chime of that name, or one of the user's, is to be at a station that wishes `shaping`.
pub(super) fn goal(name: &str, shaping: Shaping) -> Goal {
    let beside = if name == tone::ALARM { ALARM_BESIDE_SPEECH } else { BESIDE_SPEECH };
    Goal::Momentary(shaping.loudness.lufs() + beside)
}

/// Time from silence to full tone, seconds; a tone that starts at once clicks.
const ATTACK: f64 = 0.008;

/// Time in which the end is drawn to silence, seconds.
const RELEASE: f64 = 0.08;

/// One sine of a note: its pitch as a multiple of the note's, its strength, and the time in which it fades to 1/e.
struct Partial {
    ratio: f64,
    strength: f64,
    fade: f64,
}

const fn partial(ratio: f64, strength: f64, fade: f64) -> Partial {
    Partial { ratio, strength, fade }
}

/// A struck metal bar, as in station gongs.
const BAR: &[Partial] =
    &[partial(1.0, 1.0, 0.55), partial(2.0, 0.35, 0.35), partial(3.0, 0.12, 0.2), partial(4.0, 0.05, 0.12)];

/// A bell: hum, prime, tierce, quint, nominal and above.
const BELL: &[Partial] = &[
    partial(0.5, 0.5, 1.4),
    partial(1.0, 1.0, 1.1),
    partial(1.2, 0.5, 0.8),
    partial(1.5, 0.3, 0.6),
    partial(2.0, 0.6, 0.5),
    partial(2.66, 0.2, 0.3),
    partial(4.0, 0.1, 0.2),
];

/// G4, C5, E5, G5, Hz.
const FOUR: [f64; 4] = [392.0, 523.25, 659.26, 783.99];

/// The chimes that were made in this process: there are six, and an alert must not wait for sines.
static MADE: Mutex<BTreeMap<String, Arc<[f32]>>> = Mutex::new(BTreeMap::new());

/// Returns the chime of that name, made once in the life of the process; none if we have none of that name.
pub(super) fn named(name: &str) -> Option<Arc<[f32]>> {
    // A panic while it was held leaves whole chimes behind.
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(chime) = made.get(name) {
        return Some(Arc::clone(chime));
    }
    let chime: Arc<[f32]> = synthesise(name)?.into();
    made.insert(name.to_owned(), Arc::clone(&chime));
    Some(chime)
}

/// Returns the chime of that name as loud as it is beside speech at a station that wishes `shaping`.
pub(super) fn at_its_level(name: &str, shaping: Shaping) -> Option<Vec<f32>> {
    let mut samples = named(name)?.to_vec();
    if let Err(error) = bring(&mut samples, goal(name, shaping)) {
        tracing::warn!(%error, name, "the chime sounds as it was made");
    }
    Some(samples)
}

/// Makes the tones of alerts ahead, so that the first alert does not wait for them either.
pub(super) fn make_tones() {
    for name in [tone::ALARM, "four-rising", tone::DRILL, tone::TEST] {
        named(name);
    }
}

/// Makes the chime of that name; none if we have none of that name.
///
/// Each lasts 3 s, the shortest attention tone of ISO 7240-16. Mono at [`RATE`].
fn synthesise(name: &str) -> Option<Vec<f32>> {
    let strikes = |pitches: [f64; 4]| [0.0, 0.45, 0.9, 1.35].into_iter().zip(pitches).collect::<Vec<_>>();
    let [low, second, third, high] = FOUR;
    match name {
        "four-rising" => Some(sound(&strikes(FOUR), BAR)),
        "four-falling" => Some(sound(&strikes([high, third, second, low]), BAR)),
        "bell" => Some(sound(&[(0.0, 587.33)], BELL)),
        // Two tones in turn, for 4 s: the shape that everybody knows from fire engines.
        tone::ALARM => {
            Some(tones(4.0, &[0, 1, 2, 3, 4, 5, 6, 7].map(|n| (n, if n % 2 == 0 { 960.0 } else { 770.0 }))))
        }
        // Three low ones with pauses, and one: nobody takes them for the alarm.
        tone::DRILL => Some(tones(3.5, &[(0, 440.0), (2, 440.0), (4, 440.0)])),
        tone::TEST => Some(tones(3.0, &[(0, 523.25)])),
        _ => None,
    }
}

/// Sounds `strikes` (seconds, Hz) for 3 s.
#[expect(clippy::cast_possible_truncation, reason = "f32 is what sound is made of")]
fn sound(strikes: &[(f64, f64)], partials: &[Partial]) -> Vec<f32> {
    const SECONDS: u32 = 3;
    let at = |index: u32| f64::from(index) / f64::from(RATE);
    let raw: Vec<f64> = (0..SECONDS * RATE)
        .map(|index| {
            strikes.iter().map(|(start, pitch)| note(at(index) - start, *pitch, partials)).sum::<f64>()
        })
        .collect();
    let peak = raw.iter().fold(f64::MIN_POSITIVE, |peak, sample| peak.max(sample.abs()));
    let end = f64::from(SECONDS);
    let shaped =
        raw.iter().zip(0..).map(|(sample, index)| sample / peak * PEAK * ease((end - at(index)) / RELEASE));
    shaped.map(|sample| sample as f32).collect()
}

/// Sounds steady tones, each half a second long: the number of its half second, and its pitch in Hz.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "f32 is what sound is made of; a few seconds"
)]
fn tones(seconds: f64, halves: &[(u32, f64)]) -> Vec<f32> {
    let count = (seconds * f64::from(RATE)) as u32;
    let tone = |time: f64| -> f64 {
        let sounding = halves.iter().map(|(half, pitch)| (time - f64::from(*half) / 2.0, pitch));
        let within = sounding.filter(|(time, _)| (0.0..0.5).contains(time));
        within
            .map(|(time, pitch)| ease(time / ATTACK) * ease((0.5 - time) / ATTACK) * steady(time, *pitch))
            .sum()
    };
    (0..count).map(|index| (tone(f64::from(index) / f64::from(RATE)) * PEAK) as f32).collect()
}

/// A tone with its octave, which small horns carry better; at most 1.
fn steady(time: f64, pitch: f64) -> f64 {
    0.7 * (TAU * pitch * time).sin() + 0.3 * (2.0 * TAU * pitch * time).sin()
}

/// One struck note, `time` seconds after the strike.
fn note(time: f64, pitch: f64, partials: &[Partial]) -> f64 {
    if time < 0.0 {
        return 0.0;
    }
    let tones =
        partials.iter().map(|p| p.strength * (-time / p.fade).exp() * (TAU * pitch * p.ratio * time).sin());
    ease(time / ATTACK) * tones.sum::<f64>()
}

/// Rises from 0 to 1 without an edge while `way` goes from 0 to 1.
fn ease(way: f64) -> f64 {
    0.5 - 0.5 * (PI * way.clamp(0.0, 1.0)).cos()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clip::{CEILING, Loudness};
    use crate::model::Lufs;

    #[test]
    fn every_chime_lasts_three_seconds_peaks_at_6_db_below_full_and_begins_and_ends_without_a_click() {
        for name in NAMES {
            let chime = synthesise(name).unwrap();
            assert_eq!(chime.len(), 3 * RATE as usize, "{name}");
            let peak = chime.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
            assert!((peak - 0.501).abs() < 0.001, "{name} peaks at {peak}");
            let [first, .., last] = chime.as_slice() else { unreachable!("three seconds") };
            assert!(first.abs() < 1e-3 && last.abs() < 1e-3, "{name}: {first} … {last}");
            let step = chime.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
            assert!(step < 0.15, "{name} jumps by {step}");
        }
    }

    /// ISO 7240-16 asks for 3 to 10 s of attention before speech.
    #[test]
    fn every_sound_is_listed_with_its_use_and_those_of_alerts_last_3_to_10_s() {
        let listed: Vec<&str> = ALL.iter().map(|facts| facts.name).collect();
        assert_eq!(listed, [NAMES, &[tone::ALARM, tone::DRILL, tone::TEST]].concat());
        for facts in ALL {
            let seconds = lasts(facts.name).unwrap().as_secs_f64();
            assert!((3.0..=10.0).contains(&seconds), "{} lasts {seconds} s", facts.name);
            assert!(!facts.zh.is_empty() && !facts.en.is_empty());
        }
    }

    /// Speech is as loud as the station wishes on the whole; a chime is so at its loudest moment, and the alarm 4 LU above.
    #[test]
    fn every_chime_and_tone_sits_beside_speech_where_it_is_said_to() {
        for wish in [-30, -16, -14] {
            let shaping = Shaping { loudness: Lufs::new(wish).unwrap(), ..Shaping::default() };
            for name in NAMES.iter().copied().chain([tone::ALARM, tone::DRILL, tone::TEST]) {
                let found = Loudness::of(&at_its_level(name, shaping).unwrap(), RATE).unwrap();
                let beside = if name == tone::ALARM { 4.0 } else { 0.0 };
                let expected = shaping.loudness.lufs() + beside;
                assert!((found.max_momentary - expected).abs() <= 0.2, "{name} for {wish}: {found:?}");
                assert!(found.true_peak <= CEILING, "{name} for {wish}: {found:?}");
            }
        }
    }

    #[test]
    fn rising_and_falling_are_not_the_same_and_other_names_are_unknown() {
        assert_ne!(synthesise("four-rising"), synthesise("four-falling"));
        assert_eq!(synthesise("siren"), None);
    }
}
