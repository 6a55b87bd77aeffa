//! Times of day, dates and lengths of time, as people write them.

use std::time::Duration;

use chrono::{Datelike, NaiveDate, NaiveTime};
use toml::value::Time;

use crate::model::{MonthDay, SolarDate, Words};

use super::advice::{in_half_width, quoted};
use super::value::Fault;

/// Years in which a date can be meant. The cron crate ends in 2100, and nothing was on air before 2000.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

fn fault(what_zh: String, what_en: String, fix_zh: &str, fix_en: &str) -> Fault {
    Fault::new(Words::new(what_zh, what_en), Words::new(fix_zh, fix_en))
}

/// Refuses `text` when it would be right in half-width characters, and shows it so.
fn only_full_width<T>(text: &str, read: impl Fn(&str) -> Result<T, Fault>) -> Option<Fault> {
    let half = in_half_width(text);
    let half = half.trim();
    (half != text && read(half).is_ok()).then(|| {
        let blanks = text.trim() == half;
        let (zh, en) = if blanks {
            ("多余的空格", "blanks around it")
        } else {
            ("全角字符", "full-width characters")
        };
        fault(
            format!("{} 里有{zh}", quoted(text)),
            format!("{} has {en}", quoted(text)),
            &format!("用英文输入法写：`\"{half}\"`"),
            &format!("write `\"{half}\"`"),
        )
    })
}

/// Reads a time of day: `06:30` or `06:30:15`.
pub(super) fn time(text: &str) -> Result<NaiveTime, Fault> {
    let parts: Vec<&str> = text.split(':').collect();
    let digits =
        parts.iter().all(|part| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()));
    if !digits || !(2..=3).contains(&parts.len()) {
        return Err(only_full_width(text, time).unwrap_or_else(|| unreadable_time(text)));
    }
    // One or two digits always fit.
    let number = |at: usize| parts.get(at).map_or(0, |part| part.parse::<u32>().unwrap_or_default());
    NaiveTime::from_hms_opt(number(0), number(1), number(2)).ok_or_else(|| no_such_time(text, number(0)))
}

fn unreadable_time(text: &str) -> Fault {
    fault(
        format!("{} 不是时刻", quoted(text)),
        format!("{} is not a time of day", quoted(text)),
        "按 24 小时制写，如 `\"06:30\"`、`\"18:00\"`",
        "write it on the 24-hour clock, such as `\"06:30\"` or `\"18:00\"`",
    )
}

fn no_such_time(text: &str, hour: u32) -> Fault {
    let (fix_zh, fix_en) = if hour == 24 {
        ("半夜十二点写 `\"00:00\"`，它属于后一天", "midnight is `\"00:00\"`, and belongs to the day after")
    } else {
        ("一天从 `\"00:00\"` 到 `\"23:59:59\"`", "a day goes from `\"00:00\"` to `\"23:59:59\"`")
    };
    fault(
        format!("没有 {} 这个时刻", quoted(text)),
        format!("there is no time {}", quoted(text)),
        fix_zh,
        fix_en,
    )
}

/// Takes TOML's own time of day; fractions of a second are refused, because nothing here begins between two seconds.
pub(super) fn toml_time(written: Time) -> Result<NaiveTime, Fault> {
    let second = written.second.unwrap_or_default();
    let whole = written.nanosecond.unwrap_or_default() == 0;
    let time = NaiveTime::from_hms_opt(written.hour.into(), written.minute.into(), second.into());
    time.filter(|_| whole).ok_or_else(|| no_such_time(&written.to_string(), written.hour.into()))
}

/// Reads a date: `2024-01-26`.
pub(super) fn date(text: &str) -> Result<NaiveDate, Fault> {
    let Some([year, month, day]) = numbers(text, [4, 2, 2]) else {
        return Err(only_full_width(text, date).unwrap_or_else(|| unreadable_date(text)));
    };
    let year = i32::try_from(year).unwrap_or_default();
    NaiveDate::from_ymd_opt(year, month, day).filter(|date| YEARS.contains(&date.year())).ok_or_else(|| {
        fault(
            format!("没有 {} 这一天", quoted(text)),
            format!("there is no day {}", quoted(text)),
            "查一下日历；年份写 2000 到 2100",
            "look at a calendar; years go from 2000 to 2100",
        )
    })
}

