use std::f32::consts::TAU;

use super::*;
use crate::clip::RATE;

/// Half a second of a tone, Hz.
fn tone(hertz: f32, level: f32) -> Vec<f32> {
    (0..24_000).map(|index| level * (TAU * hertz * float(index) / float(RATE as usize)).sin()).collect()
}

/// Something like speech, 2 s: syllables of 250 ms, loud and weak ones, each a hiss of 60 ms before a vowel whose
/// harmonics fall by 9 dB an octave, then a pause of 40 ms.
fn syllables() -> Vec<f32> {
    let mut noise = noise();
    let stress = [1.0, 0.3, 0.6, 0.2, 1.0, 0.15, 0.5, 0.3];
    (0..96_000)
        .map(|index| {
            let time = float(index) / float(RATE as usize);
            let loud = stress[index / 12_000] * 0.4;
            match (time * 1000.0) % 250.0 {
                from if from < 60.0 => 0.3 * loud * noise(),
                from if from < 210.0 => {
                    let fade = ((from - 60.0).min(210.0 - from) / 10.0).min(1.0);
                    let harmonics =
                        (1_u8..30).map(f32::from).map(|n| (TAU * 140.0 * n * time).sin() / n.powf(1.5));
                    harmonics.sum::<f32>() * loud * fade
                }
                _ => 0.0,
            }
        })
        .collect()
}

/// A seeded white noise within ±1.
#[expect(clippy::cast_precision_loss, reason = "noise")]
fn noise() -> impl FnMut() -> f32 {
    let mut state = 0x2545_f491_u32;
    move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / u32::MAX as f32 * 2.0 - 1.0
    }
}

fn level(samples: &[f32]) -> f32 {
    root_of_mean(samples.iter().map(|sample| sample * sample))
}

fn decibels(ratio: f32) -> f32 {
    20.0 * ratio.max(1e-9).log10()
}

fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |peak, sample| peak.max(sample.abs()))
}

fn steepest(samples: &[f32]) -> f32 {
    samples.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
}

/// Magnitude of one frequency, by Goertzel's sum.
fn part(samples: &[f32], hertz: f32) -> f32 {
    let angle = |index: usize| TAU * (hertz * float(index) / float(RATE as usize)).fract();
    let (re, im) = samples.iter().enumerate().fold((0.0_f32, 0.0_f32), |(re, im), (index, sample)| {
        (re + sample * angle(index).cos(), im + sample * angle(index).sin())
    });
    2.0 * re.hypot(im) / float(samples.len())
}

#[test]
fn every_sample_stays_at_its_place_and_nothing_is_random() {
    for count in [0, 1, 2, 47, 48, 511, 512, 513, 2047, 2048, 2049, 10_000] {
        let input = &syllables()[3_000..3_000 + count];
        let made = horn(input);
        assert_eq!(made.len(), count);
        assert_eq!(made, horn(input));
    }
    // A burst in silence comes out where it was put in.
    let mut input = vec![0.0; 24_000];
    input[12_000..12_480].copy_from_slice(&tone(1_000.0, 0.5)[..480]);
    let made = horn(&input);
    let centre = |samples: &[f32]| {
        let moment: f32 = samples.iter().enumerate().map(|(at, s)| (float(at) - 12_240.0) * s * s).sum();
        moment / samples.iter().map(|s| s * s).sum::<f32>()
    };
    assert!(centre(&made).abs() < 48.0, "moved by {} samples", centre(&made));
}

#[test]
fn silence_stays_silence_and_hostile_numbers_come_out_as_numbers() {
    let silence = vec![0.0; 5_000];
    assert_eq!(horn(&silence), silence);
    assert_eq!(horn(&[f32::NAN; 100]), vec![0.0; 100]);
    let square: Vec<f32> = (0..20_000).map(|index| if index / 50 % 2 == 0 { 1.0 } else { -1.0 }).collect();
    let hostile = [
        square,
        vec![1.0; 20_000],
        vec![f32::MAX; 3_000],
        vec![f32::MIN_POSITIVE; 3_000],
        vec![1e-30, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 1.0, -1.0],
        vec![f32::MAX],
        vec![-1.0],
        vec![f32::from_bits(1)],
    ];
    for input in hostile {
        let made = horn(&input);
        assert!(
            made.len() == input.len() && made.iter().all(|sample| sample.is_finite()),
            "{:?}",
            &input[..1]
        );
    }
}

/// Levels are no part of what is decided: a soft clip is treated as a loud one is.
#[test]
fn a_clip_twice_as_loud_comes_out_twice_as_loud_and_otherwise_the_same() {
    let once = horn(&syllables());
    let twice = horn(&syllables().iter().map(|sample| sample * 2.0).collect::<Vec<_>>());
    let apart = once.iter().zip(&twice).map(|(one, two)| (one * 2.0 - two).abs()).fold(0.0, f32::max);
    assert!(apart < 1e-4, "{apart} apart");
}

#[test]
fn energy_is_kept() {
    let input = syllables();
    let made = horn(&input);
    assert!(decibels(level(&made) / level(&input)).abs() < 0.01);
}

