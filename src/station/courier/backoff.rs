//! When to try again after a failure: how often it failed and a random number go in, a wait comes out.
//!
//! Full jitter (any length up to a limit that doubles) spreads the villages of a county that comes back after a month as
//! evenly as can be; waits that only double would let them all come at once, again and again.

use std::time::Duration;

/// Longest wait after a first failure. Two hundred villages whose server restarts come back a hundred a second.
const FIRST: Duration = Duration::from_secs(2);

/// Longest wait of all, unless the county asks for more: a county that is back is noticed as soon as a poll would notice
/// news. Ten thousand villages then come at some 170 a second.
pub(super) const LONGEST: Duration = Duration::from_mins(1);

/// Shortest wait: nothing spins.
const SHORTEST: Duration = Duration::from_millis(100);

/// Longest wait that the county may ask for: a wrong `Retry-After` must not cut a village off for a week.
const MOST_ASKED: Duration = Duration::from_mins(15);

/// Returns how long to wait after so many failures in a row, one at least. `random` is any number; `asked` is what the county
/// asked for, which is kept to within reason and then spread too.
pub(super) fn wait(failures: u32, random: u64, asked: Option<Duration>) -> Duration {
    let doubled = FIRST.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
    let most = doubled.min(LONGEST);
    let spread = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
    let jitter = Duration::from_millis(random % (spread + 1));
    asked.map_or(Duration::ZERO, |asked| asked.min(MOST_ASKED)) + jitter.max(SHORTEST)
}

/// Gives random numbers that anybody may know, from one seed (Steele, Lea, Flood: `SplitMix64`).
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    /// Begins with `seed`; the same seed gives the same numbers.
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Begins with a seed that no other station has.
    pub(super) fn shaken() -> Self {
        let mut seed = [0; 8];
        // Without the system's own dice all is as well as with them, but for stations that keep step.
        let _ = getrandom::fill(&mut seed);
        Self::new(u64::from_ne_bytes(seed))
    }

    /// Returns the next number.
    pub(super) const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_their_limit_and_never_spin() {
        for (failures, most) in [(1, 2), (2, 4), (3, 8), (5, 32), (6, 60), (u32::MAX, 60)] {
            let mut dice = Dice::new(u64::from(failures));
            let waits: Vec<Duration> = (0..10_000).map(|_| wait(failures, dice.roll(), None)).collect();
            let (least, longest) = (waits.iter().min().unwrap(), waits.iter().max().unwrap());
            assert!(*least >= SHORTEST && *longest <= Duration::from_secs(most), "{failures}: {longest:?}");
            assert!(*longest >= Duration::from_secs(most) * 9 / 10, "{failures}: the whole width is used");
        }
    }

    #[test]
    fn what_the_county_asks_for_is_waited_for_within_reason() {
        let mut dice = Dice::new(7);
        let asked = Duration::from_mins(1);
        assert!((0..1000).all(|_| wait(1, dice.roll(), Some(asked)) >= asked));
        assert!(wait(1, dice.roll(), Some(Duration::MAX)) <= MOST_ASKED + FIRST);
    }

    #[test]
    fn ten_thousand_villages_that_waited_for_a_month_do_not_come_at_once() {
        let mut seconds = [0_u32; 60];
        for village in 0..10_000 {
            let mut dice = Dice::new(village);
            // Each has failed for a month; the county comes back at the start of one of its waits.
            let at = wait(10_000, dice.roll(), None);
            seconds[usize::try_from(at.as_secs()).unwrap().min(59)] += 1;
        }
        let most = seconds.iter().max().unwrap();
        assert!(*most < 250, "{most} in one second, of 167 on average");
    }
}
