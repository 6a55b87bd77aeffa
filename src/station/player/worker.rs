//! The player's thread.

use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::air::Air;
use super::cue::Cue;
use super::progress::{Doing, Shared};
use super::{Command, Gate, How, Opener, PlayerEvent, Probe, Setup};
use crate::model::{AiringId, Clip, Words};
use crate::output::{Output, OutputFault};
use crate::station::amplifier::Amplifier;
use crate::station::clock;

/// How long an output stays open after its last use: airings of one slot follow within seconds.
const LINGER: Duration = Duration::from_secs(10);

/// How often a closed output is asked after. A fault is to be found and shown within 100 s (EN 54-16).
const ASK_EVERY: Duration = Duration::from_mins(1);

/// What opening or asking may take at the most; see [`Output`].
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

const _: () = assert!(
    LINGER.as_secs() + ASK_EVERY.as_secs() + ANSWER_WITHIN.as_secs() <= 100,
    "a device that dies while nothing sounds is found within 100 s"
);

/// First and longest wait before an absent output is tried again; each wait is twice the one before.
const SOON: Duration = Duration::from_millis(500);
const LATE: Duration = Duration::from_secs(5);

/// Blocks a second: 20 ms each, so an order is obeyed within 20 ms.
const BLOCKS: u32 = 50;

/// How long before its instant a clip is handed over, so that it lies ready when the device asks for it: twice what
/// devices and sound servers hold.
const HAND_OVER: Duration = Duration::from_millis(400);

/// Blocks that an output takes without making the player wait; see [`Output::write`]. No more are written before the
/// output begins to take them: an order that comes until then is obeyed at once, as nobody waits behind a full queue.
const PRIMED: usize = 8;
const PRIMED_TIME: Duration = Duration::from_millis(1_000 / BLOCKS as u64 * PRIMED as u64);

/// How long the thread waits without saying that it moves.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

#[derive(PartialEq, Eq)]
enum Health {
    Unknown,
    Up,
    Down { again_in: Duration },
}

pub(super) struct Worker {
    open: Opener,
    probe: Option<Probe>,
    orders: Receiver<Command>,
    progress: Arc<Shared>,
    gate: Gate,
    pub(super) amplifier: Option<Amplifier>,
    output: Option<Box<dyn Output>>,
    health: Health,
    /// The gain that the last block ended with, and the one that is wanted.
    gain: (f32, f32),
}

impl Worker {
    pub(super) fn new(setup: Setup, orders: Receiver<Command>, progress: Arc<Shared>, gate: Gate) -> Self {
        let gain = gain(setup.volume);
        Self {
            open: setup.open,
            probe: setup.probe,
            orders,
            progress,
            gate,
            amplifier: setup.amplifier,
            output: None,
            health: Health::Unknown,
            gain: (gain, gain),
        }
    }

    /// Obeys orders until there are none any more.
    pub(super) fn run(mut self) {
        // Whether the output is there is told at once, and not only when the first airing fails.
        let _ = self.ensure_open();
        let mut next = self.next_order();
        while let Some(order) = next.take() {
            next = match order {
                Command::Warm => {
                    self.warm();
                    None
                }
                Command::Stop => None,
                Command::Volume(percent) => {
                    self.gain.1 = gain(percent);
                    None
                }
                Command::Play(airing, clip, at) => self.play(airing, &clip, at.map(Cue::at)),
                Command::Quit => break,
            }
            .or_else(|| self.next_order());
        }
        self.close();
        self.tell(PlayerEvent::Quit);
    }

    /// Opens the output and answers whether it is open, also when that is no news.
    fn warm(&mut self) {
        let was_up = self.health == Health::Up;
        let was_down = matches!(self.health, Health::Down { .. });
        match self.ensure_open() {
            Ok(()) if was_up => self.tell(PlayerEvent::Up),
            Err(words) if was_down => self.tell(PlayerEvent::Down(words)),
            Ok(()) | Err(_) => {}
        }
    }

