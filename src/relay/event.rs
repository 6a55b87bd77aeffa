//! What a relay is told, and what it orders.

use std::time::Duration;

use super::{BEGINS_WITHIN, OVERRUN};
use crate::model::{AiringId, StationId, SwitchCause};

/// A sound that is to be heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sound {
    /// What sounds.
    pub airing: AiringId,
    /// When its first sample is to be heard, if the amplifier is ready by then.
    pub from: Duration,
    /// How long it is.
    pub length: Duration,
    /// Whether it is an emergency.
    pub emergency: bool,
}

/// A sound, and until when the amplifier is kept on for it if nobody says that it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    pub(super) sound: Sound,
    pub(super) until: Duration,
}

impl Need {
    /// Keeps the amplifier on for a sound, over its end.
    pub(super) fn of(sound: Sound) -> Self {
        // A length from a broken clip must not overflow.
        let until = sound.from.saturating_add(sound.length).saturating_add(OVERRUN);
        Self { sound, until }
    }

    /// Switches the amplifier on ahead of a sound.
    pub(super) fn foreseen(sound: Sound) -> Self {
        let until = sound.from.saturating_add(BEGINS_WITHIN);
        Self { sound, until }
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Nothing but time went by.
    Tick,
    /// A station is about to sound, and waits until the amplifier is ready.
    Sounds(StationId, Sound),
    /// A station's sound is over; the last sample was heard.
    Silent(StationId),
    /// This is what a station will sound next, if anything; it replaces what was said before.
    Next(StationId, Option<Sound>),
    /// A guard is there. It waits for its first order.
    GuardUp,
    /// A guard is being started.
    GuardComing,
    /// There is no guard, and there will be none for a while.
    GuardDown,
    /// The guard did what it was ordered.
    Done,
    /// The guard could not do what it was ordered.
    Failed,
    /// The guard switched off by itself.
    WentOff,
    /// Switch off, and nothing more.
    Leave,
}

/// One thing to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Switch on, and off again by yourself after `at_most`.
    On {
        /// The most that is left of `max_on`.
        at_most: Duration,
        /// Why.
        cause: SwitchCause,
        /// For which airing.
        airing: Option<AiringId>,
    },
    /// Switch off.
    Off {
        /// Why.
        cause: SwitchCause,
    },
    /// The guard does not answer: end it and start another.
    ReplaceGuard,
}
