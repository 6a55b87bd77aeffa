//! Decides when an amplifier is on: what its stations need comes in, orders to its guard leave, and the instant from
//! which a sound is heard.
//!
//! Invariants, held by `tests.rs`: never on for longer than `max_on`; off within `lead_out` after the last need, unless
//! the next one is close; never on again before `min_off`; on while any of the stations needs it and its limits allow.

mod event;
mod ready;
#[cfg(test)]
mod tests;
mod wake;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::{AmplifierTimes, StationId, Switch, SwitchCause};

pub use event::{Event, Need, Order, Sound};
pub use ready::Readiness;

/// A pause as short as this between two sounds is not worth two switches: as long as the player keeps an output open.
const CLOSE: Duration = Duration::from_secs(10);

/// Even an emergency lets the contacts part: a relay that is given no time to drop out has not been off.
const DROP_OUT: Duration = Duration::from_millis(500);

/// A sound that was foreseen and has not begun after this long does not come.
const BEGINS_WITHIN: Duration = Duration::from_secs(5);

/// Beyond its length a sound may take this long to begin and to drain. Then nobody speaks for it any more: a player that
/// hangs does not hold an amplifier on.
const OVERRUN: Duration = Duration::from_mins(1);

/// The guard has to answer an order within its switch's own limit and this.
const ANSWER_SLACK: Duration = Duration::from_secs(2);

/// First and longest wait before a switch that failed is tried again; each wait is twice the one before.
const SOON: Duration = Duration::from_secs(1);
const LATE: Duration = Duration::from_secs(30);

/// What a switch is thought to take before one was seen.
const FIRST_GUESS: Duration = Duration::from_millis(100);

/// What one station needs.
#[derive(Debug, Clone, Default)]
struct Station {
    sounding: Option<Need>,
    next: Option<Need>,
}

/// Where the switch stands, as far as it was ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// Since the given instant; none if it was never on in this run.
    Off { since: Option<Duration> },
    /// `confirmed` is when the guard said that it is on.
    On { since: Duration, confirmed: Option<Duration> },
}

/// What the guard is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guard {
    /// It is being started.
    Coming,
    /// There is none.
    Down,
    /// It is there and knows nothing of what was before.
    New,
    /// It waits for orders.
    Idle,
    /// It was ordered something, and answers before `until`.
    Busy { began: Duration, until: Duration },
}

/// A failed switch that will be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Failure {
    again_at: Duration,
    wait: Duration,
}

/// Decides for one amplifier. See the module. All instants are readings of the steady clock.
#[derive(Debug, Clone)]
pub struct Relay {
    times: AmplifierTimes,
    /// What one switch may take at the most.
    limit: Duration,
    stations: BTreeMap<StationId, Station>,
    position: Position,
    guard: Guard,
    failure: Option<Failure>,
    /// End of the last need.
    idle_since: Duration,
    /// What switching on took when it last worked.
    took: Duration,
    first: bool,
    leaving: bool,
}

impl Relay {
    /// Begins with an amplifier of which nothing is known; `limit` is what one switch may take.
    pub fn new(times: AmplifierTimes, limit: Duration) -> Self {
        Self {
            times,
            limit,
            stations: BTreeMap::new(),
            position: Position::Off { since: None },
            guard: Guard::Coming,
            failure: None,
            idle_since: Duration::ZERO,
            took: FIRST_GUESS.min(limit),
            first: true,
            leaving: false,
        }
    }

    /// Takes in one event and returns what is to be done. Also what was due by `now` is done.
    pub fn handle(&mut self, now: Duration, event: Event) -> Option<Order> {
        let rest = self.take(now, event);
        self.expire(now);
        if self.is_overdue(now) {
            self.guard = Guard::Coming;
            return Some(Order::ReplaceGuard);
        }
        match self.guard {
            Guard::Coming | Guard::Down | Guard::Busy { .. } => None,
            Guard::New => Some(self.introduce(now)),
            Guard::Idle if rest => Some(self.switch_off(now, SwitchCause::Idle)),
            Guard::Idle => self.decide(now),
        }
    }

