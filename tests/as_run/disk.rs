//! A disk without room, and a disk with faults.

use std::env;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use dalaba::station::journal::{Filter, Journal, JournalError, Reader, verify};

use super::common::{airing, completed, morning, on_air, open, start};

/// Names the folder in which a process of this test program has a file system of its own, or a faulty disk.
const CHILD: &str = "DALABA_TEST_DISK_FOLDER";

/// Runs one test of this program again, under `wrapper`.
fn again(wrapper: &[&str], name: &str, folder: &Path) -> Output {
    let mut command = Command::new(wrapper[0]);
    command.args(&wrapper[1..]).arg(env::current_exe().unwrap());
    command.args([name, "--exact", "--nocapture"]).env(CHILD, folder);
    command.output().unwrap_or_else(|error| panic!("{} is needed for this test: {error}", wrapper[0]))
}

fn succeeded(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn a_full_disk_is_told_and_the_journal_goes_on_when_there_is_room_again() {
    if let Some(folder) = env::var_os(CHILD) {
        return fill_and_empty(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let name = "disk::a_full_disk_is_told_and_the_journal_goes_on_when_there_is_room_again";
    // A mount namespace of its own: works for root and, where user namespaces are allowed, for everybody.
    let output = again(&["unshare", "--map-root-user", "--mount"], name, folder.path());
    assert!(succeeded(&output).contains("went on"));
}

fn fill_and_empty(folder: &Path) {
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=512k", "tmpfs"]).arg(folder).status();
    assert!(mounted.unwrap().success(), "this test must be allowed to mount a small tmpfs");
    let filler = folder.join("filler");
    let (mut journal, _) = open(folder);
    fs::write(&filler, vec![0; 200 * 1024]).unwrap();
    let (committed, error) = commit_until_refused(&mut journal, 0);
    assert!(committed > 0);
    assert!(matches!(error, JournalError::DiskFull(_)), "{error:?}");
    let (still, error) = commit_until_refused(&mut journal, committed);
    assert!(still == committed && matches!(error, JournalError::DiskFull(_)), "{error:?}");

    fs::remove_file(&filler).unwrap();
    // The very fact that was refused is not lost: it is committed now, and so are those after it.
    let (then, _) = commit_until_refused(&mut journal, committed);
    assert!(then > committed + 5, "went on from {committed} to {then} only");
    drop(journal);
    let entries: Vec<_> =
        Reader::open(folder).unwrap().query(&Filter::default()).map(Result::unwrap).collect();
    assert_eq!(i64::try_from(entries.len()), Ok(then));
    assert_eq!(verify(folder, None).unwrap().faults, vec![]);
    println!("went on");
}

/// Closes airing after airing from number `n` on; returns the number of the first that was refused, and why.
fn commit_until_refused(journal: &mut Journal, mut n: i64) -> (i64, JournalError) {
    loop {
        if let Err(error) = journal.commit(&completed(&airing("赵家庄", "安全带", n * 60))) {
            return (n, error);
        }
        n += 1;
    }
}

#[test]
fn a_fact_whose_fsync_failed_is_not_acknowledged_and_can_be_committed_again() {
    if let Some(folder) = env::var_os(CHILD) {
        return commit_stubbornly(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let name = "disk::a_fact_whose_fsync_failed_is_not_acknowledged_and_can_be_committed_again";
    let inject = "inject=fsync,fdatasync:error=EIO:when=20+7";
    let strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", inject];
    let output = again(&strace, name, folder.path());
    let text = succeeded(&output);
    let refused = text.lines().filter(|line| line.starts_with("refused")).count();
    assert!(refused >= 3, "no fault came through: {text}");
    assert_eq!(verify(folder.path(), None).unwrap().faults, vec![]);
    let reader = Reader::open(folder.path()).unwrap();
    let closed = reader.query(&Filter::default()).map(Result::unwrap);
    assert_eq!(closed.filter(|entry| entry.close.is_some()).count(), 40);
}

/// Commits 40 airings, each fact again until it is acknowledged, or refused because it is in the log after all.
fn commit_stubbornly(folder: &Path) {
    let (mut journal, _) = Journal::open(folder, &start(morning())).unwrap();
    for n in 0..40 {
        let airing = airing("赵家庄", "安全带", n * 60);
        let facts = [on_air(&airing), completed(&airing)];
        // Every other airing in one go.
        for facts in facts.chunks(if n % 2 == 0 { 1 } else { 2 }) {
            while let Err(error) = journal.commit_all(facts) {
                println!("refused {error:?}");
            }
        }
    }
}

#[test]
fn every_fact_is_brought_to_the_disk_before_it_is_acknowledged() {
    if let Some(folder) = env::var_os(CHILD) {
        return commit_and_acknowledge(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let name = "disk::every_fact_is_brought_to_the_disk_before_it_is_acknowledged";
    let calls = "trace=fsync,fdatasync,write";
    let strace = ["strace", "-f", "-qq", "-e", calls, "-o", trace.to_str().unwrap()];
    succeeded(&again(&strace, name, folder.path()));
    let (mut synced, mut acknowledged) = (false, 0);
    for line in fs::read_to_string(&trace).unwrap().lines() {
        if line.contains("fsync(") || line.contains("fdatasync(") {
            synced = true;
        } else if line.contains("\"ack ") {
            assert!(synced, "acknowledged before it was on the disk: {line}");
            (synced, acknowledged) = (false, acknowledged + 1);
        }
    }
    assert_eq!(acknowledged, 30);
}

fn commit_and_acknowledge(folder: &Path) {
    let (mut journal, _) = open(folder);
    for n in 0..30 {
        journal.commit(&completed(&airing("赵家庄", "安全带", n * 60))).unwrap();
        std::io::stdout().write_all(format!("ack {n}\n").as_bytes()).unwrap();
    }
}
