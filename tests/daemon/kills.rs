//! `kill -9` at any moment, again and again.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::model::{AiringId, Outcome};
use dalaba::plan::plan;
use dalaba::station::journal::Entry;
use dalaba::station::kinds::kinds;
use dalaba::station::{clock, sources};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::daemon::{House, SOON, heard, playlist};
use super::poll;

const VILLAGES: u64 = 4;
const KILLS: u64 = 50;
const SEED: u64 = 20_261_124;

/// Something goes on air, or off, at any moment: three stations, four messages each in five seconds.
fn busy_village() -> House {
    let house = House::of(&["赵家庄", "李家村", "王家沟"]);
    let more = "[[message]]\nid = \"乙\"\ntext = \"防火\"\n";
    house.write("broadcasts/日常.toml", &(playlist("停水", "*/5 * * * * *", "4s") + more));
    house.playlist("常来", "让路", "2/5 * * * * *", "10s");
    let hard = "priority = \"urgent\"\n".to_owned()
        + &playlist("快跑", "3/7 * * * * *", "3s")
        + "start = \"hard\"\n";
    house.write("broadcasts/紧急.toml", &hard);
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
    let mut outcomes: BTreeMap<Outcome, usize> = BTreeMap::new();
    for village in villages {
        for entry in village.join().unwrap() {
            *outcomes.entry(entry.close.unwrap().outcome).or_default() += 1;
        }
    }
    println!("{} kills; airings by outcome: {outcomes:?}", VILLAGES * KILLS);
    for outcome in [Outcome::Completed, Outcome::Partial, Outcome::Missed] {
        assert!(outcomes.get(&outcome).is_some_and(|n| *n > 50), "{outcomes:?}");
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
    for _ in 0..KILLS {
        let running = house.start();
        (readiest, slowest) = (readiest.min(running.took), slowest.max(running.took));
        poll::pass(Duration::from_millis(random.random_range(50..2_500)));
        running.kill();
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