/// Reads numbers joined by hyphens, each of at most so many digits; the first of a date must have all four.
fn numbers<const N: usize>(text: &str, digits: [usize; N]) -> Option<[u32; N]> {
    let parts: Vec<&str> = text.split('-').collect();
    if parts.len() != N {
        return None;
    }
    let mut numbers = [0; N];
    for ((number, part), most) in numbers.iter_mut().zip(&parts).zip(digits) {
        let fits = if most == 4 { part.len() == 4 } else { (1..=most).contains(&part.len()) };
        if !fits || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    Some(numbers)
}

/// Reads dates as people write them elsewhere: `2024年1月26日`, `2024/1/26`, `2024.1.26`.
fn loosely(text: &str) -> Option<NaiveDate> {
    let half = in_half_width(text);
    let parts: Vec<u32> = half
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map_while(|p| p.parse().ok())
        .collect();
    match parts.as_slice() {
        [year, month, day] => NaiveDate::from_ymd_opt(i32::try_from(*year).ok()?, *month, *day),
        _ => None,
    }
    .filter(|date| YEARS.contains(&date.year()))
}

fn unreadable_date(text: &str) -> Fault {
    let right = loosely(text).map_or("2024-01-26".to_owned(), |date| date.to_string());
    fault(
        format!("{} 不是日期", quoted(text)),
        format!("{} is not a date", quoted(text)),
        &format!("按 年-月-日 写：`{right}`"),
        &format!("write year-month-day: `{right}`"),
    )
}

/// Reads a date, or a month and a day of every year: `05-01`.
pub(super) fn solar_date(text: &str) -> Result<SolarDate, Fault> {
    let Some([month, day]) = numbers(text, [2, 2]) else {
        return date(text)
            .map(SolarDate::Once)
            .map_err(|_| only_full_width(text, solar_date).unwrap_or_else(|| unreadable_month_day(text)));
    };
    // 2024 is a leap year: 29 February is a day of the years that have it.
    match NaiveDate::from_ymd_opt(2024, month, day) {
        Some(_) => Ok(SolarDate::Yearly(month_day(month, day))),
        None => Err(unreadable_month_day(text)),
    }
}

/// Reads a month and a day of every lunar year: `12-23`.
pub(super) fn lunar_date(text: &str) -> Result<MonthDay, Fault> {
    match numbers(text, [2, 2]) {
        Some([month @ 1..=12, day @ 1..=30]) => Ok(month_day(month, day)),
        _ => Err(only_full_width(text, lunar_date).unwrap_or_else(|| {
            fault(
                format!("{} 不是农历的月和日", quoted(text)),
                format!("{} is not a month and a day of the lunar year", quoted(text)),
                "写 月-日，如腊月二十三是 `\"12-23\"`，正月初一是 `\"1-1\"`",
                "write month-day, such as `\"12-23\"`; months go to 12 and days to 30",
            )
        })),
    }
}

fn month_day(month: u32, day: u32) -> MonthDay {
    // At most two digits each, so both fit.
    MonthDay { month: u8::try_from(month).unwrap_or_default(), day: u8::try_from(day).unwrap_or_default() }
}

fn unreadable_month_day(text: &str) -> Fault {
    fault(
        format!("{} 不是日期", quoted(text)),
        format!("{} is not a date", quoted(text)),
        "某一天写 `2024-05-01`，每年的这一天写 `\"05-01\"`",
        "write `2024-05-01` for one day, `\"05-01\"` for the same day of every year",
    )
}

/// The units of a length, with what people write for them.
const UNITS: [(&str, u64, &[&str]); 4] = [
    ("ms", 1, &["毫秒", "msec"]),
    ("s", 1000, &["秒", "秒钟", "sec", "second", "seconds"]),
    ("m", 60_000, &["分", "分钟", "min", "mins", "minute", "minutes"]),
    ("h", 3_600_000, &["时", "小时", "钟头", "hour", "hours"]),
];

/// Reads a length of time with its unit: `800ms`, `10s`, `10m`, `2h`.
/// Reads a length as it is typed on a command line; the error says what is wrong with it.
pub fn read_length(text: &str, min: Duration, max: Duration) -> Result<Duration, Words> {
    length(text, min, max).map_err(|fault| fault.advice.what)
}

/// Reads a length of time, such as `90s`, between two others.
pub(super) fn length(text: &str, min: Duration, max: Duration) -> Result<Duration, Fault> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let known = UNITS.iter().find(|(name, ..)| *name == unit);
    let (Some(thousandths), Some((_, millis, _))) = (thousandths(number, unit != "ms"), known) else {
        let read = |half: &str| length(half, min, max);
        return Err(only_full_width(text, read).unwrap_or_else(|| unreadable_length(text)));
    };
    let length = thousandths.checked_mul(u128::from(*millis)).map(|length| length / 1_000);
    let length = length.and_then(|length| u64::try_from(length).ok()).map(Duration::from_millis);
    length.filter(|length| (min..=max).contains(length)).ok_or_else(|| {
        let (min, max) = (in_units(min), in_units(max));
        fault(
            format!("{} 超出范围", quoted(text)),
            format!("{} is out of range", quoted(text)),
            &format!("写 `\"{min}\"` 到 `\"{max}\"` 之间的时长"),
            &format!("write a length from `\"{min}\"` to `\"{max}\"`"),
        )
    })
}