    /// Takes the event in; returns whether a pause has to be made so that a sound is not cut by `max_on`.
    fn take(&mut self, now: Duration, event: Event) -> bool {
        match event {
            Event::Tick => {}
            Event::Sounds(station, sound) => return self.begin(now, &station, sound),
            Event::Silent(station) => {
                let sounding = self.stations.get_mut(&station).and_then(|s| s.sounding.take());
                self.idle_since = sounding.map_or(self.idle_since, |_| now);
            }
            Event::Next(station, next) => {
                let station = self.stations.entry(station).or_default();
                station.next = next.map(Need::foreseen);
            }
            Event::GuardUp => self.guard = Guard::New,
            Event::GuardComing => self.guard = Guard::Coming,
            Event::GuardDown => self.guard = Guard::Down,
            Event::Done => self.done(now),
            Event::Failed => self.failed(now),
            Event::WentOff => self.went_off(now),
            Event::Leave => {
                self.leaving = true;
                self.stations.clear();
            }
        }
        false
    }

    fn begin(&mut self, now: Duration, station: &StationId, sound: Sound) -> bool {
        let alone = self.stations.values().all(|other| other.sounding.is_none());
        let needed = sound.length + self.times.lead_out;
        let fits = self.times.lead_in + needed <= self.times.max_on;
        let station = self.stations.entry(station.clone()).or_default();
        if station.next.as_ref().is_some_and(|next| next.sound.airing == sound.airing) {
            station.next = None;
        }
        let end = sound.from + needed;
        station.sounding = Some(Need::of(sound));
        let Position::On { since, .. } = self.position else { return false };
        // It was on for what came before; a short pause now is better than one amid the words.
        alone && fits && end > since + self.times.max_on && now > since
    }

    fn done(&mut self, now: Duration) {
        let Guard::Busy { began, .. } = self.guard else { return };
        self.guard = Guard::Idle;
        self.failure = None;
        match &mut self.position {
            Position::On { confirmed, .. } => {
                *confirmed = Some(now);
                self.took = now.saturating_sub(began).min(self.limit);
            }
            Position::Off { since } if since.is_some() => *since = Some(now),
            Position::Off { .. } => {}
        }
    }

    fn failed(&mut self, now: Duration) {
        if matches!(self.guard, Guard::Busy { .. }) {
            self.guard = Guard::Idle;
            let wait = self.failure.map_or(SOON, |failure| (failure.wait * 2).min(LATE));
            self.failure = Some(Failure { again_at: now + wait, wait });
        }
    }

    fn went_off(&mut self, now: Duration) {
        // A guard that was ordered something just now does that afterwards.
        if !matches!(self.guard, Guard::Busy { .. }) {
            self.position = Position::Off { since: Some(now) };
            self.failure = None;
        }
    }

    /// Forgets needs for which nobody spoke in time.
    fn expire(&mut self, now: Duration) {
        for station in self.stations.values_mut() {
            if let Some(need) = station.sounding.take_if(|need| need.until <= now) {
                self.idle_since = self.idle_since.max(need.until);
            }
            station.next.take_if(|need| need.until <= now);
        }
    }

    fn is_overdue(&self, now: Duration) -> bool {
        matches!(self.guard, Guard::Busy { until, .. } if until <= now)
    }

    /// Tells a guard that knows nothing how it has to be.
    fn introduce(&mut self, now: Duration) -> Order {
        let cause = if self.first { SwitchCause::Started } else { SwitchCause::GuardGone };
        self.first = false;
        match self.position {
            Position::On { since, .. } if self.must_stay_on(now, since) => self.order_on(now, since, cause),
            Position::On { .. } => self.switch_off(now, cause),
            Position::Off { .. } => {
                self.wait_for_answer(now);
                Order::Off { cause }
            }
        }
    }

