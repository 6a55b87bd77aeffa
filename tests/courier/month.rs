//! Thirty days without a county: what aired in them goes up when it is back, all of it and once.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::model::{Airing, AsRun, OnAir, Outcome, Record, Repeat};
use dalaba::station::clock;
use dalaba::station::journal::{Journal, RunStart};

use super::daemon::House;
use super::line::{Line, Weather};
use super::office::{Office, Told};

const DAYS: i64 = 30;
/// Airings of a day: six windows of six messages.
const A_DAY: i64 = 36;

fn airing(due: DateTime<Utc>) -> Airing {
    let repeat = Repeat { times: 2, gap: Duration::from_secs(2) };
    super::airing::airing("赵家庄", "日常", ("安全带", "安全带就是生命带!"), repeat, due)
}

/// An airing's two records.
fn heard(due: DateTime<Utc>) -> [Record; 2] {
    let (airing, ended) = (airing(due), due + TimeDelta::seconds(8));
    let voice = "espeak cmn-latn-pinyin".to_owned();
    let planned = Duration::from_secs(8);
    [
        Record::OnAir(OnAir { airing: airing.clone(), at: due, voice: voice.clone(), planned }),
        Record::Closed(AsRun {
            airing,
            at: ended,
            outcome: Outcome::Completed,
            reason: None,
            detail: String::new(),
            started: Some(due),
            ended: Some(ended),
            heard: Some(planned),
            readings: 2,
            voice,
        }),
    ]
}

#[test]
fn what_aired_in_thirty_days_without_a_county_goes_up_all_of_it_and_once() {
    let office = Office::open("127.0.0.1:0", false);
    let bad = Weather { reset_after: 20_000, delay: Duration::from_millis(10), ..Weather::default() };
    let line = Line::lay("127.0.0.1:0", office.at(), bad);
    let house = House::of(&["赵家庄"]);
    let _told = Told(&house);
    office.enrol(&house, "赵家庄", office.at());
    let kept = house.path("state/courier/office.json");
    let moved = std::fs::read_to_string(&kept).unwrap().replace(office.at(), line.at());
    std::fs::write(&kept, moved).unwrap();

    let began = clock::wall() - TimeDelta::days(DAYS);
    let start = RunStart {
        at: began,
        version: "0.1.0".to_owned(),
        boot: "before".to_owned(),
        steady: Duration::ZERO,
        clock_trusted: true,
    };
    let (mut journal, _) = Journal::open(&house.state(), &start).unwrap();
    let dues = (0..DAYS * A_DAY).map(|n| began + TimeDelta::minutes(n * 24 * 60 / A_DAY + 1));
    let records: Vec<Record> = dues.flat_map(heard).collect();
    for day in records.chunks(500) {
        assert!(journal.commit_all(day).unwrap().iter().all(Result::is_ok));
    }
    drop(journal);

    let running = house.start();
    let sent = office.wait_for_all_records(&house, "赵家庄");
    assert!(sent >= records.len() + 2, "{sent} records");
    let facts = office.facts("赵家庄");
    assert!(facts[1].late, "what is weeks old is marked as late");
    println!("{sent} records of {DAYS} days");
    running.end("TERM");
    house.verified();
}
