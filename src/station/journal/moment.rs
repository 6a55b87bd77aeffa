//! How instants are written in the as-run log, and read back.

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};

/// Writes an instant as RFC 3339 in UTC with milliseconds, so that text order is time order.
pub(super) fn utc(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Writes a due instant in its civil time, the way that ids of airings write it.
pub(super) fn civil(due: DateTime<FixedOffset>) -> String {
    due.to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

/// Reads an instant; `None` if it is not RFC 3339.
pub(super) fn read(text: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_field_by_field_in_its_own_place() {
        // Rivendell's reconciliation report printed the day of the month in the seconds column: every field here
        // differs from every other.
        let due = DateTime::parse_from_rfc3339("2026-11-23T06:30:45.678+08:00").unwrap();
        assert_eq!(utc(due.to_utc()), "2026-11-22T22:30:45.678Z");
        assert_eq!(civil(due), "2026-11-23T06:30:45.678+08:00");
        assert_eq!(read(&civil(due)), Some(due));
    }

    #[test]
    fn text_order_is_time_order_across_fractions_of_a_second() {
        let at = |text| utc(DateTime::parse_from_rfc3339(text).unwrap().to_utc());
        assert!(at("2026-11-23T06:30:00Z") < at("2026-11-23T06:30:00.001Z"));
        assert!(at("1970-01-01T08:00:00+08:00") < at("2026-11-23T06:30:00+08:00"));
    }
}
