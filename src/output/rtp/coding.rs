//! How samples are written into packets, and how that is named to receivers.

use audio_codec::Encoder;
use audio_codec::g722::G722Encoder;
use audio_codec::pcma::PcmaEncoder;
use audio_codec::pcmu::PcmuEncoder;
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler, ResamplerConstructionError, WindowFunction};

use crate::clip::RATE;

/// One way of writing samples.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Coding {
    /// Its name in `station.toml`.
    pub(super) name: &'static str,
    /// Payload type: those of RFC 3551, or the first of the dynamic ones.
    pub(super) payload: u8,
    /// Its name in SDP.
    pub(super) named: &'static str,
    /// Samples a second.
    pub(super) rate: u32,
    /// Ticks a second of the packets' timestamps. G.722 has 16000 samples, and counts 8000 since RFC 1890 said so by
    /// mistake.
    pub(super) clock: u32,
    /// Bits a sample.
    pub(super) bits: u32,
    /// Milliseconds in a packet when nothing is said.
    pub(super) usual: u32,
}

/// Every coding; the first is the default, because every horn and phone takes it.
pub(super) const CODINGS: [Coding; 5] = [
    Coding { name: "pcmu", payload: 0, named: "PCMU", rate: 8_000, clock: 8_000, bits: 8, usual: 20 },
    Coding { name: "pcma", payload: 8, named: "PCMA", rate: 8_000, clock: 8_000, bits: 8, usual: 20 },
    Coding { name: "g722", payload: 9, named: "G722", rate: 16_000, clock: 8_000, bits: 4, usual: 20 },
    Coding { name: "l16", payload: 96, named: "L16", rate: 48_000, clock: 48_000, bits: 16, usual: 10 },
    Coding { name: "l16-44100", payload: 11, named: "L16", rate: 44_100, clock: 44_100, bits: 16, usual: 10 },
];

/// The names of [`CODINGS`].
pub(super) const NAMES: [&str; 5] =
    [CODINGS[0].name, CODINGS[1].name, CODINGS[2].name, CODINGS[3].name, CODINGS[4].name];

/// Most bytes of sound in a packet: with all headers it fits into 1500, also through a tunnel.
pub(super) const FULLEST: u32 = 1_400;

impl Coding {
    /// Counts the samples in `micros` microseconds; none if they are no whole number.
    pub(super) fn samples(&self, micros: u64) -> Option<u64> {
        let product = micros * u64::from(self.rate);
        product.is_multiple_of(1_000_000).then_some(product / 1_000_000)
    }

    /// Counts the bytes of `samples`.
    pub(super) fn bytes(&self, samples: u64) -> u64 {
        samples * u64::from(self.bits) / 8
    }

    /// Makes the encoder of one stream.
    pub(super) fn encoder(&self) -> Encoding {
        match self.name {
            "pcmu" => Encoding::Known(Box::new(PcmuEncoder::new())),
            "pcma" => Encoding::Known(Box::new(PcmaEncoder::new())),
            "g722" => Encoding::Known(Box::new(G722Encoder::new())),
            _ => Encoding::Plain,
        }
    }
}

/// Writes the samples of one stream.
pub(super) enum Encoding {
    /// 16 bits, the high byte first.
    Plain,
    /// One of the telephone's.
    Known(Box<dyn Encoder>),
}

impl Encoding {
    /// Appends `samples`, coded, to `packet`.
    pub(super) fn write(&mut self, samples: &[i16], packet: &mut Vec<u8>) {
        match self {
            Self::Plain => packet.extend(samples.iter().flat_map(|sample| sample.to_be_bytes())),
            Self::Known(encoder) => {
                let from = packet.len();
                packet.resize(from + encoder.max_encode_bytes(samples.len()), 0);
                // It fails only for want of room.
                let count = encoder.encode_into(samples, &mut packet[from..]).unwrap_or_default();
                packet.truncate(from + count);
            }
        }
    }
}

/// Samples that are converted at a time: 20 ms. The filter is as long as that: sharp enough that 8 kHz keeps what is
/// under 3.4 kHz and folds nothing over.
const BLOCK: usize = RATE as usize / 50;

/// Brings the sound of clips to the coding's rate, limited to the band that it carries.
pub(super) struct Thinner {
    filter: Fft<f32>,
    input: Vec<f32>,
    /// What the filter is late by, at the coding's rate; that much of each run's beginning is nothing.
    late: usize,
    skip: usize,
}

impl Thinner {
    /// Samples that it has to know beyond those that it has given.
    pub(super) const LEAD: usize = BLOCK + BLOCK / 2;

    pub(super) fn new(rate: u32) -> Result<Self, ResamplerConstructionError> {
        let (from, to) = (RATE as usize, rate as usize);
        let window = WindowFunction::BlackmanHarris2;
        let filter = Fft::new_custom(from, to, BLOCK, 1, 1, window, FixedSync::Input)?;
        let late = filter.output_delay();
        Ok(Self { filter, input: Vec::with_capacity(2 * BLOCK), late, skip: late })
    }

