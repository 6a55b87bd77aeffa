//! One value: from what TOML holds to what its key asks for, or what to write instead.

use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;
use toml::de::DeValue;
use toml::value::Datetime;

use crate::calendar::cron::{self, CronLine};
use crate::model::{CalendarId, Chime, Days, MonthDay, Selection, SolarDate, Target, Words};

use super::advice::{Advice, in_half_width, listed, nearest, quoted};
use super::reader::{Entries, Entry, Reader};
use super::{Field, FieldKind, Kinds, ListOf, moment, name};

/// Weekdays in a list.
pub(super) const WEEKDAYS: ListOf =
    ListOf { kind: FieldKind::OneOf(&name::WEEKDAY_NAMES), fewest: 1, most: 7 };

/// Holds a value of the kind that its key asked for.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Flag(bool),
    Length(Duration),
    Date(NaiveDate),
    SolarDate(SolarDate),
    LunarDate(MonthDay),
    Time(NaiveTime),
    Cron(Box<CronLine>),
    TimeZone(Tz),
    Target(Target),
    Calendar(CalendarId),
    Path(PathBuf),
    Chime(Chime),
    Days(Days),
    List(Vec<Entry>),
    Table(Entries),
    Selection(Selection),
}

/// Says why a value is refused.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    /// The part of the text's content that is meant; the whole value when none is named.
    pub(super) within: Option<Range<usize>>,
    pub(super) advice: Advice,
}

impl Fault {
    pub(super) fn new(what: Words, fix: Words) -> Self {
        Self { within: None, advice: Advice::new(what, fix) }
    }
}

/// Reads a value that is no table and no list.
pub(super) fn read(value: &DeValue<'_>, kind: &FieldKind, reader: &Reader<'_>) -> Result<Value, Fault> {
    match (value, kind) {
        (DeValue::Boolean(flag), FieldKind::Flag) => Ok(Value::Flag(*flag)),
        (DeValue::Integer(written), FieldKind::Integer { min, max }) => {
            let number = i64::from_str_radix(written.as_str(), written.radix());
            number
                .ok()
                .filter(|n| (min..=max).contains(&n))
                .map(Value::Integer)
                .ok_or_else(|| out_of(written.as_str(), *min, *max))
        }
        (DeValue::Datetime(written), FieldKind::Date | FieldKind::SolarDate | FieldKind::Time) => {
            moment_of(written, kind)
        }
        (DeValue::String(text), kind) if takes_text(kind) => read_text(text, kind, reader),
        _ => Err(wrong_type(value, kind, reader.kinds)),
    }
}

/// Reads a default as its table writes it.
pub(super) fn from_default(default: &str, kind: &FieldKind, reader: &Reader<'_>) -> Result<Value, Advice> {
    match kind {
        FieldKind::Flag => Ok(Value::Flag(default == "true")),
        FieldKind::Integer { .. } => default
            .parse()
            .map(Value::Integer)
            .map_err(|_| wrong_type(&DeValue::Boolean(true), kind, reader.kinds).advice),
        _ => read_text(default, kind, reader).map_err(|fault| fault.advice),
    }
}

fn takes_text(kind: &FieldKind) -> bool {
    !matches!(
        kind,
        FieldKind::Flag
            | FieldKind::Integer { .. }
            | FieldKind::List(_)
            | FieldKind::Table(_)
            | FieldKind::Output
            | FieldKind::Engine
            | FieldKind::Amplifier
    )
}

fn read_text(text: &str, kind: &FieldKind, reader: &Reader<'_>) -> Result<Value, Fault> {
    Ok(match kind {
        FieldKind::Text { longest } => Value::Text(name::text(text, *longest)?),
        FieldKind::Name | FieldKind::Pinyin => Value::Text(name::text(text, name::LONGEST_NAME)?),
        FieldKind::OneOf(words) => Value::Text(name::one_of(text, words)?),
        FieldKind::Id => Value::Text(name::id(text)?),
        FieldKind::Calendar => Value::Calendar(name::calendar(text)?),
        FieldKind::Target => Value::Target(name::target(text)?),
        FieldKind::Path => Value::Path(name::path(text, &reader.source.path)?),
        FieldKind::Recording => Value::Path(name::recording(text)?),
        FieldKind::Chime => Value::Chime(name::chime(text, &reader.kinds.chimes)?),
        FieldKind::Language => Value::Text(name::language(text)?),
        FieldKind::TimeZone => Value::TimeZone(name::time_zone(text)?),
        FieldKind::Days => Value::Days(name::days(text)?),
        FieldKind::Length { min, max } => Value::Length(moment::length(text, *min, *max)?),
        FieldKind::Date => Value::Date(moment::date(text)?),
        FieldKind::SolarDate => Value::SolarDate(moment::solar_date(text)?),
        FieldKind::LunarDate => Value::LunarDate(moment::lunar_date(text)?),
        FieldKind::Time => Value::Time(moment::time(text)?),
        FieldKind::Cron => Value::Cron(Box::new(cron_line(text)?)),
        FieldKind::Flag
        | FieldKind::Integer { .. }
        | FieldKind::List(_)
        | FieldKind::Table(_)
        | FieldKind::Output
        | FieldKind::Engine
        | FieldKind::Amplifier => return Err(wrong_type(&DeValue::String(text.into()), kind, reader.kinds)),
    })
}

