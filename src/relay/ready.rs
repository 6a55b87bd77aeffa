//! From when on a sound is heard.

use std::time::Duration;

use super::{ANSWER_SLACK, Guard, Position, Relay};

/// Says whether a sound would be heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// From this reading of the steady clock on, as far as anybody knows.
    From(Duration),
    /// The amplifier is being switched on.
    Waiting,
}

impl Relay {
    /// Tells from when on a sound is heard.
    ///
    /// A switch that failed, and a guard that is not there, keep nobody waiting: the amplifier may be on all the same, and
    /// a village rather hears a message through a doubtful relay than none.
    pub fn readiness(&self) -> Readiness {
        match (self.guard, self.position) {
            (Guard::Down, _) => Readiness::From(Duration::ZERO),
            (_, Position::On { confirmed: Some(at), .. }) => Readiness::From(at + self.times.lead_in),
            (_, Position::On { .. }) if self.failure.is_some() => Readiness::From(Duration::ZERO),
            _ => Readiness::Waiting,
        }
    }

    /// Returns the longest that anybody waits for [`Readiness::From`]; then sound goes out without it.
    pub fn patience(&self) -> Duration {
        self.times.min_off + 2 * (self.limit + ANSWER_SLACK) + self.times.lead_in
    }
}
