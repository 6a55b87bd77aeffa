//! All stations of the daemon: their loops, kept in step with `station.toml`.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::alerts::Alerts;
use super::board::{Board, Notices};
use super::hearing::Hearing;
use super::in_force::InForce;
use super::ledger::Ledger;
use super::mouth::Mouth;
use super::power::Power;
use super::timekeeper::Timekeeper;
use super::worker::{Input, Worker};
use crate::model::{Record, Station, StationId, Switched};
use crate::playout::{Event, Horizon};
use crate::station::alerts::Pace;
use crate::station::amplifier::{Amplifier, Amplifiers, Notice};
use crate::station::journal::{JournalError, JournalHandle};
use crate::station::progress::Proof;

/// Airings that fell due longer than this before the frontier are not planned again, whatever the clock did since.
const REMEMBERED: TimeDelta = TimeDelta::hours(49);

/// What the memory knows from the runs before.
#[derive(Clone, Default)]
pub(super) struct Past {
    /// Per station, the instant before which everything is closed.
    pub(super) frontiers: BTreeMap<StationId, DateTime<Utc>>,
    /// What was in force when the last run ended.
    pub(super) before: Option<Arc<InForce>>,
}

struct Member {
    station: Station,
    inbox: mpsc::UnboundedSender<Input>,
    board: Arc<Board>,
    task: JoinHandle<()>,
}

/// Holds the loops of all stations.
pub(super) struct Team {
    members: BTreeMap<StationId, Member>,
    time: Arc<Timekeeper>,
    ledger: Ledger,
    journal: JournalHandle,
    in_force: watch::Receiver<Arc<InForce>>,
    amplifiers: Amplifiers,
    /// Records their switches; ends after the last.
    switches: JoinHandle<()>,
    /// The state folder.
    state: PathBuf,
}

impl Team {
    /// Starts a loop for each station in force.
    pub(super) async fn start(
        time: &Arc<Timekeeper>,
        ledger: &Ledger,
        journal: &JournalHandle,
        in_force: watch::Receiver<Arc<InForce>>,
        (past, state): (Past, &Path),
    ) -> Result<Self, JournalError> {
        let now = Arc::clone(&in_force.borrow());
        let (time, ledger, journal) = (Arc::clone(time), ledger.clone(), journal.clone());
        let (tell, told) = mpsc::unbounded_channel();
        let mut amplifiers = Amplifiers::new(state, tell);
        amplifiers.follow(&now.site.stations).await;
        let switches = tokio::spawn(record_switches(told, ledger.clone()));
        let members = BTreeMap::new();
        let state = state.to_owned();
        let mut team = Self { members, time, ledger, journal, in_force, amplifiers, switches, state };
        for station in &now.site.stations {
            team.hire(station, &now, &past).await?;
        }
        Ok(team)
    }

    /// Brings the loops in line with the stations now in force: new ones begin, and those that are gone, or whose
    /// output, amplifier or microphone changed, end in good order.
    pub(super) async fn follow(&mut self, in_force: &Arc<InForce>) {
        let same = |station: &Station| {
            self.members.get(&station.id).is_some_and(|member| {
                let had = &member.station;
                had.output == station.output
                    && had.amplifier == station.amplifier
                    && had.monitor == station.monitor
            })
        };
        let kept: HashSet<StationId> = in_force
            .site
            .stations
            .iter()
            .filter(|station| same(station))
            .map(|station| station.id.clone())
            .collect();
        let gone: Vec<StationId> = self.members.keys().filter(|id| !kept.contains(*id)).cloned().collect();
        for id in gone {
            if let Some(member) = self.members.remove(&id) {
                dismiss(member).await;
            }
        }
        self.amplifiers.follow(&in_force.site.stations).await;
        let past = Past::default();
        for station in in_force.site.stations.iter().filter(|station| !kept.contains(&station.id)) {
            if let Err(error) = self.hire(station, in_force, &past).await {
                tracing::error!(station = %station.id, %error, "the station cannot begin: the log cannot be read");
            }
        }
    }

