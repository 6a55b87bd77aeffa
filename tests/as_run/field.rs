//! What went wrong in other systems' records, line by line (`Records` and `Clock` of the field's list).

use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use dalaba::model::{AsRun, Outcome, Reason, Record};
use dalaba::station::journal::{ClockEvent, Filter, Journal, Reader, verify};
use serde_json::Value;

use super::common::{airing, completed, day, json_log, log, morning, on_air, open, silent, start, stranger};

#[test]
fn screentinker_299_plays_of_an_offline_station_are_kept_whole_with_their_true_times() {
    // 1,040 plays in 5 h 49 min were lost while the device was offline. Nothing here needs a network; every play is
    // there, with the times at which it sounded and not those at which somebody asked.
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    for n in 0..1040 {
        let airing = airing("赵家庄", "安全带", n * 20);
        journal.commit(&on_air(&airing)).unwrap();
        journal.commit(&completed(&airing)).unwrap();
    }
    drop(journal);
    let reader = Reader::open(folder.path()).unwrap();
    let entries: Vec<_> = reader.query(&Filter::default()).map(Result::unwrap).collect();
    assert_eq!(entries.len(), 1040);
    for entry in entries {
        let close = entry.close.unwrap();
        let late = close.started.unwrap() - entry.due.to_utc();
        assert_eq!((late, close.heard), (TimeDelta::milliseconds(45), Some(Duration::from_secs(8))));
        assert_eq!(close.ended.unwrap() - close.started.unwrap(), TimeDelta::seconds(8));
    }
}

#[test]
fn a_platform_that_reports_success_whatever_happened_cannot_be_built_on_this_log() {
    // What never sounded, or sounded in part, is never `completed`, and the database refuses a close without a reason.
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    let unsaid = AsRunOf { outcome: Outcome::Partial, reason: None };
    assert!(journal.commit(&unsaid.record()).is_err());
    let excused = AsRunOf { outcome: Outcome::Completed, reason: Some(Reason::PowerOff) };
    assert!(journal.commit(&excused.record()).is_err());
    let honest = AsRunOf { outcome: Outcome::Partial, reason: Some(Reason::OutputFailed) };
    journal.commit(&honest.record()).unwrap();
    drop(journal);
    let lines = json_log(folder.path(), &[]);
    assert_eq!((&lines[0]["outcome"], &lines[0]["heard_ms"]), (&Value::from("partial"), &Value::from(3200)));
    assert_eq!((&lines[0]["readings"], &lines[0]["times"]), (&Value::from(0), &Value::from(2)));
}

struct AsRunOf {
    outcome: Outcome,
    reason: Option<Reason>,
}

impl AsRunOf {
    fn record(self) -> Record {
        let airing = airing("赵家庄", "安全带", 0);
        let started = airing.due_utc();
        Record::Closed(AsRun {
            at: started + TimeDelta::seconds(4),
            outcome: self.outcome,
            reason: self.reason,
            detail: "USB 声卡被拔掉".to_owned(),
            started: Some(started),
            ended: Some(started + TimeDelta::milliseconds(3200)),
            heard: Some(Duration::from_millis(3200)),
            readings: 0,
            voice: "recording".to_owned(),
            airing,
        })
    }
}

#[test]
fn rivendell_the_seconds_column_holds_seconds_in_every_format() {
    // Its reconciliation report printed the day of the month where the seconds belong. Here day 23, second 41.
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    let airing = airing("赵家庄", "安全带", 60 + 41);
    journal.commit(&on_air(&airing)).unwrap();
    journal.commit(&completed(&airing)).unwrap();
    drop(journal);
    let line = &json_log(folder.path(), &[])[0];
    assert_eq!(line["due"], "2026-11-23T06:31:41+08:00");
    assert_eq!(line["started"], "2026-11-22T22:31:41.045Z");
    assert_eq!(line["ended"], "2026-11-22T22:31:49.045Z");
    let text = log(folder.path(), &[]);
    assert!(text.contains("2026-11-23 06:31:41") && text.contains(" 06:31:41 "), "{text}");
    let csv = log(folder.path(), &["--format", "csv"]);
    assert!(csv.contains(",2026-11-23 06:31:41,2026-11-23 06:31:49,8.000,2,2,"), "{csv}");
}

