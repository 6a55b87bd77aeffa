//! What a player's thread is doing, readable while the thread hangs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use crate::clip::RATE;
use crate::model::length_of;
use crate::station::clock;

/// Says what the thread is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Doing {
    /// Waits for orders; it may do so for ever.
    Waiting,
    /// Opens, asks after or closes the output: 5 s at the most.
    Opening,
    /// Plays; it moves at least every 3 s.
    Playing,
}

/// Tells how far a player is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What the thread is at.
    pub doing: Doing,
    /// When it last moved, by [`clock::steady`]. A thread that has not moved for 10 s while it is not waiting hangs.
    pub moved: Duration,
    /// How much of the clip was heard.
    pub heard: Duration,
    /// How long the clip is; zero when none plays.
    pub of: Duration,
}

/// Reads the progress of one player; cheap to clone.
#[derive(Debug, Clone)]
pub struct Gauge(pub(super) Arc<Shared>);

impl Gauge {
    /// Tells what the player's thread is doing and when it last moved. Never blocks.
    pub fn read(&self) -> Progress {
        self.0.read()
    }
}

/// The same, shared between the thread and the rest.
#[derive(Debug, Default)]
pub(super) struct Shared {
    doing: AtomicU8,
    moved_ms: AtomicU64,
    heard: AtomicU64,
    of: AtomicU64,
}

impl Shared {
    /// Notes that the thread moves, and what it is about to do.
    pub(super) fn moves(&self, doing: Doing) {
        let now = u64::try_from(clock::steady().as_millis()).unwrap_or(u64::MAX);
        self.moved_ms.store(now, Ordering::Relaxed);
        self.doing.store(doing as u8, Ordering::Relaxed);
    }

    /// Notes how many of a clip's samples were heard.
    pub(super) fn heard(&self, heard: u64, of: u64) {
        self.heard.store(heard, Ordering::Relaxed);
        self.of.store(of, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> Progress {
        let doing = match self.doing.load(Ordering::Relaxed) {
            doing if doing == Doing::Opening as u8 => Doing::Opening,
            doing if doing == Doing::Playing as u8 => Doing::Playing,
            _ => Doing::Waiting,
        };
        Progress {
            doing,
            moved: Duration::from_millis(self.moved_ms.load(Ordering::Relaxed)),
            heard: length_of(self.heard.load(Ordering::Relaxed), RATE),
            of: length_of(self.of.load(Ordering::Relaxed), RATE),
        }
    }
}
