//! The lunar calendar (农历) as the People's Republic computes it, GB/T 33661-2017.

use chrono::{Datelike, NaiveDate};
use icu_calendar::Date;
use icu_calendar::cal::ChineseTraditional;
use icu_calendar::types::RataDie;

use crate::model::MonthDay;

/// A day of the lunar calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LunarDate {
    /// The solar year in which the lunar year began.
    pub year: i32,
    /// 1 to 12; a leap month bears the number of the month before it.
    pub month: u8,
    /// Whether the month is a leap month (闰月).
    pub leap: bool,
    /// 1 to 30.
    pub day: u8,
    /// Whether it is the last day of the lunar year: 除夕, and 大年三十 also when the month has 29 days.
    pub year_ends: bool,
}

impl LunarDate {
    /// Converts a solar date. Trustworthy from 1912 on, when the rules came into force, and as far as they can be
    /// computed ahead; tested against published tables 1990-2050.
    pub fn of(solar: NaiveDate) -> Self {
        let lunar = converted(solar);
        let month = lunar.month();
        Self {
            year: lunar.year().extended_year(),
            month: month.number(),
            leap: month.to_input().is_leap(),
            day: lunar.day_of_month().0,
            year_ends: lunar.day_of_year().0 == lunar.days_in_year(),
        }
    }

    /// Tells whether a yearly lunar date falls on this day. Leap months do not repeat it, and `12-30` is New Year's
    /// Eve whether the month has 30 days or 29, as in speech.
    pub fn is(self, date: MonthDay) -> bool {
        let eve = date == MonthDay { month: 12, day: 30 };
        let same = !self.leap && self.month == date.month && self.day == date.day;
        same || (eve && self.year_ends)
    }
}

fn converted(solar: NaiveDate) -> Date<ChineseTraditional> {
    // Both libraries count days from 0001-01-01, and icu's range holds all of chrono's.
    let days = RataDie::new(i64::from(solar.num_days_from_ce()));
    Date::from_rata_die(days, ChineseTraditional::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lunar(solar: &str) -> LunarDate {
        LunarDate::of(solar.parse().unwrap())
    }

    #[test]
    fn new_years_eve_is_the_thirtieth_of_speech_also_in_a_month_of_29_days() {
        let eve = MonthDay { month: 12, day: 30 };
        assert!(lunar("2024-02-09").is(eve), "the 30th of a month of 30 days");
        assert!(lunar("2026-02-16").is(eve), "the 29th of a month of 29 days");
        assert!(!lunar("2026-02-15").is(eve));
        assert!(!lunar("2026-02-17").is(eve));
    }

    #[test]
    fn a_leap_month_does_not_repeat_a_yearly_date() {
        let sixth = MonthDay { month: 6, day: 1 };
        assert!(lunar("2025-06-25").is(sixth));
        let leap = lunar("2025-07-25");
        assert_eq!((leap.month, leap.leap, leap.day), (6, true, 1));
        assert!(!leap.is(sixth));
    }

    #[test]
    fn no_date_that_can_be_written_makes_it_panic() {
        for solar in [NaiveDate::MIN, NaiveDate::MAX] {
            assert!((1..=12).contains(&LunarDate::of(solar).month));
        }
    }
}
