//! Reading while somebody writes, when nobody does, and with permission to read and no more.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use dalaba::model::{Outcome, Reason};
use dalaba::station::journal::{Filter, JournalError, JournalHandle, Reader, verify};

use super::common::{airing, completed, day, morning, on_air, open, silent};

fn seqs(reader: &Reader, filter: &Filter) -> Vec<i64> {
    reader.query(filter).map(|entry| entry.unwrap().seq).collect()
}

#[test]
fn a_reader_sees_each_commit_at_once_and_holds_no_writer_up() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    let reader = Reader::open(folder.path()).unwrap();
    for n in 0..600 {
        journal.commit(&completed(&airing("赵家庄", "安全带", n * 60))).unwrap();
    }
    // In the middle of reading, with a page read and more to come, the writer writes on.
    let everything = Filter::default();
    let mut reading = reader.query(&everything);
    assert_eq!(reading.next().unwrap().unwrap().seq, 2);
    journal.commit(&completed(&airing("赵家庄", "安全带", -60))).unwrap();
    assert_eq!(reading.map(|entry| entry.unwrap().seq).collect::<Vec<_>>(), (3..=602).collect::<Vec<_>>());
}

#[test]
fn an_airing_on_air_now_is_shown_as_such_and_once_closed_only_as_closed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(folder.path());
    let airing = airing("赵家庄", "安全带", 0);
    journal.commit(&on_air(&airing)).unwrap();
    let reader = Reader::open(folder.path()).unwrap();
    let now = reader.record_of(&airing.id).unwrap().unwrap();
    assert_eq!((now.seq, now.close, now.on_air), (2, None, Some(morning())));
    journal.commit(&completed(&airing)).unwrap();
    assert_eq!(seqs(&reader, &Filter::default()), [3]);
    assert_eq!(seqs(&reader, &Filter { after: 2, ..Filter::default() }), [3]);
    assert_eq!(seqs(&reader, &Filter { after: 3, ..Filter::default() }), [0; 0]);
}

#[test]
fn filters_narrow_by_station_message_outcome_reason_and_due_time() {
    let folder = tempfile::tempdir().unwrap();
    day(folder.path());
    let reader = Reader::open(folder.path()).unwrap();
    let only = |change: fn(&mut Filter)| {
        let mut filter = Filter::default();
        change(&mut filter);
        seqs(&reader, &filter)
    };
    assert_eq!(only(|filter| filter.station = Some("河东".to_owned())), [8]);
    assert_eq!(only(|filter| filter.message = Some("安全带".to_owned())), [3, 5, 7]);
    assert_eq!(only(|filter| filter.playlist = Some("国庆".to_owned())), [0; 0]);
    assert_eq!(only(|filter| filter.outcome = Some(Outcome::Completed)), [3, 5, 7]);
    assert_eq!(only(|filter| filter.reason = Some(Reason::GracePassed)), [8]);
    assert_eq!(only(|filter| filter.from = Some(morning() + chrono::TimeDelta::seconds(60))), [5, 7, 8]);
    assert_eq!(only(|filter| filter.until = Some(morning() + chrono::TimeDelta::seconds(60))), [3]);
}

#[test]
fn no_log_yet_is_told_apart_from_a_broken_one() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Reader::open(folder.path()), Err(JournalError::Absent(_))));
    fs::write(folder.path().join("as-run.sqlite3"), "this is not a database, it is a letter to the mayor")
        .unwrap();
    assert!(matches!(Reader::open(folder.path()), Err(JournalError::Damaged(_))));
}

#[test]
fn an_account_that_may_only_read_can_read_after_an_end_a_kill_and_while_the_daemon_runs() {
    if !rustix::process::geteuid().is_root() {
        // Only root can become somebody else; everybody else *is* somebody who may only read, on a read-only folder.
        return as_myself();
    }
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    day(folder.path());
    assert!(!folder.path().join("as-run.sqlite3-wal").exists());
    assert_eq!(count_as_nobody(folder.path()), 4, "after an end in good order");

    let (mut journal, _) = open(folder.path());
    journal.commit(&on_air(&airing("赵家庄", "安全带", 9000))).unwrap();
    assert_eq!(count_as_nobody(folder.path()), 5, "while the daemon runs");

    let killed = tempfile::tempdir().unwrap();
    fs::set_permissions(killed.path(), Permissions::from_mode(0o755)).unwrap();
    for file in fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
        // The files just as a power cut leaves them, shared memory and all.
        fs::copy(file.path(), killed.path().join(file.file_name())).unwrap();
    }
    assert_eq!(count_as_nobody(killed.path()), 5, "after a kill");
}

fn as_myself() {
    let folder = tempfile::tempdir().unwrap();
    day(folder.path());
    fs::set_permissions(folder.path(), Permissions::from_mode(0o555)).unwrap();
    assert_eq!(seqs(&Reader::open(folder.path()).unwrap(), &Filter::default()).len(), 4);
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
}

/// Counts the lines that `dalaba log` shows to an account that owns nothing here.
fn count_as_nobody(folder: &Path) -> usize {
    let program = assert_cmd::cargo::cargo_bin!("dalaba");
    // The program lies where nobody but us may look, so it is lent in a place of its own.
    let lent = tempfile::tempdir().unwrap();
    fs::set_permissions(lent.path(), Permissions::from_mode(0o755)).unwrap();
    let copy = lent.path().join("dalaba");
    fs::copy(program, &copy).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&copy);
    let output = command.args(["log", "--format", "json", "--state"]).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().count()
}

#[tokio::test]
async fn many_stations_commit_through_one_handle_each_in_its_own_order() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, _) = open(folder.path());
    let (handle, writer) = JournalHandle::spawn(journal).unwrap();
    let stations = ["赵家庄", "河东", "河西", "李家湾"].map(|station| {
        let handle = handle.clone();
        tokio::spawn(async move {
            for n in 0..10 {
                let airing = airing(station, "安全带", n * 60);
                let both = handle.commit_all(vec![on_air(&airing), completed(&airing)]).await.unwrap();
                let [Ok(first), Ok(second)] = both[..] else { panic!("{both:?}") };
                assert!(first < second);
            }
        })
    });
    for station in stations {
        station.await.unwrap();
    }
    let twice = vec![silent(&airing("河东", "安全带", 0), Outcome::Missed, Reason::Expired)];
    let answers = handle.commit_all(twice).await.unwrap();
    assert!(matches!(answers[..], [Err(JournalError::AlreadyClosed(_))]), "{answers:?}");
    assert_eq!(handle.end_run(morning()).await.unwrap(), 82);
    drop(handle);
    writer.join();
    assert_eq!(verify(folder.path(), None).unwrap().faults, vec![]);
}
