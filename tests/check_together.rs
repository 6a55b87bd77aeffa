//! Playlists against the site, at a present that the test chooses.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use dalaba::calendar::Almanac;
use dalaba::config::{Facts, RecordingFact, Severity, Source, check_together, parse_playlist, parse_site};
use dalaba::station::kinds::kinds;

const STATION: &str = "[limits]\nquiet_hours = [{ from = \"21:30\", until = \"06:00\" }]\n\
                       [[station]]\nid = \"赵家庄\"\noutput = { kind = \"null\" }\n\
                       [[calendar]]\nid = \"赶集\"\nlunar_days = [2]\n";

/// Says what is found in Chinese, one line a complaint: its severity, the word underlined, and what is wrong.
fn found(playlist: &str, now: &str) -> Vec<String> {
    found_with(playlist, now, &BTreeMap::new())
}

fn found_with(
    text: &str,
    now: &str,
    recordings: &BTreeMap<std::path::PathBuf, RecordingFact>,
) -> Vec<String> {
    let kinds = kinds();
    let site = Source { path: "station.toml".into(), text: STATION.into() };
    let site = parse_site(&site, &kinds).value.unwrap();
    let playlist = parse_playlist(&Source { path: "单.toml".into(), text: text.into() }, &kinds);
    assert!(playlist.value.is_some(), "{:?}", playlist.complaints);
    let almanac = Almanac::new(Almanac::builtin_years(), site.calendars.clone());
    let now: DateTime<Utc> = now.parse().unwrap();
    let complaints = check_together(&site, &[playlist], &Facts { almanac: &almanac, recordings, now });
    let line = |severity| if severity == Severity::Error { "错误" } else { "警告" };
    complaints
        .iter()
        .map(|c| format!("{} {} {}", line(c.severity), &text[c.span.clone()], c.what.zh))
        .collect()
}

/// A playlist with one message and what stands in one schedule.
fn scheduled(head: &str, schedule: &str) -> String {
    format!(
        "title = \"单\"\nstations = [\"*\"]\n{head}\n[[message]]\nid = \"头盔\"\ntext = \"骑乘电动车请佩戴安全头盔!\"\n\
         [[schedule]]\n{schedule}\n"
    )
}

#[test]
fn a_validity_that_is_over_is_a_warning_only_from_the_day_after() {
    let text = scheduled("valid_until = 2026-03-05", "at = [\"06:30\"]");
    // 23:59 of the last day, in China.
    assert_eq!(found(&text, "2026-03-05T15:59:00Z"), [""; 0]);
    let over = found(&text, "2026-03-05T16:00:00Z");
    assert_eq!(over, ["警告 2026-03-05 有效期到 2026-03-05 已经过了，这个节目单不再播"]);
}

#[test]
fn a_schedule_that_never_fires_is_a_mistake_whatever_the_day_it_is_checked() {
    let sundays =
        scheduled("valid_from = 2026-11-23\nvalid_until = 2026-11-28", "at = [\"06:30\"]\ndays = [\"sun\"]");
    for now in ["2026-11-01T00:00:00Z", "2026-11-26T00:00:00Z"] {
        assert_eq!(found(&sundays, now), ["错误 [\"06:30\"] 有效期内没有一次符合这个时间安排"]);
    }
    // Fired on Monday; on Thursday there is nothing left to come, and nothing wrong.
    let mondays = sundays.replace("sun", "mon");
    assert_eq!(found(&mondays, "2026-11-26T12:00:00Z"), [""; 0]);
    let leap_day = scheduled("", "cron = \"0 0 8 29 FEB *\"");
    assert_eq!(found(&leap_day, "2026-11-26T00:00:00Z"), [""; 0]);
}

#[test]
fn market_days_of_the_lunar_calendar_fire() {
    let market = scheduled("", "at = [\"09:00\"]\ncalendar = \"赶集\"");
    assert_eq!(found(&market, "2026-11-26T00:00:00Z"), [""; 0]);
}

#[test]
fn a_schedule_faster_than_its_messages_is_a_mistake_when_that_is_certain() {
    let recordings = BTreeMap::from([("长.wav".into(), RecordingFact::Sound(Duration::from_secs(90)))]);
    let text = scheduled("", "cron = \"0 * * * * *\"").replace("text =", "audio = \"长.wav\"\ntext =");
    let every_minute = found_with(&text, "2026-11-26T00:00:00Z", &recordings);
    assert_eq!(every_minute, ["警告 \"0 * * * * *\" 每隔 1m 就播一次，可是播一次约要 90 秒，播不完"]);
    let twice = text.replace("text =", "repeat = 2\ntext =");
    assert!(found_with(&twice, "2026-11-26T00:00:00Z", &recordings)[0].starts_with("错误"));
    let hourly = text.replace("0 * * * * *", "0 0 * * * *");
    assert_eq!(found_with(&hourly, "2026-11-26T00:00:00Z", &recordings), [""; 0]);
}

#[test]
fn a_time_in_quiet_hours_is_a_warning_and_emergencies_pass() {
    let text = scheduled("", "at = [\"06:30\", \"22:00\"]");
    assert_eq!(
        found(&text, "2026-11-26T00:00:00Z"),
        ["警告 [\"06:30\", \"22:00\"] 22:00 在 赵家庄 的静音时段里，不会响"]
    );
    let emergency = scheduled("priority = \"emergency\"", "at = [\"22:00\"]");
    assert_eq!(found(&emergency, "2026-11-26T00:00:00Z"), [""; 0]);
    let all_day = scheduled("", "cron = \"0 */10 * * * *\"");
    assert_eq!(found(&all_day, "2026-11-26T00:00:00Z"), [""; 0], "silent at night as meant");
    let all_night = scheduled("", "cron = \"0 */10 22,23 * * *\"");
    assert_eq!(found(&all_night, "2026-11-26T00:00:00Z").len(), 1);
}

#[test]
fn workdays_of_a_year_that_nobody_announced_are_a_warning_once_they_come_near() {
    let text = scheduled("", "at = [\"06:30\"]\ndays = \"workdays\"");
    assert_eq!(found(&text, "2026-06-01T00:00:00Z"), [""; 0]);
    let unknown = found(&text, "2030-06-01T00:00:00Z");
    assert_eq!(unknown.len(), 1, "{unknown:?}");
    assert!(unknown[0].starts_with("警告 \"workdays\""), "{unknown:?}");
}

#[test]
fn messages_that_nobody_schedules_are_a_warning() {
    let text = "title = \"单\"\nstations = [\"*\"]\n[[message]]\nid = \"甲\"\ntext = \"甲\"\n";
    assert_eq!(found(text, "2026-11-26T00:00:00Z"), ["警告  这个节目单没有安排时间，什么也不会播"]);
    let text = scheduled("", "at = [\"06:30\"]\nmessages = [\"头盔\"]")
        + "[[message]]\nid = \"乙\"\ntext = \"乙\"\n";
    assert_eq!(found(&text, "2026-11-26T00:00:00Z"), ["警告 \"乙\" 没有哪个时间安排播 `乙`"]);
}
