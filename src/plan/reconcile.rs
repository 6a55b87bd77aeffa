//! Reconciliation (编播对账): the timetable against the as-run log.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::BuildHasher;

use crate::model::{Airing, AiringId, Outcome, Timetable};

/// What a timetable and a log say together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report<'a> {
    /// How many airings of the timetable ended in each way.
    pub outcomes: BTreeMap<Outcome, usize>,
    /// Airings of the timetable without a closing record, in its order: nobody accounted for them yet.
    pub unrecorded: Vec<&'a Airing>,
    /// Closed airings that the timetable does not hold, sorted: said by a person, or planned by a playlist that has
    /// changed since.
    pub unplanned: Vec<AiringId>,
}

/// Compares a timetable with the airings that the log has closed. `closed` may hold more than the window; what lies
/// outside is then unplanned, so the caller picks the records of the window.
pub fn reconcile<'a, S: BuildHasher>(
    timetable: &'a Timetable,
    closed: &HashMap<AiringId, Outcome, S>,
) -> Report<'a> {
    let mut outcomes = BTreeMap::new();
    let mut unrecorded = Vec::new();
    for airing in &timetable.airings {
        match closed.get(&airing.id) {
            Some(outcome) => *outcomes.entry(*outcome).or_default() += 1,
            None => unrecorded.push(airing),
        }
    }
    let planned: HashSet<&AiringId> = timetable.airings.iter().map(|airing| &airing.id).collect();
    let mut unplanned: Vec<AiringId> = closed.keys().filter(|id| !planned.contains(id)).cloned().collect();
    unplanned.sort();
    Report { outcomes, unrecorded, unplanned }
}
