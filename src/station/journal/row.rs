//! One record as the database holds it: a value for every column.

use std::time::Duration;

use chrono::{DateTime, FixedOffset, Utc};
use rusqlite::Row as SqlRow;
use rusqlite::types::Value;

use super::{JournalError, moment};
use crate::model::{Airing, AsRun, Monitored, OnAir, Ordered, Origin, Record, Start};

/// Lists the columns that are hashed, in the order in which they are hashed and stored.
macro_rules! columns {
    ($($name:ident = $sql:literal,)+) => {
        /// Names a column; `docs/as-run.md` says what each holds.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Column { $($name,)+ }

        /// Every hashed column's name in the database, in order.
        pub(super) const COLUMNS: &[&str] = &[$($sql,)+];
    };
}

columns! {
    Seq = "seq", Format = "format", Run = "run", Kind = "kind", At = "at",
    Airing = "airing", Station = "station", Playlist = "playlist", Message = "message", Slot = "slot",
    Position = "position", Due = "due", DueUtc = "due_utc", Priority = "priority", Status = "status",
    Start = "start", GraceMs = "grace_ms", Origin = "origin", SaidBy = "said_by", Text = "text", Audio = "audio",
    Language = "language", Times = "times", Voice = "voice", PlannedMs = "planned_ms", Outcome = "outcome",
    Reason = "reason", Detail = "detail", Started = "started", Ended = "ended", HeardMs = "heard_ms",
    Readings = "readings", Version = "version", Boot = "boot", SteadyMs = "steady_ms", Clock = "clock",
    ClockFrom = "clock_from", ClockTo = "clock_to", AnchorSeq = "anchor_seq",
    Heard = "heard", Doubt = "doubt", LevelMillibel = "level_millibel", ScorePermille = "score_permille",
    DelayMs = "delay_ms", Missed = "missed", Kept = "kept",
    Amplifier = "amplifier", Switch = "switch", Cause = "cause", SwitchedFor = "switched_for",
}

/// How many columns the first version of the database had. What was added since stands after them, and nowhere else:
/// the hash of an old record stays what it was (see [`super::chain`]).
pub(super) const FIRST_COLUMNS: usize = 39;

/// Writes the columns of a select from `table`, in the order of [`COLUMNS`].
pub(super) fn columns_of(table: &str) -> String {
    let columns: Vec<String> = COLUMNS.iter().map(|column| format!("{table}.{column}")).collect();
    columns.join(", ")
}

/// Writes the condition under which a record of `table` is the last of an airing that is not closed.
pub(super) fn still_open(table: &str) -> String {
    let no = |kind: &str| {
        format!("NOT EXISTS (SELECT 1 FROM record c WHERE c.airing = {table}.airing AND c.kind = '{kind}')")
    };
    let (no_close, no_on_air) = (no(kind::CLOSED), no(kind::ON_AIR));
    format!(
        "({table}.kind = 'on_air' AND {no_close} OR {table}.kind = 'ordered' AND {no_close} AND {no_on_air})"
    )
}

/// The encoding that new records are hashed with; stored in every record, so that a later one can be told apart.
pub(super) const FORMAT: i64 = 1;

/// Begins the name of who gave an order if that was an alert. No account has a colon in its name.
pub(super) const SAID_BY_ALERT: &str = "alert:";

/// Kinds of record.
pub(super) mod kind {
    pub(crate) const RUN_STARTED: &str = "run_started";
    pub(crate) const ORDERED: &str = "ordered";
    pub(crate) const ON_AIR: &str = "on_air";
    pub(crate) const CLOSED: &str = "closed";
    pub(crate) const CLOCK: &str = "clock";
    pub(crate) const RUN_ENDED: &str = "run_ended";
    pub(crate) const MONITORED: &str = "monitored";
    pub(crate) const SWITCHED: &str = "switched";
    /// Every kind.
    pub(crate) const ALL: &[&str] =
        &[RUN_STARTED, ORDERED, ON_AIR, CLOSED, CLOCK, RUN_ENDED, MONITORED, SWITCHED];
    /// Those that version 1 of the database knew.
    pub(crate) const FIRST: &[&str] = &[RUN_STARTED, ORDERED, ON_AIR, CLOSED, CLOCK, RUN_ENDED];
}

