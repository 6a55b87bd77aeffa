//! The player: one thread a station that alone touches the station's output. What was heard leaves it, as events.

mod air;
mod cue;
mod event;
mod powered;
mod progress;
mod worker;

use std::io;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use chrono::{DateTime, Utc};

use crate::model::{AiringId, Clip, Priority, StationId};
use crate::output::{Fader, Output, OutputFault};
use crate::station::amplifier::Amplifier;

pub use event::{How, PlayerEvent};
pub use progress::{Doing, Gauge, Progress};

/// Opens the station's output; called on the player's thread, again after each loss.
pub type Opener = Box<dyn FnMut() -> Result<Box<dyn Output>, OutputFault> + Send>;

/// Finds out without a sound whether the output could be opened.
pub type Probe = Box<dyn FnMut() -> Result<(), OutputFault> + Send>;

/// Receives events on the player's thread; it must not block.
pub type Listener = Box<dyn Fn(PlayerEvent) + Send>;

/// What a player needs to begin.
pub struct Setup {
    /// Whose player it is; names the thread.
    pub station: StationId,
    /// Opens the output.
    pub open: Opener,
    /// Asks after the output while nothing sounds; none if it cannot go away by itself.
    pub probe: Option<Probe>,
    /// The amplifier without which nothing is heard; none if there is none to switch.
    pub amplifier: Option<Amplifier>,
    /// Volume in percent, 0 to 100, until another is set.
    pub volume: u8,
}

enum Command {
    Warm,
    Play(AiringId, Arc<Clip>, Option<DateTime<Utc>>),
    Stop,
    Volume(u8),
    Next(u8),
    Fader(Fader),
    Rank(Priority),
    Quit,
}

type Gate = Arc<Mutex<Option<Listener>>>;

/// Holds the reins of a player's thread. Dropping it lets the thread cut what sounds and end.
pub struct Player {
    commands: mpsc::Sender<Command>,
    progress: Arc<progress::Shared>,
    gate: Gate,
}

impl Player {
    /// Starts the thread, which opens the output at once to see whether it is there, and reports up or down.
    ///
    /// An output that is absent is asked for again after 0.5 s, then twice as long each time up to 5 s. Fails only
    /// when the machine has no room for a thread.
    pub fn start(setup: Setup, listener: Listener) -> io::Result<Self> {
        let (commands, orders) = mpsc::channel();
        let progress = Arc::new(progress::Shared::default());
        let gate: Gate = Arc::new(Mutex::new(Some(listener)));
        let name = format!("play-{}", setup.station);
        let shared = (Arc::clone(&progress), Arc::clone(&gate));
        thread::Builder::new()
            .name(name)
            .spawn(move || worker::Worker::new(setup, orders, shared.0, shared.1).run())?;
        Ok(Self { commands, progress, gate })
    }

    /// Opens the output ahead of an airing, so that its first sample need not wait; closed again after 10 s.
    ///
    /// Answered by [`PlayerEvent::Up`] or [`PlayerEvent::Down`], unless a clip sounds.
    pub fn warm(&self) {
        self.order(Command::Warm);
    }

    /// Plays a clip at [`crate::clip::RATE`]. What sounds is cut first. Answered by exactly one [`PlayerEvent::Ended`].
    pub fn play(&self, airing: AiringId, clip: Arc<Clip>) {
        self.order(Command::Play(airing, clip, None));
    }

    /// Plays a clip whose first sample is heard at `at` by the wall clock as it is now, or at once if that has passed.
    /// What sounds is cut first; the silence until then can be cut like a sound. Answered by exactly one
    /// [`PlayerEvent::Ended`].
    ///
    /// Half a second ahead is early enough, once the output is open.
    pub fn play_at(&self, airing: AiringId, clip: Arc<Clip>, at: DateTime<Utc>) {
        self.order(Command::Play(airing, clip, Some(at)));
    }

    /// Cuts what sounds; silent within 250 ms. Without a sound it does nothing.
    pub fn stop(&self) {
        self.order(Command::Stop);
    }

    /// Has what is played next sound at `percent`, from its first sample on.
    pub fn volume_of_next(&self, percent: u8) {
        self.order(Command::Next(percent));
    }

    /// Has the volume set by `fader` from now on, in place of our own gain.
    pub fn fader(&self, fader: Fader) {
        self.order(Command::Fader(fader));
    }

    /// Sets the volume in percent, as [`crate::model::decibels`] says; it takes 20 ms, also amid a sound.
    pub fn volume(&self, percent: u8) {
        self.order(Command::Volume(percent));
    }

    /// Sets the priority of the clips that follow, for outputs whose listeners rank what they hear.
    pub fn rank(&self, priority: Priority) {
        self.order(Command::Rank(priority));
    }

    /// Cuts what sounds and ends the thread; the last event is [`PlayerEvent::Quit`].
    pub fn quit(&self) {
        self.order(Command::Quit);
    }

    /// Tells what the thread is doing and when it last moved. Never blocks.
    pub fn progress(&self) -> Progress {
        self.progress.read()
    }

    /// Returns a gauge that tells the same and outlives this handle.
    pub fn gauge(&self) -> Gauge {
        Gauge(Arc::clone(&self.progress))
    }

    /// Gives up a thread that hangs in a device: no event comes from it after this, and it plays nothing more if it
    /// ever comes back. Start another player.
    pub fn abandon(self) {
        // Nothing panics behind the gate but a listener, which then is done for anyway.
        self.gate.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn order(&self, command: Command) {
        // The thread ends only after Quit, and then there is nothing to order any more.
        let _ = self.commands.send(command);
    }
}
