//! Tables and properties of the relay, with a guard that answers, fails and dies as told.

use std::time::Duration;

use proptest::prelude::*;

use super::{BEGINS_WITHIN, CLOSE, DROP_OUT, Event, Order, Readiness, Relay, Sound};
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

/// One thing that happens at one of three stations, after a while.
#[derive(Debug, Clone)]
enum Step {
    Plays { station: usize, ahead: u64, length: u64, emergency: bool },
    Foresees { station: usize, ahead: u64, length: u64 },
    Ends { station: usize },
    GuardDies,
    GuardFails(bool),
}

fn steps() -> impl Strategy<Value = Vec<(u64, Step)>> {
    let station = || 0..3_usize;
    let step = prop_oneof![
        4 => (station(), 0..2_000_u64, 100..90_000_u64, any::<bool>()).prop_map(
            |(station, ahead, length, emergency)| Step::Plays { station, ahead, length, emergency }),
        2 => (station(), 0..30_000_u64, 100..90_000_u64).prop_map(
            |(station, ahead, length)| Step::Foresees { station, ahead, length }),
        4 => station().prop_map(|station| Step::Ends { station }),
        1 => Just(Step::GuardDies),
        1 => any::<bool>().prop_map(Step::GuardFails),
    ];
    prop::collection::vec((0..20_000_u64, step), 1..40)
}

fn act(room: &mut Room, step: &Step) {
    let name = |n: usize| station(["赵家庄", "李家村", "王家沟"][n]);
    let now = u64::try_from(room.now.as_millis()).unwrap();
    match *step {
        Step::Plays { station, ahead, length, emergency } => {
            let sound = Sound { emergency, ..sound(now + ahead, length) };
            room.tell(Event::Sounds(name(station), sound));
        }
        Step::Foresees { station, ahead, length } => {
            room.tell(Event::Next(name(station), Some(sound(now + ahead, length))));
        }
        Step::Ends { station } => room.tell(Event::Silent(name(station))),
        Step::GuardDies => {
            (room.answer_at, room.trips_at) = (None, None);
            room.tell(Event::GuardComing);
            room.tell(Event::GuardUp);
        }
        Step::GuardFails(fails) => room.fails = fails,
    }
}

/// Returns the stretches for which it was ordered on, and those between them.
fn stretches(switched: &[(u64, bool, SwitchCause)]) -> (Vec<u64>, Vec<u64>) {
    let mut edges = switched.to_vec();
    edges.dedup_by_key(|(_, on, _)| *on);
    let pairs = edges.windows(2).map(|pair| (pair[0].1, pair[1].0 - pair[0].0));
    let (on, off): (Vec<_>, Vec<_>) = pairs.partition(|(on, _)| *on);
    let lengths = |pairs: Vec<(bool, u64)>| pairs.into_iter().map(|(_, length)| length).collect();
    (lengths(on), lengths(off))
}

proptest! {
    #[test]
    fn whatever_happens_it_is_never_on_longer_than_max_on_nor_off_shorter_than_it_needs(
        steps in steps(), took in 0..1_500_u64,
    ) {
        let mut room = Room::new(times());
        room.took = ms(took);
        for (pause, step) in steps {
            let until = u64::try_from(room.now.as_millis()).unwrap() + pause;
            room.until(until);
            act(&mut room, &step);
        }
        for name in ["赵家庄", "李家村", "王家沟"] {
            room.tell(Event::Silent(station(name)));
            room.tell(Event::Next(station(name), None));
        }
        let last = u64::try_from(room.now.as_millis()).unwrap();
        room.until(last + 600_000);
        let (on, off) = stretches(&room.switched);
        let busy = u64::try_from((LIMIT + ms(2_000)).as_millis()).unwrap();
        prop_assert!(on.iter().all(|ms| *ms <= 60_000), "on for {on:?}");
        prop_assert!(off.iter().all(|ms| *ms >= 500), "off for {off:?}");
        // Nothing is left on: off within `lead_out` after the last need, and what a switch takes.
        if let Some((at, on, _)) = room.switched.last() {
            prop_assert!(!on, "left on");
            prop_assert!(*at <= last + 500 + 2 * busy, "off at {at}, the last need ended at {last}");
        }
    }

    #[test]
    fn while_something_sounds_and_its_guard_works_it_is_on_unless_it_rests(
        gaps in prop::collection::vec((0..20_000_u64, 100..20_000_u64), 1..20),
    ) {
        let mut room = Room::new(times());
        for (gap, length) in gaps {
            let now = u64::try_from(room.now.as_millis()).unwrap();
            room.foresees(sound(now + gap, length));
            room.until(now + gap);
            room.plays(sound(now + gap, length));
            // Nothing is lost: after its patience at the latest, a sound that begins is heard whole.
            let mut wait = 0;
            while room.relay.readiness() == Readiness::Waiting {
                wait += 10;
                room.until(now + gap + wait);
            }
            prop_assert!(ms(wait) <= room.relay.patience());
            let Readiness::From(from) = room.relay.readiness() else { unreachable!() };
            let begins = from.max(room.now);
            let orders = room.switched.len();
            room.until(u64::try_from(begins.as_millis()).unwrap() + length);
            prop_assert_eq!(room.switched.len(), orders, "switched amid a sound: {:?}", room.switched);
            room.ends();
        }
        let close = room.now + CLOSE;
        room.tell(Event::Next(station("赵家庄"), None));
        room.until(u64::try_from(close.as_millis()).unwrap());
        prop_assert_eq!(room.relay.switched().map(|(switch, _)| switch.as_str()), Some("off"));
    }
}
