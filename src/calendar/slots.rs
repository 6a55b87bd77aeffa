//! When a schedule fires: civil times first, without a zone, then the instants they name.

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use cron::TimeUnitSpec;

use crate::model::{Schedule, When};

use super::Almanac;
use super::civil::place;

/// First and last date on which anything fires: the limits of the `cron` crate.
const FIRST_DATE: NaiveDate = NaiveDate::from_ymd_opt(1970, 1, 1).expect("the date exists");
const LAST_DATE: NaiveDate = NaiveDate::from_ymd_opt(2100, 12, 31).expect("the date exists");

/// One occurrence of a schedule: what was written, and the instant that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CivilSlot {
    /// The civil time that the schedule names.
    pub civil: NaiveDateTime,
    /// The instant, with the offset then in force. Its civil time differs from `civil` only after a skipped hour.
    pub due: DateTime<FixedOffset>,
}

/// Lists the instants in `[from, until)` at which the schedule fires: sorted, each once.
///
/// A time in a skipped hour fires at the first valid instant after it, a time in a repeated hour only the first time.
/// The iterator is lazy: it holds one slot at a time, however long the window. Nothing fires before 1970 or after 2100,
/// the `cron` crate's limits.
pub fn occurrences<'a>(
    schedule: &'a Schedule,
    almanac: &'a Almanac,
    zone: Tz,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> impl Iterator<Item = DateTime<FixedOffset>> + 'a {
    slots(schedule, almanac, zone, from, until).map(|slot| slot.due)
}

/// Lists what [`occurrences`] lists, with the civil time of each.
pub fn slots<'a>(
    schedule: &'a Schedule,
    almanac: &'a Almanac,
    zone: Tz,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> impl Iterator<Item = CivilSlot> + 'a {
    let slots = dates(zone, from, until)
        .filter(move |date| fires_on(schedule, almanac, *date))
        .flat_map(move |date| times_of_day(&schedule.when, date).map(move |time| date.and_time(time)))
        .map(move |civil| CivilSlot { civil, due: place(civil, zone).fixed_offset() });
    let mut last: Option<DateTime<FixedOffset>> = None;
    slots
        .filter(move |slot| {
            // Several times of one skipped hour name the same instant.
            let fresh = last.is_none_or(|last| last < slot.due);
            last = Some(slot.due);
            fresh
        })
        .skip_while(move |slot| slot.due < from)
        .take_while(move |slot| slot.due < until)
}

/// Tells whether the schedule fires on `date`, by its cron, its days and its calendar.
pub(super) fn fires_on(schedule: &Schedule, almanac: &Almanac, date: NaiveDate) -> bool {
    let named = match &schedule.when {
        When::At(_) => true,
        When::Cron(cron) => first_time(cron).is_some_and(|time| cron.includes(date.and_time(time).and_utc())),
    };
    named && almanac.admits(schedule.days, schedule.calendar.as_ref(), date)
}

/// Lists the dates that the window can touch, one more at either end: a skipped day moves its times to the next, and
/// a zone may step back over midnight.
fn dates(zone: Tz, from: DateTime<Utc>, until: DateTime<Utc>) -> impl Iterator<Item = NaiveDate> {
    let within = |at: DateTime<Utc>| at.naive_utc().date().clamp(FIRST_DATE, LAST_DATE);
    // Chrono cannot shift the ends of its own range into a zone, so an instant out there is first drawn near.
    let civil = |at: DateTime<Utc>| {
        if within(at) == at.date_naive() { at.with_timezone(&zone).date_naive() } else { within(at) }
    };
    let first = (civil(from) - Days::new(1)).max(FIRST_DATE);
    let last = (civil(until) + Days::new(1)).min(LAST_DATE);
    first.iter_days().take_while(move |date| *date <= last)
}

/// Lists the times of day at which the schedule fires on a day on which it fires.
fn times_of_day(when: &When, date: NaiveDate) -> Box<dyn Iterator<Item = NaiveTime> + '_> {
    match when {
        When::At(times) => Box::new(times.iter().copied()),
        When::Cron(cron) => {
            // Civil time is told to the crate as UTC, which has no gaps; `after` excludes its argument.
            let before_midnight = date.and_time(NaiveTime::MIN).and_utc() - TimeDelta::seconds(1);
            let civil = cron.after(&before_midnight).map(|at| at.naive_utc());
            Box::new(civil.take_while(move |at| at.date() == date).map(|at| at.time()))
        }
    }
}

/// The first time of day that a cron names; the same on every day on which it fires.
fn first_time(cron: &cron::Schedule) -> Option<NaiveTime> {
    let (hour, minute, second) =
        (cron.hours().iter().next()?, cron.minutes().iter().next()?, cron.seconds().iter().next()?);
    NaiveTime::from_hms_opt(hour, minute, second)
}
