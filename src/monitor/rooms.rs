//! Simulated sound for the tests of the judgement: speech-like messages, horns, echoes, gains and noise, all by seed.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "some seconds of sound have some hundred thousand samples"
)]

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::model::Clip;

/// Samples a second of everything here: enough for a horn, and quick in tests.
pub(super) const RATE: u32 = 16_000;

pub(super) type Sound = Vec<f32>;

/// A source of chance.
pub(super) struct Chance(StdRng);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// Draws from `-1..1`.
    fn swing(&mut self) -> f32 {
        self.0.random_range(-1.0..1.0)
    }

    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        self.0.random_range(low..high)
    }
}

fn samples(seconds: f32) -> usize {
    (seconds * RATE as f32) as usize
}

/// Speech-like: syllables of a gliding voice through two moving formants, consonants of noise, pauses between phrases.
pub(super) fn speech(seed: u64, seconds: f32) -> Sound {
    let mut chance = Chance::new(seed);
    let (mut sound, mut pitch) = (Vec::new(), 180.0_f32);
    while sound.len() < samples(seconds) {
        let consonant = samples(chance.between(0.02, 0.08));
        let hiss = chance.between(0.05, 0.4);
        let mut last = 0.0;
        for _ in 0..consonant {
            let now = chance.swing();
            sound.push(hiss * (now - last) * 0.3);
            last = now;
        }
        let length = samples(chance.between(0.12, 0.28));
        let formants = [chance.between(300.0, 900.0), chance.between(900.0, 2_600.0)];
        let (to, loud) = (chance.between(120.0, 260.0), chance.between(0.4, 1.0));
        sound.extend(vowel(pitch, to, formants, loud, length));
        pitch = to;
        if chance.between(0.0, 1.0) < 0.18 {
            sound.resize(sound.len() + samples(chance.between(0.15, 0.4)), 0.0);
        }
    }
    sound.truncate(samples(seconds));
    at_level(sound, -20.0)
}

fn vowel(from: f32, to: f32, formants: [f32; 2], loud: f32, length: usize) -> Sound {
    let (mut phase, mut state) = (0.0_f32, [[0.0_f32; 2]; 2]);
    (0..length)
        .map(|at| {
            let part = at as f32 / length as f32;
            phase += (from + (to - from) * part) / RATE as f32;
            let pulse = if phase >= 1.0 { 1.0 } else { 0.0 };
            phase -= phase.floor();
            let envelope = (part * std::f32::consts::PI).sin().sqrt() * loud;
            let mut sum = 0.0;
            for (formant, [one, two]) in formants.iter().zip(&mut state) {
                let (radius, angle) = (0.985_f32, std::f32::consts::TAU * formant / RATE as f32);
                let now = pulse + 2.0 * radius * angle.cos() * *one - radius * radius * *two;
                (*two, *one) = (*one, now);
                sum += now;
            }
            sum * envelope * 0.1
        })
        .collect()
}

/// Four notes that fall, as many stations have them.
pub(super) fn chime() -> Sound {
    let notes = [1046.5, 784.0, 659.3, 523.3_f32];
    let note = |frequency: f32| {
        (0..samples(0.5)).map(move |at| {
            let time = at as f32 / RATE as f32;
            (std::f32::consts::TAU * frequency * time).sin() * (-4.0 * time).exp() * 0.3
        })
    };
    notes.into_iter().flat_map(note).collect()
}

/// Music: chords that change twice a second.
pub(super) fn music(seed: u64, seconds: f32) -> Sound {
    let mut chance = Chance::new(seed);
    let mut sound = Vec::new();
    while sound.len() < samples(seconds) {
        let root = 220.0 * 2.0_f32.powf((chance.between(0.0, 12.0)).floor() / 12.0);
        for at in 0..samples(0.5) {
            let time = at as f32 / RATE as f32;
            let wave = |ratio: f32| (std::f32::consts::TAU * root * ratio * time).sin();
            let over: f32 = (1..6).map(|harmonic| wave(harmonic as f32) / harmonic as f32).sum();
            sound.push((over + wave(1.26) + wave(1.5)) * (-1.5 * time).exp());
        }
    }
    sound.truncate(samples(seconds));
    at_level(sound, -20.0)
}

/// What stands in the table of noises.
#[derive(Debug, Clone, Copy)]
pub(super) enum Noise {
    Hiss,
    Wind,
    Engine,
    Hum,
}

