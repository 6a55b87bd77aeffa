//! How far from its instant a hard start is heard: the real daemon on a real sound server, recorded. `STARTS=20` makes it
//! short.
//!
//! Three stations of one group, 100 ms apart, each on a null sink of its own; next to them on the same server at the same
//! time Liquidsoap's `switch`, and espeak-ng and paplay as cron would run them. The recorder is tried first: see `ear.rs` and
//! `docs/start.md`. Then starts and emergencies that cut what sounds: see `cuts.rs`; `STARTS=0` leaves only those.

#![expect(clippy::unwrap_used, reason = "a benchmark fails where it stands")]

mod cuts;
mod ear;
mod rivals;
#[path = "../../tests/support/mod.rs"]
#[expect(dead_code, reason = "shared with the tests")]
mod support;

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::station::clock;

use ear::{Ear, Tape};
use support::county::{County, in_seconds};
use support::pulse::Pulse;
use support::{noise, poll};

/// Hard starts, unless `STARTS` says otherwise.
const STARTS: usize = 200;

/// Seconds from one start to the next, and to those of cron, which need longer.
const EVERY: i64 = 2;
const CRON_EVERY: usize = 3;

/// Blocks of the recorder: the one that measures, and one to hold it against.
const BLOCK: Duration = Duration::from_millis(5);
const OTHER_BLOCK: Duration = Duration::from_millis(20);

/// What 99 of 100 starts are to keep.
const GOAL: TimeDelta = TimeDelta::milliseconds(2);

/// The stations by their sinks, and how long after the instant each is to be heard.
const STATIONS: [(&str, &str, i64); 3] = [("村东", "east", 0), ("村西", "west", 100), ("村南", "south", 200)];

/// The sinks of a run.
const SINKS: [&str; 5] = ["east", "west", "south", "liquidsoap", "cron"];

/// How late something may be and still be found.
const WITHIN: TimeDelta = TimeDelta::milliseconds(1_900);
/// How early.
const BEFORE: TimeDelta = TimeDelta::milliseconds(50);

fn main() -> ExitCode {
    let starts = env::var("STARTS").ok().and_then(|text| text.parse().ok()).unwrap_or(STARTS);
    if starts == 0 {
        cuts::measure();
        return ExitCode::SUCCESS;
    }
    let few = (starts / 5).max(5);
    println!("recorder with blocks of {OTHER_BLOCK:?}, {few} starts");
    let other = run(few, OTHER_BLOCK, false);
    println!("\nrecorder with blocks of {BLOCK:?}, {starts} starts");
    let main = run(starts, BLOCK, true);
    let shift = main.middle() - other.middle();
    println!("\nthe recorder's own error: its two blocks differ by {:.3} ms in the middle", millis(shift));
    let p99 = main.quantile(0.99);
    println!("99 of 100 starts within {:.3} ms (goal {:.0} ms)", millis(p99), millis(GOAL));
    cuts::measure();
    if p99 > GOAL { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Errors of one kind of start.
struct Errors(Vec<TimeDelta>);

impl Errors {
    /// Returns the error in the middle, with its sign.
    fn middle(&self) -> TimeDelta {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        sorted[sorted.len() / 2]
    }

    /// Returns what this part of the errors keep, early or late.
    fn quantile(&self, part: f64) -> TimeDelta {
        let mut sorted: Vec<TimeDelta> = self.0.iter().map(TimeDelta::abs).collect();
        sorted.sort_unstable();
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "hundreds"
        )]
        let at = (sorted.len() as f64 * part).ceil() as usize;
        sorted[at.clamp(1, sorted.len()) - 1]
    }

    fn show(&self, what: &str, of: usize) {
        if self.0.is_empty() {
            return println!("{what}: none of {of} heard");
        }
        println!(
            "{what}: {} of {of} heard; middle {:+.3} ms; error p50 {:.3}, p99 {:.3}, max {:.3} ms",
            self.0.len(),
            millis(self.middle()),
            millis(self.quantile(0.5)),
            millis(self.quantile(0.99)),
            millis(self.quantile(1.0)),
        );
    }
}

fn millis(time: TimeDelta) -> f64 {
    time.num_nanoseconds()
        .map_or(f64::NAN, |nanos| f64::from(i32::try_from(nanos / 1_000).unwrap_or(i32::MAX)) / 1_000.0)
}

/// Plays and records; returns the errors of the stations.
fn run(starts: usize, block: Duration, rivals: bool) -> Errors {
    let pulse = Pulse::start(&SINKS);
    let mut county = county();
    let ears = SINKS.map(|sink| (sink, Ear::open(&pulse, sink, block)));
    let first = in_seconds(30);
    let first = first + TimeDelta::seconds(EVERY - first.timestamp() % EVERY);
    let dues: Vec<DateTime<Utc>> =
        (0..starts).map(|n| first + TimeDelta::seconds(EVERY) * i32::try_from(n).unwrap()).collect();
    county.playlist("准点", &playlist());
    county.start(&pulse);
    let folder = tempfile::tempdir().unwrap();
    let clip = noise::clip(5, 400);
    let others = rivals.then(|| Others::start(&pulse, &dues, folder.path()));
    poll::pass((*dues.last().unwrap() - clock::wall()).to_std().unwrap() + Duration::from_secs(3));
    let tapes: Vec<(&str, Tape)> =
        ears.into_iter().map(|(sink, ear)| (sink, ear.close(&pulse, sink))).collect();
    county.terminate();
    let tape = |wanted: &str| &tapes.iter().find(|(sink, _)| *sink == wanted).unwrap().1;
    let errors = stations(&dues, &clip.samples, tape);
    if let Some(others) = others {
        others.show(&dues, &clip.samples, tape);
    }
    errors
}

