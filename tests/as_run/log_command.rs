//! `dalaba log`, `dalaba log verify` and `dalaba why`, as people type them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use chrono::TimeDelta;
use dalaba::model::{Outcome, Priority, Reason, Status};
use dalaba::station::journal::Journal;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::common::{
    airing, completed, dalaba, day, json_log, log, morning, on_air, open, silent, site, start, stranger,
};

fn text_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn columns_stay_aligned_where_chinese_stands_beside_latin_letters() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    for (n, (station, message)) in
        [("赵家庄", "安全带"), ("Zhao-2", "helmet"), ("河东", "一停二看")].into_iter().enumerate()
    {
        let airing = airing(station, message, i64::try_from(n).unwrap() * 60);
        journal.commit(&silent(&airing, Outcome::Suppressed, Reason::QuietHours)).unwrap();
    }
    drop(journal);
    let shown = log(folder.path(), &[]);
    let column = |line: &str, word: &str| line.find(word).map(|at| line[..at].width());
    let lines: Vec<&str> = shown.lines().collect();
    let outcomes: Vec<_> = lines[1..].iter().map(|line| column(line, "按规定未播")).collect();
    assert_eq!(outcomes, [column(lines[0], "结果"); 3], "{shown}");
    assert!(
        lines[1].starts_with("2026-11-23 06:30:00  赵家庄 ") && lines[1].ends_with("静音时段"),
        "{shown}"
    );
}

#[test]
fn an_airing_on_air_and_a_drill_are_told_apart_at_the_first_glance() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    let mut drill = airing("赵家庄", "疏散", 0);
    (drill.status, drill.priority) = (Status::Drill, Priority::Urgent);
    journal.commit(&completed(&drill)).unwrap();
    journal.commit(&on_air(&airing("河东", "安全带", 60))).unwrap();
    let shown = log(folder.path(), &[]);
    assert!(shown.contains("【演练】播完") && shown.contains("正在播出"), "{shown}");
    let lines = json_log(folder.path(), &[]);
    assert_eq!((&lines[0]["status"], &lines[1]["state"]), (&Value::from("drill"), &Value::from("on_air")));
    assert_eq!(lines[1]["outcome"], Value::Null);
}

#[test]
fn json_has_the_promised_keys_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    day(folder.path());
    let promised = fs::read_to_string("docs/as-run.md").unwrap();
    let line = &json_log(folder.path(), &[])[0];
    let keys: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
    let table: Vec<&str> = promised
        .lines()
        .skip_while(|line| !line.starts_with("## `--format json`"))
        .skip(1)
        .take_while(|line| !line.starts_with("## "))
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    assert_eq!(keys, table);
}

#[test]
fn days_are_days_of_the_village_and_filters_combine() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    // 06:30 in the village is 22:30 of the day before in London.
    for hours in [-7, 0, 17, 18] {
        journal.commit(&completed(&airing("赵家庄", "安全带", hours * 3600))).unwrap();
    }
    drop(journal);
    let count = |arguments: &[&str]| json_log(folder.path(), arguments).len();
    assert_eq!(count(&["--day", "2026-11-23"]), 2);
    assert_eq!(count(&["--from", "2026-11-23 06:30", "--until", "2026-11-23"]), 2);
    assert_eq!(count(&["--from", "2026-11-24", "--station", "赵家庄", "--outcome", "completed"]), 1);
    assert_eq!(count(&["--reason", "power_off"]), 0);
    assert_eq!(log(folder.path(), &["--station", "李家湾"]), "没有符合条件的记录\n");
}

#[test]
fn words_that_name_nothing_are_refused_in_the_language_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    day(folder.path());
    let output = dalaba(folder.path(), "log", &["--day", "礼拜一"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("看不懂日期"));
    assert_eq!(
        dalaba(folder.path(), "log", &["--outcome", "success"]).output().unwrap().status.code(),
        Some(2)
    );
    let nothing = tempfile::tempdir().unwrap();
    let output = dalaba(nothing.path(), "log", &[]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("还没有播发记录"));
}

