//! The civil time in which the log is read and asked.

use std::fs;

use chrono_tz::Tz;

use super::Context;

/// Returns the station file's time zone, and 北京时间 when there is none to be had.
///
/// Only that one key is looked at: the log has to be readable with a station file full of mistakes, and without one.
pub(super) fn zone(context: &Context) -> Tz {
    let read = || {
        let text = fs::read_to_string(&context.config).ok()?;
        text.parse::<toml::Table>().ok()?.get("time_zone")?.as_str()?.parse().ok()
    };
    read().unwrap_or(Tz::Asia__Shanghai)
}
