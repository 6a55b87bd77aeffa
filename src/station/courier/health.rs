//! When to say how this station is: what was said, what is and the time go in, a wait comes out.

use std::time::Duration;

use crate::wire::Health;

/// Said so often, whatever happens: the county shows within 100 seconds that a station has fallen silent.
const EVERY: Duration = Duration::from_mins(1);

/// Changes are said no more often: an output that comes and goes must not fill the line.
const AT_LEAST: Duration = Duration::from_secs(10);

/// Returns how long to wait before `now` is said; zero means at once. `told` is what was said last and when, `steady` the
/// present, both on the steady clock.
pub(super) fn due(told: Option<(&Health, Duration)>, now: Option<&Health>, steady: Duration) -> Duration {
    let Some(now) = now else { return EVERY };
    let Some((before, at)) = told else { return Duration::ZERO };
    let since = steady.saturating_sub(at);
    let after = if essence(before) == essence(now) { EVERY } else { AT_LEAST };
    after.saturating_sub(since)
}

/// Leaves out what always changes, and what the records say themselves.
fn essence(health: &Health) -> Health {
    let mut health = health.clone();
    health.at = chrono::DateTime::UNIX_EPOCH;
    health.newest = 0;
    // A tenth more or less is news.
    health.disk_free = health.disk_free.map(|free| free.checked_ilog2().unwrap_or_default().into());
    for station in &mut health.stations {
        (station.last_completed, station.last_heard) = (None, None);
    }
    health
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::wire::StationHealth;

    fn health() -> Health {
        Health {
            at: DateTime::UNIX_EPOCH,
            clock_trusted: true,
            version: "0.1.0".to_owned(),
            run: 1,
            disk_free: Some(10_000_000_000),
            newest: 7,
            journal_ok: true,
            campaigns: Vec::new(),
            stations: vec![StationHealth {
                id: "赵家庄".to_owned(),
                zones: Vec::new(),
                output_ok: true,
                output_detail: String::new(),
                amplifier_fault: String::new(),
                monitor: "none".to_owned(),
                volume: 80,
                last_completed: None,
                last_heard: None,
            }],
        }
    }

    const S: fn(u64) -> Duration = Duration::from_secs;

    #[test]
    fn health_is_said_at_once_then_every_minute_and_sooner_when_it_changes() {
        let told = health();
        assert_eq!(due(None, Some(&told), S(0)), S(0));
        assert_eq!(due(None, None, S(0)), EVERY, "before the daemon knows");
        let mut later = told.clone();
        later.at += TimeDelta::minutes(1);
        (later.newest, later.disk_free) = (9, Some(9_999_000_000));
        later.stations[0].last_completed = Some(later.at);
        assert_eq!(due(Some((&told, S(100))), Some(&later), S(130)), S(30), "nothing of note");
        assert_eq!(due(Some((&told, S(100))), Some(&later), S(160)), S(0));
        later.stations[0].output_ok = false;
        assert_eq!(due(Some((&told, S(100))), Some(&later), S(101)), S(9));
        assert_eq!(due(Some((&told, S(100))), Some(&later), S(130)), S(0));
        let full = Health { disk_free: Some(1_000_000), ..told.clone() };
        assert_eq!(due(Some((&told, S(100))), Some(&full), S(160)), S(0));
    }
}
