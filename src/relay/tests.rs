//! Cases of the relay, with a guard that answers, fails and dies as told.

mod properties;

use std::time::Duration;

use super::{BEGINS_WITHIN, DROP_OUT, Event, Order, Readiness, Relay, Sound};
use crate::model::{AiringId, AmplifierTimes, StationId, SwitchCause};

const LIMIT: Duration = Duration::from_secs(2);

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn times() -> AmplifierTimes {
    AmplifierTimes { lead_in: ms(800), lead_out: ms(500), max_on: ms(60_000), min_off: ms(3_000) }
}

fn station(name: &str) -> StationId {
    StationId::new(name).unwrap()
}

fn sound(from: u64, length: u64) -> Sound {
    let airing = AiringId::from_record("赵家庄/日常/甲@2026-11-23T06:30:00+08:00");
    Sound { airing, from: ms(from), length: ms(length), emergency: false }
}

fn emergency(from: u64, length: u64) -> Sound {
    Sound { emergency: true, ..sound(from, length) }
}

/// A relay with a guard that takes `took` for each switch, and what became of it: (milliseconds, on, why).
struct Room {
    relay: Relay,
    now: Duration,
    took: Duration,
    answer_at: Option<Duration>,
    /// When the guard switches off by itself.
    trips_at: Option<Duration>,
    fails: bool,
    silent: bool,
    switched: Vec<(u64, bool, SwitchCause)>,
    replaced: usize,
}

impl Room {
    /// A room whose guard has come, and has switched off first.
    fn new(times: AmplifierTimes) -> Self {
        let relay = Relay::new(times, LIMIT);
        let mut room = Self {
            relay,
            now: Duration::ZERO,
            took: Duration::ZERO,
            answer_at: None,
            trips_at: None,
            fails: false,
            silent: false,
            switched: Vec::new(),
            replaced: 0,
        };
        room.tell(Event::GuardUp);
        room.until(1);
        assert_eq!(room.switched, [(0, false, SwitchCause::Started)]);
        room.switched.clear();
        room
    }

    fn tell(&mut self, event: Event) {
        let order = self.relay.handle(self.now, event);
        let at = u64::try_from(self.now.as_millis()).unwrap();
        match order {
            None => {}
            Some(Order::On { at_most, cause, .. }) => {
                assert!(at_most > Duration::ZERO, "an order to be on for no time");
                self.trips_at = (!self.silent).then(|| self.now + at_most);
                self.switched.push((at, true, cause));
                self.answer_at = (!self.silent).then(|| self.now + self.took);
            }
            Some(Order::Off { cause }) => {
                self.trips_at = None;
                self.switched.push((at, false, cause));
                self.answer_at = (!self.silent).then(|| self.now + self.took);
            }
            Some(Order::ReplaceGuard) => {
                self.replaced += 1;
                (self.answer_at, self.trips_at) = (None, None);
                self.silent = false;
                self.tell(Event::GuardUp);
            }
        }
    }

    /// Lets time go by until `end` milliseconds, from one thing that can happen to the next.
    fn until(&mut self, end: u64) {
        loop {
            let own = self.answer_at.into_iter().chain(self.trips_at);
            let wake = self.relay.next_wake(self.now).into_iter().chain(own).min();
            let Some(wake) = wake.filter(|wake| *wake <= ms(end)) else { break };
            self.now = wake.max(self.now);
            if self.answer_at.take_if(|at| *at <= wake).is_some() {
                self.tell(if self.fails { Event::Failed } else { Event::Done });
            } else if self.trips_at.take_if(|at| *at <= wake).is_some() {
                self.switched.push((u64::try_from(wake.as_millis()).unwrap(), false, SwitchCause::MaxOn));
                self.tell(Event::WentOff);
            } else {
                self.tell(Event::Tick);
            }
        }
        self.now = ms(end);
        self.tell(Event::Tick);
    }

    fn plays(&mut self, sound: Sound) {
        self.tell(Event::Sounds(station("赵家庄"), sound));
    }

    fn ends(&mut self) {
        self.tell(Event::Silent(station("赵家庄")));
    }

    fn foresees(&mut self, sound: Sound) {
        self.tell(Event::Next(station("赵家庄"), Some(sound)));
    }
}

