//! Signed alerts: who may make a village speak at once, and what an old or borrowed alert is worth.

use chrono::{DateTime, Duration, Utc};
use dalaba::model::{Alert, AlertKind, AlertName, Digest, Priority, StationId, Status, Target};
use dalaba::trust::{AlertJudge, AlertRefusal, Before, ClockState, LARGEST_ALERT, PayloadType, Root, alert};

use crate::county::{bundle, noon, root, signed, station};

/// An emergency for 赵家庄, sent at noon for two hours.
pub(crate) fn emergency() -> Alert {
    Alert {
        identifier: "20261123-1200-a1".to_owned(),
        sender: "某县".to_owned(),
        sent: noon().fixed_offset(),
        status: Status::Actual,
        msg_type: AlertKind::Alert,
        references: Vec::new(),
        event: "暴雨".to_owned(),
        urgency: "Immediate".to_owned(),
        severity: "Extreme".to_owned(),
        certainty: "Observed".to_owned(),
        priority: Priority::Emergency,
        language: "zh".to_owned(),
        text: "暴雨红色预警，请不要出门。".to_owned(),
        expires: noon() + Duration::hours(2),
        repeat_every: Some(30),
        target: vec![Target::Station(StationId::new("赵家庄").unwrap())],
    }
}

/// What a station knows: nothing came before, the clock is right.
struct Ear<'a> {
    root: &'a Root,
    now: DateTime<Utc>,
    clock: ClockState,
    floor: DateTime<Utc>,
    before: Option<Before>,
}

impl Ear<'_> {
    fn of(root: &Root) -> Ear<'_> {
        let floor = DateTime::UNIX_EPOCH;
        Ear { root, now: noon(), clock: ClockState::Synchronised, floor, before: None }
    }

    fn hears(&self, bytes: &[u8]) -> Result<Alert, AlertRefusal> {
        let before = |_: &AlertName, _: &Digest| self.before;
        let (root, floor, now, clock) = (self.root, self.floor, self.now, self.clock);
        AlertJudge { root, before: &before, floor, now, clock }.judge(bytes, &[station()])
    }
}

fn by(alert: &Alert, people: &[u8]) -> Vec<u8> {
    signed(PayloadType::Alert, alert::write(alert), people).write()
}

#[test]
fn an_alert_of_a_publisher_is_taken_and_one_of_anybody_else_is_not() {
    let (root, alert) = (root(1), emergency());
    let ear = Ear::of(&root);
    assert_eq!(ear.hears(&by(&alert, &[4])), Ok(alert.clone()));
    assert_eq!(ear.hears(&by(&alert, &[1])), Err(AlertRefusal::NotOurs));
    assert_eq!(ear.hears(&by(&alert, &[9])), Err(AlertRefusal::NotOurs));
    assert_eq!(ear.hears(&by(&alert, &[])), Err(AlertRefusal::NotSigned));
    assert_eq!(ear.hears(b"{}"), Err(AlertRefusal::NotSigned));
    assert_eq!(ear.hears(&vec![b' '; LARGEST_ALERT + 1]), Err(AlertRefusal::TooBig(LARGEST_ALERT + 1)));
    // What was signed as one thing is not another.
    let bundle = signed(PayloadType::Bundle, alert::write(&alert), &[4]).write();
    assert_eq!(ear.hears(&bundle), Err(AlertRefusal::Malformed));
    let wrong = signed(PayloadType::Alert, dalaba::trust::manifest::write(&bundle_of_one()), &[4]).write();
    assert_eq!(ear.hears(&wrong), Err(AlertRefusal::Malformed));
}

fn bundle_of_one() -> dalaba::model::Bundle {
    bundle(1)
}