    /// Waits for an order, without a timeout when there is nothing to look after.
    fn next_order(&mut self) -> Option<Command> {
        loop {
            self.progress.moves(Doing::Waiting);
            let waited = match self.rest() {
                None => self.orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(rest) => self.orders.recv_timeout(rest),
            };
            match waited {
                Ok(order) => return Some(order),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => self.look_after(),
            }
        }
    }

    /// Returns how long the thread may sleep before it has to look after the output.
    fn rest(&self) -> Option<Duration> {
        match self.health {
            _ if self.output.is_some() => Some(LINGER),
            Health::Down { again_in } => Some(again_in),
            Health::Unknown | Health::Up => self.probe.is_some().then_some(ASK_EVERY),
        }
    }

    /// Closes an output that nobody needs, or asks after a closed one.
    fn look_after(&mut self) {
        if self.output.is_some() {
            self.close();
            self.tell(PlayerEvent::Closed);
            return;
        }
        self.progress.moves(Doing::Opening);
        let asked = match &mut self.probe {
            Some(probe) => probe(),
            None => (self.open)().map(|output| self.output = Some(output)),
        };
        match asked {
            Ok(()) => self.is_up(),
            Err(fault) => self.is_down(&fault.words()),
        }
    }

    fn ensure_open(&mut self) -> Result<(), Words> {
        if self.output.is_some() {
            return Ok(());
        }
        self.progress.moves(Doing::Opening);
        match (self.open)() {
            Ok(output) => {
                self.output = Some(output);
                self.is_up();
                Ok(())
            }
            Err(fault) => {
                let words = fault.words();
                self.is_down(&words);
                Err(words)
            }
        }
    }

    fn close(&mut self) {
        self.progress.moves(Doing::Opening);
        self.output = None;
    }

    fn is_up(&mut self) {
        if self.health != Health::Up {
            self.health = Health::Up;
            self.tell(PlayerEvent::Up);
        }
    }

    fn is_down(&mut self, words: &Words) {
        let again_in = match self.health {
            Health::Down { again_in } => (again_in * 2).min(LATE),
            Health::Unknown | Health::Up => SOON,
        };
        if !matches!(self.health, Health::Down { .. }) {
            self.tell(PlayerEvent::Down(words.clone()));
        }
        self.health = Health::Down { again_in };
    }

    /// Plays a clip to its end, to an order or to a loss. Returns the order that cut it and is still to be obeyed.
    fn play(&mut self, airing: AiringId, clip: &Clip, cue: Option<Cue>) -> Option<Command> {
        let mut was_open = self.output.is_some();
        loop {
            if let Err(words) = self.ensure_open() {
                let ended = clock::wall();
                let how = How::Absent(words);
                self.tell(PlayerEvent::Ended { airing, started: None, ended, heard: Duration::ZERO, how });
                return None;
            }
            let cue = match self.when_powered(cue) {
                Ok(cue) => cue,
                Err(order) => {
                    let (started, ended, heard) = (None, clock::wall(), Duration::ZERO);
                    self.tell(PlayerEvent::Ended { airing, started, ended, heard, how: How::Stopped });
                    return Some(order);
                }
            };
            let mut output = self.output.take()?;
            let mut air = Air::new(airing.clone(), &*output, cue);
            let result = self.sound(&mut *output, &mut air, clip, first_sample(cue));
            self.progress.heard(0, 0);
            match result {
                Ok(order) => {
                    let how = if order.is_some() { How::Stopped } else { How::Drained };
                    self.tell(air.end(&*output, how));
                    self.output = Some(output);
                    return order;
                }
                // An output that was kept open may have died unseen; nothing was heard, so a new one may try.
                Err(_) if was_open && air.heard(&*output) == 0 => was_open = false,
                Err(fault) => {
                    // The loss is told before the output is closed: closing may take long.
                    self.tell(air.end(&*output, How::Lost(fault.words())));
                    self.is_down(&fault.words());
                    return None;
                }
            }
        }
    }

