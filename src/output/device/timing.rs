//! When each sample of a device is heard, as far as the device says.

use std::collections::VecDeque;
use std::time::Duration;

use crate::clip::RATE;

/// Reports that count. A device asks for sound every 43 ms, so these cover 1.4 s, in which its clock and ours part by
/// 0.14 ms at the most (100 ppm).
const REPORTS: usize = 33;

/// A report is off by as much as the machine was busy between the reading of the clock and that of the device, and by
/// whole periods when the sound server had not yet counted the last one. The middle of many is off by neither.
#[derive(Debug, Default)]
pub(super) struct Timing {
    /// Numbers of samples, and when the device said that each would be heard.
    reports: VecDeque<(u64, Duration)>,
}

impl Timing {
    /// Takes a report of the device: sample number `sample`, counted from its opening, is heard at `at`.
    pub(super) fn note(&mut self, sample: u64, at: Duration) {
        if self.reports.len() == REPORTS {
            self.reports.pop_front();
        }
        self.reports.push_back((sample, at));
    }

    /// Tells when sample number `sample` is heard; none before the first report.
    pub(super) fn heard_at(&self, sample: u64) -> Option<Duration> {
        let mut told: Vec<i128> =
            self.reports.iter().map(|(known, at)| nanos(*at) + spent(*known, sample)).collect();
        if told.is_empty() {
            return None;
        }
        let middle = told.len() / 2;
        let (_, middle, _) = told.select_nth_unstable(middle);
        u64::try_from(*middle).ok().map(Duration::from_nanos)
    }
}

fn nanos(time: Duration) -> i128 {
    i128::try_from(time.as_nanos()).unwrap_or(i128::MAX)
}

/// Returns the nanoseconds from one sample to another.
fn spent(from: u64, to: u64) -> i128 {
    (i128::from(to) - i128::from(from)) * 1_000_000_000 / i128::from(RATE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn nothing_is_known_before_the_first_report() {
        assert_eq!(Timing::default().heard_at(0), None);
    }

    #[test]
    fn samples_before_and_after_a_report_are_counted_from_it() {
        let mut timing = Timing::default();
        timing.note(48_000, ms(5_000));
        assert_eq!(timing.heard_at(48_000), Some(ms(5_000)));
        assert_eq!(timing.heard_at(52_800), Some(ms(5_100)));
        assert_eq!(timing.heard_at(0), Some(ms(4_000)));
    }

    #[test]
    fn reports_that_are_off_by_a_period_or_late_by_a_busy_machine_change_nothing() {
        let mut timing = Timing::default();
        for n in 0..100 {
            let right = ms(1_000 + n * 2_048 / 48);
            let told = match n % 5 {
                1 => right + ms(43),
                3 => right.saturating_sub(ms(43)),
                _ => right,
            };
            timing.note(n * 2_048, told);
        }
        let at = timing.heard_at(100 * 2_048).unwrap();
        assert!(at.abs_diff(ms(1_000 + 100 * 2_048 / 48)) < ms(2), "{at:?}");
    }
}
