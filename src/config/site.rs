//! From the values of `station.toml` to the site.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{Weekday, WeekdaySet};

use crate::model::{
    CalendarId, Group, GroupId, Keep, Limits, Monitor, QuietHours, Site, SolarDate, Station, StationId,
    UserCalendar, Words, ZoneId,
};

use super::groups;
use super::name::WEEKDAY_NAMES;
use super::playlist::unique_id;
use super::reader::{Entries, Reader};
use super::value::Value;

/// Builds the site; `None` when something that it needs was refused.
pub(super) fn build(entries: &Entries, reader: &mut Reader<'_>) -> Option<Site> {
    let common =
        entries.table("limits").map(|table| limits(table, &Limits::default(), reader)).unwrap_or_default();
    let mut stations = stations(entries, &common, reader);
    groups::stagger(entries, &mut stations, reader);
    let calendars = calendars(entries, reader);
    let voice = match entries.value("voice") {
        Some(Value::Selection(voice)) => Some(voice.clone()),
        Some(_) => None,
        None if entries.wrote("voice") => None,
        None => reader.default_engine(),
    };
    let Some(Value::TimeZone(time_zone)) = entries.value("time_zone") else { return None };
    Some(Site {
        time_zone: *time_zone,
        broadcasts: entries.path("broadcasts")?.into(),
        audio: entries.path("audio")?.into(),
        holidays: entries.path("holidays")?.into(),
        voices: entries.path("voices").map(Into::into),
        lexicon: entries.path("lexicon")?.into(),
        remove_erhua: entries.flag("remove_erhua")?,
        voice: voice?,
        stations: stations.into_iter().collect::<Option<_>>()?,
        calendars: calendars.into_iter().collect::<Option<_>>()?,
    })
}

fn stations(entries: &Entries, common: &Limits, reader: &mut Reader<'_>) -> Vec<Option<Station>> {
    let mut first = BTreeMap::new();
    entries
        .tables("station")
        .map(|table| {
            unique_id(table, &mut first, reader);
            station(table, common, reader)
        })
        .collect()
}

fn station(table: &Entries, common: &Limits, reader: &mut Reader<'_>) -> Option<Station> {
    let limits = table.table("limits").map_or_else(|| common.clone(), |own| limits(own, common, reader));
    let Some(Value::Selection(output)) = table.value("output") else { return None };
    let amplifier = match table.value("amplifier") {
        Some(Value::Selection(amplifier)) => Some(amplifier.clone()),
        _ => None,
    };
    let zone = |value: &Value| if let Value::Text(id) = value { ZoneId::new(id).ok() } else { None };
    Some(Station {
        id: StationId::new(table.text("id")?).ok()?,
        zones: table.list("zones").filter_map(zone).collect(),
        group: table
            .text("group")
            .and_then(|id| GroupId::new(id).ok())
            .map(|id| Group { id, after: Duration::ZERO }),
        output: output.clone(),
        amplifier,
        volume: u8::try_from(table.integer("volume")?).ok()?,
        limits,
        monitor: table.table("monitor").and_then(monitor),
    })
}

fn monitor(table: &Entries) -> Option<Monitor> {
    let whole = |key: &str| table.integer(key).and_then(|number| u32::try_from(number).ok());
    Some(Monitor {
        device: table.text("device")?.to_owned(),
        keep: match table.text("keep")? {
            "none" => Keep::Nothing,
            "all" => Keep::All,
            _ => Keep::Unheard,
        },
        keep_days: whole("keep_days")?,
        keep_bytes: u64::from(whole("keep_megabytes")?) * 1_000_000,
        fault_after: whole("fault_after")?,
    })
}

/// Lays the limits that were written over the common ones, key by key.
fn limits(table: &Entries, common: &Limits, reader: &mut Reader<'_>) -> Limits {
    let minutes = |key: &str, common: Option<u32>| {
        table.integer(key).and_then(|minutes| u32::try_from(minutes).ok()).or(common)
    };
    Limits {
        quiet_hours: if table.wrote("quiet_hours") {
            table.tables("quiet_hours").filter_map(|part| quiet_hours(part, reader)).collect()
        } else {
            common.quiet_hours.clone()
        },
        minutes_per_hour: minutes("minutes_per_hour", common.minutes_per_hour),
        minutes_per_day: minutes("minutes_per_day", common.minutes_per_day),
    }
}

fn quiet_hours(table: &Entries, reader: &mut Reader<'_>) -> Option<QuietHours> {
    let (from, until) = (table.time("from")?, table.time("until")?);
    if from == until {
        reader.error(
            &table.span,
            Words::new("静音时段的起止相同", "the quiet hours begin and end at the same time"),
            Words::new(
                "写上不同的两个时刻；整天静音就不要给这个站点安排节目",
                "write two different times; for a silent day, schedule nothing there",
            ),
        );
    }
    Some(QuietHours { from, until })
}

fn calendars(entries: &Entries, reader: &mut Reader<'_>) -> Vec<Option<UserCalendar>> {
    let mut first = BTreeMap::new();
    entries
        .tables("calendar")
        .map(|table| {
            unique_id(table, &mut first, reader);
            calendar(table, reader)
        })
        .collect()
}

fn calendar(table: &Entries, reader: &mut Reader<'_>) -> Option<UserCalendar> {
    if !["lunar_days", "lunar", "dates", "weekdays"].into_iter().any(|key| table.wrote(key)) {
        reader.error(
            &table.span,
            Words::new("这个日历里没有日子", "this calendar has no days"),
            Words::new(
                "写上 `lunar_days`、`lunar`、`dates` 或 `weekdays`",
                "add `lunar_days`, `lunar`, `dates` or `weekdays`",
            ),
        );
    }
    let day = |value: &Value| if let Value::Integer(day) = value { u8::try_from(*day).ok() } else { None };
    let lunar = |value: &Value| if let Value::LunarDate(date) = value { Some(*date) } else { None };
    let mut weekdays = WeekdaySet::EMPTY;
    for day in table.list("weekdays").filter_map(weekday) {
        weekdays.insert(day);
    }
    Some(UserCalendar {
        id: CalendarId::new(table.text("id")?).ok()?,
        lunar_days: table.list("lunar_days").filter_map(day).collect(),
        lunar: table.list("lunar").filter_map(lunar).collect(),
        dates: table.list("dates").filter_map(solar).collect(),
        weekdays,
        except: table.list("except").filter_map(solar).collect(),
    })
}

fn solar(value: &Value) -> Option<SolarDate> {
    if let Value::SolarDate(date) = value { Some(*date) } else { None }
}

/// Takes a weekday that was read as one of [`WEEKDAY_NAMES`].
pub(super) fn weekday(value: &Value) -> Option<Weekday> {
    let Value::Text(name) = value else { return None };
    let at = WEEKDAY_NAMES.iter().position(|known| known == name)?;
    Weekday::try_from(u8::try_from(at).ok()?).ok()
}
