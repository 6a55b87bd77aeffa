//! What speaks against a schedule at a time.

use chrono::{DateTime, Days as Span, FixedOffset, NaiveDate, TimeDelta};

use crate::calendar::civil::midnight;
use crate::calendar::slots;
use crate::model::{CalendarId, Days, Playlist, Schedule};

use super::Question;
use crate::plan::stream::is_meant_for;

/// How far ahead the next firing is looked for: a year, with room for a leap month.
const AHEAD: TimeDelta = TimeDelta::days(400);

/// The first thing that speaks against a schedule, in the order in which a person would look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Absence {
    /// The playlist is for other stations.
    OtherStations,
    /// Its validity begins later.
    NotYetValid(NaiveDate),
    /// Its validity has ended.
    Over(NaiveDate),
    /// It fires on other weekdays.
    OtherWeekday,
    /// It fires on workdays, and it was a day off: a holiday with its name, or a weekend.
    DayOff(Option<String>),
    /// It fires on days off, and it was a workday; perhaps a weekend that is worked (调休上班).
    Workday {
        /// Whether it was such a weekend.
        make_up: bool,
    },
    /// Its calendar does not hold the day.
    NotInCalendar(CalendarId),
    /// Its cron does not name the day.
    OtherDay,
    /// It fires on that day, at another time.
    OtherTime,
}

/// Finds what speaks against `schedule` at the time asked about.
pub(super) fn of(question: &Question<'_>, playlist: &Playlist, schedule: &Schedule) -> Absence {
    let date = question.at.with_timezone(&question.site.time_zone).date_naive();
    if !is_meant_for(playlist, question.station) {
        return Absence::OtherStations;
    }
    if let Some(first) = playlist.valid_from.filter(|first| date < *first) {
        return Absence::NotYetValid(first);
    }
    if let Some(last) = playlist.valid_until.filter(|last| *last < date) {
        return Absence::Over(last);
    }
    if !question.almanac.passes_days(schedule.days, date) {
        return wrong_day(question, schedule.days, date);
    }
    let calendar = schedule.calendar.as_ref();
    if let Some(id) = calendar.filter(|id| !question.almanac.is_in_calendar(id, date)) {
        return Absence::NotInCalendar(id.clone());
    }
    if fires_on(question, schedule, date) { Absence::OtherTime } else { Absence::OtherDay }
}

fn wrong_day(question: &Question<'_>, days: Days, date: NaiveDate) -> Absence {
    match days {
        Days::Workdays => Absence::DayOff(question.almanac.holiday(date).map(str::to_owned)),
        Days::Restdays => Absence::Workday { make_up: question.almanac.is_make_up_workday(date) },
        Days::Every | Days::Weekdays(_) => Absence::OtherWeekday,
    }
}

fn fires_on(question: &Question<'_>, schedule: &Schedule, date: NaiveDate) -> bool {
    let zone = question.site.time_zone;
    let (from, until) = (midnight(date, zone), midnight(date + Span::new(1), zone));
    slots(schedule, question.almanac, zone, from, until).next().is_some()
}

/// Finds when the schedule fires next at this station after the time asked about.
pub(super) fn next(
    question: &Question<'_>,
    playlist: &Playlist,
    schedule: &Schedule,
) -> Option<DateTime<FixedOffset>> {
    if !is_meant_for(playlist, question.station) {
        return None;
    }
    let until = question.at.checked_add_signed(AHEAD)?;
    let mut slots = slots(schedule, question.almanac, question.site.time_zone, question.at, until);
    slots.find(|slot| playlist.is_valid_on(slot.civil.date())).map(|slot| slot.due)
}