    async fn hire(
        &mut self,
        station: &Station,
        in_force: &Arc<InForce>,
        past: &Past,
    ) -> Result<(), JournalError> {
        let now = self.time.now();
        let known = past.frontiers.get(&station.id).copied().or(now.trusted.then_some(now.wall));
        let from = known.unwrap_or(now.wall).min(now.wall) - REMEMBERED;
        let recovered = self.journal.remembered(station.id.clone(), from).await?;
        let (inbox, orders) = mpsc::unbounded_channel();
        let board = Arc::new(Board::at(known));
        let amplifier = self.amplifiers.of(station);
        let mouth = Mouth::new(station, amplifier.clone(), inbox.clone());
        board.follow(mouth.gauge());
        let hearing = Hearing::begin(station, (&self.journal, &self.state), &board, inbox.clone()).await?;
        let mut playout = Worker::playout(station, in_force, recovered, now);
        playout.be_patient(amplifier.as_ref().map_or(Duration::ZERO, Amplifier::patience));
        let worker = Worker {
            playout,
            hearing,
            power: amplifier.map(Power::of),
            // A new box whose clock is not believed: the plan begins when it is, not in 1970.
            horizon: Horizon::new(known.unwrap_or(DateTime::<Utc>::MAX_UTC)),
            before: past.before.clone(),
            station: station.clone(),
            in_force: self.in_force.clone(),
            time: Arc::clone(&self.time),
            ledger: self.ledger.clone(),
            workshop: in_force.workshop.shaped(station.shaping),
            mouth,
            inbox: orders,
            outbox: inbox.clone(),
            board: Arc::clone(&board),
            loading: None,
            wishes: (None, crate::model::Priority::Routine),
            alerts: Pace::default(),
            turns: Arc::default(),
            leaving: false,
        };
        let task = tokio::spawn(worker.run());
        self.members.insert(station.id.clone(), Member { station: station.clone(), inbox, board, task });
        Ok(())
    }

    /// Returns the notice boards, for those who only look.
    pub(super) fn boards(&self) -> BTreeMap<StationId, Arc<Board>> {
        self.members.iter().map(|(id, member)| (id.clone(), Arc::clone(&member.board))).collect()
    }

    /// Hands an event to one station.
    pub(super) fn tell(&self, station: &StationId, event: Event) {
        if let Some(member) = self.members.get(station) {
            // A loop that has ended is found by the watchdog.
            let _ = member.inbox.send(Input::Event(event));
        }
    }

    /// Tells every loop which alerts are in force.
    pub(super) fn tell_alerts(&self, alerts: &Alerts) {
        for (id, member) in &self.members {
            let _ = member.inbox.send(Input::Alerts(alerts.at(id)));
        }
    }

    /// Lets every loop look at the clock again.
    pub(super) fn wake(&self) {
        for member in self.members.values() {
            let _ = member.inbox.send(Input::LookAgain);
        }
    }

    /// Reads the notices of one station.
    pub(super) fn notices(&self, station: &StationId) -> Option<Notices> {
        self.members.get(station).map(|member| member.board.read())
    }

    /// Tells how the amplifier of a station is, with its name.
    pub(super) fn amplifier(&self, station: &Station) -> Option<(String, Notice)> {
        self.amplifiers.notice(station)
    }

    /// Collects what the watchdog judges by.
    pub(super) fn proofs(&self) -> Vec<(StationId, Proof)> {
        self.members.iter().map(|(id, member)| (id.clone(), member.board.proof())).collect()
    }

    /// Collects the frontiers to be kept on disk.
    pub(super) fn frontiers(&self) -> BTreeMap<StationId, DateTime<Utc>> {
        frontiers(&self.boards())
    }

    /// Ends every loop in good order: what is on air is cut and closed. Returns the frontiers then.
    pub(super) async fn dismiss_all(&mut self) -> BTreeMap<StationId, DateTime<Utc>> {
        for member in self.members.values() {
            let _ = member.inbox.send(Input::Event(Event::Shutdown));
        }
        let boards = self.boards();
        for member in std::mem::take(&mut self.members).into_values() {
            dismiss(member).await;
        }
        self.amplifiers.leave().await;
        if let Err(error) = (&mut self.switches).await {
            tracing::error!(%error, "the last switches of the amplifiers were not recorded");
        }
        frontiers(&boards)
    }
}

fn frontiers(boards: &BTreeMap<StationId, Arc<Board>>) -> BTreeMap<StationId, DateTime<Utc>> {
    boards.iter().filter_map(|(id, board)| Some((id.clone(), board.read().frontier?))).collect()
}

/// Records each switch as it is told of.
async fn record_switches(mut told: mpsc::UnboundedReceiver<Switched>, ledger: Ledger) {
    while let Some(switched) = told.recv().await {
        ledger.commit(vec![Record::Switched(switched)]).await;
    }
}

async fn dismiss(member: Member) {
    let _ = member.inbox.send(Input::Event(Event::Shutdown));
    if let Err(error) = member.task.await {
        tracing::error!(station = %member.station.id, %error, "a station's loop did not end in good order");
    }
}