    fn decide(&mut self, now: Duration) -> Option<Order> {
        match self.position {
            Position::Off { since } => {
                let need = self.active(now).max_by_key(|need| need.sound.emergency)?;
                let rested = since.is_none_or(|since| since + self.rest(need.sound.emergency) <= now);
                (rested && !self.leaving).then(|| {
                    self.failure = None;
                    self.order_on(now, now, SwitchCause::Sound)
                })
            }
            Position::On { since, .. } if now >= since + self.times.max_on => {
                Some(self.switch_off(now, SwitchCause::MaxOn))
            }
            Position::On { since, .. } if !self.must_stay_on(now, since) => {
                let cause = if self.leaving { SwitchCause::Shutdown } else { SwitchCause::Idle };
                Some(self.switch_off(now, cause))
            }
            Position::On { since, confirmed: None } if self.failure.is_some_and(|f| f.again_at <= now) => {
                Some(self.order_on(now, since, SwitchCause::Retry))
            }
            Position::On { .. } => None,
        }
    }

    fn order_on(&mut self, now: Duration, since: Duration, cause: SwitchCause) -> Order {
        self.position = Position::On { since, confirmed: None };
        self.wait_for_answer(now);
        let airing = self.active(now).next().map(|need| need.sound.airing.clone());
        Order::On { at_most: (since + self.times.max_on).saturating_sub(now), cause, airing }
    }

    fn switch_off(&mut self, now: Duration, cause: SwitchCause) -> Order {
        self.position = Position::Off { since: Some(now) };
        self.failure = None;
        self.wait_for_answer(now);
        Order::Off { cause }
    }

    fn wait_for_answer(&mut self, now: Duration) {
        self.guard = Guard::Busy { began: now, until: now + self.limit + ANSWER_SLACK };
    }

    /// Lists the needs for which it has to be on at `now`.
    fn active(&self, now: Duration) -> impl Iterator<Item = &Need> {
        let ahead = self.ahead();
        self.needs().filter(move |need| need.sound.from <= now + ahead && now < need.until)
    }

    fn needs(&self) -> impl Iterator<Item = &Need> {
        self.stations.values().flat_map(|station| station.sounding.iter().chain(&station.next))
    }

    /// Returns how long before a sound the switch is ordered.
    fn ahead(&self) -> Duration {
        self.times.lead_in + self.took
    }

    /// Returns how long it has to be off before it may be on again.
    fn rest(&self, emergency: bool) -> Duration {
        if emergency { self.times.min_off.min(DROP_OUT) } else { self.times.min_off }
    }

    /// Tells whether an amplifier that is on stays so: for a sound, for its last echo, or because the next one is close.
    fn must_stay_on(&self, now: Duration, since: Duration) -> bool {
        if self.leaving || now >= since + self.times.max_on {
            return false;
        }
        let off_at = self.idle_since + self.times.lead_out;
        if now < off_at || self.active(now).next().is_some() {
            return true;
        }
        let close = now + CLOSE.max(self.times.min_off) + self.ahead();
        // What would be cut by `max_on` gets a fresh start.
        let fits = |need: &Need| {
            need.sound.from + need.sound.length + self.times.lead_out <= since + self.times.max_on
        };
        self.needs().any(|need| need.sound.from <= close && fits(need))
    }

    /// Tells whether it was told to leave and nothing is left to be done.
    pub fn has_left(&self) -> bool {
        self.leaving
            && matches!(self.position, Position::Off { .. })
            && !matches!(self.guard, Guard::Busy { .. })
    }

    /// Tells what it was switched to last, and since when; none as long as nothing is known.
    pub fn switched(&self) -> Option<(Switch, Duration)> {
        match self.position {
            Position::On { since, .. } => Some((Switch::On, since)),
            Position::Off { since } => since.map(|since| (Switch::Off, since)),
        }
    }
}
