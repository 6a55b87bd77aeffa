//! The almanac: what is known of each day, and whether a schedule's day filter lets it pass.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};

use crate::model::{CalendarId, Days, HolidayYear, MonthDay, SolarDate, UserCalendar, Words};

use super::holidays;
use super::lunar::LunarDate;

/// Says that the holidays and make-up workdays of a year are not known at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the holidays of {0} are not known")]
pub struct UnknownYear(pub i32);

/// A year on whose workdays one cannot rely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// No file for the year: Monday to Friday are taken for workdays.
    UnknownYear(i32),
    /// Only what the law itself fixes: make-up days off and workdays are not announced yet.
    NotAnnounced(i32),
}

impl Doubt {
    /// Says what the doubt means for airing, and what to do.
    pub fn words(self) -> Words {
        match self {
            Self::UnknownYear(year) => Words::new(
                format!(
                    "没有 {year} 年的节假日文件，工作日暂按周一到周五算；请把 {year}.toml 放进节假日文件夹"
                ),
                format!(
                    "no holiday file for {year}: Monday to Friday count as workdays; add {year}.toml to the holidays folder"
                ),
            ),
            Self::NotAnnounced(year) => Words::new(
                format!(
                    "{year} 年的放假通知还没有发布，调休未知，只按法定节日算；通知发布后请更新 {year}.toml"
                ),
                format!(
                    "the notice for {year} is not out: make-up days are not known, only the holidays fixed by law; update {year}.toml when it is"
                ),
            ),
        }
    }
}

/// What a holiday file says of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Marked {
    Rest(String),
    Work,
}

/// Knows the statutory holidays of the years it was given, and the user's own calendars.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Almanac {
    years: BTreeMap<i32, bool>,
    marked: BTreeMap<NaiveDate, Marked>,
    calendars: BTreeMap<CalendarId, UserCalendar>,
}

impl Almanac {
    /// Gathers years and calendars. A later year replaces an earlier one of the same number as a whole, so the user's
    /// files come after [`Almanac::builtin_years`].
    pub fn new(years: Vec<HolidayYear>, calendars: Vec<UserCalendar>) -> Self {
        let last_of_each: BTreeMap<i32, HolidayYear> =
            years.into_iter().map(|year| (year.year, year)).collect();
        let mut almanac = Self::default();
        for (number, year) in last_of_each {
            almanac.years.insert(number, year.announced);
            almanac.marked.extend(year.work.into_iter().map(|date| (date, Marked::Work)));
            almanac.marked.extend(year.rest.into_iter().map(|(date, name)| (date, Marked::Rest(name))));
        }
        almanac.calendars = calendars.into_iter().map(|calendar| (calendar.id.clone(), calendar)).collect();
        almanac
    }

    /// Returns the years that are built in, from `config/holidays/`.
    pub fn builtin_years() -> Vec<HolidayYear> {
        holidays::builtin()
    }

    /// Tells whether `date` is a workday by the statutory holidays with make-up workdays.
    ///
    /// # Errors
    /// When no file says anything of the date's year.
    pub fn is_workday(&self, date: NaiveDate) -> Result<bool, UnknownYear> {
        match self.marked.get(&date) {
            Some(Marked::Work) => Ok(true),
            Some(Marked::Rest(_)) => Ok(false),
            None if self.years.contains_key(&date.year()) => Ok(is_monday_to_friday(date)),
            None => Err(UnknownYear(date.year())),
        }
    }

    /// Tells whether `date` is taken for a workday: as known, or Monday to Friday in a year that is not known, since
    /// a box that nobody has updated must go on airing. [`Almanac::doubts`] says when that is so.
    pub fn counts_as_workday(&self, date: NaiveDate) -> bool {
        self.is_workday(date).unwrap_or_else(|UnknownYear(_)| is_monday_to_friday(date))
    }

    /// Returns the name of the holiday that `date` belongs to, if it is a day off.
    pub fn holiday(&self, date: NaiveDate) -> Option<&str> {
        match self.marked.get(&date) {
            Some(Marked::Rest(name)) => Some(name),
            _ => None,
        }
    }

    /// Tells whether `date` is a Saturday or Sunday that is a workday (调休上班).
    pub fn is_make_up_workday(&self, date: NaiveDate) -> bool {
        self.marked.get(&date) == Some(&Marked::Work)
    }

    /// Tells whether a schedule with this `days` filter and this calendar fires on `date`. A calendar that does not
    /// exist holds no day; the configuration is refused before it comes to that.
    pub fn admits(&self, days: Days, calendar: Option<&CalendarId>, date: NaiveDate) -> bool {
        self.passes_days(days, date) && calendar.is_none_or(|id| self.is_in_calendar(id, date))
    }

    /// Tells whether `date` passes the filter `days` alone.
    pub fn passes_days(&self, days: Days, date: NaiveDate) -> bool {
        match days {
            Days::Every => true,
            Days::Weekdays(set) => set.contains(date.weekday()),
            Days::Workdays => self.counts_as_workday(date),
            Days::Restdays => !self.counts_as_workday(date),
        }
    }

    /// Tells whether the user's calendar `id` holds `date`.
    pub fn is_in_calendar(&self, id: &CalendarId, date: NaiveDate) -> bool {
        self.calendars.get(id).is_some_and(|calendar| holds(calendar, date))
    }

    /// Lists the years from `first` to `last` whose workdays cannot be relied on, if `days` depends on them.
    pub fn doubts(&self, days: Days, first: NaiveDate, last: NaiveDate) -> Vec<Doubt> {
        if !matches!(days, Days::Workdays | Days::Restdays) {
            return Vec::new();
        }
        let doubt = |year: i32| match self.years.get(&year) {
            None => Some(Doubt::UnknownYear(year)),
            Some(false) => Some(Doubt::NotAnnounced(year)),
            Some(true) => None,
        };
        (first.year()..=last.year()).filter_map(doubt).collect()
    }
}