fn cron_line(text: &str) -> Result<CronLine, Fault> {
    cron::parse(text)
        .map_err(|fault| Fault { within: Some(fault.range), advice: Advice::new(fault.what, fault.fix) })
}

fn moment_of(written: &Datetime, kind: &FieldKind) -> Result<Value, Fault> {
    match (kind, written.date, written.time, written.offset) {
        (FieldKind::Date, Some(_), None, None) => Ok(Value::Date(moment::date(&written.to_string())?)),
        (FieldKind::SolarDate, Some(_), None, None) => {
            Ok(Value::SolarDate(moment::solar_date(&written.to_string())?))
        }
        (FieldKind::Time, None, Some(time), None) => Ok(Value::Time(moment::toml_time(time)?)),
        _ => Err(Fault::new(
            Words::new(
                format!("{} 不是这里要的日期或时刻", quoted(&written.to_string())),
                format!("{} is not the date or time asked for", quoted(&written.to_string())),
            ),
            example_of(kind),
        )),
    }
}

/// Says what TOML type was found, in words of people who do not program.
fn type_name(value: &DeValue<'_>) -> Words {
    match value {
        DeValue::String(_) => Words::new("文字", "a text"),
        DeValue::Integer(_) => Words::new("整数", "a whole number"),
        DeValue::Float(_) => Words::new("小数", "a decimal number"),
        DeValue::Boolean(_) => Words::new("真假值", "a yes/no value"),
        DeValue::Datetime(_) => Words::new("日期或时刻", "a date or time"),
        DeValue::Array(_) => Words::new("列表", "a list"),
        DeValue::Table(_) => Words::new("表", "a table"),
    }
}

pub(super) fn wrong_type(value: &DeValue<'_>, kind: &FieldKind, kinds: &Kinds) -> Fault {
    let found = type_name(value);
    let wanted = wanted(kind, kinds);
    Fault::new(
        Words::new(
            format!("这里写的是{}，应当是{}", found.zh, wanted.zh),
            format!("this is {}, but {} is wanted", found.en, wanted.en),
        ),
        better(value, kind),
    )
}

/// Rewrites the value when only its wrapping is wrong; else gives an example.
fn better(value: &DeValue<'_>, kind: &FieldKind) -> Words {
    let written = match (value, kind) {
        (DeValue::Table(_), FieldKind::List(ListOf { kind: FieldKind::Table(_), .. })) => {
            return Words::new(
                "用两层方括号，如 `[[message]]`：每一条各写一个",
                "use double brackets, as in `[[message]]`, one for each",
            );
        }
        (DeValue::String(text), FieldKind::List(_)) => format!("[\"{text}\"]"),
        (DeValue::Datetime(moment), FieldKind::List(_)) => format!("[\"{moment}\"]"),
        (DeValue::Integer(number), FieldKind::Length { .. }) => {
            return Words::new(
                format!("带上单位：`\"{number}s\"` 是 {number} 秒，`\"{number}m\"` 是 {number} 分钟"),
                format!("add a unit: `\"{number}s\"` for seconds, `\"{number}m\"` for minutes"),
            );
        }
        (DeValue::Integer(number), kind) if takes_text(kind) => format!("\"{number}\""),
        (DeValue::String(text), FieldKind::Integer { .. }) => match in_half_width(text).trim().parse::<i64>()
        {
            Ok(number) => number.to_string(),
            Err(_) => return example_of(kind),
        },
        (DeValue::String(text), FieldKind::Flag) if matches!(text.as_ref(), "true" | "false") => {
            text.to_string()
        }
        _ => return example_of(kind),
    };
    Words::new(format!("改成 `{written}`"), format!("write `{written}`"))
}

fn out_of(written: &str, min: i64, max: i64) -> Fault {
    let what = Words::new("数值超出范围", "the number is out of range");
    // `loudness = 16`: the sign was forgotten.
    let below = written.parse::<i64>().ok().and_then(i64::checked_neg);
    if let Some(below) = below.filter(|below| *below < 0 && (min..=max).contains(below)) {
        let fix = Words::new(format!("这里要写负数：`{below}`"), format!("it is negative: write `{below}`"));
        return Fault::new(what, fix);
    }
    Fault::new(
        what,
        Words::new(
            format!("写 {min} 到 {max} 之间的整数"),
            format!("write a whole number from {min} to {max}"),
        ),
    )
}

