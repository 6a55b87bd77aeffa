//! `dalaba plan`, `next` and `why` as people type them.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use assert_cmd::Command;
use chrono::{DateTime, TimeDelta, Utc};
use dalaba::model::{AsRun, Outcome, Reason, Record};
use dalaba::station::journal::{Journal, RunStart};
use dalaba::station::{kinds::kinds, sources};
use icalendar::{Calendar, CalendarDateTime, Component, DatePerhapsTime};
use tempfile::TempDir;
use unicode_width::UnicodeWidthStr;

const STATION: &str = r#"
time_zone = "Asia/Shanghai"
[limits]
quiet_hours = [{ from = "12:30", until = "14:00" }]
[voice]
engine = "espeak"
[[station]]
id = "赵家庄"
zones = ["河东"]
output = { kind = "null" }
[[station]]
id = "Lee"
output = { kind = "null" }
"#;

const PLAYLIST: &str = r#"
title = "春运交通安全"
stations = ["*"]
[[message]]
id = "安全带"
text = "安全带就是生命带，出门上车先系好，前排后排都要系，一个都不能少；这句话很长，长得一行日历装不下。"
repeat = 2
[[message]]
id = "helmet"
text = "骑乘电动车请佩戴安全头盔!"
[[schedule]]
cron = "0 30 6,12,18 * * *"
"#;

const WORKDAYS: &str = r#"
title = "上班路上"
stations = ["zone:河东"]
priority = "urgent"
[[message]]
id = "慢行"
text = "减速慢行。"
[[schedule]]
at = ["07:00"]
days = "workdays"
"#;

/// A site in a folder of its own.
struct Site(TempDir);

impl Site {
    fn new() -> Self {
        let site = Self(TempDir::new().unwrap());
        site.write("config/station.toml", STATION);
        site.write("broadcasts/春运.toml", PLAYLIST);
        site.write("broadcasts/通勤.toml", WORKDAYS);
        site
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn dalaba(&self, lang: &str) -> Command {
        let mut command = Command::cargo_bin("dalaba").unwrap();
        command.arg("--lang").arg(lang);
        command.arg("--config").arg(self.0.path().join("config/station.toml"));
        command.arg("--state").arg(self.0.path().join("state"));
        command
    }

    /// Runs a command that has to succeed; returns what it printed, and what it noted beside that.
    fn told(&self, lang: &str, words: &[&str]) -> (String, String) {
        let output = self.dalaba(lang).args(words).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        assert!(output.status.success(), "{words:?}: {}", text(output.stderr));
        (text(output.stdout), text(output.stderr))
    }

    fn refused(&self, words: &[&str]) -> String {
        let output = self.dalaba("en").args(words).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{words:?}");
        String::from_utf8(output.stderr).unwrap()
    }
}

const MONDAY: [&str; 4] = ["--from", "2026-11-23", "--until", "2026-11-23"];

fn plan(more: &[&'static str]) -> Vec<&'static str> {
    [&["plan"][..], &MONDAY[..], more].concat()
}

/// The cell in which each column of a line begins, columns parted by two blanks or more.
fn column_starts(line: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut blanks = 2;
    for (at, c) in line.char_indices() {
        if c != ' ' && blanks >= 2 {
            starts.push(line[..at].width());
        }
        blanks = if c == ' ' { blanks + 1 } else { 0 };
    }
    starts
}

#[test]
fn the_columns_of_a_day_stand_under_each_other_also_under_chinese() {
    for lang in ["zh", "en"] {
        let (text, _) = Site::new().told(lang, &plan(&[]));
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("  ")).collect();
        assert_eq!(rows.len(), 13, "{text}");
        for row in &rows {
            assert_eq!(column_starts(row)[..5], column_starts(rows[0])[..5], "{text}");
        }
    }
}

#[test]
fn a_day_is_headed_by_its_date_and_tells_what_quiet_hours_will_hold_back() {
    let (text, _) = Site::new().told("zh", &plan(&[]));
    assert!(text.starts_with("2026年11月23日 星期一\n"), "{text}");
    let noon: Vec<&str> = text.lines().filter(|line| line.contains("12:30:00")).collect();
    assert!(noon.len() == 4 && noon.iter().all(|line| line.ends_with("静音时段，不播")), "{text}");
    assert!(text.lines().any(|line| line.contains("07:00:00") && line.contains("紧急")), "{text}");
}

#[test]
fn json_has_one_object_a_line_with_the_promised_keys() {
    let (text, _) = Site::new().told("en", &plan(&["--format", "json", "--station", "赵家庄"]));
    let objects: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), 7);
    for object in &objects {
        let keys: Vec<&String> = object.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["airing", "station", "playlist", "message", "due", "priority"]);
    }
    assert_eq!(objects[2]["airing"], "赵家庄/通勤/慢行@2026-11-23T07:00:00+08:00");
    assert_eq!(objects[2]["due"], "2026-11-23T07:00:00+08:00");
    assert_eq!(objects[2]["priority"], "urgent");
}