    fn sound(
        &mut self,
        output: &mut dyn Output,
        air: &mut Air,
        clip: &Clip,
        at: Option<Duration>,
    ) -> Result<Option<Command>, OutputFault> {
        if clip.rate != output.rate() {
            return Err(OutputFault::Rate { clip: clip.rate, output: output.rate() });
        }
        if let Some(order) = at.and_then(|at| self.hand_over(output, at)) {
            return Ok(Some(order));
        }
        for (n, block) in clip.samples.chunks((clip.rate / BLOCKS) as usize).enumerate() {
            let order = match at.filter(|_| n == PRIMED) {
                Some(at) => self.order_before((at + PRIMED_TIME).saturating_sub(output.latency())),
                None => self.interruption(),
            };
            if let Some(order) = order {
                output.cut();
                self.finish(output, air, clip)?;
                return Ok(Some(order));
            }
            self.progress.moves(Doing::Playing);
            output.write(&self.louder(block))?;
            self.follow(output, air, clip);
        }
        self.finish(output, air, clip)?;
        Ok(None)
    }

    /// Waits until a clip that begins at `at` has to be handed over. Returns the first order that takes it back.
    fn hand_over(&mut self, output: &mut dyn Output, at: Duration) -> Option<Command> {
        let order = self.order_before(at.saturating_sub(HAND_OVER));
        if order.is_some() || output.place(at) {
            return order;
        }
        self.order_before(at.saturating_sub(output.latency()))
    }

    /// Obeys orders until `instant` of the steady clock, and returns the first that ends the clip.
    pub(super) fn order_before(&mut self, instant: Duration) -> Option<Command> {
        loop {
            self.progress.moves(Doing::Playing);
            if let Some(order) = self.interruption() {
                return Some(order);
            }
            let left = instant.saturating_sub(clock::steady());
            if left.is_zero() {
                return None;
            }
            match self.orders.recv_timeout(left.min(SIGN_OF_LIFE)) {
                Ok(order) => {
                    if let Some(order) = self.obey(order) {
                        return Some(order);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Some(Command::Quit),
            }
        }
    }

    fn finish(&mut self, output: &mut dyn Output, air: &mut Air, clip: &Clip) -> Result<(), OutputFault> {
        self.progress.moves(Doing::Playing);
        let drained = output.drain();
        self.follow(output, air, clip);
        drained
    }

    fn follow(&self, output: &dyn Output, air: &mut Air, clip: &Clip) {
        self.progress.heard(air.heard(output), clip.samples.len() as u64);
        if let Some(event) = air.start(output) {
            self.tell(event);
        }
    }

    /// Obeys what can be obeyed amid a clip and returns the first order that ends it.
    fn interruption(&mut self) -> Option<Command> {
        loop {
            match self.orders.try_recv() {
                Ok(order) => {
                    if let Some(order) = self.obey(order) {
                        return Some(order);
                    }
                }
                Err(TryRecvError::Empty) => return None,
                Err(TryRecvError::Disconnected) => return Some(Command::Quit),
            }
        }
    }

    /// Obeys an order that can be obeyed amid a clip; returns one that ends it.
    fn obey(&mut self, order: Command) -> Option<Command> {
        match order {
            Command::Warm => None,
            Command::Volume(percent) => {
                self.gain.1 = gain(percent);
                None
            }
            order => Some(order),
        }
    }

    /// Applies the gain; a change takes the whole block, so that it does not click.
    #[expect(clippy::cast_precision_loss, reason = "a block has a thousand samples")]
    fn louder(&mut self, block: &[f32]) -> Vec<f32> {
        let (from, to) = self.gain;
        self.gain.0 = to;
        let step = (to - from) / block.len() as f32;
        block.iter().enumerate().map(|(i, sample)| sample * (from + step * (i + 1) as f32)).collect()
    }

    fn tell(&self, event: PlayerEvent) {
        if let Some(listener) = &*self.gate.lock().unwrap_or_else(PoisonError::into_inner) {
            listener(event);
        }
    }
}

/// Decides when the first sample of a clip is to be heard: the one place that does. None means at once.
fn first_sample(cue: Option<Cue>) -> Option<Duration> {
    cue.map(|cue| cue.steady())
}

fn gain(percent: u8) -> f32 {
    f32::from(percent.min(100)) / 100.0
}
