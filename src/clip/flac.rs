//! Writes FLAC (RFC 9639): speech in half of its bytes, and every sample back. Only as much of the format as that takes: mono,
//! 16 bits, fixed predictors, Rice codes.

use crate::model::Clip;

/// Samples of a frame.
pub(crate) const BLOCK: usize = 4096;

/// Partitions of a whole frame, as a power of two: each has a Rice parameter of its own.
const PARTITIONS: u32 = 3;

/// Largest Rice parameter of four bits; fifteen has another meaning.
const LARGEST_PARAMETER: u32 = 14;

/// Writes `clip` as a FLAC file.
pub fn write(clip: &Clip) -> Vec<u8> {
    let samples = sixteen_bits(&clip.samples);
    let mut file = header(clip.rate, samples.len() as u64);
    for (number, block) in (0..).zip(samples.chunks(BLOCK)) {
        frame(number, block, &mut file);
    }
    file
}

/// Returns what a stream of Ogg FLAC begins with: the magic word and the block of a recording whose end nobody knows.
pub(crate) fn head(rate: u32) -> Vec<u8> {
    let mut head = header(rate, 0);
    // Comments follow, so it is not the last block.
    head[4] &= 0x7f;
    head
}

/// Encodes one frame of a stream: [`BLOCK`] samples, or fewer for the last. Louder samples than full scale are clipped.
pub(crate) fn frame_of(number: u32, samples: &[f32]) -> Vec<u8> {
    let clipped: Vec<f32> = samples.iter().map(|sample| sample.clamp(-1.0, 1.0)).collect();
    let mut bytes = Vec::new();
    frame(number, &sixteen_bits(&clipped), &mut bytes);
    bytes
}

/// An engine may go a little over full scale: then all of it is made softer, and nothing is cut.
fn sixteen_bits(samples: &[f32]) -> Vec<i32> {
    let peak = samples.iter().fold(1.0_f32, |peak, sample| peak.max(sample.abs()));
    #[expect(clippy::cast_possible_truncation, reason = "within 16 bits, because of the peak")]
    let scaled = |sample: &f32| (sample / peak * 32_767.0).round() as i32;
    samples.iter().map(scaled).collect()
}

/// The magic word, and the one block of metadata that must be there.
fn header(rate: u32, count: u64) -> Vec<u8> {
    let mut bits = Bits { bytes: b"fLaC".to_vec(), used: 0 };
    bits.put(0x80, 8);
    bits.put(34, 24);
    let block = u32::try_from(BLOCK).unwrap_or_default();
    bits.put(block, 16);
    bits.put(block, 16);
    // The sizes of frames are unknown.
    bits.put(0, 24);
    bits.put(0, 24);
    bits.put(rate & 0xf_ffff, 20);
    // One channel of 16 bits, each less one.
    bits.put(0, 3);
    bits.put(15, 5);
    bits.put(u32::try_from(count >> 32 & 0xf).unwrap_or_default(), 4);
    bits.put(u32::try_from(count & 0xffff_ffff).unwrap_or_default(), 32);
    // No MD5: each file is held against its SHA-256, each frame against its CRC.
    bits.bytes.extend([0; 16]);
    bits.bytes
}

fn frame(number: u32, block: &[i32], file: &mut Vec<u8>) {
    let start = file.len();
    let mut bits = Bits { bytes: std::mem::take(file), used: 0 };
    // Sync, fixed block size; its size follows in 16 bits, the rate is the file's; mono of 16 bits.
    bits.put(0xfff8, 16);
    bits.put(0x7008, 16);
    utf8(number, &mut bits.bytes);
    bits.put(u32::try_from(block.len() - 1).unwrap_or_default(), 16);
    let sum = crc8(&bits.bytes[start..]);
    bits.bytes.push(sum);
    subframe(block, &mut bits);
    let sum = crc16(&bits.bytes[start..]);
    bits.bytes.extend(sum.to_be_bytes());
    *file = bits.bytes;
}

/// The predictor that leaves least, its first samples as they are, and what it leaves.
fn subframe(block: &[i32], bits: &mut Bits) {
    let mut residuals = vec![block.to_vec()];
    for order in 1..=4.min(block.len() - 1) {
        let left = residuals[order - 1].windows(2).map(|two| two[1] - two[0]).collect();
        residuals.push(left);
    }
    let weight = |left: &[i32]| left.iter().map(|value| u64::from(value.unsigned_abs())).sum::<u64>();
    let orders = residuals.iter().enumerate();
    // All are compared over the same samples.
    let (order, left) = orders
        .min_by_key(|(order, left)| weight(&left[(residuals.len() - 1).saturating_sub(*order)..]))
        .unwrap_or((0, &residuals[0]));
    let order_bits = u32::try_from(order).unwrap_or_default();
    bits.put((8 | order_bits) << 1, 8);
    for sample in &block[..order] {
        bits.put(sample.cast_unsigned() & 0xffff, 16);
    }
    rice(block.len(), order, left, bits);
    bits.used = 0;
}

