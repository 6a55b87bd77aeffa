//! Measures a recording while it is decoded, piece by piece: nothing of it is kept.

use std::f64::consts::TAU;
use std::time::Duration;

use super::RecordingFault;
use super::clipping::Clipping;
use super::decode::Piece;
use super::health::Health;
use crate::clip::loudness::Meter;
use crate::clip::shape::silence_below;
use crate::model::length_of;

/// What a horn carries, Hz: the band of a small re-entrant horn.
const HORN: (f64, f64) = (300.0, 6000.0);

/// Windows a second in which sound and silence are told apart.
const WINDOWS: u32 = 100;

/// Channels that are looked at one by one; more are mixed, and not judged alone.
const CHANNELS: usize = 8;

/// What is carried from piece to piece.
pub(super) struct Examiner {
    rate: u32,
    meter: Meter,
    /// Peak of each window of the mix.
    windows: Vec<f32>,
    frames: u64,
    power: [f64; CHANNELS],
    channels: usize,
    product: f64,
    clipping: Clipping,
    below: Band,
    above: Band,
    mixed: f64,
}

impl Examiner {
    /// Begins with the first piece of a recording.
    pub(super) fn new(first: &Piece<'_>) -> Result<Self, RecordingFault> {
        Ok(Self {
            rate: first.rate,
            meter: Meter::new(1, first.rate).map_err(RecordingFault::unreadable)?,
            windows: Vec::new(),
            frames: 0,
            power: [0.0; CHANNELS],
            channels: first.channels,
            product: 0.0,
            clipping: Clipping::default(),
            below: Band::new(Pass::Low, HORN.0, first.rate),
            above: Band::new(Pass::High, HORN.1, first.rate),
            mixed: 0.0,
        })
    }

    /// Measures the next piece.
    pub(super) fn take(&mut self, piece: &Piece<'_>) -> Result<(), RecordingFault> {
        self.meter.take(piece.mono).map_err(RecordingFault::unreadable)?;
        self.channels = self.channels.min(piece.channels);
        for (frame, mono) in piece.interleaved.chunks_exact(piece.channels).zip(piece.mono) {
            self.frame(frame, *mono);
        }
        Ok(())
    }

    fn frame(&mut self, frame: &[f32], mono: f32) {
        for (power, sample) in self.power.iter_mut().zip(frame) {
            *power += f64::from(*sample).powi(2);
        }
        if let [left, right] = frame {
            self.product += f64::from(left * right);
        }
        self.clipping.take(frame, self.frames);
        let mono_power = f64::from(mono).powi(2);
        self.mixed += mono_power;
        self.below.take(mono.into());
        self.above.take(mono.into());
        if self.frames.is_multiple_of(u64::from((self.rate / WINDOWS).max(1))) {
            self.windows.push(0.0);
        }
        if let Some(window) = self.windows.last_mut() {
            *window = window.max(mono.abs());
        }
        self.frames += 1;
    }

    /// Returns what all of it comes to.
    pub(super) fn finish(self) -> Result<Health, RecordingFault> {
        let found = self.meter.read().map_err(RecordingFault::unreadable)?;
        let (before, after) = silence(&self.windows);
        let window =
            |count: usize| Duration::from_secs(1) / WINDOWS * u32::try_from(count).unwrap_or(u32::MAX);
        Ok(Health {
            length: length_of(self.frames, self.rate),
            integrated: found.integrated.is_finite().then_some(found.integrated),
            range: found.range,
            silent_before: window(before),
            silent_after: window(after),
            clipped_at: self.clipping.first(self.frames).map(|frame| length_of(frame, self.rate)),
            dead_channel: dead(&self.power[..self.channels.min(CHANNELS)], self.frames),
            alike: (self.channels == 2).then(|| alike(self.product, self.power[0], self.power[1])).flatten(),
            below_horn: share(self.below.power, self.mixed),
            above_horn: share(self.above.power, self.mixed),
        })
    }
}

/// Counts the silent windows before the first sound and after the last.
fn silence(windows: &[f32]) -> (usize, usize) {
    let threshold = silence_below(windows.iter().copied().fold(0.0, f32::max));
    let sounds = |peak: &f32| *peak > threshold;
    let first = windows.iter().position(sounds).unwrap_or(windows.len());
    let last = windows.iter().rposition(sounds).map_or(0, |last| windows.len() - 1 - last);
    (first, last)
}

/// Finds a channel in which there is nothing while another sounds: below −70 dB, or 50 dB below the loudest.
#[expect(clippy::cast_precision_loss, reason = "at most ten minutes of frames")]
fn dead(power: &[f64], frames: u64) -> Option<usize> {
    const NOTHING: f64 = 1e-7;
    const BESIDE: f64 = 1e-5;
    let loudest = power.iter().copied().fold(0.0, f64::max) / frames.max(1) as f64;
    let is_dead = |power: &f64| {
        let power = power / frames.max(1) as f64;
        power < NOTHING.min(loudest * 1e-2) || power < loudest * BESIDE
    };
    (power.len() > 1 && loudest > 0.0).then(|| power.iter().position(is_dead).map(|at| at + 1)).flatten()
}

/// Correlates two channels; none if one of them is silent.
fn alike(product: f64, left: f64, right: f64) -> Option<f64> {
    let norm = (left * right).sqrt();
    (norm > 0.0).then(|| product / norm)
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { (part / whole).min(1.0) } else { 0.0 }
}

#[derive(Clone, Copy)]
enum Pass {
    Low,
    High,
}

/// The power in a part of the spectrum, cut off with 24 dB an octave: two second-order sections whose poles make a Butterworth filter
/// of the fourth order (R. Bristow-Johnson's formulas).
struct Band {
    sections: [Section; 2],
    power: f64,
}

#[derive(Default)]
struct Section {
    forward: [f64; 3],
    back: [f64; 2],
    state: [f64; 2],
}

impl Band {
    fn new(pass: Pass, edge: f64, rate: u32) -> Self {
        // A rate that has nothing above the edge gives a filter that lets nothing through.
        if edge * 2.0 >= f64::from(rate) {
            return Self { sections: [Section::default(), Section::default()], power: 0.0 };
        }
        let section = |quality: f64| {
            let turn = TAU * edge / f64::from(rate);
            let (cos, alpha) = (turn.cos(), turn.sin() / (2.0 * quality));
            let (outer, middle) = match pass {
                Pass::Low => (0.5 - 0.5 * cos, 1.0 - cos),
                Pass::High => (0.5 + 0.5 * cos, -1.0 - cos),
            };
            let scale = 1.0 + alpha;
            let forward = [outer, middle, outer].map(|one| one / scale);
            Section { forward, back: [-2.0 * cos / scale, (1.0 - alpha) / scale], state: [0.0; 2] }
        };
        Self { sections: [section(0.541_196), section(1.306_563)], power: 0.0 }
    }

    fn take(&mut self, sample: f64) {
        let out = self.sections.iter_mut().fold(sample, |sample, section| section.pass(sample));
        self.power += out * out;
    }
}

impl Section {
    fn pass(&mut self, sample: f64) -> f64 {
        let out = self.forward[0] * sample + self.state[0];
        self.state[0] = self.forward[1] * sample - self.back[0] * out + self.state[1];
        self.state[1] = self.forward[2] * sample - self.back[1] * out;
        out
    }
}
