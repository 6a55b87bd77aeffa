//! Reconciliation (编播对账): the timetable against the as-run log.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

use crate::model::{Airing, AiringId, Timetable};

/// What a timetable and a log say together; `R` is what the log holds of an airing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report<'a, R> {
    /// Every airing of the timetable, in its order, with its record; without one nobody accounted for it yet.
    pub planned: Vec<(&'a Airing, Option<&'a R>)>,
    /// Records of airings that the timetable does not hold, in the order of their ids: said by a person, or planned by
    /// a playlist that has changed since.
    pub unplanned: Vec<&'a R>,
}

/// Compares a timetable with the airings that the log holds. `recorded` may hold more than the window; what lies
/// outside is then unplanned, so the caller picks the records of the window.
pub fn reconcile<'a, R, S: BuildHasher>(
    timetable: &'a Timetable,
    recorded: &'a HashMap<AiringId, R, S>,
) -> Report<'a, R> {
    let planned: Vec<_> = timetable.airings.iter().map(|airing| (airing, recorded.get(&airing.id))).collect();
    let ids: HashSet<&AiringId> = timetable.airings.iter().map(|airing| &airing.id).collect();
    let mut unplanned: Vec<_> = recorded.iter().filter(|(id, _)| !ids.contains(id)).collect();
    unplanned.sort_by_key(|(id, _)| *id);
    Report { planned, unplanned: unplanned.into_iter().map(|(_, record)| record).collect() }
}
