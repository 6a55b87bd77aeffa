//! The store of alerts. What was taken is remembered until it is surely over, so that nothing is taken twice.
//!
//! ```text
//! county/alerts/3f2a….json      an alert by the SHA-256 of its signed bytes: its envelope, and when it came
//! county/alerts/3f2a….stopped   stations at which a person silenced it, one a line
//! ```
//!
//! There is no other memory that could say something else. An alert is on the disk before anybody is told that it came.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::model::{Alert, AlertName, Digest, Station, StationId};
use crate::playout::{Trust, judge_clock};
use crate::station::alerts::AlertFault;
use crate::station::bundles::{self, TakeFault};
use crate::station::clock;
use crate::station::disk::{replace, sync};
use crate::trust::{AlertJudge, Before, ClockState, Envelope, LARGEST_ALERT, PayloadType, Root, alert};

/// The store's folder, in the state folder.
const FOLDER: &str = "county/alerts";

/// Kept beyond the time at which an alert, and whatever it ends, is over.
const MARGIN: TimeDelta = TimeDelta::days(1);

/// An alert that was sent so much after the present says nothing about the present.
const TOLERANCE: TimeDelta = TimeDelta::minutes(10);

/// The wall clock when an alert comes, and what it is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// What the wall clock says.
    pub at: DateTime<Utc>,
    /// How far it may be relied on.
    pub clock: ClockState,
}

impl Arrival {
    /// Reads the clock, whose latest time ever seen is `seen`.
    pub fn now(seen: Option<DateTime<Utc>>) -> Self {
        let (at, synchronised) = (clock::wall(), clock::synchronised());
        let clock = match judge_clock(at, seen, clock::released(), synchronised) {
            Trust::Trusted if synchronised => ClockState::Synchronised,
            Trust::Trusted => ClockState::Plausible,
            Trust::Untrusted(_) => ClockState::Untrusted,
        };
        Self { at, clock }
    }
}

/// Tells whether `bytes` are an envelope that claims to hold an alert.
pub fn is_alert(bytes: &[u8]) -> bool {
    Envelope::read(bytes).is_some_and(|envelope| envelope.payload_type == PayloadType::Alert.name())
}

/// An alert that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What it says.
    pub alert: Alert,
    /// The SHA-256 of its signed bytes.
    pub payload: Digest,
    /// When it came.
    pub arrival: Arrival,
    /// Where a person silenced it.
    pub stopped: BTreeSet<StationId>,
}

/// Holds the alerts of one state folder.
#[derive(Debug, Clone)]
pub struct Store {
    state: PathBuf,
    folder: PathBuf,
}

/// All that is in the folder.
struct Memory {
    held: Vec<Held>,
    /// Files that cannot be read any more; their names say what must not come again.
    damaged: Vec<Digest>,
}

impl Store {
    /// Uses `county/alerts` in the folder `state`.
    pub fn open(state: &Path) -> Self {
        Self { state: state.to_owned(), folder: state.join(FOLDER) }
    }

