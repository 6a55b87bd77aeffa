//! One holiday file: `year`, `announced`, `source`, `work = [dates]`, `[[rest]]` with `name`, `from`, `until`.

use std::ops::Range;

use chrono::{Datelike, NaiveDate, Weekday};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::model::{HolidayYear, Words};

/// Largest file that is read, in bytes; the shipped ones have about 1 kB.
const LARGEST: usize = 64 * 1024;

/// Most days of one holiday.
const LONGEST_HOLIDAY: i64 = 31;

/// Says what is wrong with a holiday file, where, and what to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct HolidayFault {
    /// The bytes of the file to underline.
    pub range: Range<usize>,
    /// What is wrong.
    pub what: Words,
    /// What to write instead.
    pub fix: Words,
}

impl HolidayFault {
    fn new(range: Range<usize>, what: (impl Into<String>, impl Into<String>), fix: (&str, &str)) -> Self {
        Self { range, what: Words::new(what.0, what.1), fix: Words::new(fix.0, fix.1) }
    }
}

/// A value of the file, with its place.
type Value<'a> = Spanned<DeValue<'a>>;

/// Reads a holiday file. Never panics and never grows beyond the file, whatever the text.
///
/// # Errors
/// The first fault, with the bytes of `text` to underline.
pub fn parse(text: &str) -> Result<HolidayYear, HolidayFault> {
    if text.len() > LARGEST {
        let what = ("节假日文件太大", "the holiday file is too large");
        return Err(HolidayFault::new(
            0..0,
            what,
            ("一年一个文件，不超过 64 kB", "one file a year, 64 kB at the most"),
        ));
    }
    let root = DeTable::parse(text).map_err(|error| syntax(text, &error))?;
    let table = Table { at: 0..text.len(), entries: root.get_ref() };
    table.refuse_unknown(&["year", "announced", "source", "work", "rest"])?;
    let mut year = HolidayYear {
        year: year_number(&table)?,
        announced: announced(&table)?,
        source: table.text("source")?.to_owned(),
        rest: Vec::new(),
        work: Vec::new(),
    };
    for value in table.array("work")? {
        add_workday(&mut year, value)?;
    }
    for value in table.array("rest")? {
        add_holiday(&mut year, value)?;
    }
    year.rest.sort();
    year.work.sort_unstable();
    Ok(year)
}

fn syntax(text: &str, error: &toml::de::Error) -> HolidayFault {
    let range = error.span().filter(|span| text.get(span.clone()).is_some()).unwrap_or(0..0);
    let what = ("这里不是正确的 TOML", format!("this is not TOML: {}", error.message()));
    HolidayFault::new(
        range,
        what,
        ("对照 config/holidays/ 里的文件改正", "compare with the files in config/holidays/"),
    )
}

/// A table of the file, with its place.
struct Table<'a> {
    at: Range<usize>,
    entries: &'a DeTable<'a>,
}

impl<'a> Table<'a> {
    fn refuse_unknown(&self, known: &[&str]) -> Result<(), HolidayFault> {
        let Some(key) = self.entries.keys().find(|key| !known.contains(&key.get_ref().as_ref())) else {
            return Ok(());
        };
        let what = (format!("没有 {} 这个键", key.get_ref()), format!("there is no key {}", key.get_ref()));
        let names = known.join(" ");
        Err(HolidayFault::new(
            key.span(),
            what,
            (&format!("可用的键：{names}"), &format!("the keys are: {names}")),
        ))
    }

    fn get(&self, key: &str) -> Option<&'a Value<'a>> {
        self.entries.get(key)
    }

    fn required(&self, key: &str) -> Result<&'a Value<'a>, HolidayFault> {
        self.get(key).ok_or_else(|| {
            let what = (format!("缺少 {key}"), format!("{key} is missing"));
            HolidayFault::new(self.at.clone(), what, ("补上这个键", "add the key"))
        })
    }

    fn text(&self, key: &str) -> Result<&'a str, HolidayFault> {
        let value = self.required(key)?;
        value.get_ref().as_str().ok_or_else(|| {
            let what = (format!("{key} 应是文字"), format!("{key} takes a text"));
            HolidayFault::new(value.span(), what, ("用引号括起来", "put it in quotes"))
        })
    }

    fn array(&self, key: &str) -> Result<&'a [Value<'a>], HolidayFault> {
        let Some(value) = self.get(key) else { return Ok(&[]) };
        value.get_ref().as_array().map(|array| &array[..]).ok_or_else(|| {
            let what = (format!("{key} 应是列表"), format!("{key} takes a list"));
            HolidayFault::new(
                value.span(),
                what,
                ("work = [\"2026-02-14\"]，[[rest]]", "work = [\"2026-02-14\"], [[rest]]"),
            )
        })
    }
}