fn is_monday_to_friday(date: NaiveDate) -> bool {
    !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The union of what the calendar names, minus its exceptions.
fn holds(calendar: &UserCalendar, date: NaiveDate) -> bool {
    let named = |dates: &[SolarDate]| dates.iter().any(|named| is_on(*named, date));
    if named(&calendar.except) {
        return false;
    }
    calendar.weekdays.contains(date.weekday()) || named(&calendar.dates) || holds_lunar(calendar, date)
}

fn holds_lunar(calendar: &UserCalendar, date: NaiveDate) -> bool {
    if calendar.lunar_days.is_empty() && calendar.lunar.is_empty() {
        return false;
    }
    let lunar = LunarDate::of(date);
    calendar.lunar_days.contains(&lunar.day) || calendar.lunar.iter().any(|named| lunar.is(*named))
}

fn is_on(named: SolarDate, date: NaiveDate) -> bool {
    match named {
        SolarDate::Once(day) => day == date,
        SolarDate::Yearly(MonthDay { month, day }) => {
            date.month() == u32::from(month) && date.day() == u32::from(day)
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::WeekdaySet;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn builtin() -> Almanac {
        Almanac::new(Almanac::builtin_years(), Vec::new())
    }

    fn calendar() -> UserCalendar {
        UserCalendar {
            id: CalendarId::new("赶集").unwrap(),
            lunar_days: Vec::new(),
            lunar: Vec::new(),
            dates: Vec::new(),
            weekdays: WeekdaySet::EMPTY,
            except: Vec::new(),
        }
    }

    fn days_held(calendar: UserCalendar, first: &str, last: &str) -> Vec<String> {
        let id = calendar.id.clone();
        let almanac = Almanac::new(Vec::new(), vec![calendar]);
        let days = date(first).iter_days().take_while(|day| *day <= date(last));
        days.filter(|day| almanac.is_in_calendar(&id, *day)).map(|day| day.to_string()).collect()
    }

    #[test]
    fn a_make_up_saturday_is_a_workday_and_a_bridged_tuesday_is_not() {
        let almanac = builtin();
        assert_eq!(almanac.is_workday(date("2026-02-14")), Ok(true), "调休上班");
        assert_eq!(almanac.is_workday(date("2026-02-17")), Ok(false), "初一");
        assert_eq!(almanac.is_workday(date("2026-02-24")), Ok(true));
        assert_eq!(almanac.is_workday(date("2026-03-07")), Ok(false), "a plain Saturday");
        assert_eq!(almanac.holiday(date("2026-02-17")), Some("春节"));
    }

    #[test]
    fn an_unknown_year_is_told_and_airs_monday_to_friday() {
        let almanac = builtin();
        assert_eq!(almanac.is_workday(date("2031-05-01")), Err(UnknownYear(2031)));
        assert!(almanac.passes_days(Days::Workdays, date("2031-05-01")), "a Thursday");
        assert!(almanac.passes_days(Days::Restdays, date("2031-05-03")), "a Saturday");
    }

    #[test]
    fn doubts_name_the_years_that_are_not_known_or_not_announced() {
        let doubts = |days, first, last| builtin().doubts(days, date(first), date(last));
        assert_eq!(doubts(Days::Workdays, "2026-01-01", "2026-12-31"), []);
        assert_eq!(
            doubts(Days::Restdays, "2026-12-01", "2028-01-31"),
            [Doubt::NotAnnounced(2027), Doubt::UnknownYear(2028)]
        );
        assert_eq!(doubts(Days::Every, "2026-12-01", "2028-01-31"), []);
    }

    #[test]
    fn the_users_year_replaces_the_built_in_one_as_a_whole() {
        let own = HolidayYear {
            year: 2026,
            announced: true,
            source: String::new(),
            rest: vec![(date("2026-03-02"), "庙会".to_owned())],
            work: Vec::new(),
        };
        let mut years = Almanac::builtin_years();
        years.push(own);
        let almanac = Almanac::new(years, Vec::new());
        assert_eq!(almanac.is_workday(date("2026-03-02")), Ok(false));
        assert_eq!(almanac.is_workday(date("2026-02-17")), Ok(true), "the built-in 春节 is gone");
        assert_eq!(almanac.is_workday(date("2025-10-01")), Ok(false), "other years stay");
    }

    #[test]
    fn market_days_come_in_every_lunar_month_also_in_a_leap_one() {
        let market = UserCalendar { lunar_days: vec![2, 17], ..calendar() };
        assert_eq!(
            days_held(market, "2025-06-25", "2025-08-22"),
            ["2025-06-26", "2025-07-11", "2025-07-26", "2025-08-10"],
            "月 六 and 闰六"
        );
    }

    #[test]
    fn a_calendar_is_the_union_of_its_parts_minus_its_exceptions() {
        let mixed = UserCalendar {
            lunar: vec![MonthDay { month: 1, day: 1 }],
            dates: vec![
                SolarDate::Once(date("2026-02-20")),
                SolarDate::Yearly(MonthDay { month: 2, day: 21 }),
            ],
            weekdays: [Weekday::Mon].into_iter().collect(),
            except: vec![SolarDate::Yearly(MonthDay { month: 2, day: 23 })],
            ..calendar()
        };
        assert_eq!(
            days_held(mixed, "2026-02-14", "2026-02-28"),
            ["2026-02-16", "2026-02-17", "2026-02-20", "2026-02-21"]
        );
    }
}
