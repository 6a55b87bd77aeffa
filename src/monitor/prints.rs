//! Sound as a fingerprint: how the loudness of each band moves, whatever the gain, the horn and the room.

use realfft::RealFftPlanner;

/// Frames a second.
pub(super) const FRAMES: usize = 50;

/// Bands, each as wide as a fifth of its middle: what a horn carries, 300 to 5,600 Hz.
pub(super) const BANDS: usize = 16;
const LOWEST: f64 = 300.0;
const HIGHEST: f64 = 5_600.0;

/// Loudness grows with this power of energy. A logarithm would make as much of the noise between two words as of the words.
const LOUDNESS: f32 = 0.3;

/// Frames over which a band's own average is taken off (1 s): an automatic gain, or a gust, moves more slowly than speech.
const SLOW: usize = 51;

/// Frames over which it is smoothed (60 ms): a clock that runs 200 ppm off is 18 ms away after 90 s.
const QUICK: usize = 3;

/// A sound, frame by frame.
pub(super) struct Prints {
    /// How each band stands above its average, per frame.
    pub(super) frames: Vec<[f32; BANDS]>,
    /// Power in all bands, per frame; full scale is 1.
    pub(super) power: Vec<f32>,
    /// Bands below half the sampling rate.
    pub(super) bands: usize,
}

/// Takes the prints of a sound of `rate` samples a second.
pub(super) fn take(samples: &[f32], rate: u32) -> Prints {
    let hop = (rate as usize / FRAMES).max(1);
    let energies = energies(samples, hop);
    let power = energies.iter().map(|bands| bands.iter().sum()).collect();
    let loud: Vec<[f32; BANDS]> =
        energies.iter().map(|bands| bands.map(|energy| energy.powf(LOUDNESS))).collect();
    let smooth = averaged(&loud, QUICK);
    let slow = averaged(&smooth, SLOW);
    let above =
        |(frame, slow): (&[f32; BANDS], &[f32; BANDS])| std::array::from_fn(|band| frame[band] - slow[band]);
    let bands = edges().filter(|(_, high)| *high <= f64::from(rate) / 2.0).count();
    Prints { frames: smooth.iter().zip(&slow).map(above).collect(), power, bands }
}

/// Lists where each band begins and ends, Hz.
fn edges() -> impl Iterator<Item = (f64, f64)> {
    #[expect(clippy::cast_precision_loss, reason = "sixteen bands")]
    let edge = |band: usize| LOWEST * (HIGHEST / LOWEST).powf(band as f64 / BANDS as f64);
    (0..BANDS).map(move |band| (edge(band), edge(band + 1)))
}

/// Measures the power of each band in windows of two hops, one hop apart.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a window has some thousand samples, and bins are counted"
)]
fn energies(samples: &[f32], hop: usize) -> Vec<[f32; BANDS]> {
    let size = 2 * hop;
    let transform = RealFftPlanner::<f32>::new().plan_fft_forward(size);
    let window: Vec<f32> = (0..size)
        .map(|at| 0.5 - 0.5 * (std::f32::consts::TAU * (at as f32 + 0.5) / size as f32).cos())
        .collect();
    // Parseval: a sine of full scale has half a unit of power.
    let scale = 2.0 / (size as f32 * window.iter().map(|weight| weight * weight).sum::<f32>());
    // One bin is half the frame rate wide: 25 Hz.
    let bin = |frequency: f64| ((frequency * 2.0 / FRAMES as f64).round() as usize).min(size / 2);
    let bins: Vec<(usize, usize)> = edges().map(|(low, high)| (bin(low), bin(high))).collect();
    let (mut input, mut spectrum) = (transform.make_input_vec(), transform.make_output_vec());
    samples
        .windows(size)
        .step_by(hop)
        .map(|piece| {
            for ((to, sample), weight) in input.iter_mut().zip(piece).zip(&window) {
                *to = sample * weight;
            }
            // Fails only for buffers of another size than its own.
            let _ = transform.process(&mut input, &mut spectrum);
            let power = |(low, high): (usize, usize)| {
                spectrum[low..high].iter().map(realfft::num_complex::Complex::norm_sqr).sum::<f32>() * scale
            };
            std::array::from_fn(|band| power(bins[band]))
        })
        .collect()
}

/// Averages each band over `width` frames around each; fewer at both ends.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a window has 51 frames at the most"
)]
fn averaged(frames: &[[f32; BANDS]], width: usize) -> Vec<[f32; BANDS]> {
    let half = width / 2;
    let mut sums = vec![[0.0_f64; BANDS]; frames.len() + 1];
    for (at, frame) in frames.iter().enumerate() {
        sums[at + 1] = std::array::from_fn(|band| sums[at][band] + f64::from(frame[band]));
    }
    (0..frames.len())
        .map(|at| {
            let (from, until) = (at.saturating_sub(half), (at + half + 1).min(frames.len()));
            let count = (until - from) as f64;
            std::array::from_fn(|band| ((sums[until][band] - sums[from][band]) / count) as f32)
        })
        .collect()
}
