//! Sound that never stops while the output is open: a thread gives its sink 20 ms of sound every 20 ms, silence when nobody
//! has written any. For listeners who take a pause for the end.

use std::collections::VecDeque;
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::{Output, OutputFault, fade, pace};
use crate::clip::RATE;
use crate::model::length_of;

/// Samples that a sink gets at a time: 20 ms.
pub(super) const BLOCK: usize = RATE as usize / 50;

/// How long a block lasts.
const BEAT: Duration = Duration::from_millis(20);

/// Most samples that wait for their turn: 200 ms, as [`Output::write`] promises.
const WAITING: usize = RATE as usize / 5;

/// How long a sink may take to be opened; less than the 5 s of [`super::Kind::open`].
const ANSWER: Duration = Duration::from_millis(4_500);

/// How long the listener's side may take nothing before it is lost. A loss is to be seen within 2 s.
const LOST: Duration = Duration::from_millis(1_800);

/// The same before it has taken anything.
const NEVER_BEGAN: Duration = Duration::from_millis(2_800);

/// How far the thread may fall behind its clock before it gives up catching up: a sink that is slower than we are keeps
/// the beat then.
const BEHIND: Duration = Duration::from_millis(200);

/// How long closing waits for the sink to end by itself, so that the next one finds its place free.
const CLOSING: Duration = Duration::from_secs(2);

/// How long a writer waits before it looks whether there is still a thread that takes. The thread itself sees losses
/// earlier; this is for a thread that the system stopped.
const STEP: Duration = Duration::from_millis(250);
const STEPS: u32 = 16;

/// Where the sound goes, in the hands of the thread alone.
pub(super) trait Sink: Send + 'static {
    /// Takes the next [`BLOCK`] samples of the stream, without waiting for anybody.
    fn take(&mut self, block: &[f32]) -> Result<(), OutputFault>;

    /// Hands over what was taken, for as long as `wait`; tells whether all of it is gone.
    fn hand_over(&mut self, wait: Duration) -> Result<bool, OutputFault>;

    /// Counts the samples taken that have left towards the listener.
    fn left(&mut self) -> Result<u64, OutputFault>;

    /// Says what sounds from the next block on.
    fn title(&mut self, _: &str) -> Result<(), OutputFault> {
        Ok(())
    }

    /// Ends the stream in good order; takes no longer than [`CLOSING`] or goes on behind our back.
    fn close(&mut self);
}

/// The player's end of the stream.
pub(super) struct Live {
    shared: Arc<Shared>,
    /// Hears when the thread ends.
    ended: mpsc::Receiver<()>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Signals that the queue became shorter, that something left, or that all is lost.
    moved: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<f32>,
    /// Written samples that the sink has taken.
    given: u64,
    /// Written samples that have left towards the listener.
    heard: u64,
    /// Blocks that the sink has taken.
    beats: u64,
    /// When what waits is to leave; it is held back until then.
    start: Option<Duration>,
    /// When the first sample of what was placed last left, or leaves.
    placed: Option<Duration>,
    /// Titles that wait, each with the count of written samples before it.
    titles: VecDeque<(u64, String)>,
    fault: Option<OutputFault>,
    lost: bool,
    closed: bool,
}

/// Opens a sink in a thread of its own and gives it silence until somebody writes.
pub(super) fn open<S: Sink>(
    name: &str,
    connect: impl FnOnce() -> Result<S, OutputFault> + Send + 'static,
) -> Result<Box<dyn Output>, OutputFault> {
    let shared = Arc::new(Shared::default());
    let (answer, answered) = mpsc::channel();
    let (end, ended) = mpsc::channel();
    let theirs = Arc::clone(&shared);
    let run = move || {
        // Dropped when the thread ends, which is what the other end hears.
        let _end: mpsc::Sender<()> = end;
        match connect() {
            // Nobody waits any more if it took too long; the sink is closed again.
            Ok(sink) => {
                if answer.send(Ok(())).is_ok() {
                    Beat::new(sink, theirs).run();
                }
            }
            Err(fault) => drop(answer.send(Err(fault))),
        }
    };
    let spawned = thread::Builder::new().name(format!("stream-{name}")).spawn(run);
    spawned.map_err(|error| OutputFault::Refused { name: name.to_owned(), source: Box::new(error) })?;
    match answered.recv_timeout(ANSWER) {
        Ok(opened) => opened.map(|()| Box::new(Live { shared, ended }) as Box<dyn Output>),
        Err(_) => Err(OutputFault::Unresponsive { name: name.to_owned() }),
    }
}

impl State {
    /// Returns how many samples of the block that leaves at `due` are silence before a start that is placed; the start is made
    /// when it is less than all of them.
    fn silence_before(&mut self, due: Duration) -> usize {
        let Some(at) = self.start else { return 0 };
        if self.queue.is_empty() {
            return BLOCK;
        }
        let samples = at.saturating_sub(due).as_nanos() * u128::from(RATE);
        let silence = usize::try_from(samples.div_ceil(1_000_000_000)).unwrap_or(BLOCK).min(BLOCK);
        if silence < BLOCK {
            self.start = None;
            self.placed = Some(due + length_of(silence as u64, RATE));
        }
        silence
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock; if it did, counts are still counts.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `enough`, and fails when the listener's side is lost.
    fn wait(&self, mut state: MutexGuard<'_, State>, enough: fn(&State) -> bool) -> Result<(), OutputFault> {
        let (mut beats, mut still) = (state.beats, 0);
        loop {
            if state.lost {
                return Err(state.fault.take().unwrap_or(OutputFault::Stalled));
            }
            if enough(&state) {
                return Ok(());
            }
            let (next, timeout) =
                self.moved.wait_timeout(state, STEP).unwrap_or_else(PoisonError::into_inner);
            state = next;
            still = if state.beats == beats { still + u32::from(timeout.timed_out()) } else { 0 };
            beats = state.beats;
            if still >= STEPS {
                return Err(OutputFault::Stalled);
            }
        }
    }
}

impl Output for Live {
    fn rate(&self) -> u32 {
        RATE
    }

