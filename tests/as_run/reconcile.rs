//! `dalaba log reconcile`, as people type it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use dalaba::model::{AiringId, Outcome, Reason};
use serde_json::{Value, json};

use super::common::{airing, completed, open, silent, site};

/// Seconds from the morning of the log's tests to the one a year before, which is past on every clock.
const A_YEAR_BEFORE: i64 = -365 * 86_400;
const DAY: [&str; 2] = ["--day", "2025-11-23"];

/// A day on which 06:30 was heard, 12:00 was in quiet hours, 18:00 has no record, and something else was on air.
fn year_old_day(folder: &Path) {
    site(folder, "\"06:30\", \"13:00\", \"18:00\"");
    let (mut journal, _) = open(folder);
    let hours = |hours: i64| A_YEAR_BEFORE + hours * 1800;
    journal.commit(&completed(&airing("赵家庄", "安全带", hours(0)))).unwrap();
    let noon = airing("赵家庄", "安全带", hours(13));
    journal.commit(&silent(&noon, Outcome::Suppressed, Reason::QuietHours)).unwrap();
    let mut old = airing("赵家庄", "安全带", hours(3));
    old.id = AiringId::from_record("赵家庄/老节目单/安全带@2025-11-23T08:00:00+08:00");
    journal.commit(&completed(&old)).unwrap();
    journal.commit(&completed(&airing("河东", "安全带", hours(4)))).unwrap();
}

fn reconcile(folder: &Path, lang: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("dalaba"));
    command.args(["--lang", lang, "log", "reconcile", "--state"]).arg(folder);
    command.arg("--config").arg(folder.join("config/station.toml")).args(arguments).output().unwrap()
}

fn told(folder: &Path, lang: &str, arguments: &[&str]) -> String {
    let output = reconcile(folder, lang, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn people_read_the_sums_and_then_only_what_was_not_as_planned() {
    let folder = tempfile::tempdir().unwrap();
    year_old_day(folder.path());
    assert_eq!(
        told(folder.path(), "zh", &DAY),
        "2025-11-23 00:00:00 到 2025-11-24 00:00:00：计划播 3 次，播完 1 次；计划外 2 次
  按规定未播  1 次  静音时段
  没有记录    1 次

计划了没有播完的：
  2025-11-23 13:00:00  赵家庄  安全带  按规定未播  静音时段
  2025-11-23 18:00:00  赵家庄  安全带  没有记录

计划外的：
  2025-11-23 08:00:00  赵家庄  安全带  播完
  2025-11-23 08:30:00  河东    安全带  播完
"
    );
    let english = told(folder.path(), "en", &[&DAY[..], &["--station", "赵家庄"]].concat());
    assert!(english.contains("3 planned, 1 of them heard to the end; 1 unplanned"), "{english}");
}

#[test]
fn programs_get_every_airing_with_the_promised_keys() {
    let folder = tempfile::tempdir().unwrap();
    year_old_day(folder.path());
    let lines: Vec<Value> = told(folder.path(), "zh", &[&DAY[..], &["--format", "json"]].concat())
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let brief = |line: &Value| json!([line["planned"], line["state"], line["outcome"], line["reason"]]);
    assert_eq!(
        lines.iter().map(brief).collect::<Vec<_>>(),
        [
            json!([true, "closed", "completed", null]),
            json!([false, "closed", "completed", null]),
            json!([false, "closed", "completed", null]),
            json!([true, "closed", "suppressed", "quiet_hours"]),
            json!([true, null, null, null]),
        ]
    );
    let promised = fs::read_to_string("docs/as-run.md").unwrap();
    let (_, section) = promised.split_once("## Reconcile").unwrap();
    let keys: Vec<&str> = lines[0].as_object().unwrap().keys().map(String::as_str).collect();
    let (_, list) = section.split_once("with the keys").unwrap();
    let named: Vec<&str> = list.split('`').skip(1).step_by(2).take(keys.len()).collect();
    assert_eq!(keys, named);
}

#[test]
fn spreadsheets_get_the_same_airings() {
    let folder = tempfile::tempdir().unwrap();
    year_old_day(folder.path());
    let csv = told(folder.path(), "zh", &[&DAY[..], &["--format", "csv"]].concat());
    let lines: Vec<&str> = csv.split("\r\n").collect();
    assert_eq!(lines[0], "\u{feff}应播时间,站点,节目单,播报条,计划内,结果,说明,播发编号");
    assert!(
        lines[5].starts_with("2025-11-23 18:00:00,赵家庄,春运,安全带,是,没有记录,,赵家庄/春运/"),
        "{csv}"
    );
    assert_eq!(lines.len(), 7);
}

#[test]
fn a_time_that_is_still_to_come_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    year_old_day(folder.path());
    let output = reconcile(folder.path(), "zh", &["--day", "明天"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("还没到"));
}
