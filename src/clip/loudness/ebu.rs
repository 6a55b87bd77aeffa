//! The signals with which EBU Tech 3341 (version 4, table 1) and Tech 3342 (table 1) judge a meter, made from what those tables say
//! of them, and read by ours.
//!
//! Cases 7 and 8 of Tech 3341, and 5 and 6 of Tech 3342, are recordings of real programmes: they cannot be made from a description.
//! `tests/speech/loudness.rs` reads speech and chimes beside `ffmpeg` in their place.

use std::f64::consts::TAU;

use super::meter::{Loudness, Meter};

const RATE: u32 = 48_000;

/// A sine of 1 kHz in both channels: seconds, and the peak in dBFS.
type Step = (f64, f64);

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a test signal")]
fn frames(seconds: f64) -> usize {
    (seconds * f64::from(RATE)).round() as usize
}

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a test signal")]
fn sine(frame: usize, level: f64) -> f32 {
    (level * (TAU * 1000.0 * frame as f64 / f64::from(RATE)).sin()) as f32
}

fn stereo(steps: &[Step]) -> Vec<f32> {
    let mut sound = Vec::new();
    for (seconds, level) in steps {
        let from = sound.len() / 2;
        let level = 10_f64.powf(level / 20.0);
        sound.extend((from..from + frames(*seconds)).flat_map(|frame| [sine(frame, level); 2]));
    }
    sound
}

fn read(channels: u32, sound: &[f32]) -> Loudness {
    let mut meter = Meter::new(channels, RATE).unwrap();
    // Cut oddly: the pieces in which sound comes are not to matter.
    for piece in sound.chunks(1013 * channels as usize) {
        meter.take(piece).unwrap();
    }
    meter.read().unwrap()
}

fn assert_integrated(case: u32, found: &Loudness, expected: f64) {
    assert!((found.integrated - expected).abs() <= 0.1, "case {case}: {found:?}");
}

#[test]
fn cases_1_and_2_of_tech_3341_read_as_a_steady_tone_of_minus_23_and_minus_33() {
    for (case, level) in [(1, -23.0), (2, -33.0)] {
        let found = read(2, &stereo(&[(20.0, level)]));
        assert_integrated(case, &found, level);
        assert!((found.max_momentary - level).abs() <= 0.1, "case {case}: {found:?}");
    }
}

#[test]
fn cases_3_to_5_of_tech_3341_read_minus_23_because_of_the_gates() {
    let cases: [(u32, &[Step]); 3] = [
        (3, &[(10.0, -36.0), (60.0, -23.0), (10.0, -36.0)]),
        (4, &[(10.0, -72.0), (10.0, -36.0), (60.0, -23.0), (10.0, -36.0), (10.0, -72.0)]),
        (5, &[(20.0, -26.0), (20.1, -20.0), (20.0, -26.0)]),
    ];
    for (case, steps) in cases {
        assert_integrated(case, &read(2, &stereo(steps)), -23.0);
    }
}

#[test]
fn case_6_of_tech_3341_reads_minus_23_over_five_channels() {
    let levels = [-28.0, -28.0, -24.0, -30.0, -30.0];
    let sound: Vec<f32> = (0..frames(20.0))
        .flat_map(|frame| levels.map(|level| sine(frame, 10_f64.powf(level / 20.0))))
        .collect();
    assert_integrated(6, &read(5, &sound), -23.0);
}

#[test]
fn case_9_of_tech_3341_reads_minus_23_at_every_moment_after_three_seconds() {
    let sound = stereo(&[(1.34, -20.0), (1.66, -30.0)].repeat(5));
    let mut meter = Meter::new(2, RATE).unwrap();
    let (first, rest) = sound.split_at(2 * frames(3.0));
    meter.take(first).unwrap();
    for piece in rest.chunks(2 * frames(0.1)) {
        let found = meter.short_term().unwrap();
        assert!((found + 23.0).abs() <= 0.1, "{found} LUFS");
        meter.take(piece).unwrap();
    }
}

