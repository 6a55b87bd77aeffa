//! Files that change while the daemon runs.

use std::fs;
use std::process::Output;
use std::time::Duration;

use chrono::{DateTime, Utc};
use dalaba::model::{Outcome, Reason};
use dalaba::station::clock;
use dalaba::station::journal::Entry;

use super::daemon::{House, SOON, heard, playlist, since, site};
use super::poll;

const OFTEN: &str = "*/6 * * * * *";

fn two_playlists() -> House {
    let house = House::of(&["赵家庄"]);
    house.playlist("防火", "防火", OFTEN, "10s");
    house.playlist("停水", "停水", OFTEN, "10s");
    house
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Waits for an airing of `playlist` that fell due after `instant` and was heard.
fn airs_after(house: &House, playlist: &str, instant: DateTime<Utc>) {
    let later = |entry: &Entry| entry.playlist == playlist && entry.due > instant && heard(entry);
    house.wait_for("a later airing", later);
}

/// Waits until as many playlists are faulty, without asking for a reload.
fn until_faulty(house: &House, number: usize) {
    poll::until("faulty playlists", SOON, || {
        (house.status().1.faulty_playlists.len() == number).then_some(())
    });
}

#[test]
fn a_broken_playlist_stays_on_air_as_it_last_was_also_over_a_restart_and_harms_no_other() {
    let house = two_playlists();
    let good = fs::read_to_string(house.path("broadcasts/防火.toml")).unwrap();
    let running = house.start();
    house.write("broadcasts/防火.toml", &good.replace("title = \"试\"", "title = “试”"));
    until_faulty(&house, 1);
    let broken = clock::wall();
    airs_after(&house, "防火", broken);
    airs_after(&house, "停水", broken);
    let told = house.dalaba(&["status"]);
    assert_eq!(told.status.code(), Some(3));
    assert!(text(&told).contains("防火"), "{}", text(&told));
    let reload = house.dalaba(&["reload"]);
    assert_eq!(reload.status.code(), Some(1));
    assert!(text(&reload).contains("防火.toml:1"), "{}", text(&reload));

    running.kill();
    let running = house.start();
    let (code, report) = house.status();
    assert_eq!((code, report.faulty_playlists.len()), (Some(3), 1));
    assert!(report.faulty_playlists[0].in_force_since.is_some());
    airs_after(&house, "防火", running.ready);
    airs_after(&house, "停水", running.ready);

    house.write("broadcasts/防火.toml", &good.replace("text = \"防火\"", "text = \"莫玩火\""));
    until_faulty(&house, 0);
    let mended = clock::wall();
    let says = house.wait_for("the mended text", |e| e.playlist == "防火" && e.due > mended);
    assert_eq!(says.text.as_deref(), Some("莫玩火"));
    assert_eq!(house.status().0, Some(0));
    assert_eq!(house.dalaba(&["reload"]).status.code(), Some(0));
    running.end("TERM");
    house.verified();
}

#[test]
fn a_new_playlist_airs_and_a_removed_one_stops_without_a_restart() {
    let house = two_playlists();
    let running = house.start();
    house.playlist("新", "快跑", OFTEN, "10s");
    let written = clock::wall();
    airs_after(&house, "新", written);
    fs::remove_file(house.path("broadcasts/停水.toml")).unwrap();
    assert_eq!(house.dalaba(&["reload"]).status.code(), Some(0));
    let removed = clock::wall();
    for _ in 0..2 {
        airs_after(&house, "新", clock::wall());
    }
    let after = house.entries().into_iter().filter(|e| e.playlist == "停水" && e.due > removed);
    assert_eq!(after.map(|e| e.airing.to_string()).collect::<Vec<_>>(), [""; 0]);
    running.end("TERM");
    house.verified();
}

#[test]
fn a_playlist_that_is_new_is_not_held_to_times_before_it_came() {
    let house = House::of(&["赵家庄"]);
    let running = house.start();
    poll::pass(Duration::from_secs(5));
    let written = clock::wall();
    house.playlist("新", "快跑", "*/2 * * * * *", "2m");
    let remembered = || fs::metadata(house.path("state/memory.json")).unwrap().modified().unwrap();
    airs_after(&house, "新", written);
    poll::until("a memory of the new plan", SOON, || (remembered() > written.into()).then_some(()));
    running.kill();
    let running = house.start();
    airs_after(&house, "新", written);
    running.end("TERM");
    let early = house.entries().into_iter().filter(|e| e.due < written);
    assert_eq!(early.map(|e| e.airing.to_string()).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn what_waits_when_its_playlist_is_removed_is_cancelled_as_superseded() {
    let house = House::of(&["赵家庄"]);
    house.playlist("日常", "停水", OFTEN, "5m");
    let running = house.start();
    house.wait_for("a first airing", |_| true);
    let long = "防火防盗人人有责。".repeat(20);
    assert!(house.dalaba(&["say", &long, "-s", "*", "--priority", "urgent"]).status.success());
    let queue = || house.status().1.stations[0].queue;
    poll::until("something on air and something waiting", SOON, || (queue() >= 2).then_some(()));
    fs::remove_file(house.path("broadcasts/日常.toml")).unwrap();
    let superseded = house
        .wait_for("the end of what waited", |e| e.close.as_ref().unwrap().reason == Some(Reason::Superseded));
    assert_eq!(superseded.close.unwrap().outcome, Outcome::Cancelled);
    assert!(superseded.on_air.is_none());
    poll::until("an empty queue", SOON, || (queue() == 0).then_some(()));
    running.end("TERM");
    house.verified();
}

#[test]
fn a_broken_station_file_leaves_the_last_good_one_in_force_also_over_a_restart() {
    let house = two_playlists();
    let good = site(&["赵家庄"]);
    let running = house.start();
    house.write("config/station.toml", &good.replace("kind = \"null\"", "kind = \"nul\""));
    let reload = house.dalaba(&["reload"]);
    assert_eq!(reload.status.code(), Some(1));
    assert!(text(&reload).contains("station.toml"), "{}", text(&reload));
    airs_after(&house, "停水", clock::wall());
    running.kill();
    let running = house.start();
    airs_after(&house, "停水", running.ready);
    house.write(
        "config/station.toml",
        &(good + &site(&["李家村"]).replace("time_zone = \"Asia/Shanghai\"\n", "")),
    );
    poll::until("the second station", SOON, || (house.status().1.stations.len() == 2).then_some(()));
    let mended = clock::wall();
    house.wait_for("an airing of the new station", |e| e.station == "李家村" && e.due > mended);
    running.end("TERM");
    house.verified();
}

#[test]
fn without_any_good_station_file_the_daemon_says_what_is_wrong_and_does_not_start() {
    let house = two_playlists();
    house.write("config/station.toml", &site(&["赵家庄"]).replace("kind = \"null\"", "kind = \"nul\""));
    let refused = house.dalaba(&["run"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused).contains("station.toml:5:"), "{}", text(&refused));
}

#[test]
fn sighup_reads_the_files_again() {
    let house = two_playlists();
    let running = house.start();
    running.deaf_until_now();
    running.signal("HUP");
    assert!(running.hear("RELOADING=1").contains("MONOTONIC_USEC="));
    running.hear("READY=1");
    airs_after(&house, "停水", running.ready);
    running.end("TERM");
}

#[test]
fn a_playlist_is_in_force_soon_after_it_was_saved() {
    let house = two_playlists();
    let running = house.start();
    let saved = clock::steady();
    house.write("broadcasts/又一个.toml", &playlist("又来", "0 0 0 1 1 *", "10s").replace("试", "“"));
    house.write("broadcasts/坏.toml", "title = ");
    until_faulty(&house, 1);
    println!("in force {:?} after it was saved", since(saved));
    running.end("TERM");
}

/// The daemon reads half a second after a change: the second file is saved just before, while and just after it does.
#[test]
fn a_file_saved_while_others_are_read_is_in_force_soon_too() {
    let house = two_playlists();
    let running = house.start();
    for round in 0..8 {
        house.write("broadcasts/先.toml", &playlist(&format!("先{round}"), "0 0 0 1 1 *", "10s"));
        poll::pass(Duration::from_millis(490 + 10 * round));
        house.write(&format!("broadcasts/坏{round}.toml"), "title = ");
        until_faulty(&house, usize::try_from(round).unwrap() + 1);
    }
    running.end("TERM");
}
