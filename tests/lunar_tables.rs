//! The lunar calendar against published tables, every day of 61 years.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use chrono::{Days, NaiveDate};
use dalaba::calendar::lunar::LunarDate;

struct Month {
    first: NaiveDate,
    year: i32,
    number: u8,
    leap: bool,
}

fn published_months() -> Vec<Month> {
    let table = include_str!("data/lunar/months.tsv");
    let month = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        Month {
            first: cells[0].parse().unwrap(),
            year: cells[1].parse().unwrap(),
            number: cells[2].parse().unwrap(),
            leap: cells[3] == "1",
        }
    };
    table.lines().skip(1).map(month).collect()
}

#[test]
fn every_day_from_1990_to_2050_agrees_with_the_published_months() {
    let months = published_months();
    let mut days = 0;
    for pair in months.windows(2) {
        let mut date = pair[0].first;
        while date < pair[1].first {
            let lunar = LunarDate::of(date);
            let day = u8::try_from((date - pair[0].first).num_days() + 1).unwrap();
            assert_eq!(
                (lunar.year, lunar.month, lunar.leap, lunar.day),
                (pair[0].year, pair[0].number, pair[0].leap, day),
                "{date}"
            );
            let eve = pair[1].number == 1 && !pair[1].leap && date + Days::new(1) == pair[1].first;
            assert_eq!(lunar.year_ends, eve, "{date}");
            date = date + Days::new(1);
            days += 1;
        }
    }
    assert!(days > 60 * 365, "only {days} days were compared");
}

/// Spring Festivals as everyone in the country remembers them: a check on the table itself.
#[test]
fn spring_festival_falls_on_the_days_that_were_celebrated() {
    for date in
        ["2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17"]
    {
        let lunar = LunarDate::of(date.parse().unwrap());
        assert_eq!((lunar.month, lunar.leap, lunar.day), (1, false, 1), "{date}");
    }
}

#[test]
fn the_leap_eleventh_month_of_2033_stands_where_the_standard_puts_it() {
    let lunar = LunarDate::of("2033-12-22".parse().unwrap());
    assert_eq!((lunar.year, lunar.month, lunar.leap, lunar.day), (2033, 11, true, 1));
}