/// Holds one record's values in the order of [`COLUMNS`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    values: Vec<Value>,
}

impl Row {
    /// Starts a record of which nothing is known yet.
    pub(super) fn empty() -> Self {
        Self { values: vec![Value::Null; COLUMNS.len()] }
    }

    /// Starts a record of `kind`; the number in the chain is given when it is committed.
    pub(super) fn new(kind: &str, run: i64, at: DateTime<Utc>) -> Self {
        let mut row = Self::empty();
        row.set(Column::Format, FORMAT);
        row.set(Column::Kind, kind.to_owned());
        row.set(Column::Run, run);
        row.set(Column::At, moment::utc(at));
        row
    }

    /// Writes a fact about an airing as a record.
    pub(super) fn of(record: &Record, run: i64) -> Self {
        match record {
            Record::Ordered(ordered) => Self::of_ordered(ordered, run),
            Record::OnAir(on_air) => Self::of_on_air(on_air, run),
            Record::Closed(as_run) => Self::of_closed(as_run, run),
            Record::Monitored(monitored) => Self::of_monitored(monitored, run),
            Record::Switched(switched) => Self::of_switched(switched, run),
        }
    }

    fn of_ordered(ordered: &Ordered, run: i64) -> Self {
        let mut row = Self::new(kind::ORDERED, run, ordered.at);
        row.set_airing(&ordered.airing);
        row
    }

    fn of_on_air(on_air: &OnAir, run: i64) -> Self {
        let mut row = Self::new(kind::ON_AIR, run, on_air.at);
        row.set_airing(&on_air.airing);
        row.set(Column::Voice, on_air.voice.clone());
        row.set(Column::PlannedMs, milliseconds(on_air.planned));
        row
    }

    fn of_closed(as_run: &AsRun, run: i64) -> Self {
        let mut row = Self::new(kind::CLOSED, run, as_run.at);
        row.set_airing(&as_run.airing);
        row.set(Column::Voice, as_run.voice.clone());
        row.set(Column::Outcome, as_run.outcome.as_str().to_owned());
        row.set(Column::Reason, as_run.reason.map(|reason| reason.as_str().to_owned()));
        row.set(Column::Detail, as_run.detail.clone());
        row.set(Column::Started, as_run.started.map(moment::utc));
        row.set(Column::Ended, as_run.ended.map(moment::utc));
        row.set(Column::HeardMs, as_run.heard.map(milliseconds));
        row.set(Column::Readings, as_run.readings);
        row
    }

    fn of_monitored(monitored: &Monitored, run: i64) -> Self {
        let mut row = Self::new(kind::MONITORED, run, monitored.at);
        row.name_airing(&monitored.airing);
        row.set(Column::Heard, monitored.heard.as_str().to_owned());
        row.set(Column::Doubt, monitored.doubt.map(|doubt| doubt.as_str().to_owned()));
        row.set(Column::LevelMillibel, monitored.level_millibel);
        row.set(Column::ScorePermille, monitored.score_permille);
        row.set(Column::DelayMs, monitored.delay.map(milliseconds));
        row.set(Column::Missed, monitored.missed);
        row.set(Column::Kept, monitored.kept.clone());
        row
    }

    /// Says which airing it is; everything else about it stands in its other records.
    fn name_airing(&mut self, airing: &Airing) {
        self.set(Column::Airing, airing.id.to_string());
        self.set(Column::Station, airing.station.to_string());
        self.set(Column::Playlist, airing.playlist.to_string());
        self.set(Column::Message, airing.message.id.to_string());
        self.set(Column::Due, moment::civil(airing.due));
        self.set(Column::DueUtc, moment::utc(airing.due_utc()));
        self.set(Column::Priority, airing.priority.as_str().to_owned());
        self.set(Column::Status, airing.status.as_str().to_owned());
    }

