//! What a new run takes over from the run that the power cut.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use dalaba::model::{Outcome, Reason};
use dalaba::playout::Sounded;
use dalaba::station::journal::{ClockEvent, FaultKind, Journal, JournalError, Reader, verify};

use super::common::{airing, completed, day, morning, on_air, open, silent, start, stranger};

#[test]
fn an_open_record_is_closed_as_partial_power_off_exactly_once() {
    let folder = tempfile::tempdir().unwrap();
    let cut = airing("赵家庄", "安全带", 0);
    let (mut journal, first) = open(folder.path());
    assert_eq!((first.run, first.first_run, first.closed_open.len()), (1, true, 0));
    journal.commit(&on_air(&cut)).unwrap();
    drop(journal);

    let (journal, second) = open(folder.path());
    assert_eq!((second.run, second.first_run), (2, false));
    assert_eq!(second.closed_open, std::slice::from_ref(&cut.id));
    drop(journal);
    let (_, third) = open(folder.path());
    assert_eq!((third.run, third.closed_open.len()), (3, 0));

    let entry = Reader::open(folder.path()).unwrap().record_of(&cut.id).unwrap().unwrap();
    assert_eq!((entry.run, entry.on_air), (2, Some(morning())));
    let close = entry.close.unwrap();
    assert_eq!((close.outcome, close.reason), (Outcome::Partial, Some(Reason::PowerOff)));
    // Nobody can know, so nobody claims.
    assert_eq!((close.started, close.ended, close.heard, close.readings), (None, None, None, None));
    assert_eq!(verify(folder.path(), None).unwrap().faults, vec![]);
}

#[test]
fn the_record_tells_a_crash_of_the_program_from_a_restart_of_the_machine() {
    for (boot, word) in [("b1", "the machine ran on"), ("b2", "lost power")] {
        let folder = tempfile::tempdir().unwrap();
        let cut = airing("赵家庄", "安全带", 0);
        open(folder.path()).0.commit(&on_air(&cut)).unwrap();
        let mut again = start(morning() + TimeDelta::hours(2));
        again.boot = boot.to_owned();
        drop(Journal::open(folder.path(), &again).unwrap());
        let entry = Reader::open(folder.path()).unwrap().record_of(&cut.id).unwrap().unwrap();
        let detail = entry.close.unwrap().detail;
        assert!(detail.contains(word), "{boot}: {detail}");
    }
}

#[test]
fn what_was_on_air_or_closed_is_known_again_and_must_not_be_planned_again() {
    let folder = tempfile::tempdir().unwrap();
    let airings: Vec<_> = (0..4).map(|n| airing("赵家庄", "安全带", n * 3600)).collect();
    let (mut journal, _) = open(folder.path());
    journal.commit(&on_air(&airings[1])).unwrap();
    journal.commit(&silent(&airings[2], Outcome::Suppressed, Reason::QuietHours)).unwrap();
    journal.commit(&silent(&airings[0], Outcome::Missed, Reason::PowerOff)).unwrap();
    journal.commit(&silent(&airing("河东", "安全带", 3600), Outcome::Missed, Reason::PowerOff)).unwrap();
    drop(journal);
    let (journal, _) = open(folder.path());
    let from = morning() + TimeDelta::seconds(3600);
    let remembered = journal.remembered(&airings[0].station, from).unwrap();
    let known = [1, 2].map(|n| (airings[n].id.clone(), airings[n].due_utc()));
    assert_eq!(remembered.closed, BTreeMap::from(known));
}

#[test]
fn the_noise_limits_count_what_may_have_sounded_before_a_power_cut() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    let whole = airing("赵家庄", "安全带", 0);
    journal.commit(&on_air(&whole)).unwrap();
    journal.commit(&completed(&whole)).unwrap();
    journal.commit(&silent(&airing("赵家庄", "头盔", 30), Outcome::Missed, Reason::GracePassed)).unwrap();
    journal.commit(&on_air(&airing("赵家庄", "安全带", 60))).unwrap();
    drop(journal);
    let (journal, _) = open(folder.path());
    let remembered = journal.remembered(&whole.station, morning() - TimeDelta::hours(26)).unwrap();
    let after = |milliseconds| morning() + TimeDelta::milliseconds(milliseconds);
    let stretch = |from, until| Sounded { from: after(from), until: after(until) };
    assert_eq!(remembered.sounded, [stretch(45, 8045), stretch(60_000, 68_000)]);
    assert_eq!(remembered.down, Some(Reason::PowerOff));
}

