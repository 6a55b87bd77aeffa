//! What people ask of the running daemon.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use dalaba::model::{Origin, Outcome, Reason};
use dalaba::station::control::{OutputReport, socket_path};

use super::daemon::{House, SOON, site};
use super::poll;

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn me() -> String {
    let id = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(id.stdout).unwrap().trim().to_owned()
}

fn three() -> House {
    let house = House::of(&["赵家庄", "李家村"]);
    let far = "[[station]]\nid = \"王家沟\"\nzones = [\"河西\"]\noutput = { kind = \"null\" }\n";
    house.write("config/station.toml", &(site(&["赵家庄", "李家村"]) + far));
    house
}

#[test]
fn status_answers_with_0_when_all_is_well_and_1_when_nobody_is_there() {
    let house = three();
    assert_eq!(house.dalaba(&["status"]).status.code(), Some(1));
    house.playlist("日常", "停水", "0 0 12 * * *", "10m");
    let running = house.start();
    let (code, report) = house.status();
    assert_eq!(code, Some(0));
    let ids: Vec<_> = report.stations.iter().map(|station| station.id.as_str()).collect();
    assert_eq!(ids, ["赵家庄", "李家村", "王家沟"]);
    for station in &report.stations {
        assert_eq!(station.state, OutputReport::Up);
        assert!(station.next.as_ref().unwrap().airing.contains("日常/甲@"), "{station:?}");
    }
    let text = house.dalaba(&["status"]);
    assert!(text.status.success() && String::from_utf8_lossy(&text.stdout).contains("王家沟"));
    assert!(running.end("TERM").0.success());
    assert_eq!(house.dalaba(&["status"]).status.code(), Some(1));
}

#[test]
fn what_is_said_is_heard_where_it_was_meant_and_the_log_names_who_said_it() {
    let house = three();
    let running = house.start();
    for (text, target, heard_at) in [
        ("停水", "赵家庄", vec!["赵家庄"]),
        ("停电", "zone:河西", vec!["王家沟"]),
        ("快跑", "*", vec!["李家村", "王家沟", "赵家庄"]),
    ] {
        let said = house.dalaba(&["say", text, "-s", target]);
        assert!(said.status.success(), "{}", err(&said));
        let closed = || {
            let mine = house.entries().into_iter().filter(|e| e.text.as_deref() == Some(text));
            mine.filter(|e| e.close.is_some()).collect::<Vec<_>>()
        };
        let entries = poll::until("all ends", SOON, || Some(closed()).filter(|c| c.len() == heard_at.len()));
        let mut stations: Vec<_> = entries.iter().map(|e| e.station.as_str()).collect();
        stations.sort_unstable();
        let mut expected = heard_at;
        expected.sort_unstable();
        assert_eq!(stations, expected);
        for entry in &entries {
            assert_eq!(entry.close.as_ref().unwrap().outcome, Outcome::Completed, "{entry:?}");
            let Origin::Said(who) = &entry.origin else { panic!("{entry:?}") };
            assert!(who.contains(&me()), "{who}");
        }
    }
    let log = house.dalaba(&["log", "--format", "json"]);
    let lines: Vec<serde_json::Value> = String::from_utf8(log.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 5);
    assert!(lines.iter().all(|line| line["said_by"].as_str().unwrap().contains(&me())), "{lines:?}");
    running.end("TERM");
    house.verified();
}

#[test]
fn an_unknown_station_or_zone_is_refused_with_the_names_that_there_are() {
    let house = three();
    let running = house.start();
    let station = house.dalaba(&["say", "停水", "-s", "张家庄"]);
    assert_eq!(station.status.code(), Some(1));
    assert!(
        ["赵家庄", "李家村", "王家沟"].iter().all(|name| err(&station).contains(name)),
        "{}",
        err(&station)
    );
    let zone = house.dalaba(&["say", "停水", "-s", "zone:河南"]);
    assert!(zone.status.code() == Some(1) && err(&zone).contains("河西"), "{}", err(&zone));
    assert_eq!(house.dalaba(&["stop", "-s", "张家庄"]).status.code(), Some(1));
    assert!(house.entries().is_empty());
    running.end("TERM");
}

#[test]
fn stop_ends_what_sounds_and_clears_what_waits_and_the_plan_goes_on() {
    let house = House::of(&["赵家庄"]);
    house.playlist("日常", "停水", "*/4 * * * * *", "5m");
    let running = house.start();
    let long = "防火防盗人人有责。".repeat(20);
    assert!(house.dalaba(&["say", &long, "-s", "*", "--priority", "urgent"]).status.success());
    let busy = || {
        let station = house.status().1.stations.remove(0);
        station.on_air.is_some_and(|on_air| on_air.text == long && on_air.heard_ms > 0) && station.queue > 0
    };
    poll::until("something on air and something waiting", SOON, || busy().then_some(()));
    let stopped = house.dalaba(&["stop", "-s", "*"]);
    assert!(stopped.status.success(), "{}", err(&stopped));
    let cut = house.wait_for("the cut", |e| e.text.as_deref() == Some(&long));
    let close = cut.close.unwrap();
    assert_eq!((close.outcome, close.reason), (Outcome::Partial, Some(Reason::OperatorStop)));
    let cleared = house.wait_for("what waited", |e| e.close.as_ref().unwrap().outcome == Outcome::Cancelled);
    assert_eq!(cleared.close.as_ref().unwrap().reason, Some(Reason::OperatorStop));
    let after = |e: &dalaba::station::journal::Entry| {
        e.due > close.at && e.close.as_ref().unwrap().outcome == Outcome::Completed
    };
    house.wait_for("the next one of the plan", after);
    running.end("TERM");
    house.verified();
}

#[test]
fn in_quiet_hours_only_an_emergency_sounds() {
    let house = House::of(&["赵家庄"]);
    let halves = "{ from = \"00:00\", until = \"12:00\" }, { from = \"12:00\", until = \"00:00\" }";
    house.write(
        "config/station.toml",
        &(site(&["赵家庄"]) + &format!("[limits]\nquiet_hours = [{halves}]\n")),
    );
    let running = house.start();
    for (priority, outcome, reason) in
        [("urgent", Outcome::Suppressed, Some(Reason::QuietHours)), ("emergency", Outcome::Completed, None)]
    {
        assert!(house.dalaba(&["say", priority, "-s", "*", "--priority", priority]).status.success());
        let close = house.wait_for("the end", |e| e.text.as_deref() == Some(priority)).close.unwrap();
        assert_eq!((close.outcome, close.reason), (outcome, reason), "{priority}");
    }
    running.end("TERM");
    house.verified();
}

#[test]
fn a_second_daemon_is_refused_with_the_number_of_the_first() {
    let house = three();
    let running = house.start();
    let second = house.dalaba(&["run"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(err(&second).contains(&running.id().to_string()), "{}", err(&second));
    assert_eq!(house.status().0, Some(0), "the first goes on");
    running.end("TERM");
}

#[test]
fn only_owner_and_group_reach_the_control_socket_and_the_state() {
    let house = three();
    let running = house.start();
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(socket_path(&house.state())), 0o660);
    assert_eq!(mode(house.state()), 0o750);
    running.end("TERM");
}
