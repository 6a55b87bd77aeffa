//! The ear's thread.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::{EarEvent, Gate, Judged, Order, Setup, Shelf};
use crate::model::{Airing, AiringId, Audible, Clip, Doubt, Words, length_of};
use crate::monitor::{EARLY, Finding, LONGEST, LONGEST_DELAY, Sent, judge};
use crate::output::{Capture, OpenContext};
use crate::station::clock;

/// How long the microphone stays open after its last use: airings of one slot follow within seconds.
const LINGER: Duration = Duration::from_secs(20);

/// How often a closed microphone is asked after. A fault is to be found and shown within 100 s (EN 54-16).
const ASK_EVERY: Duration = Duration::from_mins(1);

/// After the longest delay, for what the device still holds.
const HELD: Duration = Duration::from_millis(500);

/// How soon a microphone that could not be opened is tried again while something sounds.
const AGAIN: Duration = Duration::from_millis(300);

/// The end of a clip is told so long after its length at the latest: amplifiers may take that long to be ready.
const LATEST_END: Duration = Duration::from_mins(1);

/// Airings that wait for their judgement at the most: with more, the machine is too slow to judge.
const MOST_WAITING: usize = 8;

/// Part of the recording that may be missing, in hundredths.
const MISSING: u128 = 25;

/// A clip that is being played.
struct Playing {
    airing: Airing,
    clip: Arc<Clip>,
    chime: Duration,
    since: Duration,
}

/// An airing that is over, and is judged when its echo has died away.
struct Waiting {
    playing: Playing,
    started: Duration,
    heard: Duration,
    at: Duration,
}

pub(super) struct Worker {
    setup: Setup,
    orders: Receiver<Order>,
    gate: Gate,
    shelf: Shelf,
    capture: Option<Capture>,
    up: Option<bool>,
    playing: Option<Playing>,
    waiting: VecDeque<Waiting>,
    used: Duration,
    closing: bool,
}

impl Worker {
    pub(super) fn new(setup: Setup, orders: Receiver<Order>, gate: Gate) -> Self {
        let shelf = Shelf::new(&setup.folder, &setup.station, &setup.monitor);
        let (playing, waiting) = (None, VecDeque::new());
        let used = clock::steady();
        Self { setup, orders, gate, shelf, capture: None, up: None, playing, waiting, used, closing: false }
    }

