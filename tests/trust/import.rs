//! From the office's folder to the village's timetable, by a file.

use std::fs;

use dalaba::station::clock;

use crate::office::{Office, serials};

#[test]
fn a_campaign_is_published_imported_replaced_and_withdrawn() {
    let office = Office::new();
    let old = office.publish("一.dalaba");
    assert!(office.done(&["import", "一.dalaba"]).contains("第 1 号已导入，2 个文件"));
    let planned = || office.done(&["plan"]);
    assert!(planned().contains("春运.春运") && planned().contains("08:00"), "{}", planned());
    let listed = office.store().in_force(clock::wall());
    let recording = listed[0].playlists[0].messages[0].audio.clone().unwrap();
    assert_eq!(recording.to_str(), Some("@春运/1/helmet.mp3"));

    let text = fs::read_to_string(office.path("campaign/broadcasts/春运.toml")).unwrap();
    office.write("campaign/broadcasts/春运.toml", &text.replace("08:00", "09:30"));
    office.publish("二.dalaba");
    office.done(&["import", "二.dalaba"]);
    assert!(planned().contains("09:30") && !planned().contains("08:00"));
    assert!(office.done(&["import", "二.dalaba"]).contains("已经在这里了"));
    fs::write(office.path("一.dalaba"), old).unwrap();
    let refused = office.refused(&["import", "一.dalaba"]);
    assert!(refused.contains("是旧的：它是第 1 号，这里已有第 2 号"), "{refused}");

    let sign = ["--by", "王", "--passphrase-file", "passphrase", "-o", "三.dalaba"];
    office.done(&[&["county", "withdraw", "春运"], &sign[..]].concat());
    assert!(office.done(&["import", "三.dalaba"]).contains("已经撤下"));
    assert!(!planned().contains("春运"));
    assert!(office.refused(&["import", "二.dalaba"]).contains("是旧的"));
}

#[test]
fn a_village_goes_by_nobody_whose_digits_it_was_not_given() {
    let office = Office::strange();
    office.publish("一.dalaba");
    assert!(office.refused(&["import", "一.dalaba"]).contains("还不认识任何县"));
    let zeros = "0".repeat(64);
    let refused = office.refused(&["import", "keys/root.json", "--trust", &zeros]);
    assert!(refused.contains("指纹是") && serials(&office).is_empty(), "{refused}");
    assert!(office.refused(&["import", "keys/root.json"]).contains("指纹是"));
}

#[test]
fn what_check_refuses_is_not_published_and_takes_no_number() {
    let office = Office::new();
    let good = fs::read_to_string(office.path("campaign/broadcasts/春运.toml")).unwrap();
    let publish = [
        "county",
        "publish",
        "campaign",
        "--campaign",
        "春运",
        "--by",
        "王",
        "--passphrase-file",
        "passphrase",
    ];
    for (from, to) in
        [("生命带", "生命带 www.example.com"), ("08:00", "25:00"), ("helmet.mp3", "nothing.mp3")]
    {
        office.write("campaign/broadcasts/春运.toml", &good.replace(from, to));
        office.refused(&publish);
    }
    office.write("campaign/broadcasts/春运.toml", &good);
    fs::write(office.path("campaign/audio/helmet.mp3"), "not a sound").unwrap();
    assert!(office.refused(&publish).contains("helmet.mp3"));
    assert!(!office.path("published").exists());
}

#[test]
fn a_dry_run_shows_what_would_be_published_and_publishes_nothing() {
    let office = Office::new();
    let asked = ["county", "publish", "campaign", "--campaign", "春运", "--by", "王", "--dry-run"];
    let shown = office.done(&asked);
    assert!(shown.contains("broadcasts/春运.toml") && shown.contains("audio/helmet.mp3"), "{shown}");
    assert!(!shown.contains("谁录的") && !office.path("published").exists());
}

#[test]
fn a_file_that_was_swapped_or_changed_is_refused_by_name() {
    let office = Office::new();
    let whole = office.publish("一.dalaba");
    let mut changed = whole.clone();
    let last = changed.len() - 10;
    changed[last] ^= 1;
    fs::write(office.path("一.dalaba"), changed).unwrap();
    assert!(office.refused(&["import", "一.dalaba"]).contains("春运.toml 和签发的不一样"));
    assert_eq!(serials(&office), Vec::<u64>::new());
    // The disk of a small box has no room for what came to nothing.
    assert!(!office.path("state/county/.incoming").exists());
}

/// What lies on the disk is verified again each time: a worn card must not change what is said.
#[test]
fn a_bundle_that_is_damaged_on_the_disk_gives_way_to_the_one_before() {
    let office = Office::new();
    for name in ["一.dalaba", "二.dalaba"] {
        office.publish(name);
        office.done(&["import", name]);
    }
    assert_eq!(serials(&office), [2]);
    let slot =
        |serial: u64| office.path(&format!("state/county/campaigns/春运/{serial}/broadcasts/春运.toml"));
    let text = fs::read_to_string(slot(2)).unwrap();
    fs::write(slot(2), text.replace("18:00", "03:00")).unwrap();
    assert_eq!(serials(&office), [1]);
    fs::write(slot(1), "").unwrap();
    assert_eq!(serials(&office), Vec::<u64>::new());
    // And nothing old comes in through that; the same one mends it.
    assert!(office.refused(&["import", "一.dalaba"]).contains("是旧的"));
    assert!(office.done(&["import", "二.dalaba"]).contains("第 2 号已导入"));
    assert_eq!(serials(&office), [2]);
    let recording = office.path("state/county/campaigns/春运/2/audio/helmet.mp3");
    fs::write(&recording, "").unwrap();
    office.done(&["import", "二.dalaba"]);
    assert!(fs::metadata(recording).unwrap().len() > 20_000);
}
