//! What must hold between the records of any honest log, whatever their hashes say.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::FaultKind;
use super::row::{Column, Row, kind};
use crate::model::AiringId;

/// How much two sounds may seem to overlap: the log's own times are good to 200 ms.
const OVERLAP: TimeDelta = TimeDelta::milliseconds(200);

/// Watches records go by, in order.
#[derive(Default)]
pub(super) struct Invariants {
    /// Airings that a person ordered and that are neither on air nor closed, with the run that took the order.
    ordered: BTreeMap<String, i64>,
    /// Airings on air, with the run that put them there.
    open: BTreeMap<String, i64>,
    closed: HashSet<String>,
    /// Airings that a microphone has judged.
    judged: HashSet<String>,
    /// The last sound of each station whose time can be compared.
    sounds: BTreeMap<String, Sound>,
}

struct Sound {
    airing: String,
    started: DateTime<Utc>,
    ended: DateTime<Utc>,
}

impl Invariants {
    /// Takes the next record and returns every invariant that it breaks.
    pub(super) fn see(&mut self, row: &Row) -> Vec<FaultKind> {
        match row.text(Column::Kind) {
            Some(kind::RUN_STARTED) => self.run_started(row),
            Some(kind::ORDERED) => self.ordered(row),
            Some(kind::ON_AIR) => self.on_air(row),
            Some(kind::CLOSED) => self.closed(row),
            Some(kind::RUN_ENDED) => self.left_open(i64::MAX),
            Some(kind::MONITORED) => self.monitored(row),
            Some(kind::SWITCHED) => Vec::new(),
            _ => {
                self.sounds.clear();
                Vec::new()
            }
        }
    }

    /// Checks what a start of the daemon says about the log that it found.
    fn run_started(&mut self, row: &Row) -> Vec<FaultKind> {
        // Wall times of two runs, and those around a step of the clock, cannot be compared.
        self.sounds.clear();
        match row.number(Column::AnchorSeq) {
            Some(0) => vec![FaultKind::AnchorLostBefore],
            Some(seq) => vec![FaultKind::ShortenedBefore(seq)],
            None => Vec::new(),
        }
    }

    fn ordered(&mut self, row: &Row) -> Vec<FaultKind> {
        let run = row.number(Column::Run).unwrap_or_default();
        let broken = self.left_open(run);
        self.ordered.insert(name(row), run);
        broken
    }

    fn on_air(&mut self, row: &Row) -> Vec<FaultKind> {
        let run = row.number(Column::Run).unwrap_or_default();
        let airing = name(row);
        let mut broken = self.left_open(run);
        self.ordered.remove(&airing);
        if self.closed.contains(&airing) || self.open.insert(airing.clone(), run).is_some() {
            broken.push(FaultKind::OnAirAgain(AiringId::from_record(airing)));
        }
        broken
    }

    fn closed(&mut self, row: &Row) -> Vec<FaultKind> {
        let airing = name(row);
        self.ordered.remove(&airing);
        self.open.remove(&airing);
        if !self.closed.insert(airing.clone()) {
            return vec![FaultKind::ClosedTwice(AiringId::from_record(airing))];
        }
        self.sounded(row, airing).into_iter().collect()
    }

    fn monitored(&mut self, row: &Row) -> Vec<FaultKind> {
        let airing = name(row);
        let in_place = self.closed.contains(&airing) && self.judged.insert(airing.clone());
        if in_place { Vec::new() } else { vec![FaultKind::StrayVerdict(AiringId::from_record(airing))] }
    }

    /// Returns, and forgets, what runs before `run` left waiting or on air.
    fn left_open(&mut self, run: i64) -> Vec<FaultKind> {
        let ordered = self.ordered.extract_if(.., |_, opened_by| *opened_by < run);
        let left: Vec<_> = self.open.extract_if(.., |_, opened_by| *opened_by < run).chain(ordered).collect();
        left.into_iter().map(|(airing, _)| FaultKind::NeverClosed(AiringId::from_record(airing))).collect()
    }

    fn sounded(&mut self, row: &Row, airing: String) -> Option<FaultKind> {
        let (Ok(Some(started)), Ok(Some(ended))) = (row.instant(Column::Started), row.instant(Column::Ended))
        else {
            return None;
        };
        let sound = Sound { airing, started, ended };
        let station = row.text(Column::Station).unwrap_or_default();
        let broken = self.sounds.get(station).filter(|other| overlap(other, &sound)).map(|other| {
            let [one, two] = [other, &sound].map(|sound| AiringId::from_record(sound.airing.clone()));
            FaultKind::TwoAtOnce(one, two)
        });
        self.sounds.insert(station.to_owned(), sound);
        broken
    }
}

fn overlap(one: &Sound, other: &Sound) -> bool {
    one.started + OVERLAP < other.ended && other.started + OVERLAP < one.ended
}

fn name(row: &Row) -> String {
    row.text(Column::Airing).unwrap_or_default().to_owned()
}
