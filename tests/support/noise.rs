//! A clip that sounds like nothing else: coloured noise, loud to the very end.

use std::path::{Path, PathBuf};

use dalaba::clip::RATE;
use dalaba::model::Clip;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Makes a clip of `millis` from a seed; every seed gives another sound.
pub(crate) fn clip(seed: u64, millis: usize) -> Clip {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let mut low = 0.0_f32;
    let samples = (0..RATE as usize * millis / 1000)
        .map(|_| {
            // Most of its power lies under 1 kHz, as in speech.
            low = 0.93 * low + 0.07 * dice.random_range(-1.0..1.0);
            (low * 2.5).clamp(-0.9, 0.9)
        })
        .collect();
    Clip { rate: RATE, samples }
}

/// Writes a clip as a WAV file.
pub(crate) fn write(clip: &Clip, path: &Path) -> PathBuf {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: clip.rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for sample in &clip.samples {
        #[expect(clippy::cast_possible_truncation, reason = "full scale fits 16 bits")]
        writer.write_sample((sample * 32767.0) as i16).unwrap();
    }
    writer.finalize().unwrap();
    path.to_owned()
}
