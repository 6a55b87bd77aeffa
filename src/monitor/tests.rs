//! How often the judgement is right: a table of simulated rooms, by seed. `docs/monitor.md` prints it.

use std::fmt::Write as _;

use super::rooms::{
    Chance, Noise, RATE, Sound, Way, at_level, chime, clip, level_of, levelled, louder, mixed, music, noise,
    speech, through,
};
use super::*;
use crate::model::{Audible, Doubt};

/// Messages a row of the table, unless `DALABA_MONITOR_TABLE` says how many.
const FEW: u64 = 2;

/// Seconds of a message.
const LENGTH: f32 = 6.0;

/// Counts of yes, no and unknown.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
struct Tally {
    yes: u32,
    no: u32,
    unknown: u32,
}

impl Tally {
    fn add(&mut self, heard: Audible) {
        match heard {
            Audible::Yes => self.yes += 1,
            Audible::No => self.no += 1,
            Audible::Unknown => self.unknown += 1,
        }
    }
}

/// What was recorded, from the message (with the chime before it), its seed and chance.
type Scene = fn(&[f32], u64, &mut Chance) -> Sound;

fn way(chance: &mut Chance) -> Way {
    Way {
        delay: chance.between(0.0, 1.9),
        echo: (0.4, chance.between(0.1, 0.5)),
        drift: chance.between(-200.0, 200.0),
        levelled: chance.between(0.0, 1.0) < 0.5,
    }
}

/// A whole message in noise of `snr` dB, through a horn, with an echo.
fn in_noise(sent: &[f32], kind: Noise, snr: f32, chance: &mut Chance) -> Sound {
    let way = way(chance);
    let heard = through(sent, way);
    let din = noise(kind, heard.len() + RATE as usize, chance);
    let din = louder(din, level_of(&through(sent, Way { delay: 0.0, ..way })) - snr);
    let all = mixed(&heard, &din);
    if way.levelled { levelled(all) } else { all }
}

fn neighbour(seed: u64) -> Sound {
    [chime(), speech(seed + 10_000, LENGTH)].concat()
}

fn quiet(length: usize, chance: &mut Chance) -> Sound {
    louder(noise(Noise::Hiss, length, chance), -60.0)
}

/// The message reaches the microphone.
const SNRS: [f32; 5] = [20.0, 10.0, 5.0, 0.0, -10.0];
const NOISES: [Noise; 3] = [Noise::Hiss, Noise::Wind, Noise::Engine];

/// It does not.
const ABSENT: [(&str, Scene); 11] = [
    ("digital silence", |sent, _, _| vec![0.0; sent.len() + 32_000]),
    ("amplifier off, quiet room", |sent, _, chance| quiet(sent.len() + 32_000, chance)),
    ("amplifier off, hum of the mains", |sent, _, chance| {
        louder(noise(Noise::Hum, sent.len() + 32_000, chance), -30.0)
    }),
    ("amplifier off, wind", |sent, _, chance| louder(noise(Noise::Wind, sent.len() + 32_000, chance), -18.0)),
    ("amplifier off, tractor", |sent, _, chance| {
        louder(noise(Noise::Engine, sent.len() + 32_000, chance), -18.0)
    }),
    ("amplifier off, automatic gain", |sent, _, chance| levelled(quiet(sent.len() + 32_000, chance))),
    ("the wrong message", |_, seed, chance| through(&speech(seed + 20_000, LENGTH + 2.0), way(chance))),
    ("the neighbour: same chime, other words", |_, seed, chance| through(&neighbour(seed), way(chance))),
    ("the neighbour, through wind at 10 dB", |_, seed, chance| {
        in_noise(&neighbour(seed), Noise::Wind, 10.0, chance)
    }),
    ("music", |_, seed, chance| through(&music(seed, LENGTH + 2.0), way(chance))),
    ("the first half", |sent, _, chance| {
        let half = chime().len().midpoint(sent.len());
        let heard = through(&sent[..half], way(chance));
        mixed(&heard, &quiet(sent.len() + 32_000, chance))
    }),
];

/// Judges one recording, which begins [`EARLY`] before the sound was sent.
fn judged(sent: &[f32], recorded: &[f32]) -> Finding {
    let sent = clip(sent.to_vec());
    let early = vec![0.0; RATE as usize / 5];
    let recorded = clip([&early, recorded].concat());
    let chime = Duration::from_secs(2);
    judge(Sent { clip: &sent, played: sent.length(), chime }, &recorded, Some(-20.0))
}

fn message(seed: u64) -> Sound {
    [chime(), speech(seed, LENGTH)].concat()
}

fn tally(seeds: u64, scene: impl Fn(&[f32], u64, &mut Chance) -> Sound) -> Tally {
    let mut tally = Tally::default();
    for seed in 0..seeds {
        let sent = message(seed);
        let mut chance = Chance::new(seed + 77);
        tally.add(judged(&sent, &scene(&sent, seed, &mut chance)).heard);
    }
    tally
}

/// What was found, row by row.
type Rows<Name> = Vec<(Name, Tally)>;

/// Judges the whole table.
fn table(seeds: u64) -> (Rows<f32>, Rows<&'static str>, String) {
    let (mut present, mut absent, mut text) = (Vec::new(), Vec::new(), String::new());
    let mut row = |name: &str, tally: Tally| {
        writeln!(text, "| {name} | {} | {} | {} |", tally.yes, tally.no, tally.unknown).unwrap();
    };
    for kind in NOISES {
        for snr in SNRS {
            let found = tally(seeds, |sent, _, chance| in_noise(sent, kind, snr, chance));
            row(&format!("heard, {kind:?} at {snr:+} dB"), found);
            present.push((snr, found));
        }
    }
    for (name, scene) in ABSENT {
        let found = tally(seeds, scene);
        row(name, found);
        absent.push((name, found));
    }
    (present, absent, text)
}