    /// Obeys until it is to close, or nobody gives orders any more.
    pub(super) fn run(mut self) {
        self.probe();
        loop {
            match self.orders.recv_timeout(self.rest()) {
                Ok(Order::Open) => self.listen(),
                Ok(Order::Sent(airing, clip, chime)) => {
                    self.listen();
                    let since = clock::steady();
                    self.playing = Some(Playing { airing: *airing, clip, chime, since });
                }
                Ok(Order::Ended(airing, started, heard)) => self.ended(&airing, started, heard),
                Ok(Order::Close) => self.closing = true,
                Err(RecvTimeoutError::Timeout) => self.look_after(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.judge_due();
            if self.closing && self.waiting.is_empty() {
                self.tell(EarEvent::Closed);
                return;
            }
        }
    }

    /// Returns how long the thread may sleep.
    fn rest(&self) -> Duration {
        let now = clock::steady();
        let idle = match self.capture {
            Some(_) => LINGER,
            None if self.playing.is_some() => AGAIN,
            None => ASK_EVERY,
        };
        let due = self.waiting.front().map_or(idle, |waiting| waiting.at.saturating_sub(now));
        due.min((self.used + idle).saturating_sub(now).max(Duration::from_millis(20)))
    }

    /// Opens the microphone unless it is open.
    fn listen(&mut self) {
        self.used = clock::steady();
        if self.capture.as_ref().is_some_and(|capture| capture.fault().is_none()) {
            return;
        }
        let context = OpenContext { clock: clock::steady };
        match Capture::open(&self.setup.monitor.device, context) {
            Ok(capture) => {
                self.capture = Some(capture);
                self.is_up();
            }
            Err(fault) => self.is_down(fault.words()),
        }
    }

    fn probe(&mut self) {
        self.used = clock::steady();
        match Capture::probe(&self.setup.monitor.device) {
            Ok(()) => self.is_up(),
            Err(fault) => self.is_down(fault.words()),
        }
    }

    /// Closes a microphone that nobody needs, or asks after a closed one.
    fn look_after(&mut self) {
        let now = clock::steady();
        // A player that was given up tells no end.
        self.playing.take_if(|playing| now > playing.since + playing.clip.length() + LATEST_END);
        if self.playing.is_some() || !self.waiting.is_empty() {
            self.used = now;
        }
        if self.playing.is_some() && self.capture.is_none() {
            self.listen();
            return;
        }
        if let Some(fault) = self.capture.as_ref().and_then(Capture::fault) {
            self.is_down(fault);
        }
        let idle = if self.capture.is_some() { LINGER } else { ASK_EVERY };
        if now < self.used + idle {
            return;
        }
        if self.capture.take().is_none() {
            self.probe();
        }
        self.used = now;
    }

    fn ended(&mut self, airing: &AiringId, started: Option<Duration>, heard: Duration) {
        let Some(playing) = self.playing.take_if(|playing| playing.airing.id == *airing) else { return };
        let Some(started) = started.filter(|_| !heard.is_zero()) else { return };
        let at = clock::steady() + LONGEST_DELAY + HELD;
        self.waiting.push_back(Waiting { playing, started, heard, at });
    }

    fn judge_due(&mut self) {
        while self
            .waiting
            .front()
            .is_some_and(|waiting| waiting.at <= clock::steady() || self.waiting.len() > MOST_WAITING)
        {
            let Some(waiting) = self.waiting.pop_front() else { return };
            let busy = self.waiting.len() >= MOST_WAITING;
            self.used = clock::steady();
            let judged = if busy { unheard(waiting.playing, Doubt::Busy) } else { self.judged(waiting) };
            self.tell(EarEvent::Judged(Box::new(judged)));
        }
    }

    /// Judges one airing, or the end of a very long one.
    fn judged(&mut self, waiting: Waiting) -> Judged {
        let Waiting { playing, started, heard, .. } = waiting;
        let Some(capture) = &self.capture else { return unheard(playing, Doubt::DeviceAbsent) };
        if let Some(fault) = capture.fault() {
            self.is_down(fault);
            return unheard(playing, Doubt::DeviceAbsent);
        }
        let skipped = heard.saturating_sub(LONGEST);
        let from = (started + skipped).saturating_sub(EARLY);
        let mut stretch = capture.between(from, from + EARLY + heard.saturating_sub(skipped) + LONGEST_DELAY);
        let whole = length_of(stretch.clip.samples.len() as u64, stretch.clip.rate);
        // What sounded before the microphone was open proves nothing, neither for nor against.
        let skipped = (skipped + stretch.late).min(heard);
        let late = samples(stretch.late, stretch.clip.rate).min(stretch.clip.samples.len());
        stretch.clip.samples.drain(..late);
        let Playing { airing, clip, chime, .. } = playing;
        let rest = clip.samples.get(samples(skipped, clip.rate)..).unwrap_or_default().to_vec();
        let rest = Clip { rate: clip.rate, samples: rest };
        let sent =
            Sent { clip: &rest, played: heard.saturating_sub(skipped), chime: chime.saturating_sub(skipped) };
        let finding = if stretch.missing.as_millis() * 100 > whole.as_millis() * MISSING {
            Finding::unknown(Doubt::Overrun)
        } else {
            judge(sent, &stretch.clip, self.setup.usual)
        };
        if finding.heard == Audible::Yes {
            self.setup.usual = finding.level;
        }
        let kept = self.shelf.keep(finding.heard, &stretch.clip, clock::wall());
        Judged { airing, finding, kept }
    }

    fn is_up(&mut self) {
        if self.up != Some(true) {
            self.up = Some(true);
            self.tell(EarEvent::Up);
        }
    }

    fn is_down(&mut self, words: Words) {
        self.capture = None;
        if self.up != Some(false) {
            self.up = Some(false);
            self.tell(EarEvent::Down(words));
        }
    }

    fn tell(&self, event: EarEvent) {
        if let Some(listener) = &*self.gate.lock().unwrap_or_else(PoisonError::into_inner) {
            listener(event);
        }
    }
}

fn samples(length: Duration, rate: u32) -> usize {
    usize::try_from(length.as_nanos() * u128::from(rate) / 1_000_000_000).unwrap_or(usize::MAX)
}

fn unheard(playing: Playing, doubt: Doubt) -> Judged {
    Judged { airing: playing.airing, finding: Finding::unknown(doubt), kept: None }
}