/// Lays out the county: the stations in one group, of which the last one starts after the others.
fn county() -> County {
    let devices = STATIONS.map(|(station, sink, _)| (station, format!("pulse:{sink}")));
    let devices: Vec<(&str, &str)> =
        devices.iter().map(|(station, device)| (*station, device.as_str())).collect();
    let stagger = "\n[[group]]\nid = \"河边\"\nstagger = \"100ms\"\n";
    let table = |(id, device): &(&str, &str)| {
        format!(
            "[[station]]\nid = \"{id}\"\ngroup = \"河边\"\noutput = {{ kind = \"device\", device = \"{device}\" }}\n"
        )
    };
    let tables: String = devices.iter().map(table).collect();
    let county = County::with(&(tables + stagger));
    county.recording("slot.wav", &noise::clip(5, 400));
    county
}

fn playlist() -> String {
    format!(
        "\n[[message]]\nid = \"准点\"\naudio = \"slot.wav\"\n\n[[schedule]]\n\
         cron = \"*/{EVERY} * * * * *\"\nstart = \"hard\"\ngrace = \"1s\"\n"
    )
}

/// Holds what was heard of the stations against their instants, and against each other.
fn stations<'a>(dues: &[DateTime<Utc>], clip: &[f32], tape: impl Fn(&str) -> &'a Tape) -> Errors {
    let mut all = Vec::new();
    let mut heard: Vec<Vec<Option<DateTime<Utc>>>> = Vec::new();
    for (station, sink, after) in STATIONS {
        let after = TimeDelta::milliseconds(after);
        let tape = tape(sink);
        let here: Vec<_> =
            dues.iter().map(|due| tape.heard(clip, *due + after - BEFORE, WITHIN - after)).collect();
        let errors =
            Errors(dues.iter().zip(&here).filter_map(|(due, at)| Some((*at)? - *due - after)).collect());
        errors.show(station, dues.len());
        all.extend(errors.0);
        heard.push(here);
    }
    let stagger = TimeDelta::milliseconds(STATIONS[1].2 - STATIONS[0].2);
    let apart = heard[0].iter().zip(&heard[1]).filter_map(|(east, west)| Some((*west)? - (*east)? - stagger));
    Errors(apart.collect()).show("two stations against each other", dues.len());
    Errors(all)
}

/// The rivals of a run.
struct Others {
    liquidsoap: Option<rivals::Liquidsoap>,
    cron: Option<(Vec<DateTime<Utc>>, Vec<f32>)>,
}

impl Others {
    fn start(pulse: &Pulse, dues: &[DateTime<Utc>], folder: &Path) -> Self {
        let clip = noise::write(&noise::clip(5, 400), &folder.join("slot.wav"));
        let liquidsoap = rivals::Liquidsoap::start(pulse, "liquidsoap", &clip, dues, folder);
        let cron = rivals::spoken(folder).map(|file| {
            let dues: Vec<_> = dues.iter().copied().step_by(CRON_EVERY).collect();
            let _ = rivals::cron(pulse, "cron", dues.clone(), folder);
            (dues, at_48_khz(&file))
        });
        Self { liquidsoap, cron }
    }

    fn show<'a>(self, dues: &[DateTime<Utc>], clip: &[f32], tape: impl Fn(&str) -> &'a Tape) {
        let errors = |dues: &[DateTime<Utc>], clip: &[f32], tape: &Tape, within| {
            Errors(
                dues.iter().filter_map(|due| Some(tape.heard(clip, *due - BEFORE, within)? - *due)).collect(),
            )
        };
        match self.liquidsoap {
            Some(_) => errors(dues, clip, tape("liquidsoap"), WITHIN).show("Liquidsoap's switch", dues.len()),
            None => println!("Liquidsoap is not installed: apt-get install liquidsoap"),
        }
        match self.cron {
            Some((dues, spoken)) => errors(&dues, &spoken, tape("cron"), TimeDelta::seconds(5))
                .show("what cron would run: espeak-ng and paplay", dues.len()),
            None => println!("espeak-ng is not installed"),
        }
    }
}

/// Reads a WAV file and brings it to the recorder's rate, coarsely: it has only to be found.
fn at_48_khz(file: &Path) -> Vec<f32> {
    let copy = file.with_extension("48k.raw");
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-i"])
        .arg(file)
        .args(["-ar", "48000", "-ac", "1", "-f", "s16le"])
        .arg(&copy)
        .status();
    assert!(status.unwrap().success(), "ffmpeg reads what espeak-ng wrote");
    let bytes = fs::read(copy).unwrap();
    bytes.chunks_exact(2).map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 32768.0).collect()
}
