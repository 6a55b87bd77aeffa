//! What a commit to the as-run log costs, beside a bare SQLite commit of as many bytes, as durable, on the same disk in
//! the same run. The ratio is what can be compared between machines: the rest is the card's fsync.

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use criterion::{Criterion, criterion_group, criterion_main};
use dalaba::model::{
    Airing, AiringId, AsRun, Message, MessageId, Origin, Outcome, PlaylistId, Priority, Record, Repeat,
    SlotId, Start, StationId, Status,
};
use dalaba::station::clock;
use dalaba::station::journal::{Journal, RunStart};
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

fn morning() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_780)
}

fn journal(folder: &Path) -> Journal {
    let start = RunStart {
        at: morning(),
        version: "bench".to_owned(),
        boot: "bench".to_owned(),
        steady: Duration::ZERO,
        clock_trusted: true,
    };
    Journal::open(folder, &start).expect("a journal").0
}

fn closed(n: i64) -> Record {
    let at = morning() + TimeDelta::seconds(n * 60);
    let due = at.with_timezone(&chrono_tz::Asia::Shanghai).fixed_offset();
    let station = StationId::new("赵家庄").expect("an id");
    let playlist = PlaylistId::new("春运").expect("an id");
    let message = MessageId::new("安全带").expect("an id");
    let airing = Airing {
        id: AiringId::new(&station, &playlist, &message, &due),
        slot: SlotId::new(&station, &playlist, 0, &due),
        station,
        playlist,
        message: Arc::new(Message {
            id: message,
            text: Some("安全带就是生命带!".to_owned()),
            audio: None,
            language: "zh".to_owned(),
            voice: None,
            repeat: Repeat::default(),
        }),
        position: 0,
        due,
        priority: Priority::Routine,
        status: Status::Actual,
        start: Start::Soft,
        grace: Duration::from_mins(10),
        gap: Duration::ZERO,
        chime: None,
        origin: Origin::Schedule,
    };
    Record::Closed(AsRun {
        airing,
        at,
        outcome: Outcome::Completed,
        reason: None,
        detail: String::new(),
        started: Some(at),
        ended: Some(at),
        heard: Some(Duration::from_secs(8)),
        readings: 1,
        voice: "espeak cmn-latn-pinyin".to_owned(),
    })
}

criterion_group!(benches, commits);
criterion_main!(benches);
