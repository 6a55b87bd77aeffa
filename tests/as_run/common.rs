//! What every test here needs: airings, facts about them, and a log in a folder of its own.

#[path = "../support/airing.rs"]
mod airing;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::model::{Airing, AsRun, OnAir, Outcome, Reason, Record, Repeat};
use dalaba::station::journal::{Journal, Recovered, RunStart};
use rusqlite::Connection;

/// Morning of the day on which these tests play.
pub(crate) fn morning() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-23T06:30:00+08:00").unwrap().to_utc()
}

/// The airing that is due `seconds` after the morning's first.
pub(crate) fn airing(station: &str, message: &str, seconds: i64) -> Airing {
    let due = morning() + TimeDelta::seconds(seconds);
    let repeat = Repeat { times: 2, gap: Duration::from_secs(2) };
    airing::airing(station, "春运", (message, "安全带就是生命带!"), repeat, due)
}

/// `airing` goes on air at its due instant.
pub(crate) fn on_air(airing: &Airing) -> Record {
    let voice = "espeak cmn-latn-pinyin".to_owned();
    Record::OnAir(OnAir {
        airing: airing.clone(),
        at: airing.due_utc(),
        voice,
        planned: Duration::from_secs(8),
    })
}

/// `airing` was heard to the end, 8 s long.
pub(crate) fn completed(airing: &Airing) -> Record {
    let started = airing.due_utc() + TimeDelta::milliseconds(45);
    let ended = started + TimeDelta::seconds(8);
    Record::Closed(AsRun {
        airing: airing.clone(),
        at: ended + TimeDelta::milliseconds(60),
        outcome: Outcome::Completed,
        reason: None,
        detail: String::new(),
        started: Some(started),
        ended: Some(ended),
        heard: Some(Duration::from_secs(8)),
        readings: 2,
        voice: "espeak cmn-latn-pinyin".to_owned(),
    })
}

/// `airing` never sounded.
pub(crate) fn silent(airing: &Airing, outcome: Outcome, reason: Reason) -> Record {
    Record::Closed(AsRun {
        airing: airing.clone(),
        at: airing.due_utc(),
        outcome,
        reason: Some(reason),
        detail: String::new(),
        started: None,
        ended: None,
        heard: Some(Duration::ZERO),
        readings: 0,
        voice: String::new(),
    })
}

/// A start of the daemon at `at`.
pub(crate) fn start(at: DateTime<Utc>) -> RunStart {
    RunStart {
        at,
        version: "0.1.0".to_owned(),
        boot: "b1".to_owned(),
        steady: Duration::from_secs(30),
        clock_trusted: true,
    }
}

/// Opens the log in `folder` in the morning.
pub(crate) fn open(folder: &Path) -> (Journal, Recovered) {
    Journal::open(folder, &start(morning())).unwrap()
}

/// Writes one whole day of three plays and a miss: records 1 to 9, the first the start, the last the end of the run.
pub(crate) fn day(folder: &Path) {
    let (mut journal, _) = open(folder);
    for n in 0..3 {
        let airing = airing("赵家庄", "安全带", n * 60);
        journal.commit(&on_air(&airing)).unwrap();
        journal.commit(&completed(&airing)).unwrap();
    }
    journal.commit(&silent(&airing("河东", "头盔", 300), Outcome::Missed, Reason::GracePassed)).unwrap();
    journal.end_run(morning() + TimeDelta::hours(1)).unwrap();
}

/// Opens the database as somebody would who does not use our program.
pub(crate) fn stranger(folder: &Path) -> Connection {
    Connection::open(folder.join("as-run.sqlite3")).unwrap()
}

/// Runs `dalaba log` on the log in `folder` and returns what it prints.
pub(crate) fn log(folder: &Path, arguments: &[&str]) -> String {
    let output = dalaba(folder, "log", arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs `dalaba log --format json` and returns its lines.
pub(crate) fn json_log(folder: &Path, arguments: &[&str]) -> Vec<serde_json::Value> {
    let arguments = [arguments, &["--format", "json"]].concat();
    log(folder, &arguments).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Prepares a command of ours, in Chinese, with the log in `folder` and no station file.
pub(crate) fn dalaba(folder: &Path, subcommand: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("dalaba"));
    command.args(["--lang", "zh", subcommand, "--state"]).arg(folder);
    command.arg("--config").arg(folder.join("none.toml")).args(arguments);
    command
}

/// Writes a site whose one playlist airs at `times`, with quiet hours at noon.
pub(crate) fn site(folder: &Path, times: &str) {
    fs::create_dir_all(folder.join("config")).unwrap();
    fs::create_dir_all(folder.join("broadcasts")).unwrap();
    let station = "time_zone = \"Asia/Shanghai\"\n[limits]\nquiet_hours = [{ from = \"12:30\", until = \"14:00\" }]\n\
        [[station]]\nid = \"赵家庄\"\noutput = { kind = \"null\" }\n";
    fs::write(folder.join("config/station.toml"), station).unwrap();
    let playlist = format!(
        "title = \"春运\"\nstations = [\"*\"]\n[[message]]\nid = \"安全带\"\ntext = \"安全带就是生命带!\"\n\
        [[schedule]]\nat = [{times}]\n"
    );
    fs::write(folder.join("broadcasts/春运.toml"), playlist).unwrap();
}
