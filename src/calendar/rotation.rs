//! Counting slots for rotation (轮播): which of its messages a schedule's slot airs.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use cron::TimeUnitSpec;

use crate::model::{Days, Schedule, When};

use super::Almanac;
use super::slots::fires_on;

/// The day from which firing days are counted. Any fixed day would do; before it only the place in the day counts.
const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2020, 1, 1).expect("1 January 2020 exists");

/// Numbers the slots of a schedule: firing days since 2020 times slots a day, plus the place in the day.
///
/// The number depends on nothing but the schedule, the almanac and the slot's civil time, so a restart goes on where
/// it stopped, and a schedule that fires on Mondays only still takes the next message each Monday.
#[derive(Debug, Clone)]
pub struct Rotation<'a> {
    schedule: &'a Schedule,
    almanac: &'a Almanac,
    counted_to: NaiveDate,
    firing_days: u64,
}

impl<'a> Rotation<'a> {
    /// Starts counting. Days are counted as they are asked for, so ask in rising order where you can.
    pub fn new(schedule: &'a Schedule, almanac: &'a Almanac) -> Self {
        Self { schedule, almanac, counted_to: FIRST_DAY, firing_days: 0 }
    }

    /// Returns the number of the slot at `civil`, which must be a time at which the schedule fires.
    pub fn index(&mut self, civil: NaiveDateTime) -> u64 {
        let days = self.firing_days_before(civil.date());
        let (place, slots) = place_in_day(&self.schedule.when, civil.time());
        days.wrapping_mul(slots).wrapping_add(place)
    }

    fn firing_days_before(&mut self, date: NaiveDate) -> u64 {
        if fires_every_day(self.schedule) {
            // The common case, without looking at thousands of days.
            return u64::try_from((date - FIRST_DAY).num_days()).unwrap_or(0);
        }
        if date < self.counted_to {
            (self.counted_to, self.firing_days) = (FIRST_DAY, 0);
        }
        let days = self.counted_to.iter_days().take_while(|day| *day < date);
        let firing = days.filter(|day| fires_on(self.schedule, self.almanac, *day)).count();
        self.firing_days += firing as u64;
        self.counted_to = self.counted_to.max(date);
        self.firing_days
    }
}

fn fires_every_day(schedule: &Schedule) -> bool {
    let named = match &schedule.when {
        When::At(_) => true,
        When::Cron(cron) => {
            (cron.days_of_month().count(), cron.months().count(), cron.days_of_week().count()) == (31, 12, 7)
        }
    };
    named && schedule.days == Days::Every && schedule.calendar.is_none()
}

/// Returns the place of `time` among the slots of a day, and how many slots a day has. A cron's times of day are the
/// same on every day on which it fires: all its hours with all its minutes and seconds.
fn place_in_day(when: &When, time: NaiveTime) -> (u64, u64) {
    match when {
        When::At(times) => {
            let place = times.iter().filter(|at| **at < time).count();
            (place as u64, times.len() as u64)
        }
        When::Cron(cron) => {
            let hour = place_in(cron.hours(), time.hour());
            let minute = place_in(cron.minutes(), time.minute());
            let second = place_in(cron.seconds(), time.second());
            let place = (hour.0 * minute.1 + minute.0) * second.1 + second.0;
            (place, hour.1 * minute.1 * second.1)
        }
    }
}

fn place_in(unit: &impl TimeUnitSpec, value: u32) -> (u64, u64) {
    (unit.iter().filter(|ordinal| *ordinal < value).count() as u64, u64::from(unit.count()))
}
