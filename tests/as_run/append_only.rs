//! What the database itself refuses, whoever asks.

use dalaba::model::{Ordered, Outcome, Reason, Record};
use dalaba::station::journal::{JournalError, Reader, verify};

use super::common::{airing, completed, day, morning, on_air, open, silent, stranger};

#[test]
fn obplayer_14_no_record_can_be_changed_deleted_replaced_or_put_in_between() {
    let folder = tempfile::tempdir().unwrap();
    day(folder.path());
    let database = stranger(folder.path());
    for statement in [
        "UPDATE record SET outcome = 'completed', reason = NULL WHERE seq = 8",
        "UPDATE record SET seq = 70 WHERE seq = 7",
        "DELETE FROM record WHERE seq = 9",
        "DELETE FROM record",
        "INSERT OR REPLACE INTO record SELECT * FROM record WHERE seq = 3",
        "INSERT OR IGNORE INTO record (seq, format, run, kind, at, hash) VALUES
            (99, 1, 1, 'run_ended', '2026-11-23T00:00:00.000Z', zeroblob(32))",
    ] {
        assert!(database.execute_batch(statement).is_err(), "went through: {statement}");
    }
    drop(database);
    let verdict = verify(folder.path(), None).unwrap();
    assert_eq!((verdict.records, verdict.faults), (9, vec![]));
}

#[test]
fn a_close_cannot_be_replaced_by_another_close() {
    let folder = tempfile::tempdir().unwrap();
    day(folder.path());
    let database = stranger(folder.path());
    let columns: Vec<String> = database
        .prepare(
            "SELECT name FROM pragma_table_info('record') WHERE name NOT IN ('seq', 'outcome', 'reason')",
        )
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let list = columns.join(", ");
    let forged = format!(
        "INSERT OR REPLACE INTO record (seq, outcome, reason, {list})
         SELECT 10, 'completed', NULL, {list} FROM record WHERE seq = 8"
    );
    let refused = database.execute_batch(&forged).unwrap_err().to_string();
    assert!(refused.contains("closed once"), "{refused}");
}

#[test]
fn of_many_records_each_is_taken_or_refused_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    let [known, good, against, last] = [0, 60, 120, 180].map(|seconds| airing("赵家庄", "安全带", seconds));
    journal.commit(&silent(&known, Outcome::Missed, Reason::PowerOff)).unwrap();
    let order = Record::Ordered(Ordered { airing: against, at: morning() });
    let records = [completed(&known), on_air(&good), order, completed(&good), completed(&last)];
    let answers = journal.commit_all(&records).unwrap();
    // 1 is the start, 2 the missed one; a schedule's airing is never ordered by a person.
    let [Err(JournalError::AlreadyClosed(_)), Ok(3), Err(JournalError::AgainstRules(_)), Ok(4), Ok(5)] =
        &answers[..]
    else {
        panic!("{answers:?}")
    };
    drop(journal);
    let verdict = verify(folder.path(), None).unwrap();
    assert_eq!((verdict.records, verdict.faults), (5, vec![]));
}

#[test]
fn a_second_close_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    let airing = airing("赵家庄", "安全带", 0);
    journal.commit(&on_air(&airing)).unwrap();
    journal.commit(&completed(&airing)).unwrap();
    let second = journal.commit(&silent(&airing, Outcome::Failed, Reason::OutputFailed));
    assert!(matches!(second, Err(JournalError::AlreadyClosed(id)) if id == airing.id));
    let again = journal.commit(&on_air(&airing));
    assert!(matches!(again, Err(JournalError::AlreadyClosed(id)) if id == airing.id));
    drop(journal);
    let entry = Reader::open(folder.path()).unwrap().record_of(&airing.id).unwrap().unwrap();
    assert_eq!(entry.close.unwrap().outcome, Outcome::Completed);
    assert_eq!(verify(folder.path(), None).unwrap().records, 3);
}

#[test]
fn an_airing_comes_on_air_once_and_the_journal_goes_on_after_a_refusal() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    let airing = airing("赵家庄", "安全带", 0);
    journal.commit(&on_air(&airing)).unwrap();
    assert!(matches!(journal.commit(&on_air(&airing)), Err(JournalError::AlreadyOnAir(_))));
    assert_eq!(journal.commit(&completed(&airing)).unwrap(), 3);
    drop(journal);
    assert_eq!(verify(folder.path(), None).unwrap().faults, vec![]);
}

#[test]
fn words_outside_the_closed_lists_and_closes_without_a_reason_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    day(folder.path());
    let database = stranger(folder.path());
    let insert = |kind: &str, extra: &str, values: &str| {
        database.execute_batch(&format!(
            "INSERT INTO record (seq, format, run, kind, at, hash{extra})
             VALUES (10, 1, 1, '{kind}', '2026-11-23T00:00:00.000Z', zeroblob(32){values})"
        ))
    };
    let airing = ", airing, station, message, due, due_utc";
    let named = ", 'x', 'x', 'x', '2026-11-23T08:00:00+08:00', '2026-11-23T00:00:00.000Z'";
    let with = |columns: &str| format!("{airing}{columns}");
    let and = |values: &str| format!("{named}{values}");
    assert!(insert("played", "", "").is_err());
    assert!(insert("closed", &with(", outcome"), &and(", 'success'")).is_err());
    assert!(insert("closed", &with(", outcome"), &and(", 'missed'")).is_err());
    assert!(insert("closed", &with(", outcome, reason"), &and(", 'completed', 'power_off'")).is_err());
    assert!(insert("closed", &with(", outcome, reason"), &and(", 'missed', 'bad luck'")).is_err());
    assert!(insert("closed", &with(", outcome, reason"), &and(", 'missed', 'power_off'")).is_ok());
}