#[test]
fn the_microphone_tells_right_from_wrong() {
    let asked = std::env::var("DALABA_MONITOR_TABLE").ok();
    let seeds = asked.and_then(|seeds| seeds.parse().ok()).unwrap_or(FEW);
    let (present, absent, text) = table(seeds);
    println!("| case | yes | no | unknown |\n|---|---|---|---|\n{text}");
    for (name, found) in absent {
        assert_eq!(found.yes, 0, "{name} passed for heard\n{text}");
    }
    for (snr, found) in present {
        let all = found.yes + found.no + found.unknown;
        assert!(
            snr < 5.0 || found.no * 100 <= all,
            "at {snr} dB the microphone denied what was heard\n{text}"
        );
        assert!(snr < 10.0 || found.yes * 100 >= all * 95, "at {snr} dB the microphone is of no use\n{text}");
    }
}

#[test]
fn a_muted_amplifier_is_told_from_a_storm_that_hides_everything() {
    let sent = message(3);
    let mut chance = Chance::new(5);
    let room = quiet(sent.len() + 32_000, &mut chance);
    assert_eq!(judged(&sent, &room).heard, Audible::No);
    let storm = louder(noise(Noise::Wind, sent.len() + 32_000, &mut chance), -5.0);
    let found = judged(&sent, &storm);
    assert_eq!((found.heard, found.doubt), (Audible::Unknown, Some(Doubt::TooNoisy)));
}

#[test]
fn the_delay_and_the_level_are_those_of_the_sound() {
    let sent = message(1);
    let way = Way { delay: 0.74, echo: (0.4, 0.0), drift: 0.0, levelled: false };
    let found = judged(&sent, &louder(through(&sent, way), -10.0));
    assert_eq!(found.heard, Audible::Yes);
    let delay = found.delay.unwrap().as_secs_f32();
    assert!((delay - 0.74).abs() < 0.03, "{delay}");
    let level = found.level.unwrap();
    assert!((-36.0..-29.0).contains(&level), "{level}");
}

#[test]
fn a_microphone_of_another_rate_hears_the_same() {
    let sent = message(2);
    let other = clip(at_level(
        through(&sent, Way { delay: 0.3, echo: (0.4, 0.2), drift: 0.0, levelled: false }),
        -20.0,
    ));
    let halved = crate::model::Clip {
        rate: RATE / 2,
        samples: other.samples.chunks(2).map(|two| two.iter().sum::<f32>() / 2.0).collect(),
    };
    let sent = clip(sent);
    let found = judge(Sent { clip: &sent, played: sent.length(), chime: Duration::ZERO }, &halved, None);
    assert_eq!(found.heard, Audible::Yes, "{found:?}");
}

#[test]
#[expect(clippy::cast_precision_loss, reason = "six seconds have a hundred thousand samples")]
fn a_quiet_sweep_tests_a_station_as_well_as_words_do() {
    let mut phase = 0.0_f32;
    // Up in a second, six times: each piece that is judged has all of the band in it.
    let sweep = (0..6 * RATE).map(|at| {
        let frequency = 300.0 * ((at % RATE) as f32 / RATE as f32 * 2.8).exp();
        phase = (phase + frequency / RATE as f32).fract();
        (std::f32::consts::TAU * phase).sin()
    });
    let sent = clip(at_level(sweep.collect(), -40.0));
    let mut chance = Chance::new(9);
    let whole = Sent { clip: &sent, played: sent.length(), chime: Duration::ZERO };
    let heard = in_noise(&sent.samples, Noise::Wind, 10.0, &mut chance);
    assert_eq!(judge(whole, &clip(heard), None).heard, Audible::Yes);
    let room = quiet(sent.samples.len() + 32_000, &mut chance);
    assert_eq!(judge(whole, &clip(room), None).heard, Audible::No);
}

#[test]
fn a_long_tone_before_a_few_words_does_not_vouch_for_them() {
    let tone: Sound = (0..5).flat_map(|_| chime()).collect();
    let sent = clip([tone.clone(), speech(4, 3.0)].concat());
    let neighbour = [tone.clone(), speech(5, 3.0)].concat();
    let way = Way { delay: 0.5, echo: (0.4, 0.2), drift: 0.0, levelled: false };
    let chime = clip(tone).length();
    let heard = |sound: &[f32]| {
        let sent = Sent { clip: &sent, played: sent.length(), chime };
        judge(sent, &clip(through(sound, way)), None).heard
    };
    assert_eq!((heard(&sent.samples), heard(&neighbour)), (Audible::Yes, Audible::No));
}

#[test]
fn what_is_too_short_or_silent_proves_nothing() {
    let doubt = |samples: Sound| {
        let sent = clip(samples);
        let recorded = clip(vec![0.0; RATE as usize * 8]);
        judge(Sent { clip: &sent, played: sent.length(), chime: Duration::ZERO }, &recorded, None).doubt
    };
    assert_eq!(doubt(speech(1, 1.2)), Some(Doubt::TooShort));
    assert_eq!(doubt(Vec::new()), Some(Doubt::TooShort));
    assert_eq!(doubt(vec![0.0; RATE as usize * 5]), Some(Doubt::TooQuiet));
    // A broken recording is judged like an empty one.
    let sent = clip(message(1));
    let found =
        judge(Sent { clip: &sent, played: sent.length(), chime: Duration::ZERO }, &clip(Vec::new()), None);
    assert_eq!(found.heard, Audible::No);
}
