//! Sound brought to its loudness, sample by sample.

use std::f64::consts::TAU;

use super::meter::amplitude;
use super::peaks::Peaks;
use super::{CEILING, Goal, Loudness, MOST_GAIN, bring, limiter};
use crate::clip::RATE;

const TARGET: Goal = Goal::Integrated(-16.0);

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a test signal")]
fn samples(seconds: f64) -> u32 {
    (seconds * f64::from(RATE)) as u32
}

#[expect(clippy::cast_possible_truncation, reason = "a test signal")]
fn tone(hertz: f64, seconds: f64, level: f64) -> Vec<f32> {
    let wave = |at: u32| amplitude(level) * (TAU * hertz * f64::from(at) / f64::from(RATE)).sin();
    (0..samples(seconds)).map(|at| wave(at) as f32).collect()
}

/// Words as a voice makes them, roughly: pulses of 120 Hz that ring at 700 and 2500 Hz, four syllables a second, and a rest after
/// six of them. It has the peaks of speech: 18 dB above its loudness.
#[expect(clippy::cast_possible_truncation, reason = "a test signal")]
fn words(seconds: f64, level: f64) -> Vec<f32> {
    let wave = |at: u32| {
        let time = f64::from(at) / f64::from(RATE);
        let since = time % (1.0 / 120.0);
        let ring = |hertz: f64, fade: f64| (-since / fade).exp() * (TAU * hertz * since).sin();
        let syllable = (TAU * 2.0 * time).sin().powi(2);
        let speaks = if (time * 4.0) % 8.0 < 6.0 { syllable } else { 0.0 };
        amplitude(level) * speaks * (ring(700.0, 0.004) + 0.5 * ring(2500.0, 0.002))
    };
    (0..samples(seconds)).map(|at| wave(at) as f32).collect()
}

fn brought(mut sound: Vec<f32>, goal: Goal) -> (Vec<f32>, Loudness) {
    bring(&mut sound, goal).unwrap();
    let found = Loudness::of(&sound, RATE).unwrap();
    (sound, found)
}

#[test]
fn words_of_any_level_come_out_at_every_target_and_under_the_ceiling() {
    for level in [-18.0, -6.0, 6.0] {
        for target in [-30.0, -16.0, -14.0] {
            let (_, found) = brought(words(2.0, level), Goal::Integrated(target));
            assert!((found.integrated - target).abs() <= 0.5, "{level} to {target}: {found:?}");
            assert!(found.true_peak <= CEILING, "{level} to {target}: {found:?}");
        }
    }
}

#[test]
fn without_a_peak_to_limit_every_sample_is_multiplied_by_one_number() {
    for (sound, target) in [(tone(440.0, 1.0, -12.0), -16.0), (words(2.0, -3.0), -24.0)] {
        let (out, _) = brought(sound.clone(), Goal::Integrated(target));
        let loudest = (0..sound.len()).max_by(|a, b| sound[*a].abs().total_cmp(&sound[*b].abs())).unwrap();
        let gain = out[loudest] / sound[loudest];
        assert!(gain > 0.0 && (gain - 1.0).abs() > 0.01, "a gain of {gain}");
        for (before, after) in sound.iter().zip(&out) {
            // One multiplication, to the last bit but what the division above lost.
            assert!((before * gain - after).abs() <= f32::EPSILON, "{before} became {after}");
        }
    }
}

#[test]
fn less_than_a_gating_block_is_as_loud_as_the_rest_while_it_lasts() {
    let long = brought(tone(1000.0, 1.0, -30.0), TARGET).0;
    for seconds in [0.02, 0.1, 0.25, 0.39] {
        let (short, found) = brought(tone(1000.0, seconds, -30.0), TARGET);
        assert!((found.integrated + 16.0).abs() < 0.1, "{seconds} s: {found:?}");
        let peak = |sound: &[f32]| sound.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        let apart = 20.0 * (peak(&short) / peak(&long)).log10();
        assert!(apart.abs() < 1.0, "{seconds} s: {apart} dB from a long one");
    }
}

