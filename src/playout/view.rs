//! What a person may want to see of a station's playout.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Now, Playout};
use crate::model::{Airing, AiringId};

/// What is on air.
#[derive(Debug, Clone, PartialEq)]
pub struct OnAirView {
    /// The airing.
    pub airing: Airing,
    /// Since when, by the wall clock.
    pub since: DateTime<Utc>,
    /// How long it is to sound.
    pub planned: Duration,
}

/// A picture of one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// What is on air.
    pub on_air: Option<OnAirView>,
    /// The airing that falls due next, within the horizon.
    pub next: Option<Airing>,
    /// Airings that are due and wait.
    pub waiting: Vec<AiringId>,
    /// Sound in the last 60 minutes.
    pub used_in_hour: Duration,
    /// Sound in this civil day.
    pub used_in_day: Duration,
}

impl Playout {
    /// Shows the station as it is at `now`.
    pub fn view(&self, now: &Now) -> View {
        let on_air = self.on_air.as_ref().map(|on_air| OnAirView {
            airing: on_air.item.airing.clone(),
            since: on_air.since,
            planned: on_air.planned,
        });
        let coming =
            self.items.values().map(|item| &item.airing).filter(|airing| airing.due_utc() > now.wall);
        let waiting = self.items.values().filter(|item| item.is_due(now));
        View {
            on_air,
            next: coming.min_by_key(|airing| (airing.due_utc(), airing.position)).cloned(),
            waiting: waiting.map(|item| item.airing.id.clone()).collect(),
            used_in_hour: self.noise.used_in_hour(now.wall),
            used_in_day: self.noise.used_in_day(now.wall),
        }
    }
}
