//! The account adds up, whatever was planned and whatever was told.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use dalaba::county::truth::{Account, Fate, Log, Place, Planned, Told, Village, account};
use dalaba::model::{CampaignId, Digest, Origin, Outcome, Serial, StationId, Status};
use dalaba::station::journal::{Close, Entry};
use proptest::prelude::*;

use super::county::{airing_of, at};

/// What happens to one airing: whether it is planned, what is told of it and how often, and what it is.
#[derive(Debug, Clone)]
struct Case {
    planned: bool,
    status: Status,
    tellings: Vec<Option<Outcome>>,
    playlist: &'static str,
    said: bool,
}

fn case() -> impl Strategy<Value = Case> {
    let status = prop_oneof![3 => Just(Status::Actual), 1 => Just(Status::Drill), 1 => Just(Status::Test)];
    let outcome = prop::option::weighted(0.9, prop::sample::select(Outcome::ALL));
    let tellings = prop::collection::vec(outcome, 0..3);
    let playlist = prop::sample::select(vec!["春运.春运", "村务", "alert", "春运"]);
    (any::<bool>(), status, tellings, playlist, any::<bool>()).prop_map(
        |(planned, status, tellings, playlist, said)| Case { planned, status, tellings, playlist, said },
    )
}

fn village(reached: bool) -> Village {
    let log =
        Log { epoch: Digest::of(b"log"), through: 9, last: Some(at("23:00:00")), received: at("23:00:00") };
    Village {
        site: "赵家庄".to_owned(),
        revoked: false,
        stations: vec![(StationId::new("赵家庄").unwrap(), Vec::new())],
        steps: Vec::new(),
        state: None,
        logs: reached.then_some(log).into_iter().collect(),
    }
}

fn told(planned: &Planned, case: &Case, number: usize, outcome: Option<Outcome>) -> Told {
    let airing = &planned.airing;
    let close = outcome.map(|outcome| Close {
        at: airing.due_utc(),
        outcome,
        reason: None,
        detail: String::new(),
        started: None,
        ended: None,
        heard: None,
        readings: None,
    });
    let entry = Entry {
        seq: 1,
        run: 1,
        airing: airing.id.clone(),
        station: airing.station.to_string(),
        playlist: airing.playlist.to_string(),
        message: airing.message_id().to_string(),
        due: airing.due,
        priority: airing.priority,
        status: case.status,
        origin: if case.said { Origin::Said("王".to_owned()) } else { Origin::Schedule },
        text: None,
        audio: None,
        times: 1,
        grace: airing.grace,
        voice: String::new(),
        on_air: None,
        planned: None,
        close,
        verdict: None,
    };
    let epoch = Digest::of(&[u8::try_from(number).unwrap()]);
    let received = at("23:00:00");
    Told { site: "赵家庄".to_owned(), epoch, entry, hash: epoch, received, late: false, whole: true }
}

fn accounted(cases: &[Case], reached: bool, hours: i64) -> (usize, usize, Account) {
    let (mut plan, mut records) = (Vec::new(), Vec::new());
    for (place, case) in cases.iter().enumerate() {
        let time = format!("{:02}:{:02}:00", 6 + place / 60, place % 60);
        let mut airing = airing_of("赵家庄", case.playlist, ("头盔", "戴"), &time);
        airing.status = case.status;
        let planned = Planned { airing, campaign: CampaignId::new("春运").unwrap(), serial: Serial(1) };
        let tellings = case.tellings.iter().enumerate();
        records.extend(tellings.map(|(number, outcome)| told(&planned, case, number, *outcome)));
        if case.planned {
            plan.push(planned);
        }
    }
    let campaigns = BTreeSet::from([CampaignId::new("春运").unwrap()]);
    let now = at("06:00:00") + TimeDelta::hours(hours);
    let (planned, recorded) = (plan.len(), records.len());
    (planned, recorded, account(&village(reached), &plan, records, &campaigns, now))
}

proptest! {
    #[test]
    fn every_planned_airing_and_every_record_is_in_the_account_exactly_once(
        cases in prop::collection::vec(case(), 0..40), reached: bool, hours in 0_i64..30,
    ) {
        let (planned, recorded, all) = accounted(&cases, reached, hours);
        let tally = all.tally();
        prop_assert_eq!(all.lines.iter().filter(|line| line.planned).count(), planned);
        prop_assert_eq!(all.lines.iter().filter(|line| line.told.is_some()).count(), recorded);
        let places = [Place::Planned, Place::Unplanned, Place::Again, Place::Local, Place::Manual, Place::Alert, Place::Practice];
        let fates = [Fate::Heard, Fate::NotHeard, Fate::Open, Fate::Waiting, Fate::NotReported, Fate::NotRecorded];
        let sum: usize = places.iter().map(|place| tally.of(*place)).sum();
        prop_assert_eq!(sum, all.lines.len());
        for place in places {
            prop_assert_eq!(fates.iter().map(|fate| tally.with(place, *fate)).sum::<usize>(), tally.of(place));
        }
    }

    #[test]
    fn nothing_counts_as_heard_that_no_record_says_was_heard_and_no_drill_as_meant(
        cases in prop::collection::vec(case(), 0..40), reached: bool, hours in 0_i64..30,
    ) {
        let (_, _, all) = accounted(&cases, reached, hours);
        for line in &all.lines {
            let says = line.told.as_ref().is_some_and(Told::is_completed);
            prop_assert_eq!(line.fate == Fate::Heard, says);
            prop_assert_eq!(line.place == Place::Practice, line.status != Status::Actual);
            let silent = matches!(line.fate, Fate::NotReported | Fate::NotRecorded | Fate::Waiting);
            prop_assert_eq!(silent, line.told.is_none());
        }
    }
}
