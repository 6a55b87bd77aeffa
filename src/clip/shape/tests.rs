//! Raw sound of every kind, finished.

use super::*;
use crate::clip::Loudness;
use crate::model::Lufs;

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a test tone")]
fn tone(rate: u32, hertz: f64, seconds: f64, level: f64) -> Vec<f32> {
    let wave = |at: u32| level * (f64::from(at) * hertz * std::f64::consts::TAU / f64::from(rate)).sin();
    (0..(f64::from(rate) * seconds) as u32).map(|at| wave(at) as f32).collect()
}

/// What is tested here is what happens whatever the profile is.
const PLAIN: Shaping = Shaping { loudness: Lufs::USUAL, profile: Profile::Off };
const HORN: Shaping = Shaping { profile: Profile::Horn, ..PLAIN };

fn finished(rate: u32, samples: Vec<f32>) -> Vec<i16> {
    finish(&Clip { rate, samples }, PLAIN, Role::Message).unwrap()
}

fn measured(samples: &[i16]) -> Loudness {
    let samples: Vec<f32> = samples.iter().copied().map(crate::clip::parts::full_scale).collect();
    Loudness::of(&samples, RATE).unwrap()
}

#[test]
fn sound_of_every_usual_rate_comes_out_as_long_as_it_was_and_at_the_usual_loudness() {
    for rate in [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 44_101] {
        let finished = finished(rate, tone(rate, 440.0, 1.0, 0.5));
        assert!(finished.len().abs_diff(48_000) <= 120, "{rate} Hz gave {} samples", finished.len());
        let found = measured(&finished);
        assert!((found.integrated + 16.0).abs() < 0.2, "{rate} Hz: {found:?}");
    }
}

#[test]
fn a_station_gets_the_loudness_that_it_wishes_and_a_chime_no_louder_moment_than_that() {
    for wish in [-30, -23, -14] {
        let shaping = Shaping { loudness: Lufs::new(wish).unwrap(), ..PLAIN };
        let sound = Clip { rate: 22_050, samples: tone(22_050, 300.0, 1.0, 1.4) };
        let message = measured(&finish(&sound, shaping, Role::Message).unwrap());
        let chime = measured(&finish(&sound, shaping, Role::Chime).unwrap());
        assert!((message.integrated - shaping.loudness.lufs()).abs() < 0.2, "{message:?}");
        assert!((chime.max_momentary - shaping.loudness.lufs()).abs() < 0.2, "{chime:?}");
    }
}

/// A recording of 16 bits at our rate with silence at its ends: nothing but a gain may happen to it.
#[test]
fn a_recording_at_our_own_rate_is_multiplied_by_one_number_and_rounded() {
    let mut samples = vec![0.0; 1_900];
    samples.extend(tone(48_000, 500.0, 1.0, 0.3).iter().map(|sample| (sample * 32_768.0).round() / 32_768.0));
    samples.extend(vec![0.0; 480]);
    let out = finished(48_000, samples.clone());
    assert_eq!(out.len(), samples.len());
    let gain = 10_f64.powf((-16.0 - Loudness::of(&samples, RATE).unwrap().integrated) / 20.0);
    for (before, after) in samples.iter().zip(out) {
        let exact = f64::from(*before) * gain * 32_768.0;
        assert!((exact - f64::from(after)).abs() <= 0.51, "{exact} became {after}");
    }
}

/// Two tones, one of which a horn does not carry. The message loses it, at the same loudness and length; the chime does not.
#[test]
fn the_profile_horn_is_for_messages_and_leaves_loudness_and_length_and_chimes_as_they_are() {
    let both =
        tone(48_000, 1000.0, 1.0, 0.2).into_iter().zip(tone(48_000, 80.0, 1.0, 0.2)).map(|(a, b)| a + b);
    let sound = Clip { rate: 48_000, samples: both.collect() };
    let made = |shaping, role| finish(&sound, shaping, role).unwrap();
    let (off, horn) = (made(PLAIN, Role::Message), made(HORN, Role::Message));
    assert!((measured(&horn).integrated + 16.0).abs() < 0.2, "{:?}", measured(&horn));
    assert_eq!(horn.len(), off.len());
    // A whole period of 1 kHz adds up to nothing: what is left is the low tone.
    let low = |samples: &[i16]| {
        let sums =
            samples[9_600..38_400].chunks(48).map(|turn| turn.iter().map(|s| i32::from(*s)).sum::<i32>());
        sums.map(i32::abs).max().unwrap()
    };
    assert!(low(&horn) * 20 < low(&off), "{} against {}", low(&horn), low(&off));
    assert_eq!(made(HORN, Role::Chime), made(PLAIN, Role::Chime));
}

/// Twice resampled is twice smeared: the sound has to be what one resampling of the whole makes of it, to the last bit but the gain.
#[test]
fn sound_of_another_rate_is_resampled_exactly_once() {
    let samples: Vec<f32> = tone(44_100, 997.0, 1.0, 0.2)
        .iter()
        .zip(tone(44_100, 15_000.0, 1.0, 0.05))
        .map(|(a, b)| a + b)
        .collect();
    let mut once = resample(&samples, 44_100).unwrap();
    fade(&mut once);
    let gain = 10_f64.powf((-16.0 - Loudness::of(&once, RATE).unwrap().integrated) / 20.0);
    let out = finished(44_100, samples);
    assert_eq!(out.len(), once.len());
    for (before, after) in once.iter().zip(out) {
        let exact = f64::from(*before) * gain * 32_768.0;
        assert!((exact - f64::from(after)).abs() <= 0.55, "{exact} became {after}");
    }
}

/// What one good resampling leaves besides a tone lies under what 16 bits hide.
#[test]
fn one_resampling_adds_nothing_that_16_bits_would_show() {
    let resampled = resample(&tone(44_100, 1000.0, 1.0, 0.5), 44_100).unwrap();
    let exact = tone(48_000, 1000.0, 1.0, 0.5);
    let middle = 4_800..43_200;
    let worst = middle.map(|at| (resampled[at] - exact[at]).abs()).fold(0.0, f32::max);
    assert!(worst < 0.000_1, "off by {worst}");
}

#[test]
fn long_silence_at_the_ends_is_cut_to_a_short_one() {
    let mut samples = vec![0.0; 96_000];
    samples.extend(tone(48_000, 500.0, 1.0, 0.5));
    samples.extend(vec![0.0; 96_000]);
    let finished = finished(48_000, samples);
    let expected = 48_000 + milliseconds(LEAD + TRAIL, RATE);
    assert!(finished.len().abs_diff(expected) < 50, "{} samples", finished.len());
    assert_eq!((finished[0], finished[finished.len() - 1]), (0, 0));
}

#[test]
fn the_words_of_a_very_quiet_recording_are_not_taken_for_silence() {
    // It swells from nothing to -50 dB of full scale and back.
    #[expect(clippy::cast_precision_loss, reason = "a test tone")]
    let swell = |(at, sample): (usize, &f32)| sample * (at.min(48_000 - at)) as f32 / 24_000.0;
    let samples: Vec<f32> = tone(48_000, 500.0, 1.0, 0.003_2).iter().enumerate().map(swell).collect();
    assert!(finished(48_000, samples).len() > 47_000);
}