fn year_number(table: &Table<'_>) -> Result<i32, HolidayFault> {
    let value = table.required("year")?;
    let number = value
        .get_ref()
        .as_integer()
        .and_then(|number| i32::from_str_radix(number.as_str(), number.radix()).ok());
    number.filter(|year| (1949..=2199).contains(year)).ok_or_else(|| {
        let what = ("year 应是年份", "year takes the number of a year");
        HolidayFault::new(value.span(), what, ("例如 year = 2026", "such as year = 2026"))
    })
}

fn announced(table: &Table<'_>) -> Result<bool, HolidayFault> {
    let value = table.required("announced")?;
    value.get_ref().as_bool().ok_or_else(|| {
        let what = ("announced 应是 true 或 false", "announced takes true or false");
        let fix = (
            "放假通知已发布写 true，否则写 false",
            "true when the State Council's notice is out, false before",
        );
        HolidayFault::new(value.span(), what, fix)
    })
}

/// Reads a date, as a text or as TOML's own date; it must lie in the year, or in the holidays that cross its ends.
fn date(year: i32, value: &Value<'_>) -> Result<NaiveDate, HolidayFault> {
    let written = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Datetime(datetime) => datetime.to_string(),
        _ => String::new(),
    };
    let fix = ("写成 \"年-月-日\"，例如 \"2026-02-14\"", "write \"year-month-day\": \"2026-02-14\"");
    let date: NaiveDate = written
        .parse()
        .map_err(|_| HolidayFault::new(value.span(), ("这不是日期", "this is not a date"), fix))?;
    let within = date.year() == year
        || (date.year() + 1 == year && date.month() == 12)
        || (date.year() == year + 1 && date.month() == 1);
    if within {
        return Ok(date);
    }
    let what = (format!("{date} 不在 {year} 年"), format!("{date} does not lie in {year}"));
    Err(HolidayFault::new(value.span(), what, ("一年一个文件", "one file a year")))
}

fn add_workday(year: &mut HolidayYear, value: &Value<'_>) -> Result<(), HolidayFault> {
    let day = date(year.year, value)?;
    if !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
        let what = (format!("{day} 本来就是工作日"), format!("{day} is a workday anyway"));
        let fix =
            ("work 里只写调休上班的周六、周日", "work lists only Saturdays and Sundays that are workdays");
        return Err(HolidayFault::new(value.span(), what, fix));
    }
    if year.work.contains(&day) {
        return Err(twice(day, value.span()));
    }
    year.work.push(day);
    Ok(())
}

fn add_holiday(year: &mut HolidayYear, value: &Value<'_>) -> Result<(), HolidayFault> {
    let Some(entries) = value.get_ref().as_table() else {
        let what = ("rest 里应是一段假期", "rest takes holidays");
        let fix =
            ("写成 [[rest]]，下面是 name、from、until", "write [[rest]] with name, from and until below it");
        return Err(HolidayFault::new(value.span(), what, fix));
    };
    let table = Table { at: value.span(), entries };
    table.refuse_unknown(&["name", "from", "until"])?;
    let name = table.text("name")?;
    let first = date(year.year, table.required("from")?)?;
    let end = table.required("until")?;
    let last = date(year.year, end)?;
    let days = (last - first).num_days() + 1;
    if !(1..=LONGEST_HOLIDAY).contains(&days) {
        let what = (format!("从 {first} 到 {last} 不是一段假期"), format!("{first} to {last} is no holiday"));
        let fix = (
            "until 是最后一天，不早于 from，最多 31 天",
            "until is the last day: not before from, 31 days at the most",
        );
        return Err(HolidayFault::new(end.span(), what, fix));
    }
    for day in first.iter_days().take_while(|day| *day <= last) {
        if year.work.contains(&day) || year.rest.iter().any(|(rest, _)| *rest == day) {
            return Err(twice(day, value.span()));
        }
        year.rest.push((day, name.to_owned()));
    }
    Ok(())
}

fn twice(day: NaiveDate, range: Range<usize>) -> HolidayFault {
    let what = (format!("{day} 写了两次"), format!("{day} is written twice"));
    HolidayFault::new(range, what, ("每天只写一次：放假或上班", "write each day once: off, or a workday"))
}