/// Reads a number, with up to three decimals if it may have them, as thousandths.
fn thousandths(number: &str, decimals: bool) -> Option<u128> {
    let (whole, rest) = number.split_once('.').filter(|_| decimals).unwrap_or((number, "000"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(rest) || rest.len() > 3 {
        return None;
    }
    format!("{whole}{rest:0<3}").parse().ok()
}

/// Writes a length in the largest unit that leaves no rest.
pub(super) fn in_units(length: Duration) -> String {
    let millis = length.as_millis();
    let unit = UNITS.iter().rev().find(|(_, size, _)| millis > 0 && millis.is_multiple_of(u128::from(*size)));
    unit.map_or_else(|| "0s".to_owned(), |(name, size, _)| format!("{}{name}", millis / u128::from(*size)))
}

fn unreadable_length(text: &str) -> Fault {
    let half = in_half_width(text);
    let half = half.trim();
    let digits: String = half.chars().take_while(char::is_ascii_digit).collect();
    let unit = half[digits.len()..].trim();
    let meant =
        UNITS.iter().find(|(name, _, names)| unit.eq_ignore_ascii_case(name) || names.contains(&unit));
    let (fix_zh, fix_en) = match meant {
        Some((name, ..)) if !digits.is_empty() => {
            (format!("改成 `\"{digits}{name}\"`"), format!("write `\"{digits}{name}\"`"))
        }
        _ if unit.is_empty() && !digits.is_empty() => (
            format!("带上单位：`\"{digits}s\"` 是秒，`\"{digits}m\"` 是分钟"),
            format!("add a unit: `\"{digits}s\"` for seconds, `\"{digits}m\"` for minutes"),
        ),
        _ => (
            "数字后面带单位：`\"800ms\"`、`\"10s\"`、`\"10m\"`、`\"2h\"`".to_owned(),
            "write a number and a unit: `\"800ms\"`, `\"10s\"`, `\"10m\"`, `\"2h\"`".to_owned(),
        ),
    };
    fault(
        format!("{} 不是时长", quoted(text)),
        format!("{} is not a length of time", quoted(text)),
        &fix_zh,
        &fix_en,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    fn fix_of<T: std::fmt::Debug>(read: Result<T, Fault>) -> String {
        read.unwrap_err().advice.fix.zh
    }

    #[test]
    fn lengths_carry_units() {
        assert_eq!(length("800ms", Duration::ZERO, DAY).unwrap(), Duration::from_millis(800));
        assert_eq!(length("1.2s", Duration::ZERO, DAY).unwrap(), Duration::from_millis(1_200));
        assert_eq!(length("0.025m", Duration::ZERO, DAY).unwrap(), Duration::from_millis(1_500));
        for wrong in ["1.s", ".5s", "1.2345s", "1.2.3s", "1.5ms"] {
            assert!(length(wrong, Duration::ZERO, DAY).is_err(), "{wrong}");
        }
        assert_eq!(length("2h", Duration::ZERO, DAY).unwrap(), Duration::from_hours(2));
        assert_eq!(fix_of(length("10分钟", Duration::ZERO, DAY)), "改成 `\"10m\"`");
        assert_eq!(fix_of(length("１０ｍ", Duration::ZERO, DAY)), "用英文输入法写：`\"10m\"`");
        assert_eq!(fix_of(length("25h", Duration::ZERO, DAY)), "写 `\"0s\"` 到 `\"24h\"` 之间的时长");
        assert!(length("99999999999999999999h", Duration::ZERO, DAY).is_err());
        assert!(length("18446744073709551615h", Duration::ZERO, DAY).is_err());
    }

    #[test]
    fn a_time_of_day_that_does_not_exist_is_refused_with_what_is_meant() {
        assert_eq!(time("6:30").unwrap(), NaiveTime::from_hms_opt(6, 30, 0).unwrap());
        assert!(fix_of(time("25:00")).contains("23:59"));
        assert!(fix_of(time("24:00")).contains("00:00"));
        assert_eq!(fix_of(time("06：30")), "用英文输入法写：`\"06:30\"`");
        assert!(time("早上六点").is_err());
        assert!(time("6").is_err());
    }

    #[test]
    fn dates_of_one_year_and_of_every_year_are_told_apart() {
        assert_eq!(solar_date("05-01").unwrap(), SolarDate::Yearly(MonthDay { month: 5, day: 1 }));
        assert_eq!(
            solar_date("2026-05-01").unwrap(),
            SolarDate::Once(NaiveDate::from_ymd_opt(2026, 5, 1).unwrap())
        );
        assert!(solar_date("02-30").is_err());
        assert!(solar_date("02-29").is_ok());
        assert_eq!(fix_of(date("2024年1月26日")), "按 年-月-日 写：`2024-01-26`");
        assert!(date("2024-02-30").is_err());
        assert!(date("9999-01-01").is_err());
    }

    #[test]
    fn a_lunar_month_has_at_most_thirty_days() {
        assert_eq!(lunar_date("12-23").unwrap(), MonthDay { month: 12, day: 23 });
        assert!(lunar_date("12-31").is_err());
        assert!(lunar_date("13-1").is_err());
    }
}
