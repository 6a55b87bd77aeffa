//! An as-run log as a station writes it.

#[path = "../../tests/support/airing.rs"]
mod airing;

use std::path::Path;
use std::time::Duration;

use airing::airing;
use chrono::{DateTime, TimeDelta, Utc};
use dalaba::model::{AsRun, Outcome, Record, Repeat};
use dalaba::station::journal::{Journal, RunStart};

/// Returns when the log begins: any morning.
fn morning() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_780)
}

/// Opens a log in `folder`.
pub(crate) fn journal(folder: &Path) -> Journal {
    let start = RunStart {
        at: morning(),
        version: "bench".to_owned(),
        boot: "bench".to_owned(),
        steady: Duration::ZERO,
        clock_trusted: true,
    };
    Journal::open(folder, &start).expect("a journal").0
}

/// Makes the record of the airing of minute `n`, heard to the end.
pub(crate) fn closed(n: i64) -> Record {
    let at = morning() + TimeDelta::seconds(n * 60);
    let airing = airing("赵家庄", "春运", ("安全带", "安全带就是生命带!"), Repeat::default(), at);
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