/// Makes noise at 0 dB.
pub(super) fn noise(kind: Noise, length: usize, chance: &mut Chance) -> Sound {
    let (mut low, mut gust, mut aim) = (0.0_f32, 0.5_f32, 0.5_f32);
    let sound = (0..length).map(|at| {
        let time = at as f32 / RATE as f32;
        let white = chance.swing();
        match kind {
            Noise::Hiss => white,
            Noise::Wind => {
                if at % samples(0.7) == 0 {
                    aim = chance.between(0.1, 1.0);
                }
                gust += (aim - gust) * 2e-4;
                low += (white - low) * 0.12;
                low * gust
            }
            Noise::Engine => {
                low += (white - low) * 0.25;
                let stroke =
                    |k: i32| (std::f32::consts::TAU * 28.0 * k as f32 * time).sin() / (k as f32).sqrt();
                (1..16).map(stroke).sum::<f32>() * (1.0 + 0.5 * (std::f32::consts::TAU * 7.0 * time).sin())
                    + 2.0 * low
            }
            Noise::Hum => {
                (1..12).map(|k| (std::f32::consts::TAU * 50.0 * k as f32 * time).sin() / k as f32).sum()
            }
        }
    });
    at_level(sound.collect(), 0.0)
}

/// Brings a sound to a level, dBFS.
pub(super) fn at_level(sound: Sound, level: f32) -> Sound {
    let now = level_of(&sound);
    louder(sound, level - now)
}

pub(super) fn level_of(sound: &[f32]) -> f32 {
    10.0 * (sound.iter().map(|sample| sample * sample).sum::<f32>() / sound.len().max(1) as f32 + 1e-12)
        .log10()
}

pub(super) fn louder(sound: Sound, db: f32) -> Sound {
    let factor = 10.0_f32.powf(db / 20.0);
    sound.into_iter().map(|sample| sample * factor).collect()
}

pub(super) fn mixed(one: &[f32], other: &[f32]) -> Sound {
    let at = |sound: &[f32], place: usize| sound.get(place).copied().unwrap_or_default();
    (0..one.len().max(other.len())).map(|place| at(one, place) + at(other, place)).collect()
}

/// The way from the daemon to the microphone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    /// Seconds.
    pub(super) delay: f32,
    /// Seconds and gain of one echo.
    pub(super) echo: (f32, f32),
    /// How much faster the recorder's clock runs, parts a million.
    pub(super) drift: f32,
    /// Whether an automatic gain evens the level out.
    pub(super) levelled: bool,
}

/// Lets a sound go through a horn and the air.
pub(super) fn through(sound: &[f32], way: Way) -> Sound {
    let horn = low_pass(&high_pass(&high_pass(sound, 350.0), 350.0), 5_000.0);
    let (late, gain) = (samples(way.echo.0), way.echo.1);
    let heard = (0..horn.len() + late).map(|at| {
        let direct = horn.get(at).copied().unwrap_or_default();
        let back = at.checked_sub(late).and_then(|at| horn.get(at)).copied().unwrap_or_default();
        direct + gain * back
    });
    let heard: Sound = heard.collect();
    let stretched = |at: usize| {
        let place = at as f64 / (1.0 + f64::from(way.drift) * 1e-6);
        let (whole, part) = (place as usize, place.fract() as f32);
        let at = |place: usize| heard.get(place).copied().unwrap_or_default();
        at(whole) * (1.0 - part) + at(whole + 1) * part
    };
    let mut arrived = vec![0.0; samples(way.delay)];
    arrived.extend((0..heard.len()).map(stretched));
    arrived
}

/// Evens the level out, as a cheap microphone's input does: 0.3 s, to -20 dBFS.
pub(super) fn levelled(sound: Sound) -> Sound {
    let mut power = 1e-4_f32;
    let gain = |sample: f32| {
        power += (sample * sample - power) / (0.3 * RATE as f32);
        sample * 0.1 / (power + 1e-7).sqrt()
    };
    sound.into_iter().map(gain).collect()
}

fn low_pass(sound: &[f32], corner: f32) -> Sound {
    let part = 1.0 - (-std::f32::consts::TAU * corner / RATE as f32).exp();
    let mut state = 0.0;
    sound
        .iter()
        .map(|sample| {
            state += (sample - state) * part;
            state
        })
        .collect()
}

fn high_pass(sound: &[f32], corner: f32) -> Sound {
    let low = low_pass(sound, corner);
    sound.iter().zip(low).map(|(sample, low)| sample - low).collect()
}

pub(super) fn clip(samples: Sound) -> Clip {
    Clip { rate: RATE, samples }
}