#[test]
fn where_two_publishers_are_asked_for_one_of_them_twice_is_one() {
    let (root, alert) = (root(2), emergency());
    let ear = Ear::of(&root);
    assert_eq!(ear.hears(&by(&alert, &[4])), Err(AlertRefusal::NotOurs));
    let mut envelope = signed(PayloadType::Alert, alert::write(&alert), &[4]);
    envelope.signatures.push(envelope.signatures[0].clone());
    assert_eq!(ear.hears(&envelope.write()), Err(AlertRefusal::NotOurs));
    assert_eq!(ear.hears(&by(&alert, &[4, 5])), Ok(alert));
}

#[test]
fn an_emergency_for_a_zone_or_for_all_or_for_many_takes_two_people() {
    let root = root(1);
    let ear = Ear::of(&root);
    let many = |count: usize| {
        let others = (1..count).map(|n| Target::Station(StationId::new(&format!("{n}村")).unwrap()));
        emergency().target.into_iter().chain(others).collect::<Vec<_>>()
    };
    let zone = vec!["zone:河东".parse().unwrap()];
    for target in [vec![Target::All], zone, many(21)] {
        let alert = Alert { target, ..emergency() };
        assert_eq!(ear.hears(&by(&alert, &[4])), Err(AlertRefusal::Alone(20)), "{:?}", alert.target.len());
        assert_eq!(ear.hears(&by(&alert, &[4, 4])), Err(AlertRefusal::Alone(20)));
        // Whoever may change the root, but not publish, is no second publisher.
        assert_eq!(ear.hears(&by(&alert, &[4, 1])), Err(AlertRefusal::Alone(20)));
        assert_eq!(ear.hears(&by(&alert, &[4, 5])), Ok(alert.clone()));
        // A drill of it as well; what is weaker goes by the station's own limits.
        let drill = Alert { status: Status::Drill, ..alert.clone() };
        assert_eq!(ear.hears(&by(&drill, &[4])), Err(AlertRefusal::Alone(20)));
        let urgent = Alert { priority: Priority::Urgent, ..alert };
        assert_eq!(ear.hears(&by(&urgent, &[4])), Ok(urgent));
    }
    // The same station twenty times over is one station.
    let twenty = Alert { target: many(20), ..emergency() };
    assert_eq!(ear.hears(&by(&twenty, &[4])), Ok(twenty));
    let again = Alert { target: vec![emergency().target[0].clone(); 40], ..emergency() };
    assert!(ear.hears(&by(&again, &[4])).is_ok());
}

#[test]
fn two_keys_of_one_person_are_one_person_and_the_root_says_how_many_stations_are_many() {
    let mut root = root(1);
    let (fourth, fifth) = (root.keys[3].name.clone(), &mut root.keys[4]);
    fifth.name = format!(" {fourth}");
    let alert = Alert { target: vec![Target::All], ..emergency() };
    assert_eq!(Ear::of(&root).hears(&by(&alert, &[4, 5])), Err(AlertRefusal::Alone(20)));
    assert!(Ear::of(&root).hears(&by(&alert, &[4, 6])).is_ok());
    root.emergency_alone = Some(0);
    assert_eq!(Ear::of(&root).hears(&by(&emergency(), &[4])), Err(AlertRefusal::Alone(0)));
}

#[test]
fn what_came_before_is_refused_whatever_the_clock_says() {
    let (root, alert) = (root(1), emergency());
    let bytes = by(&alert, &[4]);
    let payload = Digest::of(&alert::write(&alert));
    for clock in [ClockState::Synchronised, ClockState::Plausible, ClockState::Untrusted] {
        let ear = Ear { before: Some(Before::Came(payload)), clock, ..Ear::of(&root) };
        assert_eq!(ear.hears(&bytes), Err(AlertRefusal::Replayed));
        // Signed once more by somebody else, it is still the same.
        assert_eq!(ear.hears(&by(&alert, &[4, 5])), Err(AlertRefusal::Replayed));
        let other = Ear { before: Some(Before::Came(Digest::of(b"other"))), clock, ..Ear::of(&root) };
        assert_eq!(other.hears(&bytes), Err(AlertRefusal::Forked));
        let ended = Ear { before: Some(Before::Ended), clock, ..Ear::of(&root) };
        assert_eq!(ended.hears(&bytes), Err(AlertRefusal::Ended));
    }
}

