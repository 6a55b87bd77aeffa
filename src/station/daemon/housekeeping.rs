//! What has to be done now and then, whatever airs: the watchdog, the memory, the status line.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::model::StationId;
use crate::playout::Now;
use crate::station::memory::{Memory, Remembered};
use crate::station::progress::{Progress, Proof, TOLERANCE};
use crate::station::{clock, systemd};

/// How often the house is looked after: a clock that steps is seen this late.
pub(super) const EVERY: Duration = Duration::from_secs(4);
/// Memory cards wear; a minute is exact enough to see that a clock went back.
const REMEMBER_EVERY: Duration = Duration::from_mins(1);
/// Loops take over a new plan within this time.
const TAKEN_OVER_WITHIN: Duration = Duration::from_secs(1);
/// How often the line that `systemctl status` shows is renewed.
const TELL_EVERY: Duration = Duration::from_secs(30);
/// A beat that comes so much later than it should was slept through: the machine was suspended.
const SLEPT: Duration = Duration::from_secs(10);

/// The last judgement: when, on the steady clock, and whether everything moved.
#[derive(Debug, Clone, Copy)]
struct Verdict {
    at: Duration,
    alive: bool,
}

/// Keeps the times of the last rounds.
pub(super) struct Housekeeping {
    memory: Memory,
    progress: Progress,
    verdict: Arc<Mutex<Verdict>>,
    last: Duration,
    remember_next: Duration,
    told: Duration,
}

impl Housekeeping {
    /// Begins, and feeds the watchdog from now on for as long as [`Housekeeping::judge`] finds nothing stuck.
    pub(super) fn new(memory: Memory) -> Self {
        let now = clock::steady();
        let verdict = Arc::new(Mutex::new(Verdict { at: now, alive: true }));
        let seen = Arc::clone(&verdict);
        tokio::spawn(systemd::keep_fed(move || {
            let verdict = *seen.lock().unwrap_or_else(PoisonError::into_inner);
            // A judge that sleeps is no better than one that says no.
            verdict.alive && clock::steady().saturating_sub(verdict.at) < TOLERANCE
        }));
        Self {
            memory,
            progress: Progress::default(),
            verdict,
            last: now,
            remember_next: Duration::ZERO,
            told: now,
        }
    }

    /// Tells whether the machine slept since the last round.
    pub(super) fn slept(&mut self) -> bool {
        let last = std::mem::replace(&mut self.last, clock::steady());
        self.last.saturating_sub(last) > SLEPT
    }

    /// Judges whether every loop still moves; what is stuck starves the watchdog.
    pub(super) fn judge(&mut self, proofs: &[(StationId, Proof)]) {
        let at = clock::steady();
        let stuck = self.progress.judge(at, proofs);
        for (station, how) in &stuck {
            tracing::error!(%station, ?how, "stuck");
        }
        let verdict = Verdict { at, alive: stuck.is_empty() };
        *self.verdict.lock().unwrap_or_else(PoisonError::into_inner) = verdict;
    }

    /// Writes what the next start has to know, about once a minute, and never by a clock that is not believed.
    pub(super) fn remember(&mut self, remembered: impl FnOnce() -> Remembered, now: &Now) {
        if now.steady >= self.remember_next && now.trusted {
            self.remember_next = now.steady + REMEMBER_EVERY;
            self.remember_now(&remembered());
        }
    }

    /// Has the memory written once every loop goes by the new plan: a restart must not hold a new playlist to times
    /// before it came.
    pub(super) fn remember_soon(&mut self) {
        self.remember_next = clock::steady() + TAKEN_OVER_WITHIN;
    }

    /// Writes what the next start has to know.
    pub(super) fn remember_now(&self, remembered: &Remembered) {
        if let Err(error) = self.memory.write(remembered) {
            tracing::warn!(%error, "what the next start has to know could not be written");
        }
    }

    /// Tells whether the status line is due.
    pub(super) fn tell_systemd(&mut self) -> bool {
        let due = self.last.saturating_sub(self.told) >= TELL_EVERY;
        if due {
            self.told = self.last;
        }
        due
    }
}
