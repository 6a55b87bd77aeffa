//! The ear of a station: one thread that alone touches its microphone. What was heard of each airing leaves it, as events.

mod shelf;
mod worker;

use std::io;
use std::path::PathBuf;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::model::{Airing, AiringId, Clip, Monitor, StationId, Words};
use crate::monitor::Finding;

pub use shelf::{Shelf, folder_below};

/// What an ear needs to begin.
pub struct Setup {
    /// Whose ear it is; names the thread, and the recordings.
    pub station: StationId,
    /// The microphone, and what is kept.
    pub monitor: Monitor,
    /// Where recordings are kept; see [`folder_below`].
    pub folder: PathBuf,
    /// The level at which this microphone last heard its station, dBFS; none if it never did.
    pub usual: Option<f32>,
}

/// Tells what was heard.
#[derive(Debug, Clone, PartialEq)]
pub enum EarEvent {
    /// An airing was judged.
    Judged(Box<Judged>),
    /// The microphone is there; told on every change.
    Up,
    /// The microphone is not there.
    Down(Words),
    /// Everything that sounded has been judged, and nobody listens any more: the answer to [`Ear::close`].
    Closed,
}

/// The judgement on one airing.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The airing.
    pub airing: Airing,
    /// What was found.
    pub finding: Finding,
    /// Name of the recording below the folder; none if none was kept.
    pub kept: Option<String>,
}

/// Receives events on the ear's thread; it must not block.
pub type Listener = Box<dyn Fn(EarEvent) + Send>;

enum Order {
    Open,
    Sent(Box<Airing>, Arc<Clip>, Duration),
    Ended(AiringId, Option<Duration>, Duration),
    Close,
}

type Gate = Arc<Mutex<Option<Listener>>>;

/// Holds the reins of an ear's thread; cheap to clone. When the last one is dropped the thread ends, and tells nothing more.
#[derive(Clone)]
pub struct Ear {
    orders: mpsc::Sender<Order>,
    _silence: Arc<Silence>,
}

/// Shuts the gate when dropped.
struct Silence(Gate);

impl Drop for Silence {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Ear {
    /// Starts the thread. Fails only when the machine has no room for one.
    pub fn start(setup: Setup, listener: Listener) -> io::Result<Self> {
        let (orders, inbox) = mpsc::channel();
        let gate: Gate = Arc::new(Mutex::new(Some(listener)));
        let name = format!("hear-{}", setup.station);
        let told = Arc::clone(&gate);
        thread::Builder::new().name(name).spawn(move || worker::Worker::new(setup, inbox, told).run())?;
        Ok(Self { orders, _silence: Arc::new(Silence(gate)) })
    }

    /// Opens the microphone ahead of an airing; it is closed again when nothing sounded for a while.
    pub fn open(&self) {
        self.order(Order::Open);
    }

    /// Says what is given to the output now; `chime` is how much of it is a chime.
    pub fn sent(&self, airing: Airing, clip: Arc<Clip>, chime: Duration) {
        self.order(Order::Sent(Box::new(airing), clip, chime));
    }

    /// Says that it is over: when its first sample left, by the steady clock, and how much of it did. Answered by one
    /// [`EarEvent::Judged`], some seconds later, if anything sounded.
    pub fn ended(&self, airing: AiringId, started: Option<Duration>, heard: Duration) {
        self.order(Order::Ended(airing, started, heard));
    }

    /// Lets the thread judge what has ended, which takes as long as the longest echo, and end. Answered by
    /// [`EarEvent::Closed`].
    pub fn close(&self) {
        self.order(Order::Close);
    }

    fn order(&self, order: Order) {
        // A thread that has ended hears nothing; the station's status says so.
        let _ = self.orders.send(order);
    }
}
