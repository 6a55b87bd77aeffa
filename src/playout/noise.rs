//! A station's own limits: quiet hours, and how much sound neighbours are asked to bear.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::calendar::quiet;
use crate::model::{Limits, Reason};

/// Sound is remembered a little longer than the longest civil day.
const REMEMBERED: TimeDelta = TimeDelta::hours(26);

/// One stretch of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sounded {
    /// First sample heard.
    pub from: DateTime<Utc>,
    /// Last sample heard.
    pub until: DateTime<Utc>,
}

/// Keeps account of what sounded against the limits.
#[derive(Debug, Clone)]
pub(super) struct Noise {
    limits: Limits,
    zone: Tz,
    sounded: VecDeque<Sounded>,
}

impl Noise {
    pub(super) fn new(limits: Limits, zone: Tz, sounded: impl IntoIterator<Item = Sounded>) -> Self {
        Self { limits, zone, sounded: sounded.into_iter().collect() }
    }

    pub(super) fn change(&mut self, limits: Limits, zone: Tz) {
        self.limits = limits;
        self.zone = zone;
    }

    pub(super) fn note(&mut self, sounded: Sounded) {
        let horizon = sounded.until - REMEMBERED;
        self.sounded.retain(|s| s.until > horizon && s.from < sounded.until + REMEMBERED);
        self.sounded.push_back(sounded);
    }

    /// Returns the limit that sound of `length` from `at` would break.
    pub(super) fn forbids(&self, at: DateTime<Utc>, length: Duration) -> Option<Reason> {
        let until = at + length;
        if self.is_quiet(at) || quiet::next_quiet(&self.limits, self.zone, at).is_some_and(|q| q < until) {
            return Some(Reason::QuietHours);
        }
        let over = |limit: Option<u32>, used: Duration| {
            limit.is_some_and(|minutes| used + length > Duration::from_secs(u64::from(minutes) * 60))
        };
        let hour = over(self.limits.minutes_per_hour, self.used_in_hour(until));
        let day = over(self.limits.minutes_per_day, self.used_in_day(at));
        (hour || day).then_some(Reason::NoiseLimit)
    }

    /// Tells whether `at` lies in quiet hours.
    pub(super) fn is_quiet(&self, at: DateTime<Utc>) -> bool {
        quiet::is_quiet(&self.limits, self.zone, at)
    }

    /// Returns the sound of the 60 minutes before `at`. Sound that a clock since set back places after `at` counts
    /// too: it was heard, and the neighbours do not care by which clock.
    pub(super) fn used_in_hour(&self, at: DateTime<Utc>) -> Duration {
        let from = at - TimeDelta::hours(1);
        self.sounded.iter().map(|s| s.until - s.from.max(from)).filter_map(|d| d.to_std().ok()).sum()
    }

    /// Returns the sound of the civil day of `at`, each stretch counted on the day on which it began.
    pub(super) fn used_in_day(&self, at: DateTime<Utc>) -> Duration {
        let day = self.civil_day(at);
        let today = self.sounded.iter().filter(|s| self.civil_day(s.from) == day);
        today.filter_map(|s| (s.until - s.from).to_std().ok()).sum()
    }

    fn civil_day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }
}
