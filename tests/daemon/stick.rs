//! A stick that goes from the county to a village, on to the next one, and back, with whatever else lies on it.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::process::Output;

use chrono::{SubsecRound, TimeDelta};
use chrono_tz::Asia::Shanghai;
use dalaba::model::{Alert, AlertKind, Digest, Priority, Status, Target};
use dalaba::station::clock;
use dalaba::station::control::StatusReport;
use dalaba::station::journal::{BEFORE_THE_FIRST, Entry, follows};
use dalaba::trust::{PayloadType, SecretKey, alert};
use dalaba::wire::Batch;

use super::county::{county, done, publish};
use super::daemon::{House, heard};

const PLAYLIST: &str = "title = \"头盔\"\nstations = [\"*\"]\n[[message]]\nid = \"甲\"\ntext = \"请戴头盔。\"\n\
    [[schedule]]\nat = [\"08:00\"]\n";

/// A village whose county has published 春运 into `stick/`.
fn village() -> House {
    let house = House::of(&["赵家庄"]);
    for folder in ["campaign/broadcasts", "stick/dalaba"] {
        fs::create_dir_all(house.path(folder)).unwrap();
    }
    house.write("campaign/broadcasts/头盔.toml", PLAYLIST);
    county(&house);
    publish(&house, &["publish", ":campaign", "--campaign", "春运"], ":stick/春运-1.dalaba");
    house
}

fn stick(house: &House) -> Output {
    house.dalaba(&["stick", house.path("stick").to_str().unwrap()])
}

fn receipt(house: &House) -> String {
    fs::read_to_string(house.path("stick/dalaba/赵家庄-回执.txt")).unwrap()
}

fn is_chime(entry: &Entry, message: &str) -> bool {
    entry.message.starts_with(message) && entry.voice == "chime" && heard(entry)
}

/// Names that somebody may have laid on a stick to harm whoever reads it.
fn spoil(house: &House) {
    let at = |name: &str| house.path("stick").join(name);
    symlink("/etc/passwd", at("a.dalaba")).unwrap();
    symlink("/", at("dalaba/b.dalaba")).unwrap();
    symlink(house.path("elsewhere"), at("dalaba/.new")).unwrap();
    fs::create_dir(at("c.dalaba")).unwrap();
    let fifo = std::process::Command::new("mkfifo").arg(at("d.dalaba")).status().unwrap();
    assert!(fifo.success());
    // Larger than any bundle, though it takes no room here.
    File::create(at("e.dalaba")).unwrap().set_len(1 << 40).unwrap();
    fs::write(at("f\n.dalaba"), "x").unwrap();
    fs::write(at(".g.dalaba"), "x").unwrap();
    fs::write(at("root.x.json"), "x").unwrap();
    fs::write(at("autorun.inf"), "x").unwrap();
}

#[test]
fn a_stick_brings_the_programme_and_takes_the_records_home() {
    let house = village();
    let running = house.start();
    spoil(&house);
    fs::copy(house.path("keys/root.json"), house.path("stick/root.json")).unwrap();
    let output = stick(&house);
    assert!(output.status.success(), "{output:?}");
    let told = receipt(&house);
    assert!(told.contains("站点：赵家庄") && told.contains("2 个文件都好"), "{told}");
    assert!(
        told.contains("春运-1.dalaba：“春运”第 1 号已导入") && told.contains("All 2 files are well"),
        "{told}"
    );
    house.wait_for("four rising tones", |entry| is_chime(entry, "U盘收下-"));
    assert!(String::from_utf8(house.dalaba(&["status"]).stdout).unwrap().contains("春运 1"));
    assert!(!house.path("elsewhere").exists(), "nothing is written outside of the stick");

    // Again, at the end of the round: nothing new, and the records of the first time.
    assert!(stick(&house).status.success());
    assert!(receipt(&house).contains("已经在这里了"));
    let mut previous = Digest::from(BEFORE_THE_FIRST);
    let lines = fs::read_to_string(house.path("stick/dalaba/赵家庄-as-run.jsonl")).unwrap();
    let mut records = 0;
    for batch in lines.lines().map(|line| serde_json::from_str::<Batch>(line).unwrap()) {
        assert_eq!(batch.previous, previous);
        for fact in &batch.facts {
            assert!(follows(&previous, fact), "{fact:?}");
            previous = fact.hash;
            records += 1;
        }
    }
    assert!(records >= 3, "{records} records");
    let day = clock::wall().with_timezone(&Shanghai).format("%Y-%m-%d");
    let table = fs::read_to_string(house.path(&format!("stick/dalaba/赵家庄-as-run-{day}.csv"))).unwrap();
    assert!(table.contains("应播时间") && table.contains("U盘收下-"), "{table}");
    let health = fs::read(house.path("stick/dalaba/赵家庄-health.json")).unwrap();
    let health: StatusReport = serde_json::from_slice(&health).unwrap();
    assert_eq!(health.stations[0].id, "赵家庄");
    drop(running);
}

