//! Takes values out of a table that was read.

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use chrono::{NaiveDate, NaiveTime};

use crate::model::CalendarId;

use super::reader::{Entries, Entry};
use super::value::Value;

impl Entries {
    /// Returns a value; none when the key is absent without a default, or was refused.
    pub(super) fn value(&self, key: &str) -> Option<&Value> {
        self.values.get(key).map(|entry| &entry.value)
    }

    /// Returns where the value stands, or else where the table does.
    pub(super) fn span_of(&self, key: &str) -> Range<usize> {
        self.values.get(key).map_or_else(|| self.span.clone(), |entry| entry.span.clone())
    }

    /// Tells whether the key was written, even if its value was refused.
    pub(super) fn wrote(&self, key: &str) -> bool {
        self.keys.contains_key(key)
    }

    /// Returns where the key stands, or else where the table does.
    pub(super) fn span_of_key(&self, key: &str) -> Range<usize> {
        self.keys.get(key).unwrap_or(&self.span).clone()
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        if let Some(Value::Text(text)) = self.value(key) { Some(text) } else { None }
    }

    pub(super) fn integer(&self, key: &str) -> Option<i64> {
        if let Some(Value::Integer(number)) = self.value(key) { Some(*number) } else { None }
    }

    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        if let Some(Value::Flag(flag)) = self.value(key) { Some(*flag) } else { None }
    }

    pub(super) fn length(&self, key: &str) -> Option<Duration> {
        if let Some(Value::Length(length)) = self.value(key) { Some(*length) } else { None }
    }

    pub(super) fn date(&self, key: &str) -> Option<NaiveDate> {
        if let Some(Value::Date(date)) = self.value(key) { Some(*date) } else { None }
    }

    pub(super) fn time(&self, key: &str) -> Option<NaiveTime> {
        if let Some(Value::Time(time)) = self.value(key) { Some(*time) } else { None }
    }

    pub(super) fn path(&self, key: &str) -> Option<&Path> {
        if let Some(Value::Path(path)) = self.value(key) { Some(path) } else { None }
    }

    pub(super) fn calendar(&self, key: &str) -> Option<&CalendarId> {
        if let Some(Value::Calendar(id)) = self.value(key) { Some(id) } else { None }
    }

    pub(super) fn table(&self, key: &str) -> Option<&Entries> {
        if let Some(Value::Table(table)) = self.value(key) { Some(table) } else { None }
    }

    /// Returns the values of a list with their places.
    pub(super) fn entries(&self, key: &str) -> impl Iterator<Item = &Entry> {
        let list = if let Some(Value::List(list)) = self.value(key) { list.as_slice() } else { &[] };
        list.iter()
    }

    /// Returns the values of a list.
    pub(super) fn list(&self, key: &str) -> impl Iterator<Item = &Value> {
        self.entries(key).map(|entry| &entry.value)
    }

    /// Returns the tables of a list.
    pub(super) fn tables(&self, key: &str) -> impl Iterator<Item = &Entries> {
        self.list(key).filter_map(|value| if let Value::Table(table) = value { Some(table) } else { None })
    }
}
