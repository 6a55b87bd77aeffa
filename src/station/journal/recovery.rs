//! What a new run takes over from the runs before it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension};

use super::row::{Column, Row, columns_of, kind, still_open};
use super::{JournalError, moment};
use crate::model::{AiringId, Outcome, Reason, StationId, Words};
use crate::playout::Sounded;

/// Records, counted from the last, among which the latest wall time is looked for: some months of a village. All of
/// them would cost a slow card seconds at each start, and the clock's own memory is kept beside the log anyway.
const LOOKED_BACK: i64 = 10_000;

/// Tells a new run what it takes over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// Number of the run that has begun.
    pub run: i64,
    /// Whether it is the first of this log.
    pub first_run: bool,
    /// Airings that were on air, or ordered and waiting, when the last run was cut off; they are closed now and must not
    /// sound again.
    pub closed_open: Vec<AiringId>,
    /// The latest wall time among the log's last 10 000 records; none in a new log.
    pub last_seen: Option<DateTime<Utc>>,
    /// Where the log before this one was moved because it was damaged; none when all is well.
    pub set_aside: Option<PathBuf>,
}

/// What a station's microphone heard before this run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeardBefore {
    /// Airings in a row that it did not hear, up to the last one that could be judged.
    pub missed: u32,
    /// Level at which it last heard the station, in hundredths of dBFS.
    pub level_millibel: Option<i64>,
    /// When it last heard the station.
    pub heard: Option<DateTime<Utc>>,
}

impl HeardBefore {
    /// Returns the level at which it last heard the station, dBFS.
    pub fn level_dbfs(&self) -> Option<f32> {
        self.level_millibel.and_then(|level| i16::try_from(level).ok()).map(|level| f32::from(level) / 100.0)
    }
}

/// Finds what a station's microphone heard last.
pub(super) fn heard_before(db: &Connection, station: &StationId) -> rusqlite::Result<HeardBefore> {
    let last = |heard: &str, value: &str| {
        format!(
            "SELECT {value} FROM record WHERE kind = 'monitored' AND station = ?1 AND heard {heard} \
             ORDER BY seq DESC LIMIT 1"
        )
    };
    let sql = last("<> 'unknown'", "missed");
    let missed = db.query_row(&sql, [station.as_str()], |row| row.get(0)).optional()?;
    let sql = last("= 'yes'", "level_millibel, at");
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?));
    let (level_millibel, at) = db.query_row(&sql, [station.as_str()], read).optional()?.unzip();
    let heard = at.and_then(|at| moment::read(&at)).map(|at| at.to_utc());
    Ok(HeardBefore { missed: missed.unwrap_or_default(), level_millibel: level_millibel.flatten(), heard })
}

/// What the runs before left.
pub(super) struct Before {
    pub(super) run: i64,
    pub(super) boot: Option<String>,
    /// Why nothing aired since; none in a new log.
    pub(super) down: Option<Reason>,
    pub(super) last_seen: Option<DateTime<Utc>>,
}

/// Finds the last run and the latest wall time.
pub(super) fn before(db: &Connection) -> rusqlite::Result<Before> {
    let sql = "SELECT run, boot FROM record WHERE kind = 'run_started' ORDER BY seq DESC LIMIT 1";
    let last = db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (run, boot) = last.unwrap_or((0, None));
    let sql = "SELECT kind FROM record ORDER BY seq DESC LIMIT 1";
    let last_kind: Option<String> = db.query_row(sql, [], |row| row.get(0)).optional()?;
    let down =
        last_kind.map(|word| if word == kind::RUN_ENDED { Reason::Shutdown } else { Reason::PowerOff });
    let sql = "SELECT max(at) FROM (SELECT at FROM record ORDER BY seq DESC LIMIT ?1)";
    let latest: Option<String> = db.query_row(sql, [LOOKED_BACK], |row| row.get(0))?;
    let last_seen = latest.and_then(|text| moment::read(&text)).map(|instant| instant.to_utc());
    Ok(Before { run, boot, down, last_seen })
}

