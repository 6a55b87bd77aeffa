//! Measures sound as EBU Tech 3341 asks of a meter: loudness gated and not, its range, the true peak.

use ebur128::{EbuR128, Mode};

/// Length of a gating block of ITU-R BS.1770-4, milliseconds. Shorter sound has no integrated loudness by the book.
const BLOCK: u32 = 400;

/// How often the sliding windows are read, a second: EBU Tech 3341 asks for 10.
const READINGS: u32 = 10;

/// Frames of silence that push the last samples through the oversampling filter.
const TAIL: usize = 24;

/// What a meter shows. Silence is −∞ everywhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loudness {
    /// Loudness of the whole, gated, LUFS. One channel counts once: mono is not raised as if two speakers played it.
    ///
    /// Sound that is shorter than a gating block (400 ms) is taken for as loud as it is on average while it lasts.
    pub integrated: f64,
    /// Loudest 400 ms, LUFS.
    pub max_momentary: f64,
    /// Loudness range (EBU Tech 3342), LU. 0 for less than 3 s.
    pub range: f64,
    /// Highest peak of the wave that the samples stand for, four times oversampled, dBTP.
    pub true_peak: f64,
}

impl Loudness {
    /// Measures one channel of sound at `rate`.
    pub fn of(samples: &[f32], rate: u32) -> Result<Self, ebur128::Error> {
        let mut meter = Meter::new(1, rate)?;
        meter.take(samples)?;
        meter.read()
    }
}

/// A meter that sound flows through.
pub struct Meter {
    inner: EbuR128,
    frames: u64,
    loudest: Loudness,
}

impl Meter {
    /// Makes a meter for interleaved sound; five channels are left, right, centre and the two behind.
    pub fn new(channels: u32, rate: u32) -> Result<Self, ebur128::Error> {
        let inner = EbuR128::new(channels, rate, Mode::I | Mode::S | Mode::LRA | Mode::TRUE_PEAK)?;
        let nothing = f64::NEG_INFINITY;
        let loudest =
            Loudness { integrated: nothing, max_momentary: nothing, range: 0.0, true_peak: nothing };
        Ok(Self { inner, frames: 0, loudest })
    }

    /// Measures the next frames, interleaved.
    pub fn take(&mut self, interleaved: &[f32]) -> Result<(), ebur128::Error> {
        let channels = self.inner.channels() as usize;
        let step = u64::from((self.inner.rate() / READINGS).max(1));
        let mut rest = interleaved;
        while !rest.is_empty() {
            // Up to the next tenth of a second, so that the window is the same however the sound is cut.
            let until = usize::try_from(step - self.frames % step).unwrap_or(usize::MAX);
            let (piece, later) = rest.split_at(until.saturating_mul(channels).min(rest.len()));
            self.inner.add_frames_f32(piece)?;
            self.frames += (piece.len() / channels) as u64;
            rest = later;
            self.look()?;
        }
        Ok(())
    }

    /// Reads the sliding window, once it is full.
    fn look(&mut self) -> Result<(), ebur128::Error> {
        if self.lasts(BLOCK) {
            self.loudest.max_momentary = self.loudest.max_momentary.max(self.inner.loudness_momentary()?);
        }
        Ok(())
    }

    /// Returns the loudness of the last 3 s, LUFS; of less at the beginning, as if silence had come before.
    pub fn short_term(&self) -> Result<f64, ebur128::Error> {
        self.inner.loudness_shortterm()
    }

    fn lasts(&self, milliseconds: u32) -> bool {
        self.frames * 1000 >= u64::from(self.inner.rate()) * u64::from(milliseconds)
    }

    /// Returns what all of it comes to.
    pub fn read(mut self) -> Result<Loudness, ebur128::Error> {
        let mut found = self.loudest;
        found.range = self.inner.loudness_range()?;
        let integrated = if self.lasts(BLOCK) { Some(self.inner.loudness_global()?) } else { None };
        let silence = vec![0.0; TAIL * self.inner.channels() as usize];
        self.inner.add_frames_f32(&silence)?;
        for channel in 0..self.inner.channels() {
            found.true_peak = found.true_peak.max(decibels(self.inner.true_peak(channel)?));
        }
        found.integrated = match integrated {
            Some(integrated) => integrated,
            None => self.ungated()?,
        };
        found.max_momentary = found.max_momentary.max(found.integrated);
        Ok(found)
    }

    /// Measures less than a block: the power of a block that is silent but for it, as if it had lasted all through.
    #[expect(clippy::cast_precision_loss, reason = "less than half a second of frames")]
    fn ungated(&mut self) -> Result<f64, ebur128::Error> {
        if self.frames == 0 {
            return Ok(f64::NEG_INFINITY);
        }
        let block = u64::from(self.inner.rate()) * u64::from(BLOCK) / 1000;
        let missing = usize::try_from(block.saturating_sub(self.frames + TAIL as u64)).unwrap_or_default();
        self.inner.add_frames_f32(&vec![0.0; missing * self.inner.channels() as usize])?;
        let share = self.frames as f64 / block as f64;
        let loudness = self.inner.loudness_momentary()? - 10.0 * share.log10();
        // The absolute gate of BS.1770-4: what is below it is silence.
        Ok(if loudness < -70.0 { f64::NEG_INFINITY } else { loudness })
    }
}

/// Converts an amplitude into decibels of full scale.
pub(in crate::clip) fn decibels(amplitude: f64) -> f64 {
    20.0 * amplitude.log10()
}

/// Converts decibels into the amplitude that they mean.
pub(in crate::clip) fn amplitude(decibels: f64) -> f64 {
    10.0_f64.powf(decibels / 20.0)
}
