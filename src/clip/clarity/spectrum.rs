//! The band limit and the spectral shaping: overlapping frames, each with a gain for every frequency.

use std::f32::consts::PI;
use std::ops::Range;
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use super::super::RATE;
use super::{float, root_of_mean};

/// Samples of a frame: 43 ms, several periods of any voice.
const FRAME: usize = 2048;

/// Samples from frame to frame. Frames overlap fourfold, so that a gain that changes makes no click.
const HOP: usize = FRAME / 4;

/// Frequencies of a frame.
const BINS: usize = FRAME / 2 + 1;

/// Frequencies whose envelope is looked at: up to 8 kHz, where speech ends for a horn.
const LOOKED_AT: usize = 8_000 * FRAME / RATE as usize;

/// What a horn carries, Hz; the band limit falls off outside of it, from nothing to all within these.
const LOW_EDGE: Range<f32> = 180.0..300.0;
const HIGH_EDGE: Range<f32> = 6_000.0..7_500.0;

/// Strength of the sharpening: the power to which the distance of the envelope from its tilt is raised in a clear vowel.
const SHARPENING: f32 = 0.15;

/// Most that sharpening does to a frequency, nepers: 9 dB.
const MOST_SHARPENED: f32 = 1.0;

/// Share by which 8 kHz is raised above 1 kHz in a clear vowel.
const PRE_EMPHASIS: f32 = 1.0;

/// Root-mean-square frequency of a vowel of typical level that counts as quite clear, Hz.
const CLEAR: f32 = 800.0;

/// What the fixed filter raises 1 to 4 kHz by, dB.
const RAISED: f32 = 4.0;

/// Half the width of the kernel that makes an envelope of a spectrum, bins: the harmonics of a voice of 400 Hz vanish.
const SMOOTHING: usize = 10;

/// Limits the band and shapes the spectrum of `samples`, as if their `peak` were 1.
pub(super) fn shape(samples: &[f32], peak: f32) -> Vec<f32> {
    let mut shaped = vec![0.0; samples.len()];
    let mut frames = Shaper::new(peak, typical(samples, peak));
    // The first frames hang over the beginning, the last ones over the end: every sample lies in four.
    for end in (HOP..samples.len() + FRAME).step_by(HOP) {
        let within = end.saturating_sub(FRAME)..end.min(samples.len());
        let offset = within.start + FRAME - end;
        frames.add(&samples[within.clone()], offset, &mut shaped[within]);
    }
    shaped
}

/// Returns the root mean square of what sounds: samples within 40 dB of the peak, pauses left out.
fn typical(samples: &[f32], peak: f32) -> f32 {
    let sounding = samples.iter().map(|sample| sample / peak).filter(|sample| sample.abs() > 0.01);
    root_of_mean(sounding.map(|sample| sample * sample))
}

/// Works on one frame at a time.
struct Shaper {
    /// What samples are divided by.
    peak: f32,
    forward: Arc<dyn RealToComplex<f32>>,
    back: Arc<dyn ComplexToReal<f32>>,
    window: Vec<f32>,
    /// What every frame gets: the band limit and the fixed filter.
    fixed: Vec<f32>,
    kernel: Vec<f32>,
    /// Cosine over the frequencies that are looked at: with a constant, it describes the tilt of a spectrum.
    cosine: Vec<f32>,
    /// Magnitude of a frequency in a frame of typical level.
    typical: f32,
    frame: Vec<f32>,
    bins: Vec<Complex<f32>>,
    envelope: Vec<f32>,
}

impl Shaper {
    fn new(peak: f32, typical: f32) -> Self {
        let mut planner = RealFftPlanner::new();
        // Zero at the first sample and not at the last: four of them add up to the same everywhere.
        let hann = |index: usize, length: usize| 0.5 - 0.5 * (2.0 * PI * float(index) / float(length)).cos();
        let window = (0..FRAME).map(|index| hann(index, FRAME).sqrt()).collect();
        let kernel: Vec<f32> = (1..=2 * SMOOTHING + 1).map(|index| hann(index, 2 * SMOOTHING + 2)).collect();
        let weight: f32 = kernel.iter().sum();
        Self {
            peak,
            forward: planner.plan_fft_forward(FRAME),
            back: planner.plan_fft_inverse(FRAME),
            window,
            fixed: (0..BINS).map(|bin| fixed(hertz(bin))).collect(),
            kernel: kernel.iter().map(|share| share / weight).collect(),
            cosine: (0..LOOKED_AT).map(|bin| (PI * float(bin) / float(LOOKED_AT)).cos()).collect(),
            typical: typical * float(FRAME).sqrt(),
            frame: vec![0.0; FRAME],
            bins: vec![Complex::default(); BINS],
            envelope: vec![0.0; LOOKED_AT],
        }
    }

