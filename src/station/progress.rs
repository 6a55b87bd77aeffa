//! Whether the daemon has proved that it makes progress: the judge of the watchdog. A function of values.
//!
//! A process that still answers may have stopped airing. So being alive is not enough: each station must show that its
//! loop came round when it promised to, and that samples leave while sound should be on.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::StationId;

/// How late a loop may come round, and how long samples may stand still, before that is held to be stuck.
///
/// An output that is lost is seen by its own watchdog within 2 s and then counts as known; a loaded small board has
/// been seen to pause for seconds. 10 s is well above both and well below the 30 s of the unit's watchdog.
pub const TOLERANCE: Duration = Duration::from_secs(10);

/// What a station shows of itself at the moment of judgement. Instants are of the steady clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// The instant by which its loop promised to come round again; none if nothing is ahead of it.
    pub next_wake: Option<Duration>,
    /// Its sound.
    pub sound: Sound,
}

/// Whether sound should be on, and how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sound {
    /// None is due.
    Off,
    /// Sound should be on; so many samples were written to the output since the daemon started.
    On {
        /// Samples written.
        written: u64,
    },
    /// Sound should be on, the output has failed, and the station knows it: that is on record and being retried.
    KnownLost,
}

/// Why a station is held to be stuck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stuck {
    /// Its loop did not come round: so much later than it promised.
    Loop {
        /// How late it is.
        late: Duration,
    },
    /// Sound should be on and no sample has left for so long.
    Samples {
        /// How long they have stood still.
        still: Duration,
    },
}

/// Remembers from one judgement to the next how far each station's samples were.
#[derive(Debug, Default)]
pub struct Progress {
    samples: BTreeMap<StationId, (u64, Duration)>,
}

impl Progress {
    /// Judges all stations at `now`, the steady clock's reading, and returns those that are stuck; none means alive.
    ///
    /// Stations that are not among `proofs` are forgotten: a reload took them away.
    pub fn judge(&mut self, now: Duration, proofs: &[(StationId, Proof)]) -> Vec<(StationId, Stuck)> {
        self.samples.retain(|id, _| proofs.iter().any(|(shown, _)| shown == id));
        let verdict = |(id, proof): &(StationId, Proof)| {
            let stuck = self.samples(now, id, proof.sound).or_else(|| late(now, proof.next_wake));
            stuck.map(|stuck| (id.clone(), stuck))
        };
        proofs.iter().filter_map(verdict).collect()
    }

    fn samples(&mut self, now: Duration, id: &StationId, sound: Sound) -> Option<Stuck> {
        let Sound::On { written } = sound else {
            self.samples.remove(id);
            return None;
        };
        let (before, since) = *self.samples.entry(id.clone()).or_insert((written, now));
        if written != before {
            self.samples.insert(id.clone(), (written, now));
            return None;
        }
        let still = now.saturating_sub(since);
        (still > TOLERANCE).then_some(Stuck::Samples { still })
    }
}

fn late(now: Duration, next_wake: Option<Duration>) -> Option<Stuck> {
    let late = now.checked_sub(next_wake?)?;
    (late > TOLERANCE).then_some(Stuck::Loop { late })
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    fn station(id: &str, next_wake: u64, sound: Sound) -> (StationId, Proof) {
        (StationId::new(id).unwrap(), Proof { next_wake: Some(S(next_wake)), sound })
    }

    fn stuck(progress: &mut Progress, now: u64, proofs: &[(StationId, Proof)]) -> Vec<String> {
        progress.judge(S(now), proofs).into_iter().map(|(id, stuck)| format!("{id} {stuck:?}")).collect()
    }

    #[test]
    fn a_station_that_sleeps_until_tomorrow_is_alive() {
        let mut progress = Progress::default();
        assert!(progress.judge(S(100), &[station("甲", 86_400, Sound::Off)]).is_empty());
        let nothing_ahead = Proof { next_wake: None, sound: Sound::Off };
        assert!(progress.judge(S(100), &[(StationId::new("甲").unwrap(), nothing_ahead)]).is_empty());
    }

    #[test]
    fn a_loop_that_does_not_keep_its_promise_is_stuck_and_only_that_one_is_named() {
        let mut progress = Progress::default();
        let proofs = [station("甲", 100, Sound::Off), station("乙", 105, Sound::Off)];
        assert!(stuck(&mut progress, 110, &proofs).is_empty());
        assert_eq!(stuck(&mut progress, 112, &proofs), ["甲 Loop { late: 12s }"]);
    }

    #[test]
    fn azuracast_8533_samples_that_stand_still_while_sound_should_be_on_are_dead_air() {
        let mut progress = Progress::default();
        let on = |written| [station("甲", 1_000, Sound::On { written })];
        assert!(stuck(&mut progress, 100, &on(1)).is_empty());
        assert!(stuck(&mut progress, 109, &on(2)).is_empty());
        assert!(stuck(&mut progress, 119, &on(2)).is_empty());
        assert_eq!(stuck(&mut progress, 120, &on(2)), ["甲 Samples { still: 11s }"]);
        assert!(stuck(&mut progress, 121, &on(3)).is_empty(), "and it may recover");
    }

    #[test]
    fn silence_between_two_airings_and_a_loss_that_is_known_are_not_dead_air() {
        for pause in [Sound::Off, Sound::KnownLost] {
            let mut progress = Progress::default();
            assert!(stuck(&mut progress, 100, &[station("甲", 1_000, Sound::On { written: 7 })]).is_empty());
            assert!(stuck(&mut progress, 110, &[station("甲", 1_000, pause)]).is_empty());
            assert!(stuck(&mut progress, 120, &[station("甲", 1_000, Sound::On { written: 7 })]).is_empty());
        }
    }

    #[test]
    fn a_station_that_a_reload_took_away_is_forgotten() {
        let mut progress = Progress::default();
        assert!(stuck(&mut progress, 100, &[station("甲", 1_000, Sound::On { written: 7 })]).is_empty());
        assert!(stuck(&mut progress, 110, &[]).is_empty());
        assert!(stuck(&mut progress, 120, &[station("甲", 1_000, Sound::On { written: 7 })]).is_empty());
    }
}