/// Finds every airing that was ordered or is on air and is not closed, by its last record, in their order.
pub(super) fn open_airings(db: &Connection) -> rusqlite::Result<Vec<Row>> {
    let sql = format!("SELECT {} FROM record o WHERE {} ORDER BY o.seq", columns_of("o"), still_open("o"));
    db.prepare(&sql)?.query_map([], |row| Row::read(row, 0))?.collect()
}

/// Turns an open record into its close. Of what was on air a part may have been heard; when it began, when it ended and
/// how much was heard nobody can know, and so these stay empty. What was only ordered was not heard.
pub(super) fn close(open: Row, run: i64, at: DateTime<Utc>, detail: &str) -> Row {
    let mut row = open;
    let outcome = if row.text(Column::Kind) == Some(kind::ORDERED) {
        row.set(Column::HeardMs, 0);
        row.set(Column::Readings, 0);
        Outcome::Missed
    } else {
        Outcome::Partial
    };
    row.set(Column::Kind, kind::CLOSED.to_owned());
    row.set(Column::Run, run);
    row.set(Column::At, moment::utc(at));
    row.set(Column::Outcome, outcome.as_str().to_owned());
    row.set(Column::Reason, Reason::PowerOff.as_str().to_owned());
    row.set(Column::Detail, detail.to_owned());
    row
}

/// Says for people what cut a run off.
pub(super) fn detail(same_boot: bool) -> String {
    let words = if same_boot {
        Words::new("程序中断，机器没有重启", "the program was cut off; the machine ran on")
    } else {
        Words::new("机器断电或重启", "the machine lost power or was restarted")
    };
    words.to_string()
}

/// Closed airings with their due instants, and what sounded.
type Remembered = (BTreeMap<AiringId, DateTime<Utc>>, Vec<Sounded>);

/// Reads what a station's playout has to remember of airings due at `from` or later.
pub(super) fn remembered(
    db: &Connection,
    station: &StationId,
    from: DateTime<Utc>,
) -> Result<Remembered, JournalError> {
    let sql = format!(
        "SELECT o.at, {} FROM record r LEFT JOIN record o ON o.airing = r.airing AND o.kind = 'on_air'
         WHERE r.airing IS NOT NULL AND r.due_utc >= ?1 AND r.kind = 'closed' AND r.station = ?2 ORDER BY r.seq",
        columns_of("r")
    );
    let mut statement = db.prepare(&sql)?;
    let mut rows = statement.query([moment::utc(from).as_str(), station.as_str()])?;
    let (mut closed, mut sounded) = (BTreeMap::new(), Vec::new());
    while let Some(result) = rows.next()? {
        let row = Row::read(result, 1)?;
        let due = row.instant(Column::DueUtc)?.ok_or_else(|| row.unreadable(Column::DueUtc))?;
        closed.insert(AiringId::from_record(row.must_text(Column::Airing)?), due);
        let on_air: Option<String> = result.get(0)?;
        sounded.extend(sound(&row, on_air.as_deref())?);
    }
    Ok((closed, sounded))
}

/// Returns the stretch in which a closed airing sounded, or may have sounded.
///
/// What was cut off with the power counts with all its planned length from the moment it came on air: the limits
/// protect people's sleep, so what nobody can know counts against us.
fn sound(row: &Row, on_air: Option<&str>) -> Result<Option<Sounded>, JournalError> {
    let heard = row.length(Column::HeardMs);
    if heard.is_some_and(|heard| heard.is_zero()) {
        return Ok(None);
    }
    let on_air = on_air.and_then(moment::read).map(|instant| instant.to_utc());
    let from = row.instant(Column::Started)?.or(on_air);
    let length = heard.or_else(|| row.length(Column::PlannedMs)).unwrap_or_default();
    let until = row.instant(Column::Ended)?.or_else(|| Some(from? + length));
    Ok(from.zip(until).map(|(from, until)| Sounded { from, until }))
}
