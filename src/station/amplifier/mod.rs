//! The daemon's side of its amplifiers: one relay and one guard each. Whether a sound would be heard leaves this room,
//! and each switch that was done, for the log.
//!
//! The guard is a process of its own, so that the amplifier goes off when this one dies (`docs/adr/0017`).

mod driver;
mod guard;
mod notice;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::amplifier::{self, AmplifierFault, Setup, name_of, times};
use crate::model::{Selection, Station, StationId, Switched};
use crate::relay::{Event, Order, Readiness, Relay, Sound};
use crate::station::clock;

use driver::Driver;
pub use notice::{Notice, Trouble};

/// The daemon has to leave within seconds; a guard that needs longer finishes alone.
const LEAVE_WITHIN: Duration = Duration::from_secs(2);

/// What the driver and those who need the amplifier share.
struct Shared {
    relay: Mutex<Relay>,
    orders: mpsc::UnboundedSender<Order>,
    /// Told when something changed, so that the driver thinks again when to look next.
    changed: Notify,
    notice: Mutex<Notice>,
}

impl Shared {
    /// Tells the relay something, and wakes the driver.
    fn tell(&self, event: Event) {
        self.step(event);
        self.changed.notify_one();
    }

    /// Tells the relay something, and hands on what it orders, in the order in which it was told.
    fn step(&self, event: Event) {
        let mut relay = self.lock();
        if let Some(order) = relay.handle(clock::steady(), event) {
            // The driver has ended only when the amplifier has left.
            let _ = self.orders.send(order);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Relay> {
        // A relay that panicked amid a step is still a relay: the next step puts it right.
        self.relay.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn notice(&self) -> MutexGuard<'_, Notice> {
        self.notice.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One station's way to its amplifier; cheap to clone. Nothing here blocks.
#[derive(Clone)]
pub struct Amplifier {
    shared: Arc<Shared>,
    station: StationId,
}

impl Amplifier {
    /// Asks for the amplifier: this is about to sound. Wait for [`Amplifier::readiness`].
    pub fn sounds(&self, sound: Sound) {
        self.shared.tell(Event::Sounds(self.station.clone(), sound));
    }

    /// Says that the last sample was heard.
    pub fn silent(&self) {
        self.shared.tell(Event::Silent(self.station.clone()));
    }

    /// Says what will sound next, so that it is on by then.
    pub fn next(&self, sound: Option<Sound>) {
        self.shared.tell(Event::Next(self.station.clone(), sound));
    }

    /// Tells from when on a sound is heard.
    pub fn readiness(&self) -> Readiness {
        self.shared.lock().readiness()
    }

    /// Returns the longest that anybody waits for it.
    pub fn patience(&self) -> Duration {
        self.shared.lock().patience()
    }
}

/// One amplifier that is looked after.
struct Kept {
    selection: Selection,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// Every amplifier of the daemon, by name.
pub struct Amplifiers {
    /// Where guards keep their files.
    folder: PathBuf,
    kept: BTreeMap<String, Kept>,
    /// Amplifiers whose settings cannot be used, and why not.
    unfit: BTreeMap<String, Notice>,
    /// None after the last switch.
    records: Option<mpsc::UnboundedSender<Switched>>,
}

impl Amplifiers {
    /// Begins with none; guards keep their files below the state folder, and `records` gets each switch.
    pub fn new(state: &Path, records: mpsc::UnboundedSender<Switched>) -> Self {
        let folder = amplifier::files_below(state);
        let (kept, unfit, records) = (BTreeMap::new(), BTreeMap::new(), Some(records));
        Self { folder, kept, unfit, records }
    }

    /// Looks after the amplifiers of these stations from now on, and lets go of all others: those are off when this
    /// returns, as far as they can be switched. Stations whose amplifier goes must be silent.
    pub async fn follow(&mut self, stations: &[Station]) {
        let mut wanted: BTreeMap<&str, &Selection> = BTreeMap::new();
        for (name, selection) in stations.iter().filter_map(named) {
            // What stations that share it say differently is a complaint of `check`; the first is believed.
            wanted.entry(name).or_insert(selection);
        }
        let stays = |name: &str, kept: &Kept| wanted.get(name).is_some_and(|new| **new == kept.selection);
        let gone: Vec<String> = self
            .kept
            .iter()
            .filter(|(name, kept)| !stays(name, kept))
            .map(|(name, _)| name.clone())
            .collect();
        self.let_go(gone).await;
        self.unfit.clear();
        for (name, selection) in wanted {
            if !self.kept.contains_key(name) {
                match self.keep(name, selection) {
                    Ok(kept) => drop(self.kept.insert(name.to_owned(), kept)),
                    Err(fault) => {
                        tracing::error!(amplifier = name, "{}", fault.words());
                        self.unfit.insert(name.to_owned(), Notice::unfit(fault.words(), clock::wall()));
                    }
                }
            }
        }
    }

    /// Returns the way of `station` to its amplifier, if it has one.
    pub fn of(&self, station: &Station) -> Option<Amplifier> {
        let (name, _) = named(station)?;
        let shared = Arc::clone(&self.kept.get(name)?.shared);
        Some(Amplifier { shared, station: station.id.clone() })
    }

    /// Tells how the amplifier of `station` is, with its name.
    pub fn notice(&self, station: &Station) -> Option<(String, Notice)> {
        let (name, _) = named(station)?;
        let kept = self.kept.get(name).map(|kept| kept.shared.notice().clone());
        let notice = kept.or_else(|| self.unfit.get(name).cloned()).unwrap_or_default();
        Some((name.to_owned(), notice))
    }

    /// Switches everything off and lets the guards go. Stations must be silent. No record comes after this.
    pub async fn leave(&mut self) {
        let all = self.kept.keys().cloned().collect();
        self.let_go(all).await;
        self.records = None;
    }

    async fn let_go(&mut self, names: Vec<String>) {
        let gone: Vec<Kept> = names.iter().filter_map(|name| self.kept.remove(name)).collect();
        for kept in &gone {
            kept.shared.tell(Event::Leave);
        }
        for mut kept in gone {
            if timeout(LEAVE_WITHIN, &mut kept.task).await.is_err() {
                // With the driver go its pipes, and then the guard switches off by itself.
                kept.task.abort();
            }
        }
    }

    fn keep(&self, name: &str, selection: &Selection) -> Result<Kept, AmplifierFault> {
        // Without anybody who records there is nobody to report to.
        let records = self.records.clone().unwrap_or_else(|| mpsc::unbounded_channel().0);
        let kind = amplifier::kind(selection)?;
        (kind.check)(selection)?;
        let (orders, inbox) = mpsc::unbounded_channel();
        let relay = Mutex::new(Relay::new(times(selection), (kind.limit)(selection)));
        let shared = Arc::new(Shared { relay, orders, changed: Notify::new(), notice: Mutex::default() });
        let (amplifier, folder) = (name.to_owned(), self.folder.clone());
        let setup = Setup { amplifier, selection: selection.clone(), folder };
        let driver = Driver::new(setup, Arc::clone(&shared), inbox, records);
        let task = tokio::spawn(driver.run());
        Ok(Kept { selection: selection.clone(), shared, task })
    }
}

fn named(station: &Station) -> Option<(&str, &Selection)> {
    let selection = station.amplifier.as_ref()?;
    Some((name_of(station, selection), selection))
}
