//! Cron expressions, read with guards: whatever the `cron` crate would misunderstand is refused, with what to write.
//!
//! Each field is checked here first, because the crate's own messages are a bare caret or empty, and because it
//! counts 1 as Sunday where most people mean Monday. Only a line that passed is handed to the crate.

mod fault;
mod field;
mod unit;

use std::ops::Range;
use std::str::FromStr;

use ::cron::Schedule;

pub use fault::CronFault;

use field::normal;
use unit::{DAY, DAY_OF_WEEK, FIELDS, SECOND, Unit};

/// Longest expression that is read, in bytes: every sensible one has less than half of it.
const LONGEST: usize = 256;

/// A cron expression that passed the guards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CronLine {
    /// What the crate made of it; six fields, seconds first.
    pub schedule: Schedule,
    /// Whether day of month and weekday are both narrowed, so that both must hold: worth a warning, because the
    /// classic cron fires when either does.
    pub both_day_fields: bool,
}

/// One blank-separated part of the expression and where it stands.
#[derive(Debug, Clone, Copy)]
struct Part<'a> {
    text: &'a str,
    start: usize,
}

impl Part<'_> {
    fn range(self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }
}

/// Reads a cron expression of five fields (`minute hour day month weekday`) or six (`second` first).
///
/// Weekdays are names. Never panics, whatever the text.
///
/// # Errors
/// The first fault, with the bytes of `text` to underline, what is wrong, and what to write.
pub fn parse(text: &str) -> Result<CronLine, CronFault> {
    guard_whole(text)?;
    let parts = parts(text);
    let units = units_for(text, &parts)?;
    let mut fields = Vec::with_capacity(FIELDS.len());
    for (part, unit) in parts.iter().zip(units) {
        fields.push(normal(*part, unit)?);
    }
    if units.len() < FIELDS.len() {
        fields.insert(0, "0".to_owned());
    }
    let narrowed = |index: usize| !matches!(fields[index].as_str(), "*" | "?");
    let both_day_fields = narrowed(DAY) && narrowed(DAY_OF_WEEK);
    let schedule = Schedule::from_str(&fields.join(" ")).map_err(|_| CronFault::unreadable(0..text.len()))?;
    Ok(CronLine { schedule, both_day_fields })
}

fn guard_whole(text: &str) -> Result<(), CronFault> {
    if text.len() > LONGEST {
        return Err(CronFault::too_long(text));
    }
    if text.trim().is_empty() {
        return Err(CronFault::empty(text));
    }
    if let Some((start, wide)) = text.char_indices().find(|(_, c)| fault::half_width(*c).is_some()) {
        return Err(CronFault::full_width(text, start..start + wide.len_utf8()));
    }
    let trimmed = text.trim();
    if trimmed.starts_with('@') {
        let start = text.len() - text.trim_start().len();
        return Err(CronFault::macro_form(trimmed, start..start + trimmed.len()));
    }
    Ok(())
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut start = 0;
    while let Some(skip) = rest.find(|c: char| !c.is_whitespace()) {
        rest = &rest[skip..];
        start += skip;
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        parts.push(Part { text: &rest[..length], start });
        rest = &rest[length..];
        start += length;
    }
    parts
}

fn units_for(text: &str, parts: &[Part<'_>]) -> Result<&'static [Unit], CronFault> {
    let whole = || parts.first().map_or(0, |p| p.start)..parts.last().map_or(text.len(), |p| p.range().end);
    if let Some(part) = parts.iter().find(|p| p.text.contains(':')) {
        return Err(CronFault::clock_time(part.text, part.range()));
    }
    if let Some(part) = parts.iter().find(|p| p.text.ends_with(',') || p.text.starts_with(',')) {
        return Err(CronFault::loose_comma(part.range()));
    }
    match parts.len() {
        5 => Ok(&FIELDS[SECOND + 1..]),
        6 => Ok(&FIELDS),
        7 => Err(CronFault::years(parts[6].range())),
        count => Err(CronFault::field_count(count, whole())),
    }
}

#[cfg(test)]
mod tests;
