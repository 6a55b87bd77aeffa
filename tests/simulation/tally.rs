//! What happened in how many worlds.

use std::collections::BTreeMap;

use dalaba::model::{Outcome, Reason, Record};

use crate::world::World;

/// What happened in how many worlds.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) worlds: u64,
    pub(crate) outcomes: BTreeMap<Outcome, u64>,
    pub(crate) reasons: BTreeMap<Reason, u64>,
    pub(crate) troubles: BTreeMap<&'static str, u64>,
}

impl Tally {
    pub(crate) fn add(&mut self, world: &World) {
        self.worlds += 1;
        for record in &world.disk.log {
            if let Record::Closed(as_run) = record {
                *self.outcomes.entry(as_run.outcome).or_default() += 1;
                if let Some(reason) = as_run.reason {
                    *self.reasons.entry(reason).or_default() += 1;
                }
            }
        }
        for trouble in &world.troubles {
            *self.troubles.entry(trouble).or_default() += 1;
        }
    }

    /// Lists what has to be met for the worlds to prove anything.
    pub(crate) fn seen(&self) -> Vec<(String, u64)> {
        let outcome = |o: &Outcome| (o.to_string(), self.outcomes.get(o).copied().unwrap_or(0));
        let reasons = Reason::ALL
            .iter()
            .filter(|r| !matches!(r, Reason::Holiday | Reason::Expired | Reason::FileMissing));
        let reason = |r: &Reason| (r.to_string(), self.reasons.get(r).copied().unwrap_or(0));
        Outcome::ALL.iter().map(outcome).chain(reasons.map(reason)).collect()
    }
}
