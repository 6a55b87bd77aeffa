//! Every kind of tampering is found and located. The tamperer has the file and knows SQLite.

use std::fs;
use std::path::Path;

use dalaba::station::journal::{FaultKind, Journal, Link, Verdict, verify};
use tempfile::TempDir;

use super::common::{airing, completed, day, morning, on_air, open, start, stranger};

/// A day's log on which somebody ran `script` with the triggers out of the way, and put them back after it.
fn tampered(script: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    day(folder.path());
    tamper(folder.path(), script);
    folder
}

fn tamper(folder: &Path, script: &str) {
    let database = stranger(folder);
    let triggers: Vec<(String, String)> = database
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for (name, _) in &triggers {
        database.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    database.execute_batch(script).unwrap();
    for (_, sql) in &triggers {
        database.execute_batch(sql).unwrap();
    }
}

fn first(verdict: &Verdict) -> (Option<i64>, &FaultKind) {
    let fault = verdict.faults.first().expect("the tampering was not noticed");
    (fault.seq, &fault.kind)
}

#[test]
fn an_untouched_log_has_no_fault() {
    let folder = tampered("");
    let verdict = verify(folder.path(), None).unwrap();
    assert_eq!((verdict.records, verdict.head.seq, verdict.faults), (9, 9, vec![]));
}

#[test]
fn an_edit_of_any_column_of_any_record_is_found_at_that_record() {
    let folder = tempfile::tempdir().unwrap();
    day(folder.path());
    let columns: Vec<String> = stranger(folder.path())
        .prepare("SELECT name FROM pragma_table_info('record') WHERE name <> 'seq'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(columns.len(), 50);
    for column in columns {
        let folder = tempfile::tempdir().unwrap();
        day(folder.path());
        // Whatever stands there, something else stands there now, of the right type and against every CHECK.
        let edit = format!(
            "PRAGMA ignore_check_constraints = ON;
             UPDATE record SET {column} = CASE typeof({column}) WHEN 'integer' THEN {column} + 1
               WHEN 'blob' THEN randomblob(32) WHEN 'text' THEN {column} || 'x'
               ELSE (SELECT CASE type WHEN 'INTEGER' THEN 0 ELSE 'x' END FROM pragma_table_info('record')
                     WHERE name = '{column}') END
             WHERE seq = 5"
        );
        tamper(folder.path(), &edit);
        let verdict = verify(folder.path(), None).unwrap();
        let chained: Vec<_> =
            verdict.faults.iter().filter(|fault| fault.kind == FaultKind::Altered).collect();
        assert_eq!(chained.first().and_then(|fault| fault.seq), Some(5), "{column}: {:?}", verdict.faults);
    }
}

#[test]
fn the_fault_names_number_station_and_time_of_the_first_bad_record() {
    let folder = tampered("UPDATE record SET outcome = 'completed', reason = NULL WHERE seq = 8");
    let verdict = verify(folder.path(), None).unwrap();
    let fault = &verdict.faults[0];
    assert_eq!((fault.seq, &fault.kind), (Some(8), &FaultKind::Altered));
    assert_eq!(fault.station.as_deref(), Some("河东"));
    assert_eq!(fault.at.as_deref(), Some("2026-11-22T22:35:00.000Z"));
}

#[test]
fn a_record_cut_out_of_the_middle_is_found() {
    let verdict = verify(tampered("DELETE FROM record WHERE seq = 5").path(), None).unwrap();
    assert_eq!(first(&verdict), (Some(6), &FaultKind::Gap(5)));
}

#[test]
fn a_record_cut_out_and_the_rest_moved_up_is_found() {
    let script = "DELETE FROM record WHERE seq = 5; UPDATE record SET seq = seq - 1 WHERE seq > 5";
    let verdict = verify(tampered(script).path(), None).unwrap();
    assert_eq!(first(&verdict), (Some(5), &FaultKind::Altered));
}

#[test]
fn a_cut_tail_is_found() {
    let verdict = verify(tampered("DELETE FROM record WHERE seq > 7").path(), None).unwrap();
    assert_eq!(first(&verdict), (None, &FaultKind::Shortened(9)));
}

#[test]
fn a_cut_tail_is_found_after_the_daemon_started_again_too() {
    let folder = tampered("DELETE FROM record WHERE seq > 7");
    drop(open(folder.path()));
    let verdict = verify(folder.path(), None).unwrap();
    assert_eq!(first(&verdict), (Some(8), &FaultKind::ShortenedBefore(9)));
}

#[test]
fn a_cut_tail_whose_anchor_was_taken_too_is_found_before_and_after_a_start() {
    let folder = tampered("DELETE FROM record WHERE seq > 7");
    fs::remove_file(folder.path().join("as-run.head")).unwrap();
    assert_eq!(first(&verify(folder.path(), None).unwrap()), (None, &FaultKind::AnchorLost));
    drop(open(folder.path()));
    assert_eq!(first(&verify(folder.path(), None).unwrap()), (Some(8), &FaultKind::AnchorLostBefore));
}

#[test]
fn two_swapped_records_are_found() {
    let script = "UPDATE record SET seq = 100 WHERE seq = 3; UPDATE record SET seq = 3 WHERE seq = 5;
        UPDATE record SET seq = 5 WHERE seq = 100";
    let verdict = verify(tampered(script).path(), None).unwrap();
    assert_eq!(first(&verdict), (Some(3), &FaultKind::Altered));
}

#[test]
fn a_forged_record_in_front_or_behind_is_found() {
    let forge = |seq: i64| {
        format!(
            "INSERT INTO record (seq, format, run, kind, at, hash)
             VALUES ({seq}, 1, 1, 'run_ended', '2026-11-23T00:00:00.000Z', randomblob(32))"
        )
    };
    assert_eq!(first(&verify(tampered(&forge(-3)).path(), None).unwrap()), (Some(-3), &FaultKind::Gap(1)));
    assert_eq!(first(&verify(tampered(&forge(10)).path(), None).unwrap()), (Some(10), &FaultKind::Altered));
}

#[test]
fn tables_built_anew_without_triggers_are_found() {
    let folder = tempfile::tempdir().unwrap();
    day(folder.path());
    let script =
        "CREATE TABLE copy AS SELECT * FROM record; DROP TABLE record; ALTER TABLE copy RENAME TO record";
    stranger(folder.path()).execute_batch(script).unwrap();
    let verdict = verify(folder.path(), None).unwrap();
    assert_eq!(first(&verdict), (None, &FaultKind::Schema("record".to_owned())));
    assert!(verdict.faults.iter().any(|fault| fault.kind == FaultKind::Schema("no_delete".to_owned())));
}

#[test]
fn a_whole_new_chain_is_found_by_a_link_that_was_written_down() {
    let folder = tempfile::tempdir().unwrap();
    day(folder.path());
    let noted = verify(folder.path(), None).unwrap().head.to_string();
    for file in ["as-run.sqlite3", "as-run.head"] {
        fs::remove_file(folder.path().join(file)).unwrap();
    }
    let (mut journal, _) = Journal::open(folder.path(), &start(morning())).unwrap();
    for n in 0..10 {
        let airing = airing("赵家庄", "谣言", n * 60);
        journal.commit(&on_air(&airing)).unwrap();
        journal.commit(&completed(&airing)).unwrap();
    }
    drop(journal);
    assert_eq!(verify(folder.path(), None).unwrap().faults, vec![], "a chain of its own holds");
    let noted: Link = noted.parse().unwrap();
    assert_eq!(first(&verify(folder.path(), Some(noted)).unwrap()), (None, &FaultKind::Rewritten(9)));
}

#[test]
fn damaged_pages_are_a_fault_or_a_damaged_log_and_never_a_clean_bill() {
    let folder = tempfile::tempdir().unwrap();
    day(folder.path());
    let file = folder.path().join("as-run.sqlite3");
    let mut bytes = fs::read(&file).unwrap();
    let page = 4096;
    for byte in &mut bytes[page..page + 200] {
        *byte ^= 0xa5;
    }
    fs::write(&file, bytes).unwrap();
    match verify(folder.path(), None) {
        Ok(verdict) => assert!(!verdict.faults.is_empty()),
        Err(error) => assert!(error.to_string().contains("damaged"), "{error}"),
    }
}
