//! What the county signed airs beside what the village wrote, and goes when it is withdrawn.

use std::fs;
use std::path::Path;

use chrono::{SecondsFormat, TimeDelta};
use dalaba::model::{Outcome, Reason};
use dalaba::station::clock;
use dalaba::station::journal::Entry;

use super::daemon::{House, heard, playlist};

/// Runs the program with `words`; those that begin with `:` are paths in the house.
pub(crate) fn done(house: &House, words: &[&str]) -> String {
    let place = |word: &&str| match word.strip_prefix(':') {
        Some(name) => house.path(name).to_str().unwrap().to_owned(),
        None => (*word).to_owned(),
    };
    let words: Vec<String> = words.iter().map(place).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let output = house.dalaba(&words);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Makes the county of one person, and lets the house trust it.
pub(crate) fn county(house: &House) {
    fs::write(house.path("secret"), "一二三四五六七八\n").unwrap();
    let keys = |words: &[&str]| done(house, &[&["keys", "--folder", ":keys"], words].concat());
    keys(&["new", "王", "--passphrase-file", ":secret"]);
    keys(&["rotate", "--county", "某县", "--root", "王", "--publisher", "王"]);
    keys(&["sign", "王", "--passphrase-file", ":secret"]);
    let listed = keys(&["list"]);
    let digits = listed.lines().find_map(|line| line.strip_prefix("Fingerprint ")).unwrap().to_owned();
    done(house, &["import", ":keys/root.json", "--trust", &digits]);
}

/// Publishes or withdraws, and carries the file to the village.
fn give(house: &House, words: &[&str], file: &str) {
    publish(house, words, file);
    done(house, &["import", file]);
}

/// Publishes or withdraws.
pub(crate) fn publish(house: &House, words: &[&str], file: &str) {
    let sign = [
        "--keys",
        ":keys",
        "--published",
        ":published",
        "--by",
        "王",
        "--passphrase-file",
        ":secret",
        "-o",
        file,
    ];
    done(house, &[&["county"], words, &sign[..]].concat());
}

#[test]
fn a_bundle_airs_beside_the_villages_own_over_a_restart_too_until_it_is_withdrawn() {
    let house = House::of(&["赵家庄"]);
    house.playlist("防火", "防火", "*/6 * * * * *", "10s");
    for folder in ["campaign/broadcasts", "campaign/audio"] {
        fs::create_dir_all(house.path(folder)).unwrap();
    }
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("audio/helmet.mp3");
    fs::copy(recording, house.path("campaign/audio/头盔.mp3")).unwrap();
    house.write(
        "campaign/broadcasts/头盔.toml",
        "title = \"头盔\"\nstations = [\"*\"]\n[[message]]\nid = \"甲\"\naudio = \"头盔.mp3\"\n\
         [[schedule]]\ncron = \"*/10 * * * * *\"\ngrace = \"10s\"\n",
    );
    let running = house.start();
    county(&house);
    give(&house, &["publish", ":campaign", "--campaign", "春运"], ":一.dalaba");
    let from_county = |entry: &Entry| entry.playlist == "春运.头盔" && heard(entry);
    let first = house.wait_for("the county's recording", from_county);
    assert_eq!(first.audio.as_deref(), Some("@春运/1/头盔.mp3"));
    assert_eq!(first.voice, "recording");

    let told = String::from_utf8(house.dalaba(&["status"]).stdout).unwrap();
    assert!(told.contains("county's   春运 1"), "{told}");

    running.kill();
    let running = house.start();
    let restarted = running.ready;
    house.wait_for("it after the restart", |entry| from_county(entry) && entry.due > restarted);
    house.wait_for("the village's own", |entry| entry.playlist == "防火" && heard(entry));

    give(&house, &["withdraw", "春运"], ":二.dalaba");
    let withdrawn = clock::wall();
    let own = |entry: &Entry| entry.playlist == "防火" && heard(entry) && entry.due > withdrawn;
    let seen = house.wait_for("the village's own, later", own);
    // What was waiting when it was withdrawn is on record as superseded.
    house.wait_for("the village's own, once more", |entry| own(entry) && entry.due > seen.due);
    let later =
        house.entries().into_iter().filter(|entry| entry.playlist == "春运.头盔" && entry.due > seen.due);
    let outcomes: Vec<_> =
        later.filter_map(|entry| entry.close.map(|close| (close.outcome, close.reason))).collect();
    assert!(
        outcomes.iter().all(|found| *found == (Outcome::Cancelled, Some(Reason::Superseded))),
        "{outcomes:?}"
    );
    running.end("TERM");
    house.verified();
}

/// A stick that is carried today for tomorrow.
#[test]
fn a_bundle_that_is_for_later_waits_for_its_time_and_comes_in_force_by_itself() {
    let house = House::of(&["赵家庄"]);
    fs::create_dir_all(house.path("campaign/broadcasts")).unwrap();
    house.write("campaign/broadcasts/防汛.toml", &playlist("防汛", "*/6 * * * * *", "10s"));
    let running = house.start();
    county(&house);
    let from = clock::wall() + TimeDelta::seconds(20);
    let moment = from.to_rfc3339_opts(SecondsFormat::Secs, true);
    give(&house, &["publish", ":campaign", "--campaign", "防汛", "--from", &moment], ":一.dalaba");
    assert_eq!(house.status().1.campaigns, []);
    let first = house.wait_for("the first airing", |entry| entry.playlist == "防汛.防汛" && heard(entry));
    assert!(first.due >= from - TimeDelta::seconds(1), "{first:?}");
    assert_eq!(house.status().1.campaigns.len(), 1);
    running.end("TERM");
    house.verified();
}
