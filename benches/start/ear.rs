//! The recorder: what a sink's monitor hands out, and when each sample of it was heard.
//!
//! A null sink of PulseAudio renders a block at the instant at which its first sample is due, and hands all of it to the
//! monitor at once: the last sample comes a block early. So no arrival comes earlier than that, and the earliest ones, put
//! later by one block, are when the sink's clock heard them. Waking up late makes arrivals later and none earlier. The
//! earliest twentieth within two seconds counts, as that clock runs some 30 millionths fast and starts anew with a stream.
//! How long a block is the server says.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::station::clock;

use crate::support::correlate;
use crate::support::pulse::Pulse;

/// Samples a second, Hz.
const RATE: i64 = 48_000;

/// Arrivals before and after a sample that tell when it was heard, in samples: two seconds each.
const AROUND: usize = 96_000;

/// One of so many arrivals is among the earliest.
const EARLIEST: usize = 20;

/// What is louder than this sounds: a hundredth of full scale.
const SOUND: f32 = 0.01;

/// A recording that is going on.
pub(crate) struct Ear {
    parec: Child,
    reader: JoinHandle<Tape>,
}

/// A recording that is over.
pub(crate) struct Tape {
    samples: Vec<f32>,
    /// How many samples there were after each arrival, and when the first of all would have been heard by it.
    arrivals: Vec<(usize, DateTime<Utc>)>,
    /// How long a block was.
    block: TimeDelta,
}

impl Ear {
    /// Listens to `sink`; blocks are to be no longer than `block`.
    pub(crate) fn open(pulse: &Pulse, sink: &str, block: Duration) -> Self {
        let mut parec = Command::new("nice");
        parec.args(["-n", "-5", "parec", "--rate=48000", "--channels=1", "--format=s16le", "--raw"]);
        parec.arg(format!("--latency-msec={}", block.as_millis())).arg(format!("--device={sink}.monitor"));
        pulse.set_up(&mut parec);
        let mut parec = parec.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("parec runs");
        let sound = parec.stdout.take().expect("piped");
        Self { parec, reader: thread::spawn(move || listen(sound)) }
    }

    /// Ends the recording.
    pub(crate) fn close(mut self, pulse: &Pulse, sink: &str) -> Tape {
        let block = block_of(pulse, sink);
        let _ = self.parec.kill();
        let _ = self.parec.wait();
        let tape = self.reader.join().expect("the reader does not panic");
        Tape { block, ..tape }
    }
}

fn listen(mut sound: impl Read) -> Tape {
    let mut tape = Tape { samples: Vec::new(), arrivals: Vec::new(), block: TimeDelta::zero() };
    let (mut buffer, mut odd) = (vec![0; 1 << 16], 0);
    while let Ok(count @ 1..) = sound.read(&mut buffer[odd..]) {
        let now = clock::wall();
        let count = odd + count;
        let pairs = buffer[..count].chunks_exact(2);
        odd = pairs.remainder().len();
        tape.samples.extend(pairs.map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 32768.0));
        buffer.copy_within(count - odd..count, 0);
        tape.arrivals.push((tape.samples.len(), now - length(tape.samples.len())));
    }
    tape
}

/// Asks the server how long the sink's blocks are.
fn block_of(pulse: &Pulse, sink: &str) -> TimeDelta {
    let sinks = pulse.control(&["list", "sinks"]).expect("the server answers");
    let name = format!("Name: {sink}");
    let line = sinks.lines().skip_while(|line| line.trim() != name).find(|line| line.contains("configured "));
    let word = line.and_then(|line| line.rsplit("configured ").next()?.split(' ').next());
    TimeDelta::microseconds(word.and_then(|word| word.parse().ok()).expect("pactl says how long"))
}

impl Tape {
    /// Says when `clip` was first heard from `from` on, within `within`; none if it was not.
    pub(crate) fn heard(
        &self,
        clip: &[f32],
        from: DateTime<Utc>,
        within: TimeDelta,
    ) -> Option<DateTime<Utc>> {
        let roughly = self.arrivals.first()?.1;
        let start = index(from - roughly).min(self.samples.len());
        let end = (index(from + within - roughly) + clip.len()).min(self.samples.len());
        let found =
            correlate::find(clip, &self.samples[start..end]).filter(|found| found.correlation > 0.8)?;
        self.time_of(start + found.at)
    }

    /// Says when the last sound was heard between two instants, of which the later one lies in silence.
    pub(crate) fn last_sound(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let origin = self.time_of(0)?;
        // A block's error more or less must not take in what begins at `until`.
        let (from, until) = (index(from - origin), index(until - TimeDelta::milliseconds(1) - origin));
        let part = self.samples.get(from..until)?;
        self.time_of(from + part.iter().rposition(|sample| sample.abs() > SOUND)?)
    }

    /// Says when a sample was heard.
    fn time_of(&self, sample: usize) -> Option<DateTime<Utc>> {
        let from = self.arrivals.partition_point(|(count, _)| *count + AROUND < sample);
        let until = self.arrivals.partition_point(|(count, _)| *count < sample + AROUND);
        let mut origins: Vec<DateTime<Utc>> =
            self.arrivals[from..until].iter().map(|(_, origin)| *origin).collect();
        origins.sort_unstable();
        let earliest = origins.get(origins.len() / EARLIEST)?;
        Some(*earliest + self.block + length(sample))
    }
}

fn index(time: TimeDelta) -> usize {
    usize::try_from(time.num_nanoseconds().unwrap_or_default().max(0) / 1_000 * RATE / 1_000_000).unwrap_or(0)
}

fn length(samples: usize) -> TimeDelta {
    TimeDelta::nanoseconds(
        i64::try_from(samples).unwrap_or(i64::MAX / RATE).saturating_mul(1_000_000_000) / RATE,
    )
}