    /// Shapes the frame that has `samples` from `offset` on, and adds it to the same place of the clip, `to`.
    fn add(&mut self, samples: &[f32], offset: usize, to: &mut [f32]) {
        let place = offset..offset + samples.len();
        self.frame.fill(0.0);
        for ((cell, sample), weight) in
            self.frame[place.clone()].iter_mut().zip(samples).zip(&self.window[place.clone()])
        {
            *cell = sample / self.peak * weight;
        }
        self.forward
            .process(&mut self.frame, &mut self.bins)
            .expect("the buffers are of the planned lengths");
        self.weigh();
        self.back.process(&mut self.bins, &mut self.frame).expect("first and last bin are real");
        // The transforms there and back multiply by FRAME, the windows that overlap by 2.
        let scale = 1.0 / (2.0 * float(FRAME));
        for ((cell, sample), weight) in to.iter_mut().zip(&self.frame[place.clone()]).zip(&self.window[place])
        {
            *cell += sample * weight * scale;
        }
    }

    /// Gives every frequency of the frame its gain.
    fn weigh(&mut self) {
        let clear = self.clearness();
        self.find_envelope();
        let average = self.envelope.iter().sum::<f32>() / float(LOOKED_AT);
        let slope = self.envelope.iter().zip(&self.cosine).map(|(level, cosine)| level * cosine).sum::<f32>()
            * 2.0
            / float(LOOKED_AT);
        for (bin, (value, fixed)) in self.bins.iter_mut().zip(&self.fixed).enumerate() {
            let above_tilt = match (self.envelope.get(bin), self.cosine.get(bin)) {
                (Some(level), Some(cosine)) => level - average - slope * cosine,
                _ => 0.0,
            };
            let sharpened = (SHARPENING * clear * above_tilt).clamp(-MOST_SHARPENED, MOST_SHARPENED).exp();
            let emphasised = 1.0 + PRE_EMPHASIS * clear * ((hertz(bin) - 1_000.0) / 7_000.0).clamp(0.0, 1.0);
            *value *= fixed * sharpened * emphasised;
        }
        // What the transform back asks for.
        self.bins[0].im = 0.0;
        self.bins[BINS - 1].im = 0.0;
    }

    /// Tells how clear a vowel the frame is, 0 to 1: loud, with its energy low down. A hiss or a pause is none. The paper
    /// takes level over zero crossings; the frequency with the root mean square is what those crossings estimate.
    fn clearness(&self) -> f32 {
        let (mut power, mut weighted) = (0.0_f32, 0.0_f32);
        for (bin, value) in self.bins.iter().enumerate() {
            let one = value.norm_sqr();
            power += one;
            weighted = one.mul_add(hertz(bin).powi(2), weighted);
        }
        if power <= 0.0 || self.typical <= 0.0 {
            return 0.0;
        }
        let level = (power.sqrt() / (self.typical * float(BINS).sqrt())).min(4.0);
        let crossings = (weighted / power).sqrt();
        (level * CLEAR / (crossings + 100.0)).min(1.0)
    }

    /// Smooths the logarithm of the magnitudes over frequency.
    fn find_envelope(&mut self) {
        // 80 dB under a typical frame there is nothing to be seen.
        let floor = self.typical * 1e-4;
        let levels: Vec<f32> = self.bins[..LOOKED_AT]
            .iter()
            .map(|value| (value.norm() + floor + f32::MIN_POSITIVE).ln())
            .collect();
        for (bin, smooth) in self.envelope.iter_mut().enumerate() {
            // Beyond the ends the last value goes on.
            let at = |step: usize| levels[(bin + step).saturating_sub(SMOOTHING).min(LOOKED_AT - 1)];
            *smooth = self.kernel.iter().enumerate().map(|(step, share)| share * at(step)).sum();
        }
    }
}

/// Returns the gain that every frame has at a frequency of `hertz`.
fn fixed(hertz: f32) -> f32 {
    band(hertz) * 10.0_f32.powf(filter(hertz) / 20.0)
}

/// Nothing below and above what a horn carries, all within.
fn band(hertz: f32) -> f32 {
    let rise = |edge: Range<f32>| {
        let way = ((hertz - edge.start) / (edge.end - edge.start)).clamp(0.0, 1.0);
        0.5 - 0.5 * (PI * way).cos()
    };
    rise(LOW_EDGE) * (1.0 - rise(HIGH_EDGE))
}

/// The fixed filter, dB: level below 500 Hz, up from there to 1 kHz, level to 4 kHz, down again above.
fn filter(hertz: f32) -> f32 {
    let octaves = |from: f32| (hertz.max(20.0) / from).log2();
    octaves(500.0).clamp(0.0, 1.0) * RAISED - (6.0 * octaves(4_000.0)).clamp(0.0, RAISED)
}

fn hertz(bin: usize) -> f32 {
    float(bin * RATE as usize) / float(FRAME)
}
