//! `kill -9` in the middle of dense writing: what was acknowledged is there, once.

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use chrono::TimeDelta;
use dalaba::model::{Outcome, Reason};
use dalaba::station::clock;
use dalaba::station::journal::{Filter, Journal, Reader, verify};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::common::{airing, completed, morning, on_air, start};

/// Names the folder in which a process of this test program is the daemon that gets killed.
pub(crate) const CHILD: &str = "DALABA_TEST_CRASH_FOLDER";

const KILLS: usize = 60;

#[test]
fn what_was_acknowledged_before_a_kill_is_in_the_log_once_and_nothing_is_closed_twice() {
    if let Some(folder) = env::var_os(CHILD) {
        return write_for_ever(Path::new(&folder));
    }
    let seed = env::var("DALABA_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_123);
    println!("DALABA_TEST_SEED={seed}");
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeMap::new();
    for _ in 0..KILLS {
        let moment = (random.random_range(1..30), Duration::from_micros(random.random_range(0..1500)));
        acknowledged.extend(run_and_kill(folder.path(), moment));
    }
    drop(Journal::open(folder.path(), &start(morning())).unwrap());
    assert_eq!(verify(folder.path(), None).unwrap().faults, vec![]);
    check(folder.path(), &acknowledged);
}

/// Every acknowledged close is there as it was; every other airing of the log is a recovered one.
fn check(folder: &Path, acknowledged: &BTreeMap<String, String>) {
    let reader = Reader::open(folder).unwrap();
    let entries: BTreeMap<String, _> = reader
        .query(&Filter::default())
        .map(|entry| entry.map(|entry| (entry.airing.to_string(), entry.close.unwrap())).unwrap())
        .collect();
    assert!(acknowledged.len() > KILLS, "only {} airings were acknowledged", acknowledged.len());
    for (airing, word) in acknowledged {
        let close = &entries[airing];
        if word == "closed" {
            assert_eq!((close.outcome, close.reason), (Outcome::Completed, None), "{airing}");
        }
    }
    let recovered = entries.values().filter(|close| close.reason == Some(Reason::PowerOff)).count();
    println!("{} acknowledged, {} in the log, {recovered} recovered", acknowledged.len(), entries.len());
    // In nearly every second kill something is on air: a test that never hits one would prove nothing.
    assert!(recovered > KILLS / 10, "only {recovered} kills hit an airing");
}

/// Lets a child write until it has acknowledged a number of facts and a little longer, and kills it.
fn run_and_kill(folder: &Path, (facts, longer): (usize, Duration)) -> BTreeMap<String, String> {
    let mut child = child(folder);
    let mut lines = acknowledgements(&mut child);
    let mut acknowledged: BTreeMap<String, String> = lines.by_ref().take(facts).collect();
    let deadline = clock::steady() + longer;
    while clock::steady() < deadline {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    acknowledged.extend(lines);
    child.wait().unwrap();
    acknowledged
}

fn child(folder: &Path) -> Child {
    let name = "crash::what_was_acknowledged_before_a_kill_is_in_the_log_once_and_nothing_is_closed_twice";
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([name, "--exact", "--nocapture"]).env(CHILD, folder).stdout(Stdio::piped());
    command.spawn().unwrap()
}

/// Reads `ack <word> <airing>` lines, to the end of the pipe.
fn acknowledgements(child: &mut Child) -> impl Iterator<Item = (String, String)> + use<> {
    let stdout: ChildStdout = child.stdout.take().unwrap();
    BufReader::new(stdout).split(b'\n').map_while(Result::ok).filter_map(|line| {
        let line = String::from_utf8(line).ok()?;
        let (word, airing) = line.strip_prefix("ack ")?.split_once(' ')?;
        Some((airing.strip_suffix(';')?.to_owned(), word.to_owned()))
    })
}

/// Commits as fast as it can, and acknowledges what is committed. Never returns; somebody will kill it.
fn write_for_ever(folder: &Path) {
    let (mut journal, recovered) = Journal::open(folder, &start(morning())).unwrap();
    let mut out = std::io::stdout();
    for n in 0.. {
        let mut airing = airing("赵家庄", "安全带", recovered.run * 100_000 + n * 10);
        airing.grace = TimeDelta::zero().to_std().unwrap();
        for (word, fact) in [("on_air", on_air(&airing)), ("closed", completed(&airing))] {
            journal.commit(&fact).unwrap();
            // The semicolon tells a whole line from one that the kill cut.
            out.write_all(format!("ack {word} {};\n", airing.id).as_bytes()).unwrap();
        }
    }
}
