//! What a commit to the as-run log costs, beside a bare SQLite commit of as many bytes, as durable, on the same disk in
//! the same run. The ratio is what can be compared between machines: the rest is the card's fsync.

#[path = "support/log.rs"]
mod log;

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use dalaba::station::clock;
use log::{closed, journal};
use rusqlite::{Connection, params};

/// Bytes of one record in the log, about: what the bare commit writes.
const RECORD: usize = 700;

/// Sums up what was measured: commits, and the time they took.
#[derive(Default)]
struct Sum {
    commits: Cell<u32>,
    time: Cell<Duration>,
}

impl Sum {
    fn measure(&self, commits: u64, mut commit: impl FnMut()) -> Duration {
        let before = clock::steady();
        (0..commits).for_each(|_| commit());
        let time = clock::steady().saturating_sub(before);
        self.commits.set(self.commits.get() + u32::try_from(commits).unwrap_or(u32::MAX));
        self.time.set(self.time.get() + time);
        time
    }

    fn mean(&self) -> Duration {
        self.time.get() / self.commits.get().max(1)
    }
}

fn commits(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder to write in");
    let (bare, ours) = (Sum::default(), Sum::default());
    let mut group = criterion.benchmark_group("commit");
    group.sample_size(20);
    let database = bare_database(&folder.path().join("bare.sqlite3"));
    let bytes = vec![7_u8; RECORD];
    group.bench_function("bare SQLite, WAL, FULL", |bencher| {
        bencher.iter_custom(|commits| {
            bare.measure(commits, || {
                database
                    .execute("INSERT INTO bare (bytes) VALUES (?1)", params![bytes])
                    .expect("a bare commit");
            })
        });
    });
    let mut journal = journal(folder.path());
    let mut n = 0;
    group.bench_function("as-run log", |bencher| {
        bencher.iter_custom(|commits| {
            ours.measure(commits, || {
                n += 1;
                journal.commit(&closed(n)).expect("a commit");
            })
        });
    });
    group.finish();
    let (bare, ours) = (bare.mean(), ours.mean());
    println!(
        "as-run commit {ours:?}, bare commit {bare:?}, ratio {:.2}",
        ours.as_secs_f64() / bare.as_secs_f64()
    );
}

fn bare_database(path: &Path) -> Connection {
    let database = Connection::open(path).expect("a database");
    let script = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        CREATE TABLE bare (seq INTEGER PRIMARY KEY, bytes BLOB);";
    database.execute_batch(script).expect("a table");
    database
}

criterion_group!(benches, commits);
criterion_main!(benches);
