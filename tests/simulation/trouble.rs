//! Draws what goes wrong in a world.

use dalaba::model::Priority;
use rand::Rng;
use rand::seq::IndexedRandom;

use crate::world::{DAY, Faults, Happening, MINUTE, World, epoch};

impl World {
    pub(crate) fn draw_troubles(&mut self) {
        let (power, rest) = match self.faults {
            Faults::None => (0, 0),
            Faults::Power => (self.rng.random_range(2..40), 0),
            Faults::All => (self.rng.random_range(0..5), 1),
        };
        for _ in 0..power {
            let at = self.rng.random_range(0..DAY);
            let off = if self.rng.random_bool(0.5) { 20_000 } else { 4 * 3_600_000 };
            let off = self.rng.random_range(1_000..off);
            let end = if self.rng.random_bool(0.2) { Happening::Shutdown } else { Happening::PowerCut };
            self.later(at, end);
            self.later(at + off, Happening::PowerBack);
        }
        for _ in 0..rest * self.rng.random_range(0..6) {
            let at = self.rng.random_range(0..DAY);
            let for_ms = self.rng.random_range(1_000..1_800_000);
            self.draw_trouble(at, for_ms);
        }
    }

    pub(crate) fn draw_trouble(&mut self, at: u64, for_ms: u64) {
        match self.rng.random_range(0..7) {
            0 => {
                let to_1970 = -(epoch().timestamp_millis() + i64::try_from(at).expect("a day"));
                let steps = [3_600_000, -3_600_000, to_1970, 40_000, -40_000];
                let step = *steps.choose(&mut self.rng).expect("not empty");
                let synchronised = self.rng.random_bool(0.5) && step != to_1970;
                if !synchronised {
                    self.later(at, Happening::Synchronised(false));
                }
                self.later(at, Happening::Step(step));
                self.later(at + for_ms, Happening::Step(-step));
                self.later(at + for_ms, Happening::Synchronised(true));
            }
            1 | 2 => {
                self.later(at, Happening::OutputLost);
                self.later(at + for_ms, Happening::OutputBack);
            }
            3 => {
                // Just after a busy moment, when something waits.
                let busy = at - at % (30 * MINUTE) + self.rng.random_range(0..20_000);
                self.later(busy, Happening::Edited);
            }
            4 | 5 => {
                let priority = *Priority::ALL.choose(&mut self.rng).expect("not empty");
                self.later(at, Happening::Said(priority));
                let again = self.rng.random_range(0..20_000);
                self.later(at + again, Happening::Said(Priority::Emergency));
            }
            _ => self.later(at, Happening::Stopped),
        }
    }
}
