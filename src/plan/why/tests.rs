//! Answers to why.

use chrono::Weekday;

use super::*;
use crate::model::{Days, Limits, QuietHours, Schedule, StationId, Target};
use crate::plan::test_site::{at, by_times, playlist, site, station};

const ZONE: chrono_tz::Tz = chrono_tz::Tz::Asia__Shanghai;

struct World {
    site: Site,
    playlists: Vec<Playlist>,
    almanac: Almanac,
}

impl World {
    fn new(playlists: Vec<Playlist>) -> Self {
        let almanac = Almanac::new(Almanac::builtin_years(), Vec::new());
        Self { site: site(vec![station("赵家庄", "河东")]), playlists, almanac }
    }

    fn ask(&self, time: &str, logged: &[Logged]) -> Vec<Explanation> {
        let question = Question {
            site: &self.site,
            station: &self.site.stations[0],
            playlists: &self.playlists,
            almanac: &self.almanac,
            at: at(time),
            now: at("2026-11-23T12:00:00+08:00"),
        };
        why(&question, logged, &[])
    }
}

fn absences(answer: &[Explanation]) -> Vec<Absence> {
    let silent = |part: &'_ Explanation| {
        if let Explanation::Silent { why, .. } = part { Some(why.clone()) } else { None }
    };
    answer.iter().filter_map(silent).collect()
}

#[test]
fn each_obstacle_is_named_the_first_one_that_a_person_would_look_for() {
    let base = || playlist("春运", &["安全带"], vec![by_times(&["06:30"], &["安全带"])]);
    let with_days = |days| {
        let schedule = Schedule { days, ..by_times(&["06:30"], &["安全带"]) };
        Playlist { schedules: vec![schedule], ..base() }
    };
    let other = Target::Station(StationId::new("李家庄").unwrap());
    let date = |text: &str| Some(text.parse().unwrap());
    let day = "2026-02-17T06:30:00+08:00";
    for (playlist, time, expected) in [
        (Playlist { stations: vec![other], ..base() }, day, Absence::OtherStations),
        (
            Playlist { valid_from: date("2026-02-18"), ..base() },
            day,
            Absence::NotYetValid("2026-02-18".parse().unwrap()),
        ),
        (
            Playlist { valid_until: date("2026-02-16"), ..base() },
            day,
            Absence::Over("2026-02-16".parse().unwrap()),
        ),
        (with_days(Days::Weekdays([Weekday::Mon].into_iter().collect())), day, Absence::OtherWeekday),
        (with_days(Days::Workdays), day, Absence::DayOff(Some("春节".to_owned()))),
        (with_days(Days::Restdays), "2026-02-14T06:30:00+08:00", Absence::Workday { make_up: true }),
        (base(), "2026-02-17T09:00:00+08:00", Absence::OtherTime),
    ] {
        let answer = World::new(vec![playlist]).ask(time, &[]);
        assert_eq!(answer[0], Explanation::NothingPlanned);
        assert_eq!(absences(&answer), [expected]);
    }
}

#[test]
fn what_the_log_holds_is_left_to_the_log() {
    let world = World::new(vec![
        playlist("春运", &["安全带"], vec![by_times(&["06:30"], &["安全带"])]),
        playlist("日常", &["头盔"], vec![by_times(&["09:00"], &["头盔"])]),
    ]);
    let id = AiringId::from_record("赵家庄/春运/安全带@2026-11-23T06:30:00+08:00");
    let logged = Logged { id, reason: Some(Reason::PowerOff) };
    assert_eq!(world.ask("2026-11-23T06:32:00+08:00", &[logged]), []);
}

#[test]
fn an_airing_without_a_record_is_told_apart_by_whether_its_time_has_come() {
    let world =
        World::new(vec![playlist("春运", &["安全带"], vec![by_times(&["06:30", "18:30"], &["安全带"])])]);
    let past = world.ask("2026-11-23T06:30:00+08:00", &[]);
    assert!(past[0].words(ZONE).en.contains("it has no record"));
    let ahead = world.ask("2026-11-23T18:30:00+08:00", &[]);
    assert!(ahead[0].words(ZONE).en.contains("still to come"));
}

#[test]
fn quiet_hours_and_noise_limits_are_told() {
    let mut world = World::new(Vec::new());
    let time = |text: &str| text.parse().unwrap();
    world.site.stations[0].limits = Limits {
        quiet_hours: vec![QuietHours { from: time("12:30:00"), until: time("14:00:00") }],
        minutes_per_hour: Some(15),
        minutes_per_day: None,
    };
    let held_back = Logged {
        id: AiringId::from_record("赵家庄/春运/安全带@2026-11-23T12:30:00+08:00"),
        reason: Some(Reason::NoiseLimit),
    };
    let answer = world.ask("2026-11-23T12:30:00+08:00", &[held_back]);
    assert_eq!(answer[0], Explanation::Quiet { until: Some(at("2026-11-23T14:00:00+08:00")) });
    assert_eq!(answer[1], Explanation::NoiseLimits { per_hour: Some(15), per_day: None });
    assert_eq!(answer[1].words(ZONE).zh, "这个站点最多播：每小时 15 分钟。");
}