#[test]
fn an_old_alert_is_refused_by_a_box_that_boots_in_1970_too() {
    let (root, alert) = (root(1), emergency());
    let bytes = by(&alert, &[4]);
    let late = noon() + Duration::hours(2);
    assert_eq!(Ear { now: late, ..Ear::of(&root) }.hears(&bytes), Err(AlertRefusal::Expired(alert.expires)));
    let boot = Ear { now: DateTime::UNIX_EPOCH, clock: ClockState::Untrusted, ..Ear::of(&root) };
    // New to it, and in force for all that it can know: it sounds.
    assert_eq!(boot.hears(&bytes), Ok(alert.clone()));
    let knows = Ear { floor: late, ..boot };
    assert_eq!(knows.hears(&bytes), Err(AlertRefusal::Expired(alert.expires)));
}

#[test]
fn a_clock_that_is_wrong_keeps_no_emergency_out() {
    let (root, alert) = (root(1), emergency());
    let bytes = by(&alert, &[4]);
    let ahead = Ear { now: noon() + Duration::days(3650), clock: ClockState::Untrusted, ..Ear::of(&root) };
    assert!(ahead.hears(&bytes).is_ok());
    // It was off for a day and believes that it is yesterday.
    let behind = Ear { now: noon() - Duration::days(1), clock: ClockState::Plausible, ..Ear::of(&root) };
    assert!(behind.hears(&bytes).is_ok());
    let important = Alert { priority: Priority::Important, ..alert };
    assert_eq!(behind.hears(&by(&important, &[4])), Err(AlertRefusal::NotYet(noon())));
    let kept = Ear { clock: ClockState::Synchronised, ..behind };
    assert_eq!(kept.hears(&bytes), Err(AlertRefusal::NotYet(noon())));
    let within = Ear { now: noon() - Duration::minutes(9), ..Ear::of(&root) };
    assert!(within.hears(&bytes).is_ok());
}

#[test]
fn no_emergency_lasts_for_more_than_a_day() {
    let root = root(1);
    let day = Alert { expires: noon() + Duration::hours(24), ..emergency() };
    assert!(Ear::of(&root).hears(&by(&day, &[4])).is_ok());
    let expires = noon() + Duration::hours(24) + Duration::seconds(1);
    let longer = Alert { expires, ..emergency() };
    assert_eq!(Ear::of(&root).hears(&by(&longer, &[4])), Err(AlertRefusal::TooLong(expires)));
    let weaker = Alert { priority: Priority::Urgent, ..longer };
    assert!(Ear::of(&root).hears(&by(&weaker, &[4])).is_ok());
    let mut endless: serde_json::Value = serde_json::from_slice(&alert::write(&emergency())).unwrap();
    endless.as_object_mut().unwrap().remove("expires");
    let endless = signed(PayloadType::Alert, serde_json::to_vec(&endless).unwrap(), &[4]).write();
    assert_eq!(Ear::of(&root).hears(&endless), Err(AlertRefusal::Malformed));
}