#[test]
fn the_calendar_is_read_back_by_a_calendar_program_with_lines_of_75_bytes() {
    let (text, _) = Site::new().told("zh", &plan(&["--format", "ics", "--station", "赵家庄"]));
    for line in text.split("\r\n") {
        assert!(line.len() <= 75 && !line.contains('\n'), "{line:?}");
    }
    let calendar: Calendar = text.parse().unwrap();
    let events: Vec<_> = calendar.events().collect();
    assert_eq!(events.len(), 7);
    let first =
        events.iter().find(|e| e.get_uid() == Some("赵家庄/春运/安全带@2026-11-23T06:30:00+08:00")).unwrap();
    let instant = |time| match time {
        Some(DatePerhapsTime::DateTime(CalendarDateTime::Utc(at))) => at,
        other => panic!("{other:?} is no instant"),
    };
    let start = instant(first.get_start());
    assert_eq!(start, "2026-11-23T06:30:00+08:00".parse::<DateTime<Utc>>().unwrap());
    let length = instant(first.get_end()) - start;
    assert!((TimeDelta::seconds(10)..TimeDelta::seconds(60)).contains(&length), "{length}");
    assert!(first.get_description().unwrap().ends_with("装不下。"), "{:?}", first.get_description());
    assert!(first.get_timestamp().is_some());
}

#[test]
fn an_empty_plan_is_told_and_is_no_calendar() {
    let site = Site::new();
    let night = ["--from", "2026-11-23T02:00", "--until", "2026-11-23T03:00"];
    let (text, _) = site.told("en", &[&["plan"], &night[..]].concat());
    assert_eq!(text, "Nothing airs in that time.\n");
    assert!(site.refused(&[&["plan", "--format", "ics"], &night[..]].concat()).contains("empty"));
}

#[test]
fn a_plan_of_a_dense_year_comes_in_pieces_and_whole() {
    let site = Site::new();
    site.write(
        "broadcasts/通勤.toml",
        &WORKDAYS.replace("at = [\"07:00\"]\ndays = \"workdays\"", "cron = \"* * * * *\""),
    );
    let year =
        ["plan", "--format", "json", "--station", "赵家庄", "--from", "2026-12-01", "--until", "2026-12-20"];
    let (text, _) = site.told("en", &year);
    let due: Vec<String> = text.lines().filter(|line| line.contains("慢行")).map(str::to_owned).collect();
    assert_eq!(due.len(), 20 * 24 * 60);
    assert!(due.windows(2).all(|pair| pair[0] < pair[1]), "sorted, and nothing twice where the pieces meet");
}

#[test]
fn holidays_that_are_not_announced_yet_are_noted_beside_the_plan() {
    let beyond = ["plan", "--from", "2027-01-01", "--until", "2027-01-01"];
    let (text, noted) = Site::new().told("zh", &beyond);
    assert!(!text.contains("慢行"), "元旦 is no workday: {text}");
    assert!(noted.contains("2027 年的放假通知还没有发布"), "{noted}");
    let (_, noted) = Site::new().told("zh", &plan(&[]));
    assert_eq!(noted, "");
}

