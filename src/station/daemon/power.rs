//! Tells a station's amplifier what sounds and what will: the one place where that is done, for everything that is on
//! air, whether a schedule, a person, an alert or a test asked for it.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::worker::Worker;
use crate::model::{Airing, AiringId, Priority};
use crate::playout::{Now, OnAirView};
use crate::relay::Sound;
use crate::station::amplifier::Amplifier;

/// A station's amplifier, and what it was told last.
pub(super) struct Power {
    amplifier: Amplifier,
    sounding: Option<AiringId>,
}

impl Power {
    pub(super) fn of(amplifier: Amplifier) -> Self {
        Self { amplifier, sounding: None }
    }
}

impl Worker {
    /// Tells the amplifier what is on air and what comes next, after each step of the loop. What goes on air is told
    /// before its clip reaches the player, which waits until it would be heard.
    pub(super) fn power(&mut self, now: &Now, on_air: Option<&OnAirView>) {
        let Some(power) = &mut self.power else { return };
        let next = self.playout.expected(now);
        let next = next.map(|next| sound(now, &next.airing, next.at, next.length));
        let airing = on_air.map(|on_air| &on_air.airing.id);
        let changed = power.sounding.as_ref() != airing;
        power.sounding = airing.cloned();
        if let Some(on_air) = on_air.filter(|_| changed) {
            power.amplifier.sounds(sound(now, &on_air.airing, on_air.since, on_air.planned));
        }
        power.amplifier.next(next);
        // Last, so that it stays on for what is close.
        if changed && on_air.is_none() {
            power.amplifier.silent();
        }
    }
}

fn sound(now: &Now, airing: &Airing, from: DateTime<Utc>, length: Duration) -> Sound {
    // What ought to have begun begins now.
    let ahead = (from - now.wall).to_std().unwrap_or_default();
    let emergency = airing.priority == Priority::Emergency;
    Sound { airing: airing.id.clone(), from: now.steady + ahead, length, emergency }
}
