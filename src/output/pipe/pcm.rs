//! Samples as the reader wants them: at its rate, in its format, on each of its channels.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler};

use super::PipeFault;
use crate::clip::RATE;
use crate::model::Selection;
use crate::output::live::BLOCK;

/// Rates that are offered, Hz.
pub(super) const RATES: [u32; 8] = [8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];

/// How a sample is written, least significant byte first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    S16,
    S24,
    S32,
    F32,
}

/// Names of the formats, as ALSA and ffmpeg have them.
pub(super) const FORMATS: [&str; 4] = ["s16le", "s24le", "s32le", "f32le"];

/// What the reader expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) format: Format,
    pub(super) rate: u32,
    pub(super) channels: usize,
}

impl Shape {
    /// Reads the options; what is absent is as in the table of options.
    pub(super) fn of(selection: &Selection) -> Result<Self, PipeFault> {
        let format = match selection.text("format") {
            Some("s24le") => Format::S24,
            Some("s32le") => Format::S32,
            Some("f32le") => Format::F32,
            _ => Format::S16,
        };
        let written = selection.integer("rate").unwrap_or_else(|| RATE.into());
        let rate = RATES.into_iter().find(|rate| i64::from(*rate) == written);
        let rate = rate.ok_or(PipeFault::Rate { rate: written })?;
        let channels = selection.integer("channels").and_then(|count| usize::try_from(count).ok());
        Ok(Self { format, rate, channels: channels.unwrap_or(2).clamp(1, 8) })
    }

    /// Bytes of one sample on all channels.
    pub(super) fn frame(self) -> usize {
        self.channels
            * match self.format {
                Format::S16 => 2,
                Format::S24 => 3,
                Format::S32 | Format::F32 => 4,
            }
    }

    /// Bytes a second.
    pub(super) fn bytes_a_second(self) -> usize {
        self.frame() * self.rate as usize
    }
}

/// Turns blocks into bytes.
pub(super) struct Pcm {
    shape: Shape,
    /// None at our own rate.
    resampler: Option<Fft<f32>>,
}

impl Pcm {
    pub(super) fn new(shape: Shape) -> Result<Self, PipeFault> {
        let resampler = (shape.rate != RATE)
            .then(|| Fft::new(RATE as usize, shape.rate as usize, BLOCK, 1, FixedSync::Input))
            .transpose()
            .map_err(|error| PipeFault::Convert(error.to_string()))?;
        Ok(Self { shape, resampler })
    }

    /// Appends a block to `bytes`.
    pub(super) fn write(&mut self, block: &[f32], bytes: &mut Vec<u8>) -> Result<(), PipeFault> {
        let converted = self.resampler.as_mut().map(|resampler| resample(resampler, block)).transpose()?;
        for sample in converted.as_deref().unwrap_or(block) {
            let sample = sample.clamp(-1.0, 1.0);
            for _ in 0..self.shape.channels {
                put(self.shape.format, sample, bytes);
            }
        }
        Ok(())
    }

    /// Says how many of our samples have left when `bytes` have: what the conversion holds back is taken off.
    pub(super) fn samples(&self, bytes: u64) -> u64 {
        let frames = bytes / self.shape.frame() as u64;
        let held = self.resampler.as_ref().map_or(0, Fft::output_delay) as u64;
        frames.saturating_sub(held) * u64::from(RATE) / u64::from(self.shape.rate)
    }
}

fn resample(resampler: &mut Fft<f32>, block: &[f32]) -> Result<Vec<f32>, PipeFault> {
    let fault = |why: String| PipeFault::Convert(why);
    let input = InterleavedSlice::new(block, 1, block.len()).map_err(|error| fault(error.to_string()))?;
    let output = resampler.process(&input, None).map_err(|error| fault(error.to_string()))?;
    Ok(output.take_data())
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to the range of its bits")]
fn put(format: Format, sample: f32, bytes: &mut Vec<u8>) {
    let whole = |most: i32| (f64::from(sample) * f64::from(most)).round() as i32;
    match format {
        Format::S16 => bytes.extend((whole(i16::MAX.into()) as i16).to_le_bytes()),
        Format::S24 => bytes.extend(&whole(0x7f_ffff).to_le_bytes()[..3]),
        Format::S32 => bytes.extend(whole(i32::MAX).to_le_bytes()),
        Format::F32 => bytes.extend(sample.to_le_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(format: Format, rate: u32, channels: usize) -> Shape {
        Shape { format, rate, channels }
    }

    fn written(shape: Shape, block: &[f32]) -> Vec<u8> {
        let mut bytes = Vec::new();
        Pcm::new(shape).unwrap().write(block, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn full_scale_fits_every_format_on_every_channel() {
        let block = [1.5, -1.0, 0.0];
        assert_eq!(written(shape(Format::S16, RATE, 1), &block), [0xff, 0x7f, 0x01, 0x80, 0, 0]);
        assert_eq!(written(shape(Format::S24, RATE, 1), &block), [0xff, 0xff, 0x7f, 1, 0, 0x80, 0, 0, 0]);
        assert_eq!(written(shape(Format::S32, RATE, 1), &block)[..4], [0xff, 0xff, 0xff, 0x7f]);
        assert_eq!(written(shape(Format::F32, RATE, 2), &block)[..8], [0, 0, 0x80, 0x3f, 0, 0, 0x80, 0x3f]);
    }

    #[test]
    fn every_rate_offered_keeps_time_and_counts_back_to_our_samples() {
        const SECONDS: usize = 30;
        for rate in RATES {
            let shape = shape(Format::S16, rate, 2);
            let mut pcm = Pcm::new(shape).unwrap();
            let mut bytes = Vec::new();
            for _ in 0..50 * SECONDS {
                pcm.write(&[0.25; BLOCK], &mut bytes).unwrap();
            }
            // The conversion goes by blocks of its own, and may hold one of them back, but never more and more.
            let missing = (SECONDS * shape.bytes_a_second()).abs_diff(bytes.len());
            assert!(missing <= shape.bytes_a_second() / 50, "{rate}: {missing} of {}", bytes.len());
            let counted = pcm.samples(bytes.len() as u64);
            let written = 48_000 * SECONDS as u64;
            assert!(counted <= written && counted > written - 2_000, "{rate}: {counted}");
            let last = i16::from_le_bytes([bytes[bytes.len() - 2], bytes[bytes.len() - 1]]);
            assert!((i32::from(last) - 8_192).abs() < 40, "{rate}: {last}");
        }
    }
}
