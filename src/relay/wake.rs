//! When an amplifier has to be looked at again.

use std::time::Duration;

use super::{Guard, Need, Position, Relay};

impl Relay {
    /// Returns the reading of the steady clock at which something happens by itself; none if never.
    pub fn next_wake(&self, now: Duration) -> Option<Duration> {
        let guard = match self.guard {
            Guard::Busy { until, .. } => Some(until),
            Guard::Coming | Guard::Down | Guard::New | Guard::Idle => None,
        };
        let needs = self.needs().flat_map(|need| self.wakes_of(need));
        let later = guard.into_iter().chain(needs).chain(self.wakes_of_switch());
        later.filter(|at| *at > now).min()
    }

    fn wakes_of(&self, need: &Need) -> [Duration; 2] {
        [need.sound.from.saturating_sub(self.ahead()), need.until]
    }

    fn wakes_of_switch(&self) -> impl Iterator<Item = Duration> {
        let again = self.failure.map(|failure| failure.again_at);
        let switch = match self.position {
            Position::On { since, .. } => {
                [Some(since + self.times.max_on), Some(self.idle_since + self.times.lead_out)]
            }
            Position::Off { since } => [false, true].map(|e| since.map(|since| since + self.rest(e))),
        };
        switch.into_iter().chain([again]).flatten()
    }
}
