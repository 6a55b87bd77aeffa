//! Days that have a meaning: statutory holidays and the calendars of the user's own.

use chrono::{NaiveDate, WeekdaySet};

use super::CalendarId;

/// A month and a day, of the solar or of the lunar year, as the context says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonthDay {
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31 (solar), 1 to 30 (lunar).
    pub day: u8,
}

/// A solar date, of one year or of every year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SolarDate {
    /// One day of one year.
    Once(NaiveDate),
    /// The same day of every year.
    Yearly(MonthDay),
}

/// A calendar that the user wrote: the union of what it names, minus its exceptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserCalendar {
    /// Its name.
    pub id: CalendarId,
    /// Days of every lunar month, 1 to 30: market days (赶集).
    pub lunar_days: Vec<u8>,
    /// Lunar dates of every year; leap months (闰月) do not repeat them.
    pub lunar: Vec<MonthDay>,
    /// Solar dates.
    pub dates: Vec<SolarDate>,
    /// Weekdays.
    pub weekdays: WeekdaySet,
    /// Days that are not in the calendar whatever the rest says.
    pub except: Vec<SolarDate>,
}

/// One year of the People's Republic's statutory holidays, as the State Council's notice arranges them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolidayYear {
    /// The year.
    pub year: i32,
    /// Whether the notice is out; if not, only what the law itself fixes is known, and make-up workdays are not.
    pub announced: bool,
    /// Where the days come from.
    pub source: String,
    /// 放假: days off, with the holiday's name, sorted.
    pub rest: Vec<(NaiveDate, String)>,
    /// 调休上班: Saturdays and Sundays that are workdays, sorted.
    pub work: Vec<NaiveDate>,
}
