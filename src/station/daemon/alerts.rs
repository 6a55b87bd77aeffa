//! The county's alerts in the running daemon: from the store to the loops of the stations, and silenced by people.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::task::spawn_blocking;

use super::in_force::InForce;
use super::worker::Worker;
use crate::model::{AlertName, Origin, Outcome, Reason, Station, StationId};
use crate::playout::{Event, Now};
use crate::station::alerts::{Held, PLAYLIST, Past, Store};
use crate::station::control::AlertReport;
use crate::station::journal::{Entry, Filter, JournalError, Reader};

/// What the log says of each alert at each station.
type History = BTreeMap<(String, AlertName), Past>;

/// What is in force, and what was said of it before this run.
#[derive(Debug, Clone, Default)]
pub(super) struct Alerts {
    held: Vec<Arc<Held>>,
    history: History,
}

impl Alerts {
    /// Returns what one station has to know.
    pub(super) fn at(&self, station: &StationId) -> Vec<(Arc<Held>, Past)> {
        let past = |held: &Held| self.history.get(&(station.to_string(), held.alert.name())).copied();
        self.held.iter().map(|held| (Arc::clone(held), past(held).unwrap_or_default())).collect()
    }
}

impl Alerts {
    /// Lists those that are for stations here and not over by the wall clock.
    pub(super) fn report(&self, in_force: &InForce, now: DateTime<Utc>) -> Vec<AlertReport> {
        let open = self.held.iter().filter(|held| held.alert.expires > now);
        open.map(|held| reported(held, in_force)).collect()
    }

    /// Names what happens by the alerts that sound at a station until somebody stops them.
    pub(super) fn sounding_at(&self, station: &Station, now: DateTime<Utc>) -> Vec<String> {
        let sounds = |held: &&Arc<Held>| {
            held.alert.expires > now && is_for(held, station) && !held.stopped.contains(&station.id)
        };
        self.held.iter().filter(sounds).map(|held| held.alert.event.clone()).collect()
    }
}

fn reported(held: &Held, in_force: &InForce) -> AlertReport {
    let ours = in_force.site.stations.iter().filter(|station| is_for(held, station));
    let (silenced, stations): (Vec<&Station>, Vec<&Station>) =
        ours.partition(|station| held.stopped.contains(&station.id));
    let ids = |stations: Vec<&Station>| stations.iter().map(|station| station.id.to_string()).collect();
    AlertReport {
        identifier: held.alert.identifier.clone(),
        event: held.alert.event.clone(),
        status: held.alert.status,
        priority: held.alert.priority,
        expires: in_force.civil(held.alert.expires),
        stations: ids(stations),
        silenced: ids(silenced),
    }
}

fn is_for(held: &Held, station: &Station) -> bool {
    held.alert.target.iter().any(|target| target.includes(station))
}

/// Watches over the store for the daemon.
pub(super) struct Desk {
    store: Store,
    state: PathBuf,
    names: BTreeSet<String>,
}

impl Desk {
    pub(super) fn new(state: &Path) -> Self {
        Self { store: Store::open(state), state: state.to_owned(), names: BTreeSet::new() }
    }

    /// Tells whether something came or went since the last look.
    pub(super) fn has_news(&self) -> bool {
        self.store.names() != self.names
    }

    /// Reads what is in force; `with_history` for loops that begin and have not seen it said.
    pub(super) async fn read(&mut self, with_history: bool) -> Alerts {
        let (store, state) = (self.store.clone(), self.state.clone());
        let read = spawn_blocking(move || {
            let names = store.names();
            let held: Vec<Arc<Held>> = store.in_force().into_iter().map(Arc::new).collect();
            let asked = with_history && !held.is_empty();
            let history = if asked { history(&state) } else { Ok(History::new()) };
            let history = history.unwrap_or_else(|error| {
                tracing::error!(%error, "what was said of alerts cannot be read: they begin again");
                History::new()
            });
            (names, Alerts { held, history })
        });
        let (names, alerts) = read.await.unwrap_or_default();
        self.names = names;
        alerts
    }

    /// Silences what is in force at `stations` for good.
    pub(super) async fn stop(&self, stations: Vec<StationId>) -> io::Result<()> {
        let store = self.store.clone();
        spawn_blocking(move || store.stop(&stations)).await.map_err(io::Error::other)?
    }
}

fn history(state: &Path) -> Result<History, JournalError> {
    let mut history = History::new();
    let filter = Filter { playlist: Some(PLAYLIST.to_owned()), ..Filter::default() };
    for entry in Reader::open(state)?.query(&filter) {
        let entry = entry?;
        let Origin::Alert(name) = entry.origin.clone() else { continue };
        let past = history.entry((entry.station.clone(), name)).or_default();
        past.said += 1;
        past.last = past.last.max(Some(entry.due.to_utc()));
        past.had |= !was_lost(&entry);
    }
    Ok(history)
}

/// Tells whether an airing was taken away before its turn, by a power cut or an end of the daemon.
fn was_lost(entry: &Entry) -> bool {
    let lost = [(Outcome::Missed, Reason::PowerOff), (Outcome::Cancelled, Reason::Shutdown)];
    let close = entry.close.as_ref();
    close.is_some_and(|close| close.reason.is_some_and(|reason| lost.contains(&(close.outcome, reason))))
}

impl Worker {
    /// Takes over what is in force now.
    pub(super) async fn follow_alerts(&mut self, now: &Now, in_force: &[(Arc<Held>, Past)]) {
        for event in self.alerts.follow(in_force, &self.station, now) {
            self.step(now, event).await;
        }
    }

    /// Puts every alert whose turn it is on the one road.
    pub(super) async fn say_alerts(&mut self, now: &Now) {
        let zone = self.in_force.borrow().site.time_zone;
        for airing in self.alerts.due(&self.station, zone, now) {
            self.step(now, Event::Said(airing)).await;
        }
    }

    /// Ends every alert, because a person said so; each has a record that says so.
    pub(super) async fn stop_alerts(&mut self, now: &Now, stop: Event) {
        let zone = self.in_force.borrow().site.time_zone;
        let (next, open) = self.alerts.stop(&self.station, zone, now);
        for airing in next {
            self.step(now, Event::Said(airing)).await;
        }
        self.step(now, stop).await;
        // A stop takes back what is due; by a clock that is not believed nothing weaker than an emergency is.
        for airing in open {
            self.step(now, Event::TakenBack(airing, Reason::OperatorStop)).await;
        }
    }
}