/// Describes what a kind wants.
fn wanted(kind: &FieldKind, kinds: &Kinds) -> Words {
    match kind {
        FieldKind::Flag => Words::new("`true` 或 `false`", "`true` or `false`"),
        FieldKind::Integer { .. } => Words::new("整数", "a whole number"),
        FieldKind::Length { .. } => Words::new("时长", "a length of time"),
        FieldKind::Date | FieldKind::SolarDate | FieldKind::LunarDate => Words::new("日期", "a date"),
        FieldKind::Time => Words::new("时刻", "a time of day"),
        FieldKind::List(_) => Words::new("列表", "a list"),
        FieldKind::Days => Words::new("星期的列表", "a list of weekdays"),
        FieldKind::Table(_) => Words::new("表", "a table"),
        FieldKind::Output | FieldKind::Amplifier => {
            let rows = if *kind == FieldKind::Output { &kinds.outputs } else { &kinds.amplifiers };
            let names = listed(rows.iter().map(|kind| kind.name));
            Words::new(
                format!("带 `kind` 的表（{}）", names.zh),
                format!("a table with `kind` ({})", names.en),
            )
        }
        FieldKind::Engine => Words::new("带 `engine` 的表", "a table with `engine`"),
        _ => Words::new("文字", "a text"),
    }
}

/// Gives an example of what to write for a key that is missing.
pub(super) fn example(field: &Field, kinds: &Kinds) -> Words {
    let Field { key, kind, .. } = field;
    let value = match kind {
        FieldKind::List(ListOf { kind: FieldKind::Table(_), .. }) => {
            return Words::new(
                format!("另起一行写 `[[{key}]]`"),
                format!("add `[[{key}]]` on a line of its own"),
            );
        }
        FieldKind::Output => match kinds.outputs.first() {
            Some(first) => format!("{{ kind = \"{}\" }}", first.name),
            None => return example_of(kind),
        },
        kind => sample(kind).to_owned(),
    };
    Words::new(format!("加上 `{key} = {value}`"), format!("add `{key} = {value}`"))
}

/// Gives an example of a value.
fn example_of(kind: &FieldKind) -> Words {
    let sample = sample(kind);
    Words::new(format!("例如 `{sample}`"), format!("for example `{sample}`"))
}

fn sample(kind: &FieldKind) -> &'static str {
    match kind {
        FieldKind::Text { .. } => "\"安全带就是生命带！\"",
        FieldKind::Integer { .. } => "1",
        FieldKind::Flag => "true",
        FieldKind::Length { .. } => "\"10s\"",
        FieldKind::Date => "2024-01-26",
        FieldKind::SolarDate => "\"05-01\"",
        FieldKind::LunarDate => "\"12-23\"",
        FieldKind::Time => "\"06:30\"",
        FieldKind::Cron => "\"0 30 6 * * *\"",
        FieldKind::TimeZone => "\"Asia/Shanghai\"",
        FieldKind::Language => "\"zh\"",
        FieldKind::Target => "\"*\"",
        FieldKind::Chime => "\"four-rising\"",
        FieldKind::Recording => "\"helmet.mp3\"",
        FieldKind::Path => "\"…\"",
        FieldKind::Name => "\"default\"",
        FieldKind::Pinyin => "\"lao4 ting2\"",
        FieldKind::Id | FieldKind::Calendar => "\"安全带\"",
        FieldKind::OneOf(words) => words.first().copied().unwrap_or_default(),
        FieldKind::Days => "[\"mon\", \"fri\"]",
        FieldKind::List(ListOf { kind: FieldKind::Time, .. }) => "[\"06:30\", \"18:00\"]",
        FieldKind::List(ListOf { kind: FieldKind::Target, .. }) => "[\"*\"]",
        FieldKind::List(_) => "[\"…\"]",
        FieldKind::Table(_) => "{ … }",
        FieldKind::Output | FieldKind::Amplifier => "{ kind = \"…\" }",
        FieldKind::Engine => "{ engine = \"…\" }",
    }
}

/// Reads a chooser (`kind`, `engine`) against the kinds there are.
pub(super) fn kind_name(written: &str, names: &[&'static str]) -> Result<&'static str, Fault> {
    names.iter().find(|name| **name == written).copied().ok_or_else(|| {
        let known = listed(names.iter().copied());
        let fix = match nearest(written, names.iter().copied()) {
            Some(near) => Words::new(format!("改成 `\"{near}\"`"), format!("write `\"{near}\"`")),
            None => Words::new(format!("可以写：{}", known.zh), format!("known: {}", known.en)),
        };
        let name = quoted(written);
        Fault::new(Words::new(format!("没有叫 {name} 的种类"), format!("there is no kind {name}")), fix)
    })
}