#[test]
fn an_alert_that_is_not_as_it_must_be_is_refused_though_it_is_signed() {
    let root = root(1);
    let itself = vec![emergency().name()];
    let later = vec![AlertName {
        identifier: "b".to_owned(),
        sent: (noon() + Duration::hours(1)).fixed_offset(),
        ..emergency().name()
    }];
    let bad = [
        Alert { text: " \n".to_owned(), ..emergency() },
        Alert { text: "响\u{7}".to_owned(), ..emergency() },
        Alert { text: "响".repeat(2001), ..emergency() },
        Alert { identifier: "a,b".to_owned(), ..emergency() },
        Alert { sender: String::new(), ..emergency() },
        Alert { event: String::new(), ..emergency() },
        Alert { repeat_every: Some(0), ..emergency() },
        Alert { repeat_every: Some(9), ..emergency() },
        Alert { target: Vec::new(), ..emergency() },
        Alert { msg_type: AlertKind::Cancel, ..emergency() },
        Alert { msg_type: AlertKind::Update, references: itself, ..emergency() },
        Alert { msg_type: AlertKind::Update, references: later, ..emergency() },
    ];
    for alert in bad {
        assert_eq!(Ear::of(&root).hears(&by(&alert, &[4])), Err(AlertRefusal::Malformed), "{alert:?}");
    }
    let others = Alert { target: vec!["李家湾".parse().unwrap()], ..emergency() };
    assert_eq!(Ear::of(&root).hears(&by(&others, &[4])), Err(AlertRefusal::NotForUs));
}

/// Dallas 2017, `SirenJack`: what was heard or recorded once is played again.
#[test]
fn no_changed_alert_comes_in() {
    use rand::{Rng, SeedableRng};
    let (seed, count) = (20_261_126, 200_000);
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let root = root(1);
    let genuine = [
        emergency(),
        Alert {
            identifier: "b2".to_owned(), text: "演练".to_owned(), status: Status::Drill, ..emergency()
        },
    ];
    let [first, second] = [by(&genuine[0], &[4]), by(&genuine[1], &[5])];
    for at in 0..count {
        let mut bytes = first.clone();
        for _ in 0..random.random_range(1..4) {
            let place = random.random_range(0..bytes.len().max(1));
            let until = (place + random.random_range(0..64)).min(bytes.len());
            match random.random_range(0..4) {
                0 if place < bytes.len() => bytes[place] ^= 1 << random.random_range(0..8),
                1 => drop(bytes.drain(place.min(until)..until)),
                2 => {
                    let piece = second[place.min(second.len())..until.min(second.len())].to_vec();
                    drop(bytes.splice(place.min(until)..until, piece));
                }
                _ => {
                    let piece = bytes[place.min(until)..until].to_vec();
                    drop(bytes.splice(until..until, piece));
                }
            }
        }
        if let Ok(taken) = Ear::of(&root).hears(&bytes) {
            assert!(genuine.contains(&taken), "seed {seed}, mutation {at}");
        }
    }
}

/// Fu'an: whoever reached the transmitter spoke to 30,000 horns. Dallas, 2017, and `SirenJack`: what was recorded off the air
/// was sent again.
#[test]
fn fuan_dallas_2017_and_sirenjack_whoever_holds_the_line_cannot_speak_nor_say_again_what_was_said() {
    let (root, alert) = (root(1), emergency());
    let ear = Ear::of(&root);
    let words = Alert { text: "请大家马上转账。".to_owned(), ..alert.clone() };
    // The line is theirs: they may send what they like, but sign as nobody.
    assert_eq!(ear.hears(&by(&words, &[])), Err(AlertRefusal::NotSigned));
    assert_eq!(ear.hears(&by(&words, &[9])), Err(AlertRefusal::NotOurs));
    let mut borrowed = signed(PayloadType::Alert, alert::write(&alert), &[4]);
    borrowed.payload = alert::write(&words);
    assert_eq!(ear.hears(&borrowed.write()), Err(AlertRefusal::NotOurs));
    // What they recorded is worth nothing where it came before, and nowhere once it is over.
    let recorded = by(&alert, &[4]);
    let came = Some(Before::Came(Digest::of(&alert::write(&alert))));
    assert_eq!(Ear { before: came, ..Ear::of(&root) }.hears(&recorded), Err(AlertRefusal::Replayed));
    let later = Ear { now: alert.expires, ..Ear::of(&root) };
    assert_eq!(later.hears(&recorded), Err(AlertRefusal::Expired(alert.expires)));
}