#[test]
fn silence_stays_silence_and_what_is_below_the_gate_is_not_raised() {
    assert_eq!(brought(Vec::new(), TARGET).0, Vec::<f32>::new());
    let silence = vec![0.0; 48_000];
    assert_eq!(brought(silence.clone(), TARGET).0, silence);
    let hiss = tone(1000.0, 1.0, -80.0);
    assert_eq!(brought(hiss.clone(), TARGET).0, hiss);
}

#[test]
fn nothing_is_raised_by_more_than_the_most_gain() {
    let (_, found) = brought(tone(1000.0, 1.0, -60.0), TARGET);
    let before = Loudness::of(&tone(1000.0, 1.0, -60.0), RATE).unwrap();
    assert!((found.integrated - before.integrated - MOST_GAIN).abs() < 0.01, "{found:?}");
}

#[test]
fn a_click_alone_is_no_loudness_but_keeps_under_the_ceiling() {
    let mut click = vec![0.0; 48_000];
    click[20_000] = 1.0;
    let (out, found) = brought(click, TARGET);
    assert!(found.true_peak <= CEILING + 0.001 && out[20_000] > 0.5, "{found:?}");
}

/// A tone of a quarter of the rate whose samples all lie 3 dB below its peaks.
#[test]
fn the_limiter_sees_the_peaks_between_the_samples() {
    let hidden: Vec<f32> = [0.7, 0.7, -0.7, -0.7].repeat(12_000);
    let highest = Peaks::of(&hidden[1000..2000], 0.9).skip(50).take(900).fold(0.0, f32::max);
    assert!((highest - 0.99).abs() < 0.01, "{highest}");
    let (_, found) = brought(hidden, Goal::Integrated(0.0));
    assert!(found.true_peak <= CEILING, "{found:?}");
}

/// A bang in quiet speech: the gain is down when it comes, not a sample later, and up again soon after without a jump.
#[test]
fn the_gain_goes_down_before_a_peak_and_comes_back_without_a_jump() {
    let mut sound = tone(300.0, 1.0, -20.0);
    for sample in &mut sound[24_000..24_100] {
        *sample *= 20.0;
    }
    let gains = limiter::envelope(&sound, 1.0, 0.891);
    for (sample, gain) in sound.iter().zip(&gains) {
        assert!((sample * gain).abs() <= 0.8911, "{sample} times {gain}");
    }
    let steepest = gains.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
    assert!(steepest < 0.01, "a step of {steepest}");
    assert!(gains[23_700] > 0.999 && gains[24_000] < 0.5, "{} {}", gains[23_700], gains[24_000]);
    let rising = gains[24_400..].windows(2).all(|pair| pair[1] >= pair[0] - 1e-6);
    assert!(rising, "the gain sways on its way up");
    assert!(gains[24_100 + 9_600] > 0.98, "not back after a fifth of a second");
}

/// Where the gain follows syllables, speech pumps: it may move, but slowly and not far.
#[test]
fn words_at_the_loudest_target_do_not_pump() {
    let sound = words(4.0, -6.0);
    let (out, _) = brought(sound.clone(), Goal::Integrated(-14.0));
    // The gain where there is something to compare, every 10 ms.
    let heard = |piece: &[f32]| piece.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>();
    let gains: Vec<f64> = sound
        .chunks(480)
        .zip(out.chunks(480))
        .filter(|(before, _)| heard(before) > 0.01)
        .map(|(before, after)| 10.0 * (heard(after) / heard(before)).log10())
        .collect();
    let (least, most) = gains.iter().fold((f64::MAX, f64::MIN), |(a, b), gain| (a.min(*gain), b.max(*gain)));
    assert!(most - least < 8.0, "the gain sways by {} dB", most - least);
    let steps = gains.windows(2).map(|pair| pair[1] - pair[0]);
    let fastest = steps.fold(0.0, f64::max);
    assert!(fastest < 2.0, "the gain rises by {fastest} dB in 10 ms");
}
