//! What holds of the relay whatever happens.

use proptest::prelude::*;

use super::{LIMIT, Room, ms, sound, station, times};
use crate::model::SwitchCause;
use crate::relay::{CLOSE, Event, Readiness, Sound};

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

/// Returns the stretches for which it was ordered on, and those between them. What it is told before it was ever on ends no
/// stretch: it was off all the time.
fn stretches(switched: &[(u64, bool, SwitchCause)]) -> (Vec<u64>, Vec<u64>) {
    let mut edges: Vec<_> = switched.iter().copied().skip_while(|(_, on, _)| !on).collect();
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
