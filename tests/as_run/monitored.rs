//! What a microphone says of an airing: one fact more, after the close, in the same chain.

use std::fs;
use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;
use dalaba::model::{Airing, AiringId, Audible, Doubt, Monitored, Outcome, Record};
use dalaba::station::journal::{FaultKind, Journal, JournalError, Reader, verify};
use serde_json::{Value, json};

use super::common::{airing, completed, json_log, log, morning, on_air, open, start, stranger};

/// A log as it was written before microphones were listened to, with the anchor that lay beside it.
const OLD: (&str, &[u8]) = (include_str!("old/as-run.sql"), include_bytes!("old/as-run.head"));

fn monitored(airing: &Airing, heard: Audible) -> Monitored {
    Monitored {
        airing: airing.clone(),
        at: airing.due_utc() + TimeDelta::seconds(11),
        heard,
        doubt: (heard == Audible::Unknown).then_some(Doubt::TooNoisy),
        level_millibel: Some(-2_350),
        score_permille: Some(812),
        delay: (heard == Audible::Yes).then(|| Duration::from_millis(340)),
        missed: u32::from(heard == Audible::No) * 3,
        kept: (heard == Audible::No).then(|| "2026-11-23/赵家庄-063000-1.wav".to_owned()),
    }
}

/// Airs one message in `folder`, and records what the microphone heard of it.
fn aired(folder: &Path, heard: Audible) -> AiringId {
    let (mut journal, _) = open(folder);
    let airing = airing("赵家庄", "安全带", 0);
    for record in [on_air(&airing), completed(&airing), Record::Monitored(monitored(&airing, heard))] {
        journal.commit(&record).unwrap();
    }
    airing.id
}

#[test]
fn what_the_microphone_heard_is_told_with_its_airing() {
    let folder = tempfile::tempdir().unwrap();
    let id = aired(folder.path(), Audible::No);
    let entries: Vec<_> = json_log(folder.path(), &[]);
    assert_eq!(entries.len(), 1, "one line an airing");
    let told = &entries[0];
    let keys = ["seq", "outcome", "monitor", "monitor_doubt", "monitor_missed", "monitor_recording"];
    let recording = "2026-11-23/赵家庄-063000-1.wav";
    let expected = [json!(4), json!("completed"), json!("no"), Value::Null, json!(3), json!(recording)];
    assert_eq!(keys.map(|key| told[key].clone()), expected, "{id}");
    assert_eq!((&told["monitor_level_dbfs"], &told["monitor_score"]), (&json!(-23.5), &json!(0.812)));
    let text = log(folder.path(), &[]);
    assert!(
        text.contains("监听：没听到 81% -24 dBFS，连续第 3 次 [2026-11-23/赵家庄-063000-1.wav]"),
        "{text}"
    );
    let csv = log(folder.path(), &["--format", "csv"]);
    assert!(csv.contains(",没听到,-23.5,0.81,2026-11-23/赵家庄-063000-1.wav"), "{csv}");
}

#[test]
fn an_airing_that_nobody_listened_to_tells_of_no_microphone() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    let airing = airing("赵家庄", "安全带", 0);
    journal.commit(&on_air(&airing)).unwrap();
    journal.commit(&completed(&airing)).unwrap();
    assert_eq!(json_log(folder.path(), &[])[0]["monitor"], Value::Null);
    assert!(!log(folder.path(), &[]).contains("监听"));
}

#[test]
fn an_airing_is_judged_once_and_only_after_its_close() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    let airing = airing("赵家庄", "安全带", 0);
    let verdict = Record::Monitored(monitored(&airing, Audible::Yes));
    let mut refused = |record: &Record| matches!(journal.commit(record), Err(JournalError::AgainstRules(_)));
    assert!(refused(&verdict), "before it came on air");
    assert!(!refused(&on_air(&airing)));
    assert!(refused(&verdict), "while on air");
    assert!(!refused(&completed(&airing)));
    assert!(!refused(&verdict));
    assert!(refused(&Record::Monitored(monitored(&airing, Audible::No))), "twice");
    drop(journal);
    let verdict = verify(folder.path(), None).unwrap();
    assert_eq!((verdict.records, verdict.faults), (4, vec![]));
    assert_eq!(json_log(folder.path(), &[])[0]["monitor"], "yes");
}

#[test]
fn a_verdict_is_found_by_the_filters_that_find_its_airing() {
    let folder = tempfile::tempdir().unwrap();
    let id = aired(folder.path(), Audible::Unknown);
    for filter in [["--outcome", "completed"], ["--station", "赵家庄"], ["--day", "2026-11-23"]] {
        assert_eq!(json_log(folder.path(), &filter)[0]["monitor_doubt"], "too_noisy", "{filter:?}");
    }
    let entry = Reader::open(folder.path()).unwrap().record_of(&id).unwrap().unwrap();
    assert_eq!(entry.close.unwrap().outcome, Outcome::Completed);
    assert_eq!(entry.verdict.unwrap().heard, Audible::Unknown);
}

#[test]
fn a_verdict_that_is_forged_or_changed_is_found() {
    let folder = tempfile::tempdir().unwrap();
    aired(folder.path(), Audible::No);
    let change = |statement: &str| {
        let file = folder.path().join("as-run.sqlite3");
        let kept = fs::read(&file).unwrap();
        let trigger: String = stranger(folder.path())
            .query_row("SELECT sql FROM sqlite_schema WHERE name = 'no_update'", [], |row| row.get(0))
            .unwrap();
        let script = format!("DROP TRIGGER no_update; {statement}; {trigger}");
        stranger(folder.path()).execute_batch(&script).unwrap();
        let faults = verify(folder.path(), None).unwrap().faults;
        fs::write(&file, kept).unwrap();
        faults.into_iter().map(|fault| (fault.seq, fault.kind)).collect::<Vec<_>>()
    };
    let altered = vec![(Some(4), FaultKind::Altered)];
    assert_eq!(change("UPDATE record SET heard = 'yes' WHERE seq = 4"), altered);
    assert_eq!(change("UPDATE record SET missed = 0 WHERE seq = 4"), altered);
    assert_eq!(change("UPDATE record SET kept = NULL WHERE seq = 4"), altered);
}

#[test]
fn a_log_of_an_older_version_is_read_goes_on_and_stays_whole() {
    let folder = tempfile::tempdir().unwrap();
    stranger(folder.path()).execute_batch(OLD.0).unwrap();
    fs::write(folder.path().join("as-run.head"), OLD.1).unwrap();
    let before = verify(folder.path(), None).unwrap();
    assert_eq!((before.records, before.faults), (5, vec![]));
    let told = json_log(folder.path(), &[]);
    assert_eq!((&told[0]["outcome"], &told[0]["monitor"]), (&json!("completed"), &Value::Null));
    let facts = Reader::open(folder.path()).unwrap().facts(0, 100).unwrap();
    let (mut journal, recovered) = Journal::open(folder.path(), &start(morning())).unwrap();
    assert_eq!((recovered.run, recovered.set_aside), (2, None));
    let airing = airing("赵家庄", "安全带", 0);
    for record in [on_air(&airing), completed(&airing), Record::Monitored(monitored(&airing, Audible::Yes))] {
        journal.commit(&record).unwrap();
    }
    drop(journal);
    let after = verify(folder.path(), Some(before.head)).unwrap();
    assert_eq!((after.records, after.faults), (9, vec![]));
    assert_eq!(Reader::open(folder.path()).unwrap().facts(0, 5).unwrap(), facts);
    assert_eq!(json_log(folder.path(), &[])[1]["monitor"], "yes");
}
