//! How loud a station is: from the wishes of the village, of the message, of the hour and of the priority to one number, and
//! from that to decibels.

use std::collections::BTreeMap;

use chrono::NaiveTime;

use super::Priority;

/// Percent that stand for the sound as it is, 0 dB.
pub const FULL: u8 = 100;

/// A part of each day with a volume of its own; `until` at or before `from` means past midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VolumeHours {
    /// First instant of the part, civil time.
    pub from: NaiveTime,
    /// First instant after the part, civil time.
    pub until: NaiveTime,
    /// Most percent in it.
    pub percent: u8,
}

impl VolumeHours {
    fn contains(self, time: NaiveTime) -> bool {
        if self.from < self.until {
            self.from <= time && time < self.until
        } else {
            self.from <= time || time < self.until
        }
    }
}

/// Says how loud a station may be. Only the station's own file says so: nothing that is signed or typed elsewhere goes over it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Volume {
    /// Most percent of everything but emergencies; theirs too if nothing else is said of them.
    pub usual: u8,
    /// Most percent of each priority. That of emergencies may be more than the usual.
    pub by_priority: BTreeMap<Priority, u8>,
    /// Most percent by the hour; does not bind emergencies.
    pub hours: Vec<VolumeHours>,
}

impl From<u8> for Volume {
    fn from(percent: u8) -> Self {
        Self { usual: percent, ..Self::default() }
    }
}

impl Volume {
    /// Returns the percent at which an airing sounds: the least of all that is said, for emergencies what the station says
    /// of them and nothing else.
    ///
    /// `message` is what the message wishes, `time` the station's civil time at which it begins.
    pub fn percent(&self, message: Option<u8>, time: NaiveTime, priority: Priority) -> u8 {
        let own = self.by_priority.get(&priority).copied();
        let percent = if priority == Priority::Emergency {
            own.unwrap_or(self.usual)
        } else {
            let hours = self.hours.iter().filter(|part| part.contains(time)).map(|part| part.percent);
            hours.chain(own).chain(message).fold(self.usual, u8::min)
        };
        percent.min(FULL)
    }
}

/// Returns the gain of `percent` in dB: 100 % is 0 dB and each halving takes 10 dB, which people hear as half as loud. None is
/// silence, at 0 %.
pub fn decibels(percent: u8) -> Option<f64> {
    let share = f64::from(percent.min(FULL)) / f64::from(FULL);
    (percent > 0).then(|| 10.0 * share.log2())
}

/// Returns the same as the factor of each sample.
#[expect(clippy::cast_possible_truncation, reason = "between 0 and 1")]
pub fn gain(percent: u8) -> f32 {
    decibels(percent).map_or(0.0, |decibels| 10.0_f64.powf(decibels / 20.0) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Priority::{Emergency, Important, Routine, Urgent};

    fn time(hour: u32, minute: u32) -> NaiveTime {
        NaiveTime::from_hms_opt(hour, minute, 0).unwrap()
    }

    #[test]
    fn the_least_of_all_wishes_counts_and_emergencies_have_their_own() {
        let village = Volume {
            usual: 80,
            by_priority: BTreeMap::from([(Routine, 70), (Urgent, 95), (Emergency, 100)]),
            hours: vec![
                VolumeHours { from: time(12, 0), until: time(14, 0), percent: 40 },
                VolumeHours { from: time(21, 0), until: time(7, 0), percent: 20 },
            ],
        };
        let plain = Volume::from(60);
        let cases: [(&Volume, Option<u8>, NaiveTime, Priority, u8); 17] = [
            (&plain, None, time(9, 0), Routine, 60),
            (&plain, Some(30), time(9, 0), Urgent, 30),
            (&plain, Some(100), time(9, 0), Urgent, 60),
            (&plain, Some(0), time(9, 0), Routine, 0),
            (&plain, Some(10), time(9, 0), Emergency, 60),
            (&village, None, time(9, 0), Routine, 70),
            (&village, None, time(9, 0), Important, 80),
            (&village, None, time(9, 0), Urgent, 80),
            (&village, Some(50), time(9, 0), Routine, 50),
            (&village, None, time(11, 59), Important, 80),
            (&village, None, time(12, 0), Important, 40),
            (&village, None, time(14, 0), Important, 80),
            (&village, None, time(21, 0), Urgent, 20),
            (&village, None, time(6, 59), Urgent, 20),
            (&village, None, time(7, 0), Urgent, 80),
            (&village, None, time(3, 0), Emergency, 100),
            (&village, Some(100), time(3, 0), Routine, 20),
        ];
        for (volume, message, time, priority, percent) in cases {
            assert_eq!(volume.percent(message, time, priority), percent, "{message:?} {time} {priority:?}");
        }
    }

    #[test]
    fn a_signed_message_never_goes_over_the_village() {
        for message in (0..=255).map(Some).chain([None]) {
            for priority in Priority::ALL {
                assert!(Volume::from(60).percent(message, time(9, 0), priority) <= 60, "{message:?}");
            }
        }
    }

    #[test]
    fn a_hundred_percent_is_0_db_each_half_takes_10_db_and_nothing_is_silence() {
        let rounded = |percent| decibels(percent).map(|db| (db * 10.0).round() / 10.0);
        let table = [
            (100, 0.0),
            (90, -1.5),
            (80, -3.2),
            (70, -5.1),
            (50, -10.0),
            (25, -20.0),
            (10, -33.2),
            (1, -66.4),
        ];
        for (percent, db) in table {
            assert_eq!(rounded(percent), Some(db), "{percent} %");
        }
        assert_eq!((decibels(0), gain(0), gain(100)), (None, 0.0, 1.0));
        assert!((gain(50) - 0.316_23).abs() < 1e-5);
        assert!((1..=100).all(|percent| gain(percent) > gain(percent - 1)));
    }
}