#[test]
fn it_is_on_lead_in_before_a_sound_that_was_foreseen_and_off_lead_out_after_it() {
    let mut room = Room::new(times());
    room.foresees(sound(10_000, 5_000));
    room.until(10_000);
    // It does not know yet what a switch takes, and asks a little earlier.
    assert_eq!(room.switched, [(9_100, true, SwitchCause::Sound)]);
    assert_eq!(room.relay.readiness(), Readiness::From(ms(9_900)));
    room.plays(sound(10_000, 5_000));
    room.until(15_000);
    room.ends();
    room.until(20_000);
    assert_eq!(room.switched[1..], [(15_500, false, SwitchCause::Idle)]);
}

#[test]
fn a_slow_switch_is_asked_earlier_from_the_second_time_on() {
    let mut room = Room::new(times());
    room.took = ms(700);
    room.plays(sound(100, 1_000));
    room.until(2_000);
    assert_eq!(room.relay.readiness(), Readiness::From(ms(1 + 700 + 800)));
    room.ends();
    room.foresees(sound(60_000, 1_000));
    room.until(60_000);
    assert_eq!(room.switched[2], (60_000 - 800 - 700, true, SwitchCause::Sound));
}

#[test]
fn a_sound_that_nobody_foresaw_waits_for_lead_in() {
    let mut room = Room::new(times());
    room.until(5_000);
    room.plays(emergency(5_000, 1_000));
    assert_eq!(room.relay.readiness(), Readiness::Waiting);
    room.until(5_001);
    assert_eq!(room.relay.readiness(), Readiness::From(ms(5_800)));
}

#[test]
fn it_stays_on_over_a_pause_that_is_not_worth_two_switches() {
    let mut room = Room::new(times());
    room.plays(sound(1, 5_000));
    room.until(5_000);
    room.ends();
    room.foresees(sound(14_000, 5_000));
    room.until(14_000);
    room.plays(sound(14_000, 5_000));
    room.until(19_000);
    room.ends();
    room.foresees(sound(60_000, 5_000));
    room.until(30_000);
    assert_eq!(room.switched, [(1, true, SwitchCause::Sound), (19_500, false, SwitchCause::Idle)]);
}

#[test]
fn a_sound_that_was_foreseen_and_does_not_come_leaves_it_on_for_a_few_seconds_only() {
    let mut room = Room::new(times());
    room.foresees(sound(10_000, 20_000));
    room.until(40_000);
    let off = 10_000 + u64::try_from(BEGINS_WITHIN.as_millis()).unwrap();
    assert_eq!(room.switched, [(9_100, true, SwitchCause::Sound), (off, false, SwitchCause::Idle)]);
}

#[test]
fn a_station_that_takes_its_sound_back_switches_off_at_once() {
    let mut room = Room::new(times());
    room.foresees(sound(10_000, 20_000));
    room.until(9_500);
    room.tell(Event::Next(station("赵家庄"), None));
    room.until(20_000);
    assert_eq!(room.switched, [(9_100, true, SwitchCause::Sound), (9_500, false, SwitchCause::Idle)]);
}

#[test]
fn a_sound_that_never_ends_is_cut_off_at_max_on() {
    let mut room = Room::new(times());
    room.plays(sound(1, 600_000));
    room.until(60_000);
    assert_eq!(room.switched, [(1, true, SwitchCause::Sound)]);
    room.until(60_001);
    assert_eq!(room.switched[1..], [(60_001, false, SwitchCause::MaxOn)]);
    // What sounds is heard again after the rest that the relay needs.
    room.until(63_001);
    assert_eq!(room.switched[2..], [(63_001, true, SwitchCause::Sound)]);
}

#[test]
fn a_player_that_hangs_does_not_hold_it_on() {
    let mut room = Room::new(AmplifierTimes { max_on: ms(3_600_000), ..times() });
    room.plays(sound(1, 10_000));
    room.until(200_000);
    assert_eq!(room.switched, [(1, true, SwitchCause::Sound), (70_501, false, SwitchCause::Idle)]);
}

#[test]
fn what_max_on_would_cut_amid_the_words_is_given_a_fresh_start_before_them() {
    let mut room = Room::new(times());
    room.plays(sound(1, 40_000));
    room.until(40_000);
    room.ends();
    room.until(40_100);
    room.plays(sound(40_100, 30_000));
    assert_eq!(room.switched[1..], [(40_100, false, SwitchCause::Idle)]);
    assert_eq!(room.relay.readiness(), Readiness::Waiting);
    room.until(70_000);
    assert_eq!(room.switched[2..], [(43_100, true, SwitchCause::Sound)]);
    assert_eq!(room.relay.readiness(), Readiness::From(ms(43_900)));
}

