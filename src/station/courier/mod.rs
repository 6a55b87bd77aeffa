//! The way to the county and back, always from here outwards: what the county signed comes to the store, and what became of
//! it, what aired and how the station is goes up. A fault of the network leaves this room as a line of the status, and no more.
//!
//! Three rounds in one thread of its own: `poll` asks what there is, `fetch` brings it, `report` tells. None of them is waited
//! for by anything that airs. `docs/adr/0014-the-courier.md` says why it is as it is.

mod address;
mod backoff;
mod cursor;
mod desk;
mod enrol;
mod fault;
mod fetch;
mod health;
mod link;
mod office;
mod poll;
mod receipts;
mod refusal;
mod report;
mod spool;
mod tls;

pub use address::{Address, NoAddress};
pub use enrol::{EnrolFault, enrol};
pub use fault::Fault;
pub use office::{Office, folder_below, make_folder, office_below};

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, watch};

use self::desk::Desk;
use crate::model::{CampaignId, Station, Words};
use crate::station::bundles::Store;
use crate::station::journal::Reader;
use crate::trust::Held;
use crate::wire::Health;

/// What of the daemon the courier goes by.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// The stations.
    pub stations: Vec<Station>,
    /// The county's campaigns in force, those among them that end one.
    pub campaigns: Vec<(CampaignId, Held)>,
}

/// What became of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is for us, and in force from now on.
    Taken,
    /// It came before.
    Known,
    /// It was refused: a word for programs, and what a person should know.
    Refused(String),
    /// The disk does not take it; it is to be tried again.
    Later,
}

/// Reads the wall clock, and tells whether it is believed.
pub type ReadClock = dyn Fn() -> (DateTime<Utc>, bool) + Send + Sync;

/// Takes the envelope of an alert.
pub type TakeAlert = dyn Fn(&[u8]) -> Verdict + Send + Sync;

/// What the courier needs of the daemon; cheap to clone.
#[derive(Clone)]
pub struct Inputs {
    /// The state folder.
    pub state: PathBuf,
    /// Where bundles and roots go.
    pub store: Store,
    /// What is in force.
    pub standing: watch::Receiver<Arc<Standing>>,
    /// How the daemon is, renewed every few seconds.
    pub health: watch::Receiver<Option<Health>>,
    /// Told after every record.
    pub records: Arc<Notify>,
    /// Reads the wall clock, and tells whether it is believed.
    pub now: Arc<ReadClock>,
    /// Takes the envelope of an alert.
    pub alerts: Arc<TakeAlert>,
}

/// How it stands with the county.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// Whether the last question was answered.
    pub online: bool,
    /// When the county was last heard.
    pub last_contact: Option<DateTime<Utc>>,
    /// Whether the county does not know this station any more.
    pub dismissed: bool,
    /// Why it is not reached.
    pub line: Option<Words>,
    /// What keeps something from coming in.
    pub work: Option<Words>,
    /// What is being fetched.
    pub fetching: Option<Words>,
    /// Receipts that wait to be sent.
    pub receipts: usize,
    /// The number of the last record that the county has; none while that is not known.
    pub acknowledged: Option<i64>,
}

/// Runs the courier for as long as this station belongs to a county.
pub struct Courier {
    inputs: Inputs,
    running: Option<Running>,
}

struct Running {
    office: Office,
    view: Arc<Mutex<View>>,
    thread: JoinHandle<()>,
    /// Dropped, it ends the thread.
    _stop: watch::Sender<()>,
}

impl Courier {
    /// Begins, if this station was enrolled.
    pub fn start(inputs: Inputs) -> Self {
        if let Err(error) = make_folder(&inputs.state) {
            tracing::warn!(%error, "there is no folder for what goes to the county");
        }
        let mut courier = Self { inputs, running: None };
        courier.follow();
        courier
    }

    /// Looks whether this station was enrolled meanwhile, or elsewhere, and whether the courier still goes its rounds.
    pub fn follow(&mut self) {
        let office = match Office::read(&self.inputs.state) {
            Ok(office) => office,
            Err(error) => {
                tracing::error!(%error, "which county this station belongs to cannot be read");
                return;
            }
        };
        let goes_on =
            |running: &Running| Some(&running.office) == office.as_ref() && !running.thread.is_finished();
        if self.running.as_ref().is_some_and(goes_on) {
            return;
        }
        self.running = None;
        let Some(office) = office else { return };
        match Running::begin(office, self.inputs.clone()) {
            Ok(running) => self.running = Some(running),
            Err(error) => tracing::error!(%error, "the courier to the county cannot begin"),
        }
    }

    /// Tells whether it must be looked after.
    pub fn has_ended(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.thread.is_finished())
    }

    /// Says how it stands with the county; none if there is none.
    pub fn view(&self) -> Option<(Office, View)> {
        let running = self.running.as_ref()?;
        let view = running.view.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Some((running.office.clone(), view))
    }
}

impl Running {
    fn begin(office: Office, inputs: Inputs) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, mut stopped) = watch::channel(());
        let view = Arc::new(Mutex::new(View::default()));
        let desk = Desk::new(office.clone(), inputs, Arc::clone(&view));
        let work = move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped.changed() => {}
                    () = rounds(&desk) => {}
                }
            });
            // Somebody may be decoding a recording: nobody waits for that.
            runtime.shutdown_background();
        };
        let thread = thread::Builder::new().name("courier".to_owned()).spawn(work)?;
        Ok(Self { office, view, thread, _stop: stop })
    }
}

/// Goes all three rounds. They end only where they cannot begin.
async fn rounds(desk: &Desk) {
    let ended = tokio::try_join!(poll::poll(desk), fetch::fetch(desk), report::report(desk));
    if let Err(fault) = ended {
        desk.polled(Err(&fault));
        // Another enrolment may mend it.
        std::future::pending::<()>().await;
    }
}

/// Counts the records of the log in `state` after number `acknowledged`; none if it cannot be read.
pub fn unsent(state: &Path, acknowledged: i64) -> Option<i64> {
    let newest = Reader::open(state).and_then(|log| log.newest()).ok()?;
    Some((newest - acknowledged).max(0))
}
