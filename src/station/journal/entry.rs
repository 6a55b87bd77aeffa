//! What a reader gets: one airing with everything that the log knows of it.

use std::time::Duration;

use chrono::{DateTime, FixedOffset, Utc};

use super::JournalError;
use super::query::length;
use super::row::{Column, Row, SAID_BY_ALERT, kind};
use crate::model::{AiringId, Audible, Doubt, Origin, Outcome, Priority, Reason, Status};

/// Tells all that the log knows of one airing. Ids are plain text: the log may name things that exist no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Number of the airing's last record; entries are in this order, which no clock can turn round.
    pub seq: i64,
    /// The run that wrote that record.
    pub run: i64,
    /// The airing.
    pub airing: AiringId,
    /// The station.
    pub station: String,
    /// The playlist.
    pub playlist: String,
    /// The message.
    pub message: String,
    /// When the slot began, in the station's civil time of then.
    pub due: DateTime<FixedOffset>,
    /// How strong it was.
    pub priority: Priority,
    /// Whether it was meant.
    pub status: Status,
    /// Who asked for it.
    pub origin: Origin,
    /// The text as written then.
    pub text: Option<String>,
    /// The recording as named then.
    pub audio: Option<String>,
    /// Readings that were ordered.
    pub times: u32,
    /// How late it might have started.
    pub grace: Duration,
    /// What sounded: an engine and its voice, or `recording`; empty if nothing was rendered.
    pub voice: String,
    /// When it was decided to go on air; none if it never came to that.
    pub on_air: Option<DateTime<Utc>>,
    /// How long it was to sound, chime included; none if it never came on air.
    pub planned: Option<Duration>,
    /// How it ended; none while it waits or is on air.
    pub close: Option<Close>,
    /// What a microphone heard of it; none if nobody listened, or has not judged yet.
    pub verdict: Option<Verdict>,
}

/// What a microphone heard of an airing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it was heard.
    pub heard: Audible,
    /// Why nobody can say; none unless it is not known.
    pub doubt: Option<Doubt>,
    /// Level of the recording in hundredths of dBFS; none if nothing was recorded.
    pub level_millibel: Option<i64>,
    /// How much of what was sent was found in the recording, in thousandths; none if nothing could be compared.
    pub score_permille: Option<i64>,
    /// How much later than it was sent it came in; none unless it was heard.
    pub delay: Option<Duration>,
    /// Airings in a row that were not heard, this one included; 0 unless it was not heard.
    pub missed: u32,
    /// Name of the recording that was kept; none if none was.
    pub kept: Option<String>,
}

/// How an airing ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    /// Wall-clock time of the record: the report time.
    pub at: DateTime<Utc>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why; none only for `completed`.
    pub reason: Option<Reason>,
    /// What a person should know besides; may be empty.
    pub detail: String,
    /// When the first sample was heard; none if nothing was, or if nobody can know.
    pub started: Option<DateTime<Utc>>,
    /// When the last sample was heard; none if nothing was, or if nobody can know.
    pub ended: Option<DateTime<Utc>>,
    /// How much was heard; none if nobody can know.
    pub heard: Option<Duration>,
    /// Whole readings heard; none if nobody can know.
    pub readings: Option<u32>,
}