/// Asserts the tolerance of cases 15 to 23: 0.2 dB above and 0.4 below.
fn assert_peak(case: u32, sound: &[f32], expected: f64) {
    let found = read(2, sound).true_peak;
    assert!((expected - 0.4..=expected + 0.2).contains(&found), "case {case}: {found} dBTP");
}

/// Draws both ends of stereo sound to silence in 10 ms.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a test signal")]
fn tapered(mono: &[f64]) -> Vec<f32> {
    let length = 480.0;
    let gain = |at: usize| (at.min(mono.len() - 1 - at) as f64 / length).min(1.0);
    mono.iter().enumerate().flat_map(|(at, sample)| [(sample * gain(at)) as f32; 2]).collect()
}

#[test]
#[expect(clippy::cast_precision_loss, reason = "a test signal")]
fn cases_15_to_19_of_tech_3341_read_the_peak_between_the_samples() {
    let cases = [
        (15, 4.0, 0.5, 0.0_f64, -6.0),
        (16, 4.0, 0.5, 45.0, -6.0),
        (17, 6.0, 0.5, 60.0, -6.0),
        (18, 8.0, 0.5, 67.5, -6.0),
        (19, 4.0, 1.41, 45.0, 3.0),
    ];
    for (case, part, level, phase, expected) in cases {
        let wave = |at: usize| level * (TAU * at as f64 / part + phase.to_radians()).sin();
        let sound: Vec<f64> = (0..frames(1.0)).map(wave).collect();
        assert_peak(case, &tapered(&sound), expected);
    }
}

/// A sine of fs/6 at half of full scale with one period of fs/4 at full scale in it, without a break, at four times the rate.
#[expect(clippy::cast_precision_loss, reason = "a test signal")]
fn transient() -> Vec<f64> {
    // Periods of 24 and 16 samples at the fourfold rate; the loud one begins where a period of the other has ended.
    let before = 24 * 1000;
    let wave = |at: usize| match at.checked_sub(before) {
        Some(at) if at < 16 => (TAU * at as f64 / 16.0).sin(),
        Some(at) => 0.5 * (TAU * (at - 16) as f64 / 24.0).sin(),
        None => 0.5 * (TAU * at as f64 / 24.0).sin(),
    };
    (0..2 * before).map(wave).collect()
}

/// Lets pass what lies below half of the rate to which it is brought, with every fourth sample kept from `offset` on.
#[expect(clippy::cast_precision_loss, reason = "a test signal")]
fn downsampled(sound: &[f64], offset: usize) -> Vec<f64> {
    const HALF: usize = 256;
    let weight = |at: usize| {
        let distance = at as f64 - HALF as f64;
        let window = 0.5 + 0.5 * (TAU / 2.0 * distance / (HALF + 1) as f64).cos();
        let sinc = if at == HALF { 1.0 } else { (TAU / 8.0 * distance).sin() / (TAU / 8.0 * distance) };
        window * sinc / 4.0
    };
    let filter: Vec<f64> = (0..=2 * HALF).map(weight).collect();
    let kept = (HALF + offset..sound.len() - HALF).step_by(4);
    kept.map(|at| filter.iter().zip(&sound[at - HALF..]).map(|(weight, sample)| weight * sample).sum())
        .collect()
}

#[test]
fn cases_20_to_23_of_tech_3341_read_the_peak_wherever_the_samples_fall() {
    let transient = transient();
    for (case, offset) in (20..).zip(0..4) {
        assert_peak(case, &tapered(&downsampled(&transient, offset)), 0.0);
    }
}

#[test]
fn cases_1_to_4_of_tech_3342_read_their_loudness_range() {
    let cases: [(&[f64], f64); 4] = [
        (&[-20.0, -30.0], 10.0),
        (&[-20.0, -15.0], 5.0),
        (&[-40.0, -20.0], 20.0),
        (&[-50.0, -35.0, -20.0, -35.0, -50.0], 15.0),
    ];
    for (levels, expected) in cases {
        let steps: Vec<Step> = levels.iter().map(|level| (20.0, *level)).collect();
        let found = read(2, &stereo(&steps)).range;
        assert!((found - expected).abs() <= 1.0, "{levels:?}: {found} LU");
    }
}