    /// Takes samples and appends what is known of them by then.
    pub(super) fn convert(&mut self, samples: &[f32], into: &mut Vec<f32>) {
        self.input.extend_from_slice(samples);
        while self.input.len() >= BLOCK {
            let block: Vec<f32> = self.input.drain(..BLOCK).collect();
            let Ok(view) = InterleavedSlice::new(&block, 1, BLOCK) else { return };
            // It takes what it asked for, and has no other fault.
            let Ok(converted) = self.filter.process(&view, None) else { return };
            let converted = converted.take_data();
            let skip = self.skip.min(converted.len());
            self.skip -= skip;
            into.extend_from_slice(&converted[skip..]);
        }
    }

    /// Forgets what went before, at the end of a run.
    pub(super) fn reset(&mut self) {
        self.filter.reset();
        self.input.clear();
        self.skip = self.late;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a test tone")]
    fn tone(rate: u32, hertz: f32, count: usize) -> Vec<f32> {
        let wave = |index: usize| {
            ((index as f64 * f64::from(hertz) / f64::from(rate)).fract() * std::f64::consts::TAU).sin() as f32
                * 0.5
        };
        (0..count).map(wave).collect()
    }

    /// Converts in pieces as they come from a clip, after another clip that is forgotten.
    fn thinned(rate: u32, samples: &[f32]) -> Vec<f32> {
        let mut thinner = Thinner::new(rate).unwrap();
        thinner.convert(&vec![0.3; 5_000], &mut Vec::new());
        thinner.reset();
        let mut converted = Vec::new();
        samples.chunks(240).for_each(|piece| thinner.convert(piece, &mut converted));
        thinner.convert(&[0.0; Thinner::LEAD], &mut converted);
        converted
    }

    fn loudest(samples: &[f32]) -> f32 {
        samples.iter().fold(0.0, |loudest: f32, sample| loudest.max(sample.abs()))
    }

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "a few thousand Hz")]
    fn the_telephone_band_is_kept_in_place_and_nothing_above_folds_into_it() {
        for coding in CODINGS.iter().filter(|coding| coding.rate != RATE) {
            let carried = coding.rate as f32 * 0.42;
            for hertz in [300.0, 1_000.0, carried] {
                let converted = thinned(coding.rate, &tone(RATE, hertz, 48_000));
                let wanted = tone(coding.rate, hertz, converted.len().min(coding.rate as usize));
                // Away from the edges, where the tone begins and ends at once.
                let middle = 500..wanted.len() - 500;
                let differences: Vec<f32> =
                    converted[middle.clone()].iter().zip(&wanted[middle]).map(|(a, b)| a - b).collect();
                assert!(loudest(&differences) < 0.03, "{} {hertz}: {}", coding.name, loudest(&differences));
            }
            for hertz in [coding.rate as f32 * 0.55, coding.rate as f32 * 0.9] {
                let converted = thinned(coding.rate, &tone(RATE, hertz.min(23_000.0), 48_000));
                let folded = loudest(&converted[500..converted.len() - 500]);
                assert!(hertz > 23_000.0 || folded < 0.000_2, "{} {hertz}: {folded}", coding.name);
            }
        }
    }

    #[test]
    fn what_is_known_is_enough_for_a_packet_at_every_piece() {
        for (rate, piece) in [(8_000, 48), (8_000, 960), (16_000, 240), (44_100, 480), (8_000, 2_880)] {
            let mut thinner = Thinner::new(rate).unwrap();
            let mut converted = Vec::new();
            thinner.convert(&vec![0.1; Thinner::LEAD], &mut converted);
            for pieces in 1..50 {
                thinner.convert(&vec![0.1; piece], &mut converted);
                let needed = pieces * piece * rate as usize / RATE as usize;
                assert!(converted.len() >= needed, "{rate} {piece} {pieces}: {}", converted.len());
            }
        }
    }

    #[test]
    fn the_coded_bytes_are_those_of_the_standards() {
        // G.711: silence, the loudest and a middle level, as in the tables of ITU-T G.711.
        let coded = |name: &str, samples: &[i16]| {
            let coding = CODINGS.iter().find(|coding| coding.name == name).unwrap();
            let mut packet = Vec::new();
            coding.encoder().write(samples, &mut packet);
            assert_eq!(packet.len() as u64, coding.bytes(samples.len() as u64), "{name}");
            packet
        };
        assert_eq!(coded("pcmu", &[0, 32_767, -32_768]), [0xFF, 0x80, 0x00]);
        assert_eq!(coded("pcma", &[0, 32_767, -32_768]), [0xD5, 0xAA, 0x2A]);
        assert_eq!(coded("l16", &[0, 258, -2]), [0, 0, 1, 2, 0xFF, 0xFE]);
        assert_eq!(coded("g722", &[0; 320]).len(), 160);
    }
}