impl Entry {
    /// Returns the word for how far it has come: `ordered`, `on_air` or `closed`.
    pub fn state(&self) -> &'static str {
        match (&self.close, self.on_air) {
            (Some(_), _) => "closed",
            (None, Some(_)) => "on_air",
            (None, None) => "ordered",
        }
    }

    /// Puts an entry together from the record that tells most of the airing, from its last one (the same, unless that is a
    /// microphone's verdict), and from its on-air record's time and planned length.
    pub(super) fn read(
        row: &Row,
        last: &Row,
        on_air: Option<&str>,
        planned: Option<i64>,
    ) -> Result<Self, JournalError> {
        let text = |column| row.must_text(column).map(str::to_owned);
        let word = |column| row.must_text(column);
        let on_air = match on_air {
            Some(text) => Some(super::moment::read(text).ok_or_else(|| row.unreadable(Column::At))?.to_utc()),
            None => None,
        };
        Ok(Self {
            seq: last.seq(),
            run: last.number(Column::Run).ok_or_else(|| last.unreadable(Column::Run))?,
            airing: AiringId::from_record(text(Column::Airing)?),
            station: text(Column::Station)?,
            playlist: text(Column::Playlist)?,
            message: text(Column::Message)?,
            due: row.civil(Column::Due)?.ok_or_else(|| row.unreadable(Column::Due))?,
            priority: word(Column::Priority)?.parse().map_err(|()| row.unreadable(Column::Priority))?,
            status: word(Column::Status)?.parse().map_err(|()| row.unreadable(Column::Status))?,
            origin: origin(row)?,
            text: row.text(Column::Text).map(str::to_owned),
            audio: row.text(Column::Audio).map(str::to_owned),
            times: count(row, Column::Times)?.unwrap_or(1),
            grace: row.length(Column::GraceMs).unwrap_or_default(),
            voice: row.text(Column::Voice).unwrap_or_default().to_owned(),
            on_air,
            planned: planned.map(length),
            close: if row.text(Column::Kind) == Some(kind::CLOSED) { Some(Close::read(row)?) } else { None },
            verdict: Verdict::read(last)?,
        })
    }
}

impl Verdict {
    /// Returns the level of the recording in dBFS; none if nothing was recorded.
    pub fn level_dbfs(&self) -> Option<f64> {
        self.level_millibel.and_then(|level| i32::try_from(level).ok()).map(|level| f64::from(level) / 100.0)
    }

    /// Returns how much of what was sent was found, 0 to 1; none if nothing could be compared.
    pub fn score(&self) -> Option<f64> {
        self.score_permille.and_then(|score| i32::try_from(score).ok()).map(|score| f64::from(score) / 1000.0)
    }

    fn read(row: &Row) -> Result<Option<Self>, JournalError> {
        let Some(heard) = row.text(Column::Heard) else { return Ok(None) };
        let doubt = row.text(Column::Doubt).map(str::parse).transpose();
        Ok(Some(Self {
            heard: heard.parse().map_err(|()| row.unreadable(Column::Heard))?,
            doubt: doubt.map_err(|()| row.unreadable(Column::Doubt))?,
            level_millibel: row.number(Column::LevelMillibel),
            score_permille: row.number(Column::ScorePermille),
            delay: row.length(Column::DelayMs),
            missed: count(row, Column::Missed)?.unwrap_or_default(),
            kept: row.text(Column::Kept).map(str::to_owned),
        }))
    }
}

impl Close {
    fn read(row: &Row) -> Result<Self, JournalError> {
        let reason = row.text(Column::Reason).map(str::parse).transpose();
        Ok(Self {
            at: row.instant(Column::At)?.ok_or_else(|| row.unreadable(Column::At))?,
            outcome: row.must_text(Column::Outcome)?.parse().map_err(|()| row.unreadable(Column::Outcome))?,
            reason: reason.map_err(|()| row.unreadable(Column::Reason))?,
            detail: row.text(Column::Detail).unwrap_or_default().to_owned(),
            started: row.instant(Column::Started)?,
            ended: row.instant(Column::Ended)?,
            heard: row.length(Column::HeardMs),
            readings: count(row, Column::Readings)?,
        })
    }
}

fn origin(row: &Row) -> Result<Origin, JournalError> {
    match row.must_text(Column::Origin)? {
        "schedule" => Ok(Origin::Schedule),
        "said" => {
            let who = row.text(Column::SaidBy).unwrap_or_default();
            let alert = who.strip_prefix(SAID_BY_ALERT).and_then(|name| name.parse().ok());
            Ok(alert.map_or_else(|| Origin::Said(who.to_owned()), Origin::Alert))
        }
        _ => Err(row.unreadable(Column::Origin)),
    }
}

fn count(row: &Row, column: Column) -> Result<Option<u32>, JournalError> {
    row.number(column).map(|number| u32::try_from(number).map_err(|_| row.unreadable(column))).transpose()
}
