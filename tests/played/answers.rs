//! What the office is told when it asks, by the real program, on both databases.

use std::process::Command;

use dalaba::county::store::Address;
use serde_json::Value;

use super::county::{County, DAY, fill};
use super::postgres::Postgres;

/// Asks the program.
fn ask(database: &str, words: &[&str]) -> String {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("dalaba"));
    command.args(["--lang", "zh", "county"]).args(words).args(["--database", database]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn json(database: &str, words: &[&str]) -> Vec<Value> {
    let words = [words, &["--format", "json"]].concat();
    ask(database, &words).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn filled(address: &Address) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { fill(&County::open(address).await).await });
}

#[test]
fn was_it_played_is_answered_the_same_by_sqlite_and_by_postgresql() {
    let (folder, postgres) = (tempfile::tempdir().unwrap(), Postgres::start());
    let file = folder.path().join("county.db");
    let addresses = [file.to_str().unwrap().to_owned(), postgres.url()];
    let answers = addresses.map(|address| {
        filled(&address.parse().unwrap());
        the_answers(&address);
        ["records", "reconcile"].map(|word| json(&address, &[word, "--day", DAY]))
    });
    assert_eq!(answers[0], answers[1]);
}

fn the_answers(database: &str) {
    reconciled(database);
    late(database);
    broken(database);
    not_played(database);
    apart(database);
    narrowed(database);
    spread_out(database);
}

/// A spreadsheet: every time in its own column, field by field, and no formula of a village's.
fn spread_out(database: &str) {
    let csv = ask(database, &["records", "--day", DAY, "--message", "暴雨-1a2b3c4d.1", "--format", "csv"]);
    assert!(csv.starts_with("\u{feff}应播时间（北京时间）,站点,") && csv.ends_with("\r\n"), "{csv}");
    let mut cells: Vec<&str> = csv.lines().nth(1).unwrap().split(',').collect();
    // Who asked for it is said in words.
    cells.remove(12);
    let expected = "2025-11-24 13:14:15,赵家庄,赵家庄,alert,暴雨-1a2b3c4d.1,暴雨红色预警。,,,,actual,播完,3,\
        2025-11-24 13:14:16,2025-11-24 13:14:24,8.045,1,1,2025-11-24 13:14:25,2025-11-24 23:00:00,迟报,相符,\
        赵家庄/alert/暴雨-1a2b3c4d.1@2025-11-24T13:14:15+08:00";
    assert_eq!(cells.join(","), expected);
    let xml = ask(database, &["records", "--day", DAY, "--format", "xml"]);
    assert_eq!(xml.matches("<playRecord ").count(), 20);
    let book = ask(database, &["register", "--day", DAY]);
    assert!(book.contains("共 20 条") && book.contains("某县交警大队"));
}

fn reconciled(database: &str) {
    let told = ask(database, &["reconcile", "--day", DAY]);
    let sums = "计划 20 次 = 播完 11 + 没播完 5 + 还没有结果 0 + 没到时间 0 + 还没有记录 4 + 漏了记录 0";
    assert!(told.contains(sums), "{told}");
    // Five drills were planned, one was carried out; none of them is among the twenty.
    let besides = "县里的但不在计划内 0，重复记录 0，应急信息 1，人工播的 1，村里自己的 1，演练和测试 5";
    assert!(told.contains(besides), "{told}");
    let silent: Vec<&str> = told.lines().filter(|line| line.contains("李家庄")).collect();
    assert!(
        silent.iter().all(|line| line.contains("还没有记录：最后联系 2025-11-23 04:00:00")),
        "{silent:?}"
    );
    assert_eq!(silent.len(), 5, "{told}");
}

/// A village that was away for a week: what it had aired counts, and the record says that it came late.
fn late(database: &str) {
    let records = json(database, &["records", "--day", DAY, "--station", "河东村"]);
    assert_eq!(records.len(), 4);
    assert!(
        records
            .iter()
            .all(|record| record["late"] == true && record["received"] == "2025-12-01T01:00:00.000Z")
    );
    assert_eq!(records[0]["started"], "2025-11-24T00:00:01.234Z");
    let missed = records.iter().filter(|record| record["reason"] == "power_off").count();
    assert_eq!(missed, 2);
    let text = ask(database, &["records", "--day", DAY, "--station", "河东村"]);
    assert!(text.lines().filter(|line| line.contains("12-01 09:00 迟报")).count() == 4, "{text}");
}

/// A box whose log broke: both logs count, each whole by itself, and it is said where the new one begins.
fn broken(database: &str) {
    let records = json(database, &["records", "--day", DAY, "--station", "钱家庄"]);
    let heard = records.iter().filter(|record| record["outcome"] == "completed" && record["whole"] == true);
    assert_eq!(heard.count(), 4);
    assert_ne!(records[0]["log"], records[3]["log"]);
    let told = ask(database, &["records", "--verify", "--station", "钱家庄"]);
    assert!(told.contains("完整\n") && told.contains("第 1 条：站点的旧记录损坏，另起了新记录"), "{told}");
    assert!(!ask(database, &["records", "--verify", "--station", "赵家庄"]).contains("有问题"));
}

fn not_played(database: &str) {
    let lines = json(database, &["reconcile", "--day", DAY, "--station", "孙家庄"]);
    let of = |fate: &str| -> Vec<&str> {
        let mut found: Vec<&str> = lines
            .iter()
            .filter(|line| line["fate"] == fate && line["place"] == "planned")
            .map(|line| line["words"].as_str().unwrap())
            .collect();
        found.sort_unstable();
        found
    };
    assert_eq!(of("heard").len(), 1);
    assert_eq!(
        of("not_heard"),
        [
            "cut by something stronger (something stronger took its place)",
            "held back by a rule (quiet hours)",
            "only a part was heard (the output failed)"
        ]
    );
}

/// An alert and a drill are never in the sums of what was planned and meant.
fn apart(database: &str) {
    let lines = json(database, &["reconcile", "--day", DAY, "--station", "赵家庄"]);
    let count = |place: &str| lines.iter().filter(|line| line["place"] == place).count();
    assert_eq!(["planned", "alert", "practice", "local", "manual"].map(count), [4, 1, 1, 1, 1]);
    let drill = lines.iter().find(|line| line["status"] == "drill").unwrap();
    assert_eq!(
        (&drill["place"], &drill["fate"], &drill["planned"]),
        (&"practice".into(), &"heard".into(), &true.into())
    );
    let stations = json(database, &["stations"]);
    assert_eq!(stations.len(), 5);
    assert!(stations.iter().all(|row| row["online"] == false && row["campaigns"][0]["active"] == 1));
}

fn narrowed(database: &str) {
    let count = |words: &[&str]| json(database, &[&["records", "--day", DAY], words].concat()).len();
    assert_eq!(count(&["--campaign", "春运"]), 17);
    assert_eq!(count(&["--outcome", "missed"]), 2);
    assert_eq!(count(&["--message", "收电费", "--zone", "河东"]), 1);
    assert_eq!(
        json(database, &["records", "--from", &format!("{DAY}T18:00"), "--until", &format!("{DAY}T18:01")])
            .len(),
        8
    );
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("dalaba"));
    command.args(["--lang", "zh", "county", "records", "--station", "没有村", "--database", database]);
    let refused = command.output().unwrap();
    assert!(!refused.status.success(), "an empty answer would look like one");
}