#[test]
fn a_playlist_with_a_mistake_is_named_and_the_rest_is_planned() {
    let site = Site::new();
    site.write("broadcasts/坏.toml", "title = 3\n");
    let (text, noted) = site.told("en", &plan(&[]));
    assert!(text.contains("慢行"));
    assert!(noted.contains("坏.toml") && noted.contains("dalaba check"), "{noted}");
}

#[test]
fn what_cannot_be_meant_is_refused_with_what_to_write() {
    let site = Site::new();
    assert!(site.refused(&["plan", "--station", "王家庄"]).contains("赵家庄, Lee"));
    assert!(site.refused(&["plan", "--from", "someday"]).contains("2026-11-23 06:30"));
    assert!(site.refused(&["plan", "--from", "09:00", "--until", "08:00"]).contains("not after"));
    assert!(site.refused(&["why", "赵家庄"]).contains("a station and a time"));
    site.write("config/station.toml", "[[station]]\n");
    assert!(site.refused(&["next"]).contains("dalaba check"));
}

#[test]
fn next_says_how_soon_and_stops_at_the_number_asked_for() {
    let (text, _) = Site::new().told("en", &["next", "-n", "3"]);
    assert_eq!(text.lines().count(), 3);
    assert!(text.lines().all(|line| line.starts_with("in ")), "{text}");
    let (text, _) = Site::new().told("zh", &["next", "-n", "1", "--station", "Lee"]);
    assert!(text.contains("后") && text.contains("Lee"), "{text}");
}

#[test]
fn why_answers_for_an_airing_and_for_a_station_with_a_time() {
    let site = Site::new();
    let (text, _) = site.told("zh", &["why", "赵家庄/春运/安全带@2026-01-05T06:30:00+08:00"]);
    assert!(
        text.contains("计划播“安全带”") && text.contains("播发记录里没有") && text.contains("没有记录是因为"),
        "{text}"
    );
    let (text, _) = site.told("en", &["why", "赵家庄", "2026-02-17T07:00"]);
    assert!(text.contains("that day was off for 春节"), "{text}");
    assert!(!Path::new(&site.0.path().join("state")).exists(), "asking leaves nothing behind");
}

/// Begins a run of the daemon as the log sees it.
fn begin_run(folder: &Path, at: &str) -> Journal {
    let start = RunStart {
        at: at.parse().unwrap(),
        version: "0.1.0".to_owned(),
        boot: at.to_owned(),
        steady: Duration::ZERO,
        clock_trusted: true,
    };
    Journal::open(folder, &start).unwrap().0
}

#[test]
fn why_tells_a_power_cut_from_the_log_and_from_the_runs() {
    let site = Site::new();
    let state = site.0.path().join("state");
    fs::create_dir_all(&state).unwrap();
    drop(begin_run(&state, "2026-11-23T05:00:00+08:00"));
    let mut journal = begin_run(&state, "2026-11-23T07:00:00+08:00");
    let read = sources::load(&site.0.path().join("config/station.toml"), &kinds());
    let playlists: Vec<_> = read.playlists.iter().filter_map(|parsed| parsed.value.clone()).collect();
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let (from, until) = (at("2026-11-23T06:30:00+08:00"), at("2026-11-23T06:31:00+08:00"));
    let planned =
        dalaba::plan::plan(&read.site.value.clone().unwrap(), &playlists, &read.almanac(), from, until);
    for airing in planned.airings {
        let missed = AsRun {
            airing,
            at: at("2026-11-23T07:00:01+08:00"),
            outcome: Outcome::Missed,
            reason: Some(Reason::PowerOff),
            detail: String::new(),
            started: None,
            ended: None,
            heard: Some(Duration::ZERO),
            readings: 0,
            voice: String::new(),
        };
        journal.commit(&Record::Closed(missed)).unwrap();
    }
    drop(journal);
    let (text, _) = site.told("zh", &["why", "赵家庄", "2026-11-23T06:30"]);
    assert!(text.contains("漏播：没有出声") && text.contains("原因：断电"), "{text}");
    assert!(text.contains("当时可能断电") && !text.contains("计划播"), "{text}");
    assert!(!text.contains("Lee"), "another station's: {text}");
}
