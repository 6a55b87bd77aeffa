//! An ear on a sink: records its monitor, and knows when each sample was heard.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::station::clock;

use super::correlate::{self, Found};

/// Samples a second of every recording, Hz.
pub(crate) const RATE: usize = 48_000;

/// A recording that is going on.
pub(crate) struct Recording {
    parec: Child,
    taken: Arc<Taken>,
    reader: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Taken {
    tape: Mutex<Tape>,
    more: Condvar,
}

#[derive(Default)]
struct Tape {
    samples: Vec<f32>,
    /// When the first sample was heard: the earliest that any arrival allows.
    origin: Option<DateTime<Utc>>,
    ended: bool,
}

/// A recording that is over.
pub(crate) struct Heard {
    /// The sound at [`RATE`], one channel.
    pub(crate) samples: Vec<f32>,
    /// When the first sample was heard.
    pub(crate) origin: DateTime<Utc>,
}

impl Recording {
    /// Listens to `sink`'s monitor at the server; returns when sound (or silence) arrives.
    pub(crate) fn start(server: &str, sink: &str) -> Self {
        let mut parec = Command::new("parec")
            .args(["--latency-msec=10", "--rate=48000", "--channels=1", "--format=s16le", "--raw"])
            .arg(format!("--device={sink}.monitor"))
            .env("PULSE_SERVER", server)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("parec of pulseaudio-utils runs");
        let mut sound = parec.stdout.take().unwrap();
        let taken = Arc::new(Taken::default());
        let tape = Arc::clone(&taken);
        let reader = thread::spawn(move || {
            let mut bytes = [0; 960];
            while sound.read_exact(&mut bytes).is_ok() {
                tape.append(&bytes);
            }
            tape.tape.lock().unwrap().ended = true;
            tape.more.notify_all();
        });
        taken.wait("sound from the monitor", |tape| !tape.samples.is_empty());
        Self { parec, taken, reader: Some(reader) }
    }

    /// Waits until something sounds after `instant`.
    pub(crate) fn sound_after(&self, instant: DateTime<Utc>) {
        self.taken.wait("a sound", |tape| {
            let from = tape.origin.map_or(0, |origin| index(instant - origin));
            tape.samples.get(from..).is_some_and(|samples| samples.iter().any(|sample| is_sound(*sample)))
        });
    }

    /// Waits until the server that it listens to is gone and returns the tape.
    pub(crate) fn cut_off(self) -> Heard {
        self.finish_at(DateTime::<Utc>::MAX_UTC)
    }

    /// Waits until everything heard up to `instant` is on the tape, stops and returns the tape.
    pub(crate) fn finish_at(mut self, instant: DateTime<Utc>) -> Heard {
        self.taken.wait("the recording's end", |tape| tape.ended || tape.now() >= Some(instant));
        let _ = self.parec.kill();
        let _ = self.parec.wait();
        self.reader.take().unwrap().join().unwrap();
        let mut tape = self.taken.tape.lock().unwrap();
        Heard { samples: std::mem::take(&mut tape.samples), origin: tape.origin.unwrap() }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let _ = self.parec.kill();
        let _ = self.parec.wait();
    }
}

impl Taken {
    fn append(&self, bytes: &[u8]) {
        let now = clock::wall();
        let mut tape = self.tape.lock().unwrap();
        tape.samples.extend(
            bytes.chunks_exact(2).map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 32768.0),
        );
        let origin = now - length(tape.samples.len());
        tape.origin = Some(tape.origin.map_or(origin, |earlier| earlier.min(origin)));
        self.more.notify_all();
    }

    fn wait(&self, what: &str, enough: impl Fn(&Tape) -> bool) {
        let tape = self.tape.lock().unwrap();
        let (_tape, timeout) =
            self.more.wait_timeout_while(tape, Duration::from_secs(20), |tape| !enough(tape)).unwrap();
        assert!(!timeout.timed_out(), "{what} did not come");
    }
}

impl Tape {
    fn now(&self) -> Option<DateTime<Utc>> {
        Some(self.origin? + length(self.samples.len()))
    }
}

impl Heard {
    /// Finds a clip.
    pub(crate) fn find(&self, clip: &[f32]) -> Option<Found> {
        correlate::find(clip, &self.samples)
    }

    /// Says when a sample was heard.
    pub(crate) fn time_of(&self, sample: usize) -> DateTime<Utc> {
        self.origin + length(sample)
    }

    /// Finds a clip that was heard about `instant`: a second and a half earlier or later at the most.
    pub(crate) fn find_near(&self, clip: &[f32], instant: DateTime<Utc>) -> Found {
        let slack = TimeDelta::milliseconds(1_500);
        let from = index(instant - slack - self.origin).min(self.samples.len());
        let until = (index(instant + slack - self.origin) + clip.len()).min(self.samples.len());
        let found = correlate::find(clip, &self.samples[from..until]).expect("the tape is long enough");
        Found { at: from + found.at, ..found }
    }

    /// Says when the last sound before `instant` was heard, or none at all.
    pub(crate) fn last_sound_before(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let until = index(instant - self.origin).min(self.samples.len());
        let last = self.samples[..until].iter().rposition(|sample| is_sound(*sample))?;
        Some(self.time_of(last + 1))
    }

    /// Says when the tape ends.
    pub(crate) fn end(&self) -> DateTime<Utc> {
        self.time_of(self.samples.len())
    }

    /// Says how long it was from the first sample of a clip found to the last sound on the tape.
    pub(crate) fn sounded(&self, clip: Found) -> Duration {
        let last = self.samples.iter().rposition(|sample| is_sound(*sample)).unwrap_or_default();
        length(last.saturating_sub(clip.at)).to_std().unwrap()
    }

    /// Returns what was heard in `[from, until)`.
    pub(crate) fn between(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> &[f32] {
        let index = |instant: DateTime<Utc>| index(instant - self.origin).min(self.samples.len());
        &self.samples[index(from)..index(until).max(index(from))]
    }
}

/// Tells sound from the rounding of silence.
fn is_sound(sample: f32) -> bool {
    sample.abs() > 0.001
}

/// Counts the samples in a time; none before the tape begins.
fn index(time: TimeDelta) -> usize {
    usize::try_from(time.num_microseconds().unwrap().max(0)).unwrap() * RATE / 1_000_000
}

fn length(samples: usize) -> TimeDelta {
    TimeDelta::microseconds(i64::try_from(samples * 1_000_000 / RATE).unwrap())
}