#[test]
fn xibo_1654_deleting_a_message_does_not_delete_its_proof() {
    // The record carries the text, the names and the voice itself, and points to nothing that could be taken away.
    let folder = tempfile::tempdir().unwrap();
    day(folder.path());
    let references: Vec<String> = stranger(folder.path())
        .prepare("SELECT \"table\" FROM pragma_foreign_key_list('record')")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(references, Vec::<String>::new());
    // No playlist, recording or station file lies in this folder or was ever read: the log tells all the same.
    let line = &json_log(folder.path(), &["--message", "安全带"])[0];
    assert_eq!(line["text"], "安全带就是生命带!");
    assert_eq!(line["voice"], "espeak cmn-latn-pinyin");
}

#[test]
fn yunnan_untrue_play_data_does_not_pass_verify() {
    let folder = tempfile::tempdir().unwrap();
    day(folder.path());
    let database = stranger(folder.path());
    // Somebody who needs a better rate of success drops the guard, turns a miss into a success, and puts it back.
    let guard: String = database
        .query_row("SELECT sql FROM sqlite_schema WHERE name = 'no_update'", [], |row| row.get(0))
        .unwrap();
    let forge = "DROP TRIGGER no_update;
        UPDATE record SET outcome = 'completed', reason = NULL WHERE outcome = 'missed';";
    database.execute_batch(&format!("{forge} {guard}")).unwrap();
    drop(database);
    let verdict = verify(folder.path(), None).unwrap();
    assert_eq!(verdict.faults[0].seq, Some(8));
    assert_eq!(verdict.faults[0].station.as_deref(), Some("河东"));
}

#[test]
fn userland_654_a_log_whose_clock_went_backwards_keeps_the_order_in_which_things_happened() {
    // A box without a battery clock boots in 1970, works, and is set right: times go up, down and up again.
    let folder = tempfile::tempdir().unwrap();
    day(folder.path());
    let past = DateTime::UNIX_EPOCH + TimeDelta::seconds(40);
    let (mut journal, _) = Journal::open(folder.path(), &start(past)).unwrap();
    let emergency = airing("赵家庄", "洪水", 7200);
    let Record::Closed(mut as_run) = silent(&emergency, Outcome::Failed, Reason::OutputAbsent) else {
        unreachable!()
    };
    as_run.at = past + TimeDelta::seconds(5);
    journal.commit(&Record::Closed(as_run)).unwrap();
    let right = morning() + TimeDelta::hours(3);
    journal
        .commit_clock(right, ClockEvent::Stepped { from: past + TimeDelta::seconds(9), to: right })
        .unwrap();
    let after = airing("赵家庄", "安全带", 3 * 3600);
    journal.commit(&on_air(&after)).unwrap();
    journal.commit(&completed(&after)).unwrap();
    drop(journal);

    let reader = Reader::open(folder.path()).unwrap();
    let entries: Vec<_> = reader.query(&Filter::default()).map(Result::unwrap).collect();
    let messages: Vec<_> = entries.iter().map(|entry| entry.message.as_str()).collect();
    assert_eq!(messages, ["安全带", "安全带", "安全带", "头盔", "洪水", "安全带"]);
    assert!(entries.is_sorted_by_key(|entry| entry.seq));
    let clocks = reader.clocks().unwrap();
    let stepped = ClockEvent::Stepped { from: past + TimeDelta::seconds(9), to: right };
    assert_eq!(
        clocks.iter().map(|fact| fact.event).collect::<Vec<_>>(),
        [ClockEvent::Trusted, ClockEvent::Trusted, stepped]
    );
    assert_eq!(verify(folder.path(), None).unwrap().faults, vec![]);
}
