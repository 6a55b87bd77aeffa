//! `kill -9` at any moment, again and again.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use dalaba::model::{AiringId, Outcome, Reason};
use dalaba::plan::plan;
use dalaba::station::journal::Entry;
use dalaba::station::kinds::kinds;
use dalaba::station::{clock, sources};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::daemon::{House, SOON, heard, playlist};
use super::poll;

const VILLAGES: u64 = 2;
const KILLS: u64 = 100;
/// After every so many kills the village stays dark for longer than some airings may wait.
const DARK_EVERY: u64 = 10;
const DARK: Duration = Duration::from_secs(4);
const SEED: u64 = 20_261_124;

/// Something goes on air, or off, at any moment: three stations, four messages each in five seconds.
///
/// Only in the minutes that the test takes: hours of it would have to be planned at each start.
fn busy_village() -> House {
    let house = House::of(&["赵家庄", "李家村", "王家沟"]);
    let minute = clock::wall().minute();
    let minutes: Vec<String> = (0..15).map(|n| ((minute + n) % 60).to_string()).collect();
    let cron = |seconds: &str| format!("{seconds} {} * * * *", minutes.join(","));
    let more = "[[message]]\nid = \"乙\"\ntext = \"防火\"\n";
    house.write("broadcasts/日常.toml", &(playlist("停水", &cron("*/5"), "2s") + more));
    house.playlist("常来", "让路", &cron("2/5"), "10s");
    let hard = playlist("快跑", &cron("3/7"), "3s") + "start = \"hard\"\n";
    house.write("broadcasts/紧急.toml", &("priority = \"urgent\"\n".to_owned() + &hard));
    house
}

/// Returns everything planned in `[from, until)`.
fn planned(house: &House, from: DateTime<Utc>, until: DateTime<Utc>) -> HashSet<AiringId> {
    let sources = sources::load(&house.config(), &kinds());
    assert!(sources.complaints().is_empty(), "{:?}", sources.complaints());
    let playlists: Vec<_> = sources.playlists.iter().map(|parsed| parsed.value.clone().unwrap()).collect();
    let timetable = plan(sources.site.value.as_ref().unwrap(), &playlists, &sources.almanac(), from, until);
    assert_eq!(timetable.until, until, "planned to the end");
    timetable.airings.into_iter().map(|airing| airing.id).collect()
}

/// Returns the ids that are planned and not closed.
fn open(planned: &HashSet<AiringId>, entries: &[Entry]) -> Vec<String> {
    let closed: HashSet<&AiringId> =
        entries.iter().filter(|e| e.close.is_some()).map(|e| &e.airing).collect();
    planned.iter().filter(|id| !closed.contains(id)).map(ToString::to_string).collect()
}

#[test]
fn killed_two_hundred_times_at_random_moments_it_loses_and_doubles_nothing() {
    println!("seed {SEED}");
    let villages: Vec<_> = (0..VILLAGES).map(|n| thread::spawn(move || kill_and_check(SEED + n))).collect();
    let mut ends: BTreeMap<(Outcome, Option<Reason>), usize> = BTreeMap::new();
    for close in villages.into_iter().flat_map(|village| village.join().unwrap()).filter_map(|e| e.close) {
        *ends.entry((close.outcome, close.reason)).or_default() += 1;
    }
    println!("{} kills; airings by end: {ends:?}", VILLAGES * KILLS);
    let number = |wanted: &[Outcome]| -> usize {
        ends.iter().filter(|((outcome, _), _)| wanted.contains(outcome)).map(|(_, number)| number).sum()
    };
    for wanted in [&[Outcome::Completed, Outcome::CompletedLate][..], &[Outcome::Partial], &[Outcome::Missed]]
    {
        assert!(number(wanted) >= 20, "too few {wanted:?} for a test: {ends:?}");
    }
}

fn kill_and_check(seed: u64) -> Vec<Entry> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let house = busy_village();
    let calm = house.start();
    let began = calm.ready;
    house.wait_for("a first airing that was heard", heard);
    calm.kill();
    let (mut readiest, mut slowest) = (Duration::MAX, Duration::ZERO);
    for round in 0..KILLS {
        let running = house.start();
        (readiest, slowest) = (readiest.min(running.took), slowest.max(running.took));
        poll::pass(Duration::from_millis(random.random_range(50..2_200)));
        running.kill();
        if round % DARK_EVERY == 0 {
            poll::pass(DARK);
        }
    }
    let last = house.start();
    let until = last.ready;
    let must = planned(&house, began, until);
    poll::until("the close of all that fell due", SOON, || {
        open(&must, &house.entries()).is_empty().then_some(())
    });
    let (status, took) = last.end("TERM");
    assert!(status.success(), "{status}");
    let records = house.verified();
    let entries = house.entries();
    let slack = TimeDelta::minutes(1);
    let may = planned(&house, began - slack, clock::wall() + slack);
    check(&entries, &may);
    println!(
        "seed {seed}: {} airings, {records} records, ready in {readiest:?} to {slowest:?}, ended in {took:?}",
        must.len()
    );
    entries
}

/// One record on air at the most, one close, and nothing that was never planned.
fn check(entries: &[Entry], may: &HashSet<AiringId>) {
    let mut times: HashMap<&AiringId, u32> = HashMap::new();
    for entry in entries {
        *times.entry(&entry.airing).or_default() += 1;
        assert!(may.contains(&entry.airing), "never planned: {}", entry.airing);
        let close = entry.close.as_ref().unwrap_or_else(|| panic!("left open: {}", entry.airing));
        let sounded = close.started.is_some() || close.outcome == Outcome::Completed;
        assert!(!sounded || entry.on_air.is_some(), "sounded without a record before: {}", entry.airing);
    }
    assert!(times.values().all(|n| *n == 1), "one close each");
}