fn rice(block: usize, order: usize, left: &[i32], bits: &mut Bits) {
    let partitions = if block == BLOCK { PARTITIONS } else { 0 };
    // Codes of four-bit parameters.
    bits.put(0, 2);
    bits.put(partitions, 4);
    let (first, rest) = left.split_at((block >> partitions) - order);
    for part in std::iter::once(first).chain(rest.chunks(block >> partitions)) {
        let folded: Vec<u32> = part.iter().map(|value| (value << 1 ^ value >> 31).cast_unsigned()).collect();
        let length = |k: u32| folded.iter().map(|value| u64::from((value >> k) + 1 + k)).sum::<u64>();
        let k = (0..=LARGEST_PARAMETER).min_by_key(|k| length(*k)).unwrap_or_default();
        bits.put(k, 4);
        for value in folded {
            bits.zeros(value >> k);
            bits.put(1, 1);
            bits.put(value & ((1 << k) - 1), k);
        }
    }
}

/// Bits one after the other, the highest first.
struct Bits {
    bytes: Vec<u8>,
    /// Bits of the last byte that are taken; none if the next begins another.
    used: u32,
}

impl Bits {
    fn put(&mut self, value: u32, count: u32) {
        for place in (0..count).rev() {
            if self.used == 0 {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= u8::from(value >> place & 1 == 1) << (7 - self.used);
            }
            self.used = (self.used + 1) % 8;
        }
    }

    fn zeros(&mut self, count: u32) {
        for _ in 0..count {
            self.put(0, 1);
        }
    }
}

/// Numbers of frames are written as UTF-8 writes characters; a recording has never more than 31 bits of them.
fn utf8(number: u32, to: &mut Vec<u8>) {
    let byte = |value: u32| u8::try_from(value & 0xff).unwrap_or_default();
    if number < 0x80 {
        return to.push(byte(number));
    }
    let mut more = 1;
    while more < 5 && number >> (5 * more + 6) > 0 {
        more += 1;
    }
    let lead = 0xff00 >> (more + 1) & 0xff;
    to.push(byte(lead | number >> (6 * more)));
    for place in (0..more).rev() {
        to.push(byte(0x80 | number >> (6 * place) & 0x3f));
    }
}

fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ byte, |sum, _| sum << 1 ^ if sum & 0x80 == 0 { 0 } else { 0x07 })
    })
}

fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum, byte| {
        let sum = sum ^ u16::from(*byte) << 8;
        (0..8).fold(sum, |sum, _| sum << 1 ^ if sum & 0x8000 == 0 { 0 } else { 0x8005 })
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::clip::recording::decode;

    fn decoded(file: Vec<u8>) -> (u32, Vec<i32>) {
        let (mut rate, mut samples) = (0, Vec::new());
        decode(Cursor::new(file), &mut |found, piece| {
            rate = found;
            #[expect(clippy::cast_possible_truncation, reason = "it was made of 16 bits")]
            samples.extend(piece.iter().map(|sample| (sample * 32_768.0).round() as i32));
        })
        .unwrap();
        (rate, samples)
    }

    /// Sound that is neither silence nor noise.
    fn sound(count: u16) -> Vec<f32> {
        let at = |index: u16| {
            let time = f32::from(index) / 100.0;
            0.6 * time.sin() + 0.3 * (time * 7.3).sin() + 0.003 * (f32::from(index % 7) - 3.0)
        };
        (0..count).map(at).collect()
    }

    #[test]
    fn every_sample_comes_back_in_half_of_the_bytes() {
        for count in [1, 2, 3, 5, 17, 4095, 4096, 4097, 60_000] {
            let clip = Clip { rate: 24_000, samples: sound(count) };
            let file = write(&clip);
            assert!(count < 100 || file.len() < usize::from(count) * 3 / 2, "{count}: {}", file.len());
            assert_eq!(decoded(file), (24_000, sixteen_bits(&clip.samples)), "{count} samples");
        }
    }

    #[test]
    fn noise_and_full_scale_come_back_too() {
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f32::from(u16::try_from(state >> 16).unwrap()) / 32_768.0 - 1.0
        };
        let mut samples: Vec<f32> = (0..9_000).map(|_| noise()).collect();
        samples.extend([1.0, -1.0, 1.3, -1.3].repeat(500));
        let clip = Clip { rate: 48_000, samples };
        assert_eq!(decoded(write(&clip)), (48_000, sixteen_bits(&clip.samples)));
    }

    #[test]
    fn more_frames_than_one_byte_counts_are_numbered_as_utf8_does() {
        for (number, bytes) in [(0x7f, vec![0x7f]), (0x80, vec![0xc2, 0x80]), (0x7ff, vec![0xdf, 0xbf])] {
            let mut written = Vec::new();
            utf8(number, &mut written);
            assert_eq!(written, bytes);
        }
        for character in ['\u{800}', '\u{ffff}', '\u{10000}'] {
            let mut written = Vec::new();
            utf8(character.into(), &mut written);
            assert_eq!(written, character.to_string().into_bytes());
        }
    }
}
