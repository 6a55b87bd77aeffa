//! Whether the wall clock may be believed (`docs/time.md`).

use chrono::{DateTime, TimeDelta, Utc};

/// A box that was off for longer than this comes back as new; a clock that says so is more likely wrong.
const LONGEST_OFF: TimeDelta = TimeDelta::days(800);
/// Two readings of one clock may differ by this much without a step; NTP corrects more than this by stepping.
const TOLERANCE: TimeDelta = TimeDelta::seconds(2);

/// Says why the wall clock is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distrust {
    /// It is before the latest time that was ever seen: it went back, or the box has no clock of its own.
    BeforeSeen(DateTime<Utc>),
    /// It is before this program was built.
    BeforeBuild(DateTime<Utc>),
    /// It is years after the latest time that was ever seen.
    FarAhead(DateTime<Utc>),
}

/// The verdict on the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// It may be believed.
    Trusted,
    /// Only emergencies may go by it.
    Untrusted(Distrust),
}

impl Trust {
    /// Tells whether the clock may be believed.
    pub fn is_trusted(self) -> bool {
        self == Self::Trusted
    }
}

/// Judges the wall clock `wall`.
///
/// A clock that the kernel calls `synchronised` is believed. Without that it must not be before the latest time ever
/// `seen` on this box, nor before this program was `built`, nor years after both.
pub fn judge_clock(
    wall: DateTime<Utc>,
    seen: Option<DateTime<Utc>>,
    built: DateTime<Utc>,
    synchronised: bool,
) -> Trust {
    if synchronised {
        return Trust::Trusted;
    }
    match seen {
        _ if wall < built => Trust::Untrusted(Distrust::BeforeBuild(built)),
        Some(seen) if wall < seen - TOLERANCE => Trust::Untrusted(Distrust::BeforeSeen(seen)),
        Some(seen) if wall > seen + LONGEST_OFF => Trust::Untrusted(Distrust::FarAhead(seen)),
        _ => Trust::Trusted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    const BUILT: &str = "2026-11-01T00:00:00Z";

    #[test]
    fn a_box_without_rtc_that_boots_in_the_past_is_not_believed() {
        let seen = Some(at("2026-11-23T06:00:00Z"));
        let verdict = judge_clock(at("1970-01-01T00:00:30Z"), seen, at(BUILT), false);
        assert_eq!(verdict, Trust::Untrusted(Distrust::BeforeBuild(at(BUILT))));
        let verdict = judge_clock(at("2026-11-23T05:40:00Z"), seen, at(BUILT), false);
        assert_eq!(verdict, Trust::Untrusted(Distrust::BeforeSeen(at("2026-11-23T06:00:00Z"))));
    }

    #[test]
    fn a_synchronised_clock_forgives_one_that_was_in_the_future() {
        let seen = Some(at("2099-01-01T00:00:00Z"));
        assert!(!judge_clock(at("2026-11-23T06:00:00Z"), seen, at(BUILT), false).is_trusted());
        assert!(judge_clock(at("2026-11-23T06:00:00Z"), seen, at(BUILT), true).is_trusted());
    }

    #[test]
    fn a_clock_that_goes_on_from_where_it_was_seen_is_believed_and_one_that_leaps_years_is_not() {
        let seen = Some(at("2026-11-23T06:00:00Z"));
        assert!(judge_clock(at("2026-11-23T06:00:01Z"), seen, at(BUILT), false).is_trusted());
        assert!(judge_clock(at("2027-03-01T06:00:01Z"), seen, at(BUILT), false).is_trusted());
        assert!(!judge_clock(at("2036-02-07T06:28:16Z"), seen, at(BUILT), false).is_trusted());
    }
}
