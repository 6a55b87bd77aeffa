//! What will sound next, as far as anybody can know: amplifiers are switched on ahead of it.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::item::Item;
use super::{Now, Playout, Sink};
use crate::model::Airing;

/// A sound that is to be expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// The airing.
    pub airing: Airing,
    /// When it would begin.
    pub at: DateTime<Utc>,
    /// How long it would be.
    pub length: Duration,
}

impl Playout {
    /// Returns what will sound next after what is on air; none while the output takes nothing.
    ///
    /// What a limit will hold back is not expected: no amplifier clicks at night for a message that stays silent.
    pub fn expected(&self, now: &Now) -> Option<Expected> {
        if self.sink == Sink::Down || self.leaving {
            return None;
        }
        let free =
            self.on_air.as_ref().map_or(now.wall, |on_air| on_air.since + on_air.planned).max(now.wall);
        self.items.values().filter_map(|item| self.expect(now, item, free)).min_by_key(|expected| expected.at)
    }

    fn expect(&self, now: &Now, item: &Item, free: DateTime<Utc>) -> Option<Expected> {
        let length = item.length().filter(|_| item.may_trust(now))?.message + self.chime_before(item);
        let at = if item.is_scheduled() { item.earliest().max(free) } else { free };
        let held_back = !item.is_emergency() && self.noise.forbids(at, length).is_some();
        (!held_back).then(|| Expected { airing: item.airing.clone(), at, length })
    }
}