    fn set_airing(&mut self, airing: &Airing) {
        self.name_airing(airing);
        self.set(Column::Slot, airing.slot.to_string());
        self.set(Column::Position, i64::try_from(airing.position).unwrap_or(i64::MAX));
        self.set(Column::Start, start_word(airing.start).to_owned());
        self.set(Column::GraceMs, milliseconds(airing.grace));
        self.set_origin(&airing.origin);
        // The text is copied, so that taking a message out of its playlist takes nothing away from the proof.
        self.set(Column::Text, airing.message.text.clone());
        self.set(
            Column::Audio,
            airing.message.audio.as_ref().map(|path| path.to_string_lossy().into_owned()),
        );
        self.set(Column::Language, airing.message.language.clone());
        self.set(Column::Times, airing.message.repeat.times);
    }

    fn set_origin(&mut self, origin: &Origin) {
        let (word, who) = match origin {
            Origin::Schedule => ("schedule", None),
            Origin::Said(who) => ("said", Some(who.clone())),
            Origin::Alert(name) => ("said", Some(format!("{SAID_BY_ALERT}{name}"))),
        };
        self.set(Column::Origin, word.to_owned());
        self.set(Column::SaidBy, who);
    }

    /// Sets one value.
    pub(super) fn set(&mut self, column: Column, value: impl Into<Value>) {
        self.values[column as usize] = value.into();
    }

    /// Sets the value at `place`, counted as in [`COLUMNS`].
    pub(super) fn put(&mut self, place: usize, value: Value) {
        self.values[place] = value;
    }

    /// Returns every value, in the order of [`COLUMNS`].
    pub(super) fn values(&self) -> &[Value] {
        &self.values
    }

    /// Reads a record whose columns start at `first` in a result.
    pub(super) fn read(result: &SqlRow<'_>, first: usize) -> rusqlite::Result<Self> {
        let values = (0..COLUMNS.len()).map(|n| result.get(first + n)).collect::<rusqlite::Result<_>>()?;
        Ok(Self { values })
    }

    /// Returns the record's number; 0 if it has none.
    pub(super) fn seq(&self) -> i64 {
        self.number(Column::Seq).unwrap_or_default()
    }

    /// Returns a whole number, if that is what the column holds.
    pub(super) fn number(&self, column: Column) -> Option<i64> {
        match self.values[column as usize] {
            Value::Integer(number) => Some(number),
            _ => None,
        }
    }

    /// Returns a text, if that is what the column holds.
    pub(super) fn text(&self, column: Column) -> Option<&str> {
        match &self.values[column as usize] {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns a text that must be there.
    pub(super) fn must_text(&self, column: Column) -> Result<&str, JournalError> {
        self.text(column).ok_or_else(|| self.unreadable(column))
    }

    /// Returns an instant, if one is there; an error if what is there is none.
    pub(super) fn instant(&self, column: Column) -> Result<Option<DateTime<Utc>>, JournalError> {
        self.civil(column).map(|instant| instant.map(|instant| instant.to_utc()))
    }

    /// Returns an instant with its civil offset, if one is there; an error if what is there is none.
    pub(super) fn civil(&self, column: Column) -> Result<Option<DateTime<FixedOffset>>, JournalError> {
        let text = self.text(column);
        text.map(|text| moment::read(text).ok_or_else(|| self.unreadable(column))).transpose()
    }

    /// Returns a length of time, if one is there.
    pub(super) fn length(&self, column: Column) -> Option<Duration> {
        self.number(column).and_then(|number| u64::try_from(number).ok()).map(Duration::from_millis)
    }

    /// States that `column` of this record holds nothing readable.
    pub(super) fn unreadable(&self, column: Column) -> JournalError {
        JournalError::Unreadable { seq: self.seq(), column: COLUMNS[column as usize] }
    }
}

fn start_word(start: Start) -> &'static str {
    match start {
        Start::Soft => "soft",
        Start::Hard => "hard",
    }
}

/// Counts whole milliseconds; a length beyond 292 million years is cut to that.
pub(super) fn milliseconds(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX)
}
