//! From civil time to the instant it names in a zone, also when that hour is skipped or comes twice.

use chrono::{DateTime, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

/// Returns the first instant at which the clock on the wall shows `civil` or later.
///
/// In a skipped hour that is the first valid instant after it: a safety message must not vanish. In a repeated hour it
/// is the first of the two: a message must not double. The result never falls when `civil` rises.
pub fn place(civil: NaiveDateTime, zone: Tz) -> DateTime<Tz> {
    match zone.from_local_datetime(&civil) {
        MappedLocalTime::Single(only) => only,
        MappedLocalTime::Ambiguous(first, second) => first.min(second),
        MappedLocalTime::None => {
            let after_gap = GapInfo::new(&civil, &zone).and_then(|gap| gap.end);
            // A gap without an end lies outside the zone's data; then UTC is the only reading left.
            after_gap.unwrap_or_else(|| zone.from_utc_datetime(&civil))
        }
    }
}

/// Returns the instant at which a civil day begins; that of the next one for a day that a zone left out.
pub fn midnight(date: NaiveDate, zone: Tz) -> DateTime<Utc> {
    place(date.and_time(NaiveTime::MIN), zone).to_utc()
}

/// Returns every instant at which the clock on the wall shows `civil`, or the end of the gap that swallowed it.
pub(super) fn every_place(civil: NaiveDateTime, zone: Tz) -> impl Iterator<Item = DateTime<Utc>> {
    let second = zone.from_local_datetime(&civil).latest();
    let first = place(civil, zone);
    [Some(first), second.filter(|second| *second != first)].into_iter().flatten().map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(civil: &str) -> String {
        place(civil.parse().unwrap(), Tz::America__New_York).to_rfc3339()
    }

    #[test]
    fn a_skipped_time_is_the_first_instant_after_the_gap() {
        assert_eq!(placed("2026-03-08T01:59:59"), "2026-03-08T01:59:59-05:00");
        assert_eq!(placed("2026-03-08T02:00:00"), "2026-03-08T03:00:00-04:00");
        assert_eq!(placed("2026-03-08T02:30:00"), "2026-03-08T03:00:00-04:00");
        assert_eq!(placed("2026-03-08T03:00:00"), "2026-03-08T03:00:00-04:00");
    }

    #[test]
    fn a_repeated_time_is_its_first_instant() {
        assert_eq!(placed("2026-11-01T01:30:00"), "2026-11-01T01:30:00-04:00");
        assert_eq!(placed("2026-11-01T02:00:00"), "2026-11-01T02:00:00-05:00");
    }

    #[test]
    fn a_day_that_a_zone_left_out_falls_on_the_next() {
        let noon = "2011-12-30T12:00:00".parse().unwrap();
        assert_eq!(place(noon, Tz::Pacific__Apia).to_rfc3339(), "2011-12-31T00:00:00+14:00");
    }
}