    /// Takes the envelope of an alert, on whatever way it came: the one door. What is returned is on the disk.
    pub fn take(&self, bytes: &[u8], stations: &[Station], arrival: Arrival) -> Result<Held, AlertFault> {
        fs::create_dir_all(&self.folder)?;
        let lock = File::create(self.folder.join(".lock"))?;
        // Two that come at once are both taken; neither takes longer than the disk.
        lock.lock()?;
        let root = self.root()?;
        let memory = self.read();
        let before = |name: &AlertName, payload: &Digest| memory.before(name, payload);
        let judge = AlertJudge {
            root: &root,
            before: &before,
            floor: memory.floor(),
            now: arrival.at,
            clock: arrival.clock,
        };
        let alert = judge.judge(bytes, stations)?;
        // It was read a moment ago.
        let payload = Envelope::read(bytes).map(|envelope| Digest::of(&envelope.payload));
        let payload = payload.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))?;
        let held = Held { alert, payload, arrival, stopped: BTreeSet::new() };
        self.keep(bytes, &held)?;
        self.forget(memory);
        Ok(held)
    }

    /// Reads what is in force, whatever the clock says: all that came and was not ended by another one.
    pub fn in_force(&self) -> Vec<Held> {
        let memory = self.read();
        let floor = memory.floor();
        let ended: BTreeSet<AlertName> =
            memory.held.iter().flat_map(|held| held.alert.references.iter().cloned()).collect();
        let open = |held: &Held| held.alert.expires > floor && !ended.contains(&held.alert.name());
        memory.held.into_iter().filter(open).collect()
    }

    /// Names the files that are there, for those who look whether something came.
    pub fn names(&self) -> BTreeSet<String> {
        let listed = fs::read_dir(&self.folder).into_iter().flatten();
        listed
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| !name.starts_with('.'))
            .collect()
    }

    /// Silences everything that is in force at `stations`, for good.
    pub fn stop(&self, stations: &[StationId]) -> io::Result<()> {
        for held in self.in_force() {
            let meant = |id: &&StationId| !held.stopped.contains(*id);
            if stations.iter().any(|id| meant(&id)) {
                let all: BTreeSet<&str> =
                    held.stopped.iter().chain(stations).map(StationId::as_str).collect();
                let lines: Vec<&str> = all.into_iter().collect();
                replace(&self.path(&held.payload, "stopped"), lines.join("\n").as_bytes())?;
            }
        }
        Ok(())
    }

    fn root(&self) -> Result<Root, AlertFault> {
        // Roots are read without the program, which decodes recordings.
        let bundles = bundles::Store::open(&self.state, PathBuf::new());
        bundles.root().and_then(|root| root.ok_or(TakeFault::NoRoot)).map_err(AlertFault::Root)
    }

    fn keep(&self, envelope: &[u8], held: &Held) -> io::Result<()> {
        let mut bytes = envelope.trim_ascii().to_vec();
        // The envelope is JSON, in which a line break means nothing.
        bytes.retain(|byte| *byte != b'\n' && *byte != b'\r');
        bytes.push(b'\n');
        bytes.extend(serde_json::to_vec(&held.arrival)?);
        replace(&self.path(&held.payload, "json"), &bytes)?;
        // The folders may be as new as the file.
        self.folder.ancestors().skip(1).take(2).try_for_each(sync)
    }

    fn path(&self, payload: &Digest, ending: &str) -> PathBuf {
        self.folder.join(format!("{payload}.{ending}"))
    }

    fn read(&self) -> Memory {
        let mut memory = Memory { held: Vec::new(), damaged: Vec::new() };
        for name in self.names() {
            let Some(payload) = name.strip_suffix(".json").and_then(|stem| stem.parse().ok()) else {
                continue;
            };
            match self.held(payload) {
                Some(held) => memory.held.push(held),
                None => memory.damaged.push(payload),
            }
        }
        memory.held.sort_by_key(|held| (held.arrival.at, held.payload));
        memory
    }

    /// Reads one alert back; none if it is not what its name says.
    fn held(&self, payload: Digest) -> Option<Held> {
        let mut bytes = Vec::new();
        let file = File::open(self.path(&payload, "json")).ok()?;
        file.take(2 * LARGEST_ALERT as u64).read_to_end(&mut bytes).ok()?;
        let (envelope, arrival) = bytes.split_at(bytes.iter().position(|byte| *byte == b'\n')?);
        let envelope = Envelope::read(envelope).filter(|read| Digest::of(&read.payload) == payload)?;
        let stopped = fs::read_to_string(self.path(&payload, "stopped")).unwrap_or_default();
        Some(Held {
            alert: alert::read(&envelope.payload)?,
            payload,
            arrival: serde_json::from_slice(arrival).ok()?,
            stopped: stopped.lines().filter_map(|line| StationId::new(line).ok()).collect(),
        })
    }

    /// Deletes what is surely over. What cannot be deleted now is deleted next time.
    fn forget(&self, memory: Memory) {
        let floor = memory.floor();
        let over = |held: &Held| {
            // What it ends was sent before it, and is over by then, too.
            let last = held.alert.expires.max(held.alert.sent.to_utc() + alert::LONGEST_ALERT);
            last + MARGIN < floor
        };
        for held in memory.held.into_iter().filter(over) {
            for ending in ["stopped", "json"] {
                let _ = fs::remove_file(self.path(&held.payload, ending));
            }
        }
    }
}

impl Memory {
    fn before(&self, name: &AlertName, payload: &Digest) -> Option<Before> {
        let came = self.held.iter().find(|held| held.payload == *payload || held.alert.name() == *name);
        let came = came.map(|held| held.payload);
        let damaged = self.damaged.contains(payload).then_some(*payload);
        let ends = |held: &Held| held.alert.references.contains(name);
        came.or(damaged).map(Before::Came).or_else(|| self.held.iter().any(ends).then_some(Before::Ended))
    }

    /// The latest time at which anything was signed that is not ahead of the clock that took it. It comes from people, not
    /// from this machine's clock: one that once ran ahead leaves no trace here.
    fn floor(&self) -> DateTime<Utc> {
        let timely = |held: &&Held| {
            let (sent, arrival) = (held.alert.sent.to_utc(), held.arrival);
            arrival.clock != ClockState::Untrusted && sent <= arrival.at + TOLERANCE
        };
        let sent = self.held.iter().filter(timely).map(|held| held.alert.sent.to_utc());
        sent.max().unwrap_or(DateTime::UNIX_EPOCH)
    }
}
