//! A message's minutes, looked up in the log.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use dalaba::station::journal::Entry;

use super::daemon::heard;

/// How near to a power cut an airing may suffer from it: what counts as begun before it, and its own length.
const NEAR: TimeDelta = TimeDelta::seconds(15);

/// What became of one message's airings, one of which was due each minute.
pub(crate) struct Day {
    /// How many there are of each kind of end.
    ends: BTreeMap<String, usize>,
    /// How late those that were heard whole began, in order.
    late: Vec<TimeDelta>,
    /// What cannot be excused.
    faults: Vec<String>,
}

impl Day {
    /// Looks up every minute between two instants; `dark` is when the power was off.
    pub(crate) fn of(
        entries: &[Entry],
        playlist: &str,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        dark: &[(DateTime<Utc>, DateTime<Utc>)],
    ) -> Self {
        let mut day = Self { ends: BTreeMap::new(), late: Vec::new(), faults: Vec::new() };
        let mut of_minute: BTreeMap<DateTime<Utc>, Vec<&Entry>> = BTreeMap::new();
        for entry in entries.iter().filter(|entry| entry.playlist == playlist) {
            let minute = entry.due.to_utc().duration_trunc(TimeDelta::minutes(1)).unwrap();
            of_minute.entry(minute).or_default().push(entry);
        }
        // The first and the last minutes are not whole.
        let mut minute = from.duration_trunc(TimeDelta::minutes(1)).unwrap() + TimeDelta::minutes(1);
        while minute + TimeDelta::minutes(1) < until {
            day.look(minute, of_minute.get(&minute).map_or(&[], Vec::as_slice), dark);
            minute += TimeDelta::minutes(1);
        }
        day.late.sort();
        day
    }

    fn look(&mut self, minute: DateTime<Utc>, entries: &[&Entry], dark: &[(DateTime<Utc>, DateTime<Utc>)]) {
        let [entry] = entries else {
            self.faults.push(format!("{minute}: {} airings", entries.len()));
            return;
        };
        let Some(close) = &entry.close else {
            self.faults.push(format!("{minute}: not closed"));
            return;
        };
        let end =
            format!("{:?} {}", close.outcome, close.reason.map_or(String::new(), |why| format!("{why:?}")));
        let due = entry.due.to_utc();
        let excused = dark.iter().any(|(off, on)| *off - NEAR < due && due < *on + NEAR);
        if heard(entry) {
            self.late.extend(close.started.map(|started| started - due));
        } else if !excused {
            self.faults.push(format!("{due}: {end}"));
        }
        *self.ends.entry(end.trim_end().to_owned()).or_default() += 1;
    }

    /// Fails if a minute has no airing or two, or one that was not heard though nothing stood in its way; or if there was none.
    pub(crate) fn check(&self) {
        assert_eq!(self.faults, Vec::<String>::new());
        assert!(!self.ends.is_empty(), "no whole minute went by");
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (end, count) in &self.ends {
            write!(out, "{count} {end}, ")?;
        }
        let at = |percent: usize| {
            let place = (self.late.len() * percent / 100).min(self.late.len().saturating_sub(1));
            self.late.get(place).map_or(0, TimeDelta::num_milliseconds)
        };
        write!(out, "begun late by p50 {} ms, p99 {} ms, most {} ms", at(50), at(99), at(100))
    }
}
