//! What was learnt from annotated sentences: one weight for each thing that speaks for a reading.

use std::borrow::Cow;

use super::super::bytes::{f32_at, u32_at};
use super::{Question, softmax};

/// How many keys have their weights in full; the keys above are looked up.
pub const DENSE: u32 = 64;

/// What we ship; `data/readings/README.md` says how it is laid out and how it was learnt.
const SHIPPED: &[u8] = include_bytes!("../data/readings/correction.bin");

/// Where the full weights, the starts of the heaps, and the heaps begin.
const FULL: usize = 4;
const STARTS: usize = FULL + 4 * DENSE as usize;
const HEAPS: usize = STARTS + 4 * 257;

/// Weights by key.
#[derive(Debug, Clone)]
pub struct Correction {
    bytes: Cow<'static, [u8]>,
}

impl Correction {
    /// Returns the weights that we ship.
    pub fn shipped() -> Self {
        Self { bytes: Cow::Borrowed(SHIPPED) }
    }

    /// Packs weights: those of the keys below [`DENSE`] in full, the others in 256 steps, those of no weight left out.
    pub fn pack(weights: impl IntoIterator<Item = (u32, f32)>) -> Self {
        let mut weights: Vec<(u32, f32)> = weights.into_iter().collect();
        weights.sort_unstable_by_key(|(key, _)| *key);
        let (full, rest) = weights.split_at(weights.partition_point(|(key, _)| *key < DENSE));
        let step = rest.iter().fold(1e-6_f32, |greatest, (_, weight)| greatest.max(weight.abs())) / 127.0;
        let mut dense = [0.0_f32; DENSE as usize];
        for (key, weight) in full {
            dense[*key as usize] = *weight;
        }
        let mut starts = [0_u32; 257];
        let mut heaps = Vec::new();
        for (key, weight) in rest {
            #[expect(clippy::cast_possible_truncation, reason = "it lies within 127 steps")]
            let steps = (weight / step).round() as i8;
            if steps != 0 {
                heaps.extend((key << 8 | u32::from(steps.cast_unsigned())).to_le_bytes());
                starts.iter_mut().skip((key >> 24) as usize + 1).for_each(|start| *start += 1);
            }
        }
        let mut bytes = step.to_le_bytes().to_vec();
        bytes.extend(dense.iter().flat_map(|weight| weight.to_le_bytes()));
        bytes.extend(starts.iter().flat_map(|start| start.to_le_bytes()));
        bytes.extend(heaps);
        Self { bytes: Cow::Owned(bytes) }
    }

    /// Returns the packed weights.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns how probable each reading is, in the order of the choices.
    pub fn weigh(&self, question: &Question) -> Vec<f32> {
        let score =
            |features: &Vec<(u32, f32)>| features.iter().map(|(key, value)| self.weight(*key) * value).sum();
        softmax(&question.features.iter().map(score).collect::<Vec<f32>>())
    }

    /// Returns the weight of a key; 0 of one that was never seen.
    pub(super) fn weight(&self, key: u32) -> f32 {
        if key < DENSE {
            return f32_at(&self.bytes, FULL + 4 * key as usize);
        }
        // A heap holds the keys that begin with the same byte: their other bytes, and the weight behind them.
        let heap = STARTS + 4 * (key >> 24) as usize;
        let (from, to) = (u32_at(&self.bytes, heap) as usize, u32_at(&self.bytes, heap + 4) as usize);
        let (low, count) = (HEAPS + 4 * from, to.saturating_sub(from));
        let place = find_prefix(&self.bytes, low, count, key & 0x00ff_ffff);
        place.map_or(0.0, |steps| f32::from(steps) * f32_at(&self.bytes, 0))
    }
}

/// Finds the row whose upper three bytes are `wanted`; returns its lowest byte.
fn find_prefix(bytes: &[u8], from: usize, count: usize, wanted: u32) -> Option<i8> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        let row = u32_at(bytes, from + 4 * middle);
        match (row >> 8).cmp(&wanted) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Some(row.to_le_bytes()[0].cast_signed()),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_comes_out_as_it_was_packed_and_an_unknown_key_weighs_nothing() {
        let packed = Correction::pack([(3, 1.5), (0x0100_0000, -2.0), (0xffff_ffff, 4.0), (70, 0.001)]);
        let near = |key, wanted: f32| assert!((packed.weight(key) - wanted).abs() < 0.02, "{key:x}");
        near(3, 1.5);
        near(0x0100_0000, -2.0);
        near(0xffff_ffff, 4.0);
        near(70, 0.0);
        near(0x0200_0000, 0.0);
    }
}
