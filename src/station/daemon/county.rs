//! The daemon's side of the courier: what it is told, and what it says of itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::{Notify, broadcast::error::RecvError, watch};

use super::Daemon;
use super::board::Listening;
use super::in_force::InForce;
use super::ledger::Ledger;
use super::timekeeper::Timekeeper;
use crate::model::Words;
use crate::station::alerts::{self, AlertFault, Arrival};
use crate::station::bundles::Store;
use crate::station::control::CountyReport;
use crate::station::courier::{Courier, Inputs, Standing, Verdict, unsent};
use crate::station::disk;
use crate::trust::AlertRefusal;
use crate::wire::{Health, HeldCampaign, StationHealth};

/// Holds the courier and its ends of the channels. Nothing in it waits for the network.
pub(super) struct CountyDesk {
    state: PathBuf,
    courier: Courier,
    standing: watch::Sender<Arc<Standing>>,
    health: watch::Sender<Option<Health>>,
    alerts: Arc<Notify>,
}

impl CountyDesk {
    pub(super) fn open(
        state: &Path,
        store: Store,
        in_force: &InForce,
        ledger: &Ledger,
        time: &Arc<Timekeeper>,
    ) -> Self {
        let (standing, told) = watch::channel(Arc::clone(&in_force.standing));
        let (health, heard) = watch::channel(None);
        let alerts = Arc::new(Notify::new());
        let door = {
            let (store, time) = (alerts::Store::open(state), Arc::clone(time));
            let (standing, news) = (told.clone(), Arc::clone(&alerts));
            move |envelope: &[u8]| {
                let verdict = take(&store, envelope, &standing.borrow(), &time);
                if verdict == Verdict::Taken {
                    news.notify_one();
                }
                verdict
            }
        };
        let time = Arc::clone(time);
        let inputs = Inputs {
            state: state.to_owned(),
            store,
            standing: told,
            health: heard,
            records: records(ledger),
            now: Arc::new(move || {
                let now = time.now();
                (now.wall, now.trusted)
            }),
            alerts: Arc::new(door),
        };
        Self { state: state.to_owned(), courier: Courier::start(inputs), standing, health, alerts }
    }

    /// Returns what is told when an alert has come.
    pub(super) fn alerts(&self) -> Arc<Notify> {
        Arc::clone(&self.alerts)
    }

    /// Tells the courier what is in force now.
    pub(super) fn put_in_force(&self, in_force: &InForce) {
        self.standing.send_replace(Arc::clone(&in_force.standing));
    }

    /// Looks whether this station was enrolled meanwhile.
    pub(super) fn follow(&mut self) {
        self.courier.follow();
    }

    /// Tells whether somebody asks how the daemon is; sets a courier that fell on its feet again.
    pub(super) fn wants_health(&mut self) -> bool {
        if self.courier.has_ended() {
            tracing::error!("the courier to the county ended, and begins again");
            self.courier.follow();
        }
        self.courier.view().is_some()
    }

    pub(super) fn tell_health(&self, health: Health) {
        self.health.send_replace(Some(health));
    }

    /// Says how it stands with the county.
    pub(super) fn report(&self, in_force: &InForce) -> Option<CountyReport> {
        let (office, view) = self.courier.view()?;
        let nothing = || Words::new("", "");
        let fetching = view.fetching.unwrap_or_else(nothing);
        let problem = view.line.or(view.work).unwrap_or_else(nothing);
        Some(CountyReport {
            address: office.address,
            site: office.site,
            online: view.online,
            last_contact: view.last_contact.map(|at| in_force.civil(at)),
            dismissed: view.dismissed,
            fetching_zh: fetching.zh,
            fetching_en: fetching.en,
            records_waiting: view.acknowledged.and_then(|through| unsent(&self.state, through)),
            receipts_waiting: view.receipts,
            zh: problem.zh,
            en: problem.en,
        })
    }
}

/// Hands an alert to the one door of alerts.
fn take(store: &alerts::Store, envelope: &[u8], standing: &Standing, time: &Timekeeper) -> Verdict {
    match store.take(envelope, &standing.stations, Arrival::now(time.seen())) {
        Ok(_) => Verdict::Taken,
        Err(AlertFault::Refused(AlertRefusal::Replayed)) => Verdict::Known,
        Err(AlertFault::Disk(error)) => {
            tracing::error!(%error, "an alert cannot be stored");
            Verdict::Later
        }
        Err(fault) => Verdict::Refused(format!("{}: {}", fault.name(), fault.words())),
    }
}

/// Makes of every record one word that there is something new; many at once are one.
fn records(ledger: &Ledger) -> Arc<Notify> {
    let (news, mut records) = (Arc::new(Notify::new()), ledger.listen());
    let told = Arc::clone(&news);
    tokio::spawn(async move {
        while !matches!(records.recv().await, Err(RecvError::Closed)) {
            told.notify_one();
        }
    });
    news
}

impl Daemon {
    /// Says how everything is, to the county.
    pub(super) async fn health(&self) -> Health {
        let now = self.time.now();
        let campaigns = self.in_force.standing.campaigns.iter();
        Health {
            at: now.wall,
            clock_trusted: now.trusted,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            run: self.identity.run,
            disk_free: disk::free(&self.files.state),
            // The courier knows, when it says so.
            newest: 0,
            journal_ok: self.ledger.trouble().await.is_none(),
            campaigns: campaigns
                .map(|(campaign, held)| HeldCampaign { campaign: campaign.clone(), serial: held.serial })
                .collect(),
            stations: self
                .in_force
                .site
                .stations
                .iter()
                .map(|station| self.station_health(station))
                .collect(),
        }
    }

    fn station_health(&self, station: &crate::model::Station) -> StationHealth {
        let notices = self.team.notices(&station.id).unwrap_or_default();
        let listening = notices.listening;
        StationHealth {
            id: station.id.to_string(),
            zones: station.zones.iter().map(ToString::to_string).collect(),
            output_ok: notices.down.is_none(),
            output_detail: notices.down.map(|down| down.words.to_string()).unwrap_or_default(),
            amplifier_fault: self.amplifier_fault(station),
            monitor: listening.as_ref().map_or("none", Listening::word).to_owned(),
            volume: station.volume.usual,
            last_completed: notices.completed.map(|(_, at)| at),
            last_heard: listening.and_then(|listening| listening.heard),
        }
    }

    fn amplifier_fault(&self, station: &crate::model::Station) -> String {
        let Some((_, notice)) = self.team.amplifier(station) else { return String::new() };
        let troubles = notice.switch.into_iter().chain(notice.guard);
        troubles.map(|trouble| trouble.words.to_string()).collect::<Vec<_>>().join(" · ")
    }
}