    fn write(&mut self, block: &[f32]) -> Result<(), OutputFault> {
        let mut state = self.shared.state();
        state.queue.extend(block);
        self.shared.wait(state, |state| state.queue.len() <= WAITING)
    }

    fn heard(&self) -> u64 {
        self.shared.state().heard
    }

    fn place(&mut self, at: Duration) -> bool {
        let mut state = self.shared.state();
        state.start = Some(at);
        state.placed = None;
        true
    }

    fn placed(&self) -> Option<Duration> {
        self.shared.state().placed
    }

    fn latency(&self) -> Duration {
        length_of(self.shared.state().queue.len() as u64, RATE)
    }

    fn drain(&mut self) -> Result<(), OutputFault> {
        let state = self.shared.state();
        self.shared.wait(state, |state| state.queue.is_empty() && state.heard == state.given)
    }

    fn cut(&mut self) {
        let mut state = self.shared.state();
        match state.start.take() {
            Some(_) => state.queue.clear(),
            None => fade::fade_out(&mut state.queue, RATE),
        }
    }

    fn announce(&mut self, title: &str) {
        let mut state = self.shared.state();
        let from = state.given + state.queue.len() as u64;
        state.titles.push_back((from, title.to_owned()));
    }
}

impl Drop for Live {
    /// Lets the thread end the stream, and waits for it no longer than [`CLOSING`].
    fn drop(&mut self) {
        self.shared.state().closed = true;
        // Nothing is ever sent; the other end goes with the thread.
        let _ = self.ended.recv_timeout(CLOSING);
    }
}

/// The thread: keeps the beat and counts what left.
struct Beat<S: Sink> {
    sink: S,
    shared: Arc<Shared>,
    /// Samples of the stream that the sink has taken, silence included.
    taken: u64,
    /// For each block that has not left yet: the stream's and the written samples up to its end.
    under_way: VecDeque<(u64, u64)>,
    /// How much of the stream had left when it last moved, and when that was.
    moved: (u64, Duration),
}

impl<S: Sink> Beat<S> {
    fn new(sink: S, shared: Arc<Shared>) -> Self {
        Self { sink, shared, taken: 0, under_way: VecDeque::new(), moved: (0, pace::now()) }
    }

    fn run(mut self) {
        if let Err(fault) = self.beat() {
            let mut state = self.shared.state();
            state.lost = true;
            state.fault = Some(fault);
            drop(state);
            self.shared.moved.notify_all();
        }
        self.sink.close();
    }

    /// Gives the sink a block for every 20 ms until the output is closed.
    fn beat(&mut self) -> Result<(), OutputFault> {
        let mut due = pace::now();
        while let Some((title, block)) = self.next(due) {
            if let Some(title) = title {
                self.sink.title(&title)?;
            }
            self.sink.take(&block)?;
            self.taken += BLOCK as u64;
            let given = self.shared.state().given;
            self.under_way.push_back((self.taken, given));
            while !self.sink.hand_over(BEAT)? && !self.shared.state().closed {
                self.count()?;
            }
            self.count()?;
            due = (due + BEAT).max(pace::now().saturating_sub(BEHIND));
            pace::sleep_until(due);
        }
        Ok(())
    }

    /// Takes the next block out of the queue, filled up with silence, and the title that it begins; none when the output
    /// was closed. `due` is when it leaves.
    fn next(&self, due: Duration) -> Option<(Option<String>, Vec<f32>)> {
        let mut state = self.shared.state();
        if state.closed {
            return None;
        }
        state.beats += 1;
        let before = state.silence_before(due);
        let mut title = None;
        // After a cut a title may be meant for samples that were forgotten.
        let end = state.given + state.queue.len() as u64;
        while state.titles.front().is_some_and(|(from, _)| (*from).min(end) <= state.given) {
            title = state.titles.pop_front().map(|(_, title)| title);
        }
        // A block ends where the next title begins.
        let until = state.titles.front().map_or(u64::MAX, |(from, _)| from - state.given);
        let room = (BLOCK - before).min(usize::try_from(until).unwrap_or(BLOCK));
        let count = room.min(state.queue.len());
        let mut block = vec![0.0; before];
        block.extend(state.queue.drain(..count).map(|sample| sample.clamp(-1.0, 1.0)));
        block.resize(BLOCK, 0.0);
        state.given += count as u64;
        drop(state);
        self.shared.moved.notify_all();
        Some((title, block))
    }

    /// Counts what has left, and fails when nothing has for too long.
    fn count(&mut self) -> Result<(), OutputFault> {
        let (left, now) = (self.sink.left()?, pace::now());
        if left > self.moved.0 || left == self.taken {
            self.moved = (left, now);
        }
        let mut heard = None;
        while self.under_way.front().is_some_and(|(stream, _)| *stream <= left) {
            heard = self.under_way.pop_front().map(|(_, written)| written);
        }
        if let Some(heard) = heard {
            self.shared.state().heard = heard;
            self.shared.moved.notify_all();
        }
        let patience = if left == 0 { NEVER_BEGAN } else { LOST };
        if now.saturating_sub(self.moved.1) > patience { Err(OutputFault::Stalled) } else { Ok(()) }
    }
}