#[test]
fn what_is_refused_is_told_in_plain_words_and_sounds_otherwise() {
    let house = village();
    let running = house.start();
    assert!(stick(&house).status.success());
    publish(&house, &["publish", ":campaign", "--campaign", "春运"], ":stick/春运-2.dalaba");
    let mut bytes = fs::read(house.path("stick/春运-2.dalaba")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(house.path("stick/春运-2.dalaba"), bytes).unwrap();
    let output = stick(&house);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let told = receipt(&house);
    assert!(told.contains("2 个文件中有 1 个没有收下，原来的节目照旧"), "{told}");
    assert!(told.contains("没收下  春运-2.dalaba") && told.contains("和签发的不一样"), "{told}");
    house.wait_for("four falling tones", |entry| is_chime(entry, "U盘没收下-"));
    assert!(String::from_utf8(house.dalaba(&["status"]).stdout).unwrap().contains("春运 1"));
    drop(running);
}

#[test]
fn a_bundle_goes_on_from_village_to_village_and_an_alert_too() {
    let (first, second) = (village(), House::of(&["钱家庄"]));
    assert!(stick(&first).status.success());
    let told = receipt(&first);
    assert!(told.contains("已导入"), "{told}");
    assert!(fs::read_to_string(first.path("stick/dalaba/赵家庄-health.txt")).unwrap().contains("没有运行"));
    let exported = done(&first, &["export", "--to", ":out"]);
    assert!(exported.contains("春运 number 1"), "{exported}");
    assert_eq!(
        fs::read(first.path("out/春运-1.dalaba")).unwrap(),
        fs::read(first.path("stick/春运-1.dalaba")).unwrap()
    );
    let as_file = ["export", "春运", "--to", ":one.dalaba", "--published", ":published"];
    done(&first, &as_file);
    assert!(first.path("one.dalaba").is_file());
    assert!(!first.dalaba(&["export", "秋收", "--to", "x"]).status.success());

    // The second village knows no county: what lies on a stick says nothing of whom to believe.
    fs::create_dir_all(second.path("stick")).unwrap();
    for name in ["春运-1.dalaba", "root.json"] {
        fs::copy(first.path("out").join(name), second.path("stick").join(name)).unwrap();
    }
    let output = stick(&second);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let root = first.path("keys/root.json");
    let digits = done(&first, &["keys", "--folder", ":keys", "list"]);
    let digits = digits.lines().find_map(|line| line.strip_prefix("Fingerprint ")).unwrap().to_owned();
    done(&second, &["import", root.to_str().unwrap(), "--trust", &digits]);
    fs::write(second.path("stick/暴雨.alert"), warning(&first)).unwrap();
    let running = second.start();
    let output = stick(&second);
    assert!(output.status.success(), "{output:?}");
    second.wait_for("the alert", |entry| entry.text.as_deref() == Some("暴雨，请不要出门。") && heard(entry));
    assert!(stick(&second).status.success(), "the same alert again harms nobody");
    drop(running);
}

#[test]
fn somebodys_own_stick_is_left_alone() {
    let house = House::of(&["赵家庄"]);
    fs::create_dir(house.path("stick")).unwrap();
    fs::write(house.path("stick/歌.mp3"), "x").unwrap();
    assert!(stick(&house).status.success());
    assert_eq!(fs::read_dir(house.path("stick")).unwrap().count(), 1);
}

/// An alert as the office of `house` signs it.
fn warning(house: &House) -> Vec<u8> {
    let pem = fs::read_to_string(house.path("keys/王.key")).unwrap();
    let now = clock::wall().trunc_subsecs(0);
    let alert = Alert {
        identifier: "一".to_owned(),
        sender: "某县应急办".to_owned(),
        sent: now.with_timezone(&Shanghai).fixed_offset(),
        status: Status::Actual,
        msg_type: AlertKind::Alert,
        references: Vec::new(),
        event: "暴雨".to_owned(),
        urgency: String::new(),
        severity: String::new(),
        certainty: String::new(),
        priority: Priority::Urgent,
        language: "zh".to_owned(),
        text: "暴雨，请不要出门。".to_owned(),
        expires: now + TimeDelta::hours(1),
        repeat_every: None,
        target: vec![Target::All],
    };
    let secret = SecretKey::unlock(&pem, "一二三四五六七八").unwrap();
    secret.sign(PayloadType::Alert, alert::write(&alert)).write()
}
