//! The only file that reads a clock. Everything else is told the time.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rustix::time::{ClockId, clock_gettime};

/// No honest clock is before this program was released. Moved at each release.
const RELEASED: i64 = 1_793_491_200; // 2026-11-01T00:00:00Z

/// Returns the time before which no honest clock is.
pub fn released() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(RELEASED)
}

/// Reads the wall clock, UTC. It may be wrong, and it may step.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
pub fn wall() -> DateTime<Utc> {
    Utc::now()
}

/// Reads the steady clock: time since the machine started, suspended time included. It never steps.
pub fn steady() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    // The kernel counts from 0 and keeps nanoseconds under a second, so neither conversion can fail.
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// Asks the kernel whether a time service keeps the wall clock right (NTP, GPS).
///
/// Only reads: a `timex` without modes changes nothing. A kernel that will not say counts as not synchronised.
#[expect(unsafe_code, reason = "no crate wraps the reading side of adjtimex")]
pub fn synchronised() -> bool {
    // SAFETY: `timex` is a plain C struct for which zeroes are valid, and adjtimex only writes into it.
    let state = unsafe {
        let mut timex: libc::timex = std::mem::zeroed();
        libc::adjtimex(&raw mut timex)
    };
    (0..libc::TIME_ERROR).contains(&state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steady_clock_never_goes_back() {
        let first = steady();
        assert!(steady() >= first);
    }
}
