//! Power cuts, orderly ends and starts; and the disk, which is all that survives them.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::model::{Airing, AiringId, AsRun, Playlist, Reason, Record};
use dalaba::playout::{Ending, Event, Horizon, Playout, Recovered, Rules, Sounded};
use rand::Rng;

use crate::account;
use crate::world::{Faults, Happening, MINUTE, Running, World};

/// What survives a power cut.
pub(crate) struct Disk {
    pub(crate) log: Vec<Record>,
    pub(crate) on_air: HashSet<AiringId>,
    pub(crate) closed: BTreeMap<AiringId, DateTime<Utc>>,
    pub(crate) frontier: Option<DateTime<Utc>>,
    pub(crate) seen: Option<DateTime<Utc>>,
    pub(crate) playlists: Vec<Playlist>,
    pub(crate) orderly: bool,
}

impl Disk {
    pub(crate) fn commit(&mut self, record: Record) {
        match &record {
            Record::Ordered(_) | Record::Monitored(_) | Record::Switched(_) => {}
            Record::OnAir(on_air) => drop(self.on_air.insert(on_air.airing.id.clone())),
            Record::Closed(AsRun { airing, .. }) => {
                self.closed.insert(airing.id.clone(), airing.due_utc());
            }
        }
        self.log.push(record);
    }
}

impl World {
    pub(crate) fn power_cut(&mut self) {
        if self.running.take().is_some() {
            self.troubles.insert("a power cut");
            if let Some(sound) = self.playing.take().and_then(|playing| playing.sound) {
                self.account.cut_off(sound, self.t);
            }
            self.disk.orderly = false;
            // Half the boxes have no clock of their own: they wake up where they were last seen, or in 1970.
            match self.rng.random_range(0..4) {
                _ if self.faults != Faults::All => {}
                0 => self.boot_in_the_past(-(self.wall().timestamp_millis())),
                1 => self.boot_in_the_past(-1_800_000),
                _ => {}
            }
        }
    }

    pub(crate) fn boot_in_the_past(&mut self, by: i64) {
        self.offset += by;
        self.synchronised = false;
        self.account.stepped = true;
        let after = self.rng.random_range(30_000..1_500_000);
        self.later(self.t + after, Happening::Step(-by));
        self.later(self.t + after, Happening::Synchronised(true));
    }

    pub(crate) fn shut_down(&mut self) {
        self.tell(Event::Shutdown);
        let Some(playing) = self.playing.as_ref().map(|playing| playing.number) else {
            return self.leave();
        };
        self.sound_ends(playing, Ending::Stopped);
        self.leave();
    }

    pub(crate) fn leave(&mut self) {
        self.remember();
        let open = self.playing.is_some();
        if self.running.take().is_some() {
            self.disk.orderly = !open;
        }
    }

    /// Starts the daemon as the real one does: closes what was open, reads what was done, looks again from the
    /// frontier on.
    pub(crate) fn switch_on(&mut self) {
        if self.running.is_some() {
            return;
        }
        let now = self.now(self.disk.seen);
        self.close_open_records(now.wall);
        let down = (!self.disk.log.is_empty()).then_some(if self.disk.orderly {
            Reason::Shutdown
        } else {
            Reason::PowerOff
        });
        let recovered = Recovered { closed: self.disk.closed.clone(), sounded: self.sounded(), down };
        let rules = Rules {
            limits: self.site.stations[0].limits.clone(),
            zone: self.site.time_zone,
            in_step: self.in_step,
        };
        self.numbers += 1;
        let run = self.numbers;
        let before = std::mem::replace(&mut self.disk.playlists, self.playlists.clone());
        self.running = Some(Running {
            playout: Playout::new(rules, recovered, now),
            horizon: Horizon::new(self.disk.frontier.unwrap_or(now.wall)),
            boot: self.t,
            run,
            before: Some(before),
            seen: self.disk.seen,
        });
        self.account.restarted();
        self.ready.clear();
        self.later(self.t + MINUTE, Happening::Minute(run));
        self.tell(Event::Tick);
    }

    pub(crate) fn close_open_records(&mut self, at: DateTime<Utc>) {
        let closed = &self.disk.closed;
        let mut open: BTreeMap<AiringId, (Airing, bool)> = BTreeMap::new();
        for record in &self.disk.log {
            let Some(airing) = record.airing().filter(|airing| !closed.contains_key(&airing.id)) else {
                continue;
            };
            open.insert(airing.id.clone(), (airing.clone(), matches!(record, Record::OnAir(_))));
        }
        for (airing, sounded) in open.into_values() {
            self.disk.commit(Record::Closed(account::power_off(airing, at, sounded)));
        }
    }

    pub(crate) fn sounded(&self) -> Vec<Sounded> {
        let on_air = self.disk.log.iter().filter_map(|record| match record {
            Record::OnAir(on_air) => {
                let planned = TimeDelta::from_std(on_air.planned).expect("short");
                Some(Sounded { from: on_air.at, until: on_air.at + planned })
            }
            Record::Ordered(_) | Record::Closed(_) | Record::Monitored(_) | Record::Switched(_) => None,
        });
        on_air.collect()
    }
}