#[test]
fn csv_opens_in_a_chinese_spreadsheet_and_runs_nothing_there() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    journal.commit(&completed(&airing("赵家庄", "=HYPERLINK(1,\"x\")", 0))).unwrap();
    drop(journal);
    let csv = log(folder.path(), &["--format", "csv"]);
    let lines: Vec<&str> = csv.split("\r\n").collect();
    assert!(lines[0].starts_with("\u{feff}应播时间,站点,"), "{csv}");
    assert!(lines[1].contains(",\"'=HYPERLINK(1,\"\"x\"\")\","), "{csv}");
    assert_eq!((lines.len(), lines[2]), (3, ""));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    day(folder.path());
    let mut child =
        dalaba(folder.path(), "log", &["--format", "json"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn follow_shows_each_record_as_it_is_committed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    journal.commit(&completed(&airing("赵家庄", "安全带", 0))).unwrap();
    let mut command = dalaba(folder.path(), "log", &["--follow", "--format", "json"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap()).unwrap();
    assert_eq!(next()["seq"], 2);
    let second = airing("赵家庄", "头盔", 60);
    journal.commit(&on_air(&second)).unwrap();
    let shown = next();
    assert_eq!((&shown["seq"], &shown["state"]), (&Value::from(3), &Value::from("on_air")));
    journal.commit(&completed(&second)).unwrap();
    let shown = next();
    assert_eq!((&shown["seq"], &shown["state"]), (&Value::from(4), &Value::from("closed")));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn verify_prints_a_head_to_note_down_and_finds_a_change_by_it() {
    let folder = tempfile::tempdir().unwrap();
    day(folder.path());
    let whole = dalaba(folder.path(), "log", &["verify"]).output().unwrap();
    assert!(whole.status.success());
    let shown = text_of(&whole);
    let mut behind = Command::new(assert_cmd::cargo::cargo_bin!("dalaba"));
    behind.args(["--lang", "zh", "log", "verify", "--state"]).arg(folder.path());
    assert_eq!(text_of(&behind.output().unwrap()), shown, "the folder may stand behind the word");
    let head = shown.lines().find_map(|line| line.strip_prefix("末条 ")).unwrap();
    assert!(dalaba(folder.path(), "log", &["verify", "--head", head]).output().unwrap().status.success());

    stranger(folder.path())
        .execute_batch("DROP TRIGGER no_update; UPDATE record SET station = '李家湾' WHERE seq = 4")
        .unwrap();
    let output = dalaba(folder.path(), "log", &["verify", "--head", head]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let shown = text_of(&output);
    assert!(
        shown.contains("no_update 缺失") && shown.contains("第 4 条（李家湾 2026-11-22T22:31:00.000Z）："),
        "{shown}"
    );
}

#[test]
fn why_tells_of_a_power_cut_between_two_runs() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    journal.commit(&on_air(&airing("赵家庄", "安全带", 0))).unwrap();
    drop(journal);
    let mut noon = start(morning() + TimeDelta::hours(6));
    noon.boot = "b2".to_owned();
    let (mut journal, _) = Journal::open(folder.path(), &noon).unwrap();
    let missed = airing("赵家庄", "头盔", 3600);
    journal.commit(&silent(&missed, Outcome::Missed, Reason::PowerOff)).unwrap();
    drop(journal);
    let why = |arguments: &[&str]| text_of(&dalaba(folder.path(), "why", arguments).output().unwrap());

    let told = why(&[missed.id.as_str()]);
    assert!(told.contains("漏播：没有出声") && told.contains("原因：断电"), "{told}");
    assert!(
        told.contains("当时可能断电：最后一条记录在 2026-11-23 06:30:00，2026-11-23 12:30:00 才再启动"),
        "{told}"
    );
    let told = why(&["赵家庄", "2026-11-23 06:31"]);
    assert!(told.contains("未播完：播出了多少无法得知") && told.contains("机器断电或重启"), "{told}");
    let told = why(&["赵家庄", "2026-11-22 06:31"]);
    assert!(told.contains("没有 2026-11-22 06:31:00 前后的播发") && told.contains("还没有启动过"), "{told}");
}

#[test]
fn why_asks_the_playlists_of_now_when_the_log_knows_nothing() {
    let folder = tempfile::tempdir().unwrap();
    day(folder.path());
    site(folder.path(), "\"18:00\"");
    let why = |when: &str| {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("dalaba"));
        command.args(["--lang", "zh", "why", "赵家庄", when, "--state"]).arg(folder.path());
        text_of(&command.arg("--config").arg(folder.path().join("config/station.toml")).output().unwrap())
    };
    let told = why("2026-11-23 13:00");
    assert!(told.contains("静音时段") && told.contains("没有排任何播发"), "{told}");
    let told = why("2026-11-23 18:00");
    assert!(told.contains("计划播“安全带”") && told.contains("春运"), "{told}");
}
