//! All stations of the daemon: their loops, kept in step with `station.toml`.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::board::{Board, Notices};
use super::in_force::InForce;
use super::ledger::Ledger;
use super::mouth::Mouth;
use super::timekeeper::Timekeeper;
use super::worker::{Input, Worker};
use crate::model::{AiringId, Reason, Station, StationId};
use crate::playout::{Event, Horizon, Recovered, Sounded};
use crate::station::journal;
use crate::station::progress::Proof;

/// What the log and the memory know from the runs before.
#[derive(Debug, Clone, Default)]
pub(super) struct Past {
    /// Airings that are on record already.
    pub(super) known: HashSet<AiringId>,
    /// What sounded lately.
    pub(super) sounded: Vec<journal::Sounded>,
    /// How the last run ended; none if this is the first.
    pub(super) down: Option<Reason>,
    /// Per station, the instant before which everything is closed.
    pub(super) frontiers: BTreeMap<StationId, DateTime<Utc>>,
    /// The playlists that were in force when the last run ended.
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
    in_force: watch::Receiver<Arc<InForce>>,
}

impl Team {
    /// Starts a loop for each station in force.
    pub(super) fn start(
        time: &Arc<Timekeeper>,
        ledger: &Ledger,
        in_force: watch::Receiver<Arc<InForce>>,
        past: &Past,
    ) -> Self {
        let mut team = Self { members: BTreeMap::new(), time: Arc::clone(time), ledger: ledger.clone(), in_force };
        let now = Arc::clone(&team.in_force.borrow());
        for station in &now.site.stations {
            team.hire(station, &now, past);
        }
        team
    }

    /// Brings the loops in line with the stations now in force: new ones begin, and those that are gone, or whose
    /// output changed, end in good order.
    pub(super) async fn follow(&mut self, in_force: &Arc<InForce>) {
        let same = |station: &Station| {
            self.members.get(&station.id).is_some_and(|member| member.station.output == station.output)
        };
        let kept: HashSet<StationId> =
            in_force.site.stations.iter().filter(|station| same(station)).map(|station| station.id.clone()).collect();
        let gone: Vec<StationId> = self.members.keys().filter(|id| !kept.contains(id)).cloned().collect();
        for id in gone {
            if let Some(member) = self.members.remove(&id) {
                dismiss(member).await;
            }
        }
        let past = Past::default();
        for station in in_force.site.stations.iter().filter(|station| !kept.contains(&station.id)) {
            self.hire(station, in_force, &past);
        }
    }

    fn hire(&mut self, station: &Station, in_force: &Arc<InForce>, past: &Past) {
        let now = self.time.now();
        let (inbox, orders) = mpsc::unbounded_channel();
        let board = Arc::new(Board::default());
        let mouth = Mouth::new(station, inbox.clone());
        board.follow(mouth.gauge());
        let frontier = past.frontiers.get(&station.id).copied();
        let worker = Worker {
            playout: Worker::playout(station, in_force, past.of(station), now),
            horizon: Horizon::new(frontier.unwrap_or(now.wall)),
            before: past.before.clone(),
            station: station.clone(),
            in_force: self.in_force.clone(),
            time: Arc::clone(&self.time),
            ledger: self.ledger.clone(),
            workshop: in_force.workshop.clone(),
            mouth,
            inbox: orders,
            outbox: inbox.clone(),
            board: Arc::clone(&board),
            leaving: false,
        };
        let task = tokio::spawn(worker.run());
        self.members.insert(station.id.clone(), Member { station: station.clone(), inbox, board, task });
    }

    /// Hands an event to one station.
    pub(super) fn tell(&self, station: &StationId, event: Event) {
        if let Some(member) = self.members.get(station) {
            // A loop that has ended is found by the watchdog.
            let _ = member.inbox.send(Input::Event(event));
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

    /// Collects what the watchdog judges by.
    pub(super) fn proofs(&self) -> Vec<(StationId, Proof)> {
        self.members.iter().map(|(id, member)| (id.clone(), member.board.proof())).collect()
    }

    /// Collects the frontiers to be kept on disk.
    pub(super) fn frontiers(&self) -> BTreeMap<StationId, DateTime<Utc>> {
        let frontier = |(id, member): (&StationId, &Member)| Some((id.clone(), member.board.read().shown?.frontier));
        self.members.iter().filter_map(frontier).collect()
    }

    /// Ends every loop in good order: what is on air is cut and closed.
    pub(super) async fn dismiss_all(&mut self) {
        let members = std::mem::take(&mut self.members);
        for member in members.values() {
            let _ = member.inbox.send(Input::Event(Event::Shutdown));
        }
        for member in members.into_values() {
            dismiss(member).await;
        }
    }
}

async fn dismiss(member: Member) {
    let _ = member.inbox.send(Input::Event(Event::Shutdown));
    if let Err(error) = member.task.await {
        tracing::error!(station = %member.station.id, %error, "a station's loop did not end in good order");
    }
}

impl Past {
    fn of(&self, station: &Station) -> Recovered {
        let prefix = format!("{}/", station.id);
        let here = |id: &&AiringId| id.as_str().starts_with(&prefix);
        let sounded = self.sounded.iter().filter(|sounded| sounded.station == station.id);
        Recovered {
            closed: self.known.iter().filter(here).cloned().collect(),
            sounded: sounded.map(|s| Sounded { from: s.ended - s.heard, until: s.ended }).collect(),
            down: self.down,
        }
    }
}
