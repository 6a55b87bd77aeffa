//! Timetables: order, rotation, validity, limits, reconciliation.

use std::collections::HashMap;

use chrono::TimeDelta;

use super::*;
use crate::model::{AiringId, Order, Outcome, Priority, Schedule, Target, ZoneId};
use crate::plan::reconcile;
use crate::plan::test_site::{at, by_cron, by_times, playlist, site, station};

fn planned(playlists: &[Playlist], from: &str, until: &str) -> Timetable {
    plan(&site(vec![station("赵家庄", "河东")]), playlists, &Almanac::default(), at(from), at(until))
}

/// `message@time of day`, in the timetable's order.
fn told(timetable: &Timetable) -> Vec<String> {
    let one = |airing: &Airing| format!("{}@{}", airing.message_id(), airing.due.format("%H:%M"));
    timetable.airings.iter().map(one).collect()
}

const DAY: (&str, &str) = ("2026-11-23T00:00:00+08:00", "2026-11-24T00:00:00+08:00");

#[test]
fn airings_come_by_time_then_strongest_first_then_by_place_in_the_slot() {
    let routine =
        playlist("春运", &["安全带", "头盔"], vec![by_times(&["06:30", "18:00"], &["头盔", "安全带"])]);
    let urgent = Playlist {
        priority: Priority::Urgent,
        ..playlist("大雾", &["慢行", "开灯"], vec![by_times(&["18:00"], &["慢行", "开灯"])])
    };
    let timetable = planned(&[routine, urgent], DAY.0, DAY.1);
    assert_eq!(
        told(&timetable),
        ["头盔@06:30", "安全带@06:30", "慢行@18:00", "开灯@18:00", "头盔@18:00", "安全带@18:00"]
    );
    let places: Vec<usize> = timetable.airings.iter().map(|airing| airing.position).collect();
    assert_eq!(places, [0, 1, 0, 1, 0, 1]);
}

#[test]
fn the_same_message_in_two_schedules_at_one_instant_is_one_airing() {
    let first = by_times(&["06:30"], &["安全带"]);
    let second = by_cron("30 6 * * *", &["安全带", "头盔", "减速"]);
    let both = playlist("春运", &["安全带", "头盔", "减速"], vec![first, second]);
    let timetable = planned(&[both], DAY.0, DAY.1);
    assert_eq!(told(&timetable), ["安全带@06:30", "头盔@06:30", "减速@06:30"]);
    assert_ne!(timetable.airings[0].slot, timetable.airings[1].slot);
    assert_eq!(timetable.airings[1].position, 0, "the first of what is left of its slot");
}

#[test]
fn a_playlist_airs_from_its_first_to_its_last_valid_day() {
    let valid = Playlist {
        valid_from: Some("2026-11-24".parse().unwrap()),
        valid_until: Some("2026-11-25".parse().unwrap()),
        ..playlist("春运", &["安全带"], vec![by_times(&["00:00", "23:59"], &["安全带"])])
    };
    let timetable = planned(&[valid], "2026-11-20T00:00:00+08:00", "2026-11-30T00:00:00+08:00");
    let days: Vec<String> =
        timetable.airings.iter().map(|airing| airing.due.format("%d %H:%M").to_string()).collect();
    assert_eq!(days, ["24 00:00", "24 23:59", "25 00:00", "25 23:59"]);
}

#[test]
fn a_playlist_reaches_the_stations_it_addresses() {
    let east = Playlist {
        stations: vec![Target::Zone(ZoneId::new("河东").unwrap())],
        ..playlist("春运", &["安全带"], vec![by_times(&["06:30"], &["安全带"])])
    };
    let site = site(vec![station("赵家庄", "河东"), station("李家庄", "河西"), station("王家庄", "河东")]);
    let timetable = plan(&site, &[east], &Almanac::default(), at(DAY.0), at(DAY.1));
    let stations: Vec<&str> = timetable.airings.iter().map(|airing| airing.station.as_str()).collect();
    assert_eq!(stations, ["赵家庄", "王家庄"]);
}

#[test]
fn rotation_airs_one_message_a_slot_and_goes_on_over_any_restart() {
    let turns = Schedule { order: Order::Rotate, ..by_cron("30 6 * * mon", &["甲", "乙", "丙"]) };
    let playlist = [playlist("轮播", &["甲", "乙", "丙"], vec![turns])];
    let whole = told(&planned(&playlist, "2026-12-01T00:00:00+08:00", "2027-01-20T00:00:00+08:00"));
    assert_eq!(whole.len(), 7);
    assert!(
        whole.windows(3).all(|three| three[0] != three[1] && three[1] != three[2] && three[0] != three[2]),
        "{whole:?}"
    );
    let later = told(&planned(&playlist, "2026-12-31T00:00:00+08:00", "2027-01-20T00:00:00+08:00"));
    assert!(whole.ends_with(&later));
}

#[test]
fn shuffle_airs_all_in_an_order_that_changes_by_slot_and_not_by_restart() {
    let ids = ["甲", "乙", "丙", "丁"];
    let mixed = Schedule { order: Order::Shuffle, ..by_times(&["06:30", "18:00"], &ids) };
    let playlist = [playlist("混播", &ids, vec![mixed])];
    let week = told(&planned(&playlist, "2026-11-23T00:00:00+08:00", "2026-11-30T00:00:00+08:00"));
    let slots: Vec<Vec<&str>> = week
        .chunks(4)
        .map(|slot| slot.iter().map(|told| told.split('@').next().unwrap()).collect())
        .collect();
    for slot in &slots {
        let mut sorted = slot.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, ["丁", "丙", "乙", "甲"]);
    }
    assert!(slots.iter().any(|slot| *slot != slots[0]), "fourteen slots in the same order");
    let evening = told(&planned(&playlist, "2026-11-25T12:00:00+08:00", "2026-11-26T00:00:00+08:00"));
    assert_eq!(evening[..], week[20..24]);
}

#[test]
fn a_window_too_full_ends_early_and_the_next_goes_on_without_a_gap() {
    let flood = [playlist("洪水", &["甲", "乙"], vec![by_cron("* * * * * *", &["甲", "乙"])])];
    let (from, until) = (at(DAY.0), at(DAY.1));
    let first = planned(&flood, DAY.0, DAY.1);
    assert_eq!(first.airings.len(), MOST_AIRINGS);
    assert_eq!(first.until, from + TimeDelta::seconds(10_000));
    let site = site(vec![station("赵家庄", "河东")]);
    let second = plan(&site, &flood, &Almanac::default(), first.until, until);
    assert_eq!(second.airings[0].due, first.until);
}

#[test]
fn reconciling_finds_what_nobody_accounted_for_and_what_nobody_planned() {
    let timetable = planned(
        &[playlist("春运", &["安全带"], vec![by_times(&["06:30", "12:00", "18:00"], &["安全带"])])],
        DAY.0,
        DAY.1,
    );
    let said = AiringId::from_record("赵家庄/口播/找羊@2026-11-23T09:00:00+08:00");
    let recorded = HashMap::from([
        (timetable.airings[0].id.clone(), Outcome::Completed),
        (timetable.airings[1].id.clone(), Outcome::Missed),
        (said, Outcome::Partial),
    ]);
    let report = reconcile(&timetable, &recorded);
    let planned: Vec<_> = timetable.airings.iter().collect();
    assert_eq!(
        report.planned,
        [(planned[0], Some(&Outcome::Completed)), (planned[1], Some(&Outcome::Missed)), (planned[2], None)]
    );
    assert_eq!(report.unplanned, [&Outcome::Partial]);
}
