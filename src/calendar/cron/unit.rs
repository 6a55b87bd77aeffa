//! What each field of a cron expression counts, and the names that stand for its numbers.

/// Describes one field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    /// The field's name in 简体中文.
    pub zh: &'static str,
    /// The field's name in English.
    pub en: &'static str,
    /// Smallest value.
    pub min: u32,
    /// Largest value.
    pub max: u32,
    /// Names for the values from `min` up; empty if the field has none.
    pub names: &'static [&'static str],
    /// Whether numbers are refused because crons disagree on what they mean.
    pub names_only: bool,
    /// Whether `?` may stand for `*`, as in Quartz.
    pub question: bool,
}

/// Place of the seconds in a line of six fields.
pub(super) const SECOND: usize = 0;
/// Place of the day of the month.
pub(super) const DAY: usize = 3;
/// Place of the weekday.
pub(super) const DAY_OF_WEEK: usize = 5;

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Weekdays as the `cron` crate counts them, 1 to 7.
pub(super) const WEEKDAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const fn number(zh: &'static str, en: &'static str, min: u32, max: u32) -> Unit {
    Unit { zh, en, min, max, names: &[], names_only: false, question: false }
}

/// The six fields in the order written.
pub(super) const FIELDS: [Unit; 6] = [
    number("秒", "second", 0, 59),
    number("分", "minute", 0, 59),
    number("时", "hour", 0, 23),
    Unit { question: true, ..number("日", "day of month", 1, 31) },
    Unit { names: MONTHS, ..number("月", "month", 1, 12) },
    Unit { names: WEEKDAYS, names_only: true, question: true, ..number("星期", "weekday", 1, 7) },
];

impl Unit {
    /// Finds the value of a name, short or in full, in any case.
    pub(super) fn value_of(&self, name: &str) -> Option<u32> {
        let name = name.to_ascii_lowercase();
        let full = full_name(&name);
        let place = self.names.iter().position(|n| *n == full)?;
        u32::try_from(place).ok().map(|place| place + self.min)
    }

    /// Writes a value the way the field wants it.
    pub(super) fn write(&self, value: u32) -> String {
        let place = value.checked_sub(self.min).and_then(|place| usize::try_from(place).ok());
        let name = if self.names_only { place.and_then(|place| self.names.get(place)) } else { None };
        name.map_or_else(|| value.to_string(), |name| (*name).to_owned())
    }
}

/// Shortens a full name (`sunday`, `january`) to the three letters of the tables; others are returned as they are.
fn full_name(name: &str) -> &str {
    match name {
        "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday" | "tues"
        | "thurs" | "january" | "february" | "march" | "april" | "june" | "july" | "august" | "september"
        | "october" | "november" | "december" => &name[..3],
        other => other,
    }
}
