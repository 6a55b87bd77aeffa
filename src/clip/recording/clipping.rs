//! Tells whether sound was cut flat at the top before it came to us, in a file that keeps samples and in one that smears them.

/// Levels that are told apart, up to half above full scale: decoders of MP3 overshoot.
const LEVELS: usize = 150;

/// Levels from silence to full scale.
const FULL: f32 = 100.0;

/// Samples in a row at the very top that make a flat place; a wave passes its top in one or two.
const FLAT: u32 = 4;

/// Flat places, and samples at the top of a smeared file, before it counts: once may be an accident.
const OFTEN: u64 = 5;

/// Counts what clipping leaves behind.
pub(super) struct Clipping {
    /// The highest sample so far, and what was counted at it.
    top: f32,
    in_a_row: u32,
    flat: u64,
    first_flat: u64,
    /// How many samples are as high as so many hundredths of full scale, and where the first of each was.
    levels: [(u64, u64); LEVELS],
    power: f64,
    samples: u64,
}

impl Default for Clipping {
    fn default() -> Self {
        Self {
            top: 0.0,
            in_a_row: 0,
            flat: 0,
            first_flat: 0,
            levels: [(0, 0); LEVELS],
            power: 0.0,
            samples: 0,
        }
    }
}

impl Clipping {
    /// Takes the samples of frame number `at`.
    pub(super) fn take(&mut self, frame: &[f32], at: u64) {
        /// Half of the least step of 16 bits.
        const STEP: f32 = 0.000_016;
        let height = frame.iter().fold(0.0_f32, |height, sample| height.max(sample.abs()));
        if height > self.top + STEP {
            (self.top, self.in_a_row, self.flat) = (height, 1, 0);
        } else if height >= self.top - 2.0 * STEP {
            self.in_a_row += 1;
            if self.in_a_row == FLAT {
                self.first_flat = if self.flat == 0 { at } else { self.first_flat };
                self.flat += 1;
            }
        } else {
            self.in_a_row = 0;
        }
        self.count(height, at);
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a height is not negative")]
    fn count(&mut self, height: f32, at: u64) {
        let level = ((height * FULL) as usize).min(LEVELS - 1);
        let (count, first) = &mut self.levels[level];
        *first = if *count == 0 { at } else { *first };
        *count += 1;
        self.power += f64::from(height).powi(2);
        self.samples += 1;
    }

    /// Returns the frame at which a recording of so many `frames` is clipped for the first time; none if it is not.
    pub(super) fn first(&self, frames: u64) -> Option<u64> {
        /// Below this, −40 dB, a row of equal samples is what few bits leave of any sound.
        const LOUD: f32 = 0.01;
        if self.top > LOUD && self.flat >= OFTEN && !self.is_steady() {
            return Some(self.first_flat.min(frames));
        }
        self.smeared()
    }

    /// Whether the sound is a tone or a square, whose tops are flat by nature: its power lies near its peak.
    #[expect(clippy::cast_precision_loss, reason = "a count of samples")]
    fn is_steady(&self) -> bool {
        /// Peak over mean power: 2 for a sine, 25 and more for speech, some 6 for speech that is badly clipped.
        const STEADY: f64 = 3.0;
        f64::from(self.top).powi(2) * self.samples as f64 <= STEADY * self.power
    }

    /// Where a coder has smeared the flat tops, far more samples lie just at the top than well below it; in whole speech they become
    /// rarer all the way up.
    fn smeared(&self) -> Option<u64> {
        let counts = self.levels.map(|(count, _)| count);
        let within = |from: usize, until: usize| counts[from..until.min(LEVELS)].iter().sum::<u64>();
        // The few that overshoot are left out: the top is where one in two thousand is higher.
        let mut above = 0;
        let top = (0..LEVELS).rev().find(|level| {
            above += counts[*level];
            above * 2000 > self.samples
        })?;
        let (high, below) = (within(top * 85 / 100, LEVELS), within(top * 70 / 100, top * 85 / 100));
        let clipped = top >= 25 && high > OFTEN * u64::from(FLAT) && high > 2 * below && !self.is_steady();
        let places = self.levels[top * 85 / 100..].iter();
        clipped.then(|| places.filter(|(count, _)| *count > 0).map(|(_, first)| *first).min()).flatten()
    }
}