#[test]
fn it_rests_for_min_off_and_an_emergency_waits_only_until_the_contacts_have_parted() {
    for (next, rest) in [(sound(5_700, 1_000), ms(3_000)), (emergency(5_700, 1_000), DROP_OUT)] {
        let mut room = Room::new(times());
        room.plays(sound(1, 5_000));
        room.until(5_000);
        room.ends();
        room.until(5_700);
        room.plays(next);
        room.until(20_000);
        let on = 5_500 + u64::try_from(rest.as_millis()).unwrap();
        assert_eq!(room.switched[2], (on.max(5_700), true, SwitchCause::Sound));
    }
}

#[test]
fn stations_that_share_it_keep_it_on_while_any_of_them_needs_it() {
    let mut room = Room::new(times());
    room.plays(sound(1, 5_000));
    room.until(3_000);
    room.tell(Event::Sounds(station("李家村"), sound(3_000, 10_000)));
    room.until(5_000);
    room.ends();
    room.until(13_000);
    room.tell(Event::Silent(station("李家村")));
    room.until(30_000);
    assert_eq!(room.switched, [(1, true, SwitchCause::Sound), (13_500, false, SwitchCause::Idle)]);
}

#[test]
fn a_switch_that_fails_keeps_nobody_waiting_and_is_tried_again() {
    let mut room = Room::new(times());
    room.fails = true;
    room.plays(sound(1, 20_000));
    room.until(10_000);
    assert_eq!(room.relay.readiness(), Readiness::From(Duration::ZERO));
    let again = |at| (at, true, SwitchCause::Retry);
    assert_eq!(room.switched, [(1, true, SwitchCause::Sound), again(1_001), again(3_001), again(7_001)]);
    room.fails = false;
    room.until(15_001);
    assert_eq!(room.relay.readiness(), Readiness::From(ms(15_801)));
}

#[test]
fn a_guard_that_does_not_answer_is_replaced_and_the_next_one_goes_on_from_there() {
    let mut room = Room::new(times());
    room.silent = true;
    room.plays(sound(1, 20_000));
    room.until(10_000);
    assert_eq!(room.replaced, 1);
    assert_eq!(room.switched, [(1, true, SwitchCause::Sound), (4_001, true, SwitchCause::GuardGone)]);
    assert_eq!(room.relay.readiness(), Readiness::From(ms(4_801)));
}

#[test]
fn without_a_guard_sound_goes_out_all_the_same() {
    let mut room = Room::new(times());
    room.tell(Event::GuardDown);
    room.plays(sound(1, 20_000));
    room.until(1_000);
    assert_eq!((room.switched.len(), room.relay.readiness()), (0, Readiness::From(Duration::ZERO)));
    room.tell(Event::GuardUp);
    room.until(1_500);
    let off_first = (1_000, false, SwitchCause::GuardGone);
    assert_eq!(room.switched, [off_first, (1_000, true, SwitchCause::Sound)]);
}

#[test]
fn a_guard_that_switched_off_by_itself_is_believed() {
    let mut room = Room::new(times());
    room.plays(sound(1, 5_000));
    room.until(1_000);
    // The daemon was held up for longer than `max_on`: nothing sounds any more.
    room.now = ms(400_000);
    room.trips_at = None;
    room.tell(Event::WentOff);
    room.until(500_000);
    assert_eq!(room.switched, [(1, true, SwitchCause::Sound)]);
}

#[test]
fn leaving_switches_off_whatever_sounds_and_nothing_on_again() {
    let mut room = Room::new(times());
    room.plays(sound(1, 20_000));
    room.until(1_000);
    room.tell(Event::Leave);
    room.plays(sound(1_000, 20_000));
    room.until(50_000);
    assert_eq!(room.switched, [(1, true, SwitchCause::Sound), (1_000, false, SwitchCause::Shutdown)]);
}

#[test]
fn nobody_waits_longer_than_its_patience() {
    let mut room = Room::new(times());
    room.silent = true;
    room.plays(sound(1, 20_000));
    let patience = u64::try_from(room.relay.patience().as_millis()).unwrap();
    room.until(patience);
    assert!(matches!(room.relay.readiness(), Readiness::From(at) if at <= ms(patience + 1)));
}
