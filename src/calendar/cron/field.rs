//! One field of a cron expression: checked, and written so that the crate cannot misread it.

use std::ops::Range;

use super::unit::{DAY_OF_WEEK, FIELDS, Unit};
use super::{CronFault, Part};

/// What an item of a field names.
enum Base {
    /// `*` or `?`.
    All,
    /// One value; with a step it runs to the end of the unit.
    One(u32),
    /// Both ends included; may wrap.
    Span(u32, u32),
}

/// Checks one field and returns it as the crate reads it: lower case, short names, no weekday range that the crate
/// would take for a wrapped one because its week begins on Sunday.
pub(super) fn normal(part: Part<'_>, unit: &Unit) -> Result<String, CronFault> {
    if unit.names_only && has_number(part.text) {
        return Err(CronFault::numeric_weekday(part.text, part.range()));
    }
    let mut items = Vec::new();
    let mut start = part.start;
    for text in part.text.split(',') {
        let item = Part { text, start };
        items.push(normal_item(item, part, unit)?);
        start += text.len() + 1;
    }
    Ok(items.join(","))
}

/// Tells whether a weekday field holds a number other than a step.
fn has_number(text: &str) -> bool {
    text.split(',').any(|item| {
        let base = item.split('/').next().unwrap_or_default();
        // `2#1` and `5L` have their own message.
        let plain = base.chars().all(|c| c.is_ascii_digit() || c == '-');
        plain && base.contains(|c: char| c.is_ascii_digit())
    })
}

fn normal_item(item: Part<'_>, field: Part<'_>, unit: &Unit) -> Result<String, CronFault> {
    if item.text.is_empty() {
        return Err(CronFault::empty_item(field.range()));
    }
    let (base_text, step) = match item.text.split_once('/') {
        Some((base, step)) => (base, Some(step_of(step, item, unit)?)),
        None => (item.text, None),
    };
    let base = base_of(base_text, item, unit)?;
    match (base, step) {
        (Base::All, None) => Ok(base_text.to_owned()),
        (Base::All, Some(step)) => Ok(format!("*/{step}")),
        (Base::One(value), None) => Ok(unit.write(value)),
        (Base::One(value), Some(step)) => from_value(value, step, item, unit),
        (Base::Span(first, last), step) => span(first, last, step, item, unit),
    }
}

fn step_of(text: &str, item: Part<'_>, unit: &Unit) -> Result<u32, CronFault> {
    match text.parse::<u32>() {
        Ok(0) => Err(CronFault::step_zero(item.range())),
        Ok(step) if step <= unit.max && text.bytes().all(|b| b.is_ascii_digit()) => Ok(step),
        _ => Err(CronFault::bad_step(text, unit, item.range())),
    }
}

/// `5/15`: from 5 on, every 15. Named days have no natural end to run to.
fn from_value(value: u32, step: u32, item: Part<'_>, unit: &Unit) -> Result<String, CronFault> {
    if unit.names_only {
        return Err(CronFault::step_without_range(item.range()));
    }
    Ok(format!("{value}/{step}"))
}

fn base_of(text: &str, item: Part<'_>, unit: &Unit) -> Result<Base, CronFault> {
    match text {
        "*" => return Ok(Base::All),
        "?" if unit.question => return Ok(Base::All),
        "?" => return Err(CronFault::question(unit, item.range())),
        _ => {}
    }
    if let Some(sign) = special(text, unit) {
        return Err(CronFault::special(sign, text, item.range()));
    }
    match text.split_once('-') {
        Some((first, last)) => Ok(Base::Span(value(first, item, unit)?, value(last, item, unit)?)),
        None => Ok(Base::One(value(text, item, unit)?)),
    }
}

/// Finds Quartz's `L`, `W` and `#`.
fn special(text: &str, unit: &Unit) -> Option<char> {
    if text.contains('#') {
        return Some('#');
    }
    if unit.value_of(text).is_some() {
        return None;
    }
    let number_before = |end: char| {
        let bare = text.strip_suffix([end, end.to_ascii_lowercase()]);
        bare.is_some_and(|rest| {
            rest.is_empty() || rest.bytes().all(|b| b.is_ascii_digit()) || unit.value_of(rest).is_some()
        })
    };
    let last = |end| number_before(end).then_some(end);
    last('L')
        .or_else(|| last('W'))
        .or_else(|| text.eq_ignore_ascii_case("lw").then_some('L'))
        .or_else(|| text.to_ascii_lowercase().starts_with("l-").then_some('L'))
}

fn value(text: &str, item: Part<'_>, unit: &Unit) -> Result<u32, CronFault> {
    if let Some(value) = unit.value_of(text) {
        return Ok(value);
    }
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(CronFault::bad_value(text, item.text, unit, item.range()));
    }
    match text.parse::<u32>() {
        Ok(number) if (unit.min..=unit.max).contains(&number) => Ok(number),
        _ => Err(CronFault::out_of_range(text, unit, item.range())),
    }
}

/// Writes a range; weekday ranges are written out, because people count the week from Monday and the crate does not.
fn span(first: u32, last: u32, step: Option<u32>, item: Part<'_>, unit: &Unit) -> Result<String, CronFault> {
    let wraps = first > last;
    let weekday_to_sunday = unit.names_only && last == FIELDS[DAY_OF_WEEK].min;
    if wraps && !weekday_to_sunday {
        return Err(CronFault::wrapped(&written_out(first, last, step, unit), item.range()));
    }
    if unit.names_only {
        return Ok(written_out(first, last, step, unit));
    }
    let step = step.map(|step| format!("/{step}")).unwrap_or_default();
    Ok(format!("{first}-{last}{step}"))
}

/// Writes a range that runs over the end of its unit without wrapping: a list of values, or two ranges.
fn written_out(first: u32, last: u32, step: Option<u32>, unit: &Unit) -> String {
    if first > last && step.is_none() && !unit.names_only {
        let range = |r: Range<u32>| {
            if r.start == r.end { r.end.to_string() } else { format!("{}-{}", r.start, r.end) }
        };
        return format!("{},{}", range(first..unit.max), range(unit.min..last));
    }
    let values: Vec<u32> = if first <= last {
        (first..=last).collect()
    } else {
        (first..=unit.max).chain(unit.min..=last).collect()
    };
    let step = usize::try_from(step.unwrap_or(1)).unwrap_or(1);
    let written: Vec<String> = values.into_iter().step_by(step).map(|value| unit.write(value)).collect();
    written.join(",")
}
