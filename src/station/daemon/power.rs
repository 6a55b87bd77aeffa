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
        let airing = on_air.map(|on_air| &on_air.airing.id);
        if power.sounding.as_ref() != airing {
            power.sounding = airing.cloned();
            match on_air {
                Some(on_air) => {
                    power.amplifier.sounds(sound(now, &on_air.airing, on_air.since, on_air.planned));
                }
                None => power.amplifier.silent(),
            }
        }
        let next = self.playout.expected(now);
        power.amplifier.next(next.map(|next| sound(now, &next.airing, next.at, next.length)));
    }
}

fn sound(now: &Now, airing: &Airing, from: DateTime<Utc>, length: Duration) -> Sound {
    // What ought to have begun begins now.
    let ahead = (from - now.wall).to_std().unwrap_or_default();
    let emergency = airing.priority == Priority::Emergency;
    Sound { airing: airing.id.clone(), from: now.steady + ahead, length, emergency }
}