#[test]
fn what_a_horn_does_not_carry_is_gone_and_what_it_carries_is_there() {
    // One sound with all of the tones in it, so that none is made good by itself.
    let tones = [50.0, 100.0, 160.0, 1_000.0, 2_000.0, 4_000.0, 5_500.0, 8_000.0, 12_000.0, 20_000.0];
    let input: Vec<f32> = (0..48_000)
        .map(|index| {
            let turn = |hertz: f32| TAU * (hertz * float(index) / float(RATE as usize)).fract();
            tones.iter().map(|hertz| 0.05 * turn(*hertz).sin()).sum()
        })
        .collect();
    let made = horn(&input);
    let against_1_khz = |hertz: f32| decibels(part(&made, hertz) / part(&made, 1_000.0));
    for hertz in tones {
        let change = against_1_khz(hertz);
        if (300.0..6_000.0).contains(&hertz) {
            assert!(change > -8.0, "{hertz} Hz is at {change} dB");
        } else {
            assert!(change < -40.0, "{hertz} Hz is at {change} dB");
        }
    }
}

#[test]
fn a_hum_below_the_band_does_not_come_back_as_noise() {
    for hum in [tone(50.0, 0.5), tone(100.0, 0.5), vec![0.5; 24_000]] {
        let made = horn(&hum);
        // Away from the ends, where a tone that is cut off has every frequency.
        assert!(level(&made[6_000..18_000]) < 0.1 * level(&hum), "{}", level(&made[6_000..18_000]));
    }
}

/// Weak and loud parts of the same pitch, 500 ms each: 15 dB between them become about 5, the pause is no louder.
#[test]
fn weak_parts_come_up_by_the_ratio_and_pauses_do_not() {
    let parts = [1.0, 0.178, 0.001, 1.0];
    let mut made: Vec<f32> = parts.iter().flat_map(|part| tone(1_000.0, 0.5 * part)).collect();
    dynamics::compress(&mut made);
    let steady = |number: usize| level(&made[number * 24_000 + 6_000..number * 24_000 + 18_000]);
    let weak = decibels(steady(1) / steady(0));
    assert!((weak + 15.0 * 0.35).abs() < 0.1, "15 dB became {weak}");
    let background = decibels(steady(2) / steady(0));
    assert!((-60.0..-57.0).contains(&background), "60 dB became {background}");
}

#[test]
fn nothing_clicks() {
    // A steady tone that begins in the middle of silence and swells.
    let swell: Vec<f32> =
        tone(700.0, 0.5).iter().enumerate().map(|(at, s)| s * float(at) / 24_000.0).collect();
    let input = [vec![0.0; 5_000], swell, vec![0.0; 5_000]].concat();
    let made = horn(&input);
    // The steepest step of a tone is in proportion to its peak and pitch; what is beyond has an edge in it.
    let of_a_tone = peak(&made) * TAU * 700.0 / float(RATE as usize);
    assert!(steepest(&made[..28_000]) < 1.2 * of_a_tone, "{} against {of_a_tone}", steepest(&made[..28_000]));
    let speech = horn(&syllables());
    assert!(steepest(&speech) < peak(&speech), "{} of {}", steepest(&speech), peak(&speech));
}

/// A simple stand-in for intelligibility: the share of 20 ms pieces, in four bands, that stand above a noise with the
/// long-term spectrum of the speech itself, as loud as it. The evaluation with ESTOI is in `docs/clarity.md`.
#[test]
fn more_of_speech_stands_out_of_a_noise_as_loud_as_it() {
    let bands = [500.0, 1_000.0, 2_000.0, 4_000.0];
    let input = syllables();
    let audible = |speech: &[f32]| -> usize {
        let noise: Vec<f32> = bands.iter().map(|band| band_level(&input, *band)).collect();
        let pieces = speech.chunks(960);
        let above = |piece: &[f32], at: usize| band_level(piece, bands[at]) > noise[at];
        pieces.map(|piece| (0..bands.len()).filter(|at| above(piece, *at)).count()).sum()
    };
    let (off, on) = (audible(&input), audible(&horn(&input)));
    assert!(on * 10 > off * 13, "{on} pieces against {off}");
}

/// Root mean square around a frequency, by a resonator half an octave wide.
fn band_level(samples: &[f32], hertz: f32) -> f32 {
    let turn = TAU * hertz / float(RATE as usize);
    let radius = 1.0 - turn * 0.35 / 2.0;
    let (mut one, mut two) = (0.0_f32, 0.0_f32);
    let heard = samples.iter().map(|sample| {
        let now = sample * (1.0 - radius * radius) + 2.0 * radius * turn.cos() * one - radius * radius * two;
        (two, one) = (one, now);
        now * now
    });
    root_of_mean(heard)
}

/// In a clear vowel what tells words apart, high up, comes out stronger against the middle: the paper's pre-emphasis.
#[test]
fn the_high_harmonics_of_a_vowel_come_up_against_the_middle_ones() {
    let vowel: Vec<f32> = (0..48_000)
        .map(|index| {
            let time = float(index) / float(RATE as usize);
            (1_u8..30).map(f32::from).map(|n| (TAU * 140.0 * n * time).sin() / n.powf(1.5)).sum::<f32>() * 0.2
        })
        .collect();
    let made = horn(&vowel);
    let slope = |samples: &[f32]| decibels(part(samples, 3_920.0) / part(samples, 1_400.0));
    let raised = slope(&made) - slope(&vowel);
    assert!((1.5..6.0).contains(&raised), "{raised} dB");
}