#[test]
fn the_latest_time_seen_survives_a_start_in_1970() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let epoch = chrono::DateTime::UNIX_EPOCH;
    let (mut journal, second) = Journal::open(folder.path(), &start(epoch)).unwrap();
    assert_eq!(second.last_seen, Some(morning()));
    journal.commit_clock(epoch, ClockEvent::Stepped { from: epoch, to: morning() }).unwrap();
    drop(journal);
    let (_, third) = Journal::open(folder.path(), &start(epoch)).unwrap();
    assert_eq!(third.last_seen, Some(morning()));
}

#[test]
fn a_run_that_ended_in_good_order_leaves_nothing_open() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    let airing = airing("赵家庄", "安全带", 0);
    journal.commit(&on_air(&airing)).unwrap();
    journal.commit(&silent(&airing, Outcome::Partial, Reason::Shutdown)).unwrap();
    journal.end_run(morning()).unwrap();
    drop(journal);
    let (journal, again) = open(folder.path());
    assert_eq!(again.closed_open, []);
    assert_eq!(journal.remembered(&airing.station, morning()).unwrap().down, Some(Reason::Shutdown));
    drop(journal);
    let runs = Reader::open(folder.path()).unwrap().runs().unwrap();
    assert_eq!(runs.iter().map(|run| (run.run, run.ended)).collect::<Vec<_>>(), [(1, true), (2, false)]);
}

#[test]
fn a_log_of_a_newer_program_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    stranger(folder.path()).execute_batch("PRAGMA user_version = 7").unwrap();
    let newer = Journal::open(folder.path(), &start(morning())).err().unwrap();
    assert!(matches!(newer, JournalError::Newer { found: 7, known: 2 }));
    assert!(matches!(Reader::open(folder.path()), Err(JournalError::Newer { .. })));
    let kept: i64 =
        stranger(folder.path()).query_row("SELECT count(*) FROM record", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 1);
}

#[test]
fn a_damaged_log_is_moved_aside_whole_and_the_new_one_never_passes_for_whole() {
    for from in [0, 4096 + 40] {
        let folder = tempfile::tempdir().unwrap();
        day(folder.path());
        let file = folder.path().join("as-run.sqlite3");
        let mut bytes = std::fs::read(&file).unwrap();
        bytes[from..from + 60].fill(0xa5);
        bytes[4096..4100].fill(0xa5);
        std::fs::write(&file, &bytes).unwrap();

        let (mut journal, recovered) = open(folder.path());
        let aside = recovered.set_aside.unwrap();
        assert_eq!(std::fs::read(&aside).unwrap(), bytes);
        journal.commit(&completed(&airing("赵家庄", "安全带", 9000))).unwrap();
        let second = Journal::open(folder.path(), &start(morning())).err().unwrap();
        assert!(matches!(second, JournalError::Locked(_)), "the lock is held all the same");
        drop(journal);
        let verdict = verify(folder.path(), None).unwrap();
        assert_eq!((verdict.records, verdict.faults[0].seq), (2, Some(1)));
        assert_eq!(verdict.faults[0].kind, FaultKind::ShortenedBefore(9));
    }
}

#[test]
fn two_writers_are_refused_and_the_first_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    let second = Journal::open(folder.path(), &start(morning())).err().unwrap();
    assert!(matches!(second, JournalError::Locked(_)));
    journal.commit(&on_air(&airing("赵家庄", "安全带", 0))).unwrap();
    drop(journal);
    assert!(Journal::open(folder.path(), &start(morning())).is_ok());
}
