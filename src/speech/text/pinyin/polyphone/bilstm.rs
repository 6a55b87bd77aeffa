//! The network: g2pM's, two LSTMs of 32 cells that read a sentence from both ends, and two layers above them.
//!
//! Sums go over rows, inputs by the eight, so that the compiler makes vector code of them on any processor. All layers have
//! inputs in multiples of eight.

use super::super::bytes::{f32_at, find, u32_at};

/// The weights; `data/readings/README.md` says how they are laid out and where they come from.
const BYTES: &[u8] = include_bytes!("../data/readings/bilstm.bin");

/// Inputs and cells of each LSTM, its four gates, and what stands above.
const INPUTS: usize = 64;
const CELLS: usize = 32;
const GATES: usize = 4 * CELLS;
const HIDDEN: usize = 32;

/// What stands before and behind every sentence that it learnt from.
const BEGIN: char = '시';
const END: char = '끝';

/// Where the tables begin that are read as they lie.
const CHARACTERS: usize = 8;

/// The weights that are walked for every character, unpacked; the rest stays where it lies.
pub(super) struct Network {
    forward: Lstm,
    backward: Lstm,
    hidden_bias: [f32; HIDDEN],
    hidden: Vec<[f32; HIDDEN]>,
    rows: usize,
    /// Where the readings' biases and weights begin, in bytes.
    bias: usize,
    weights: usize,
}

struct Lstm {
    bias: [f32; GATES],
    /// One row of gates an input, then one a cell.
    input: Vec<[f32; GATES]>,
    cells: Vec<[f32; GATES]>,
}

impl Network {
    /// Unpacks the weights (0.1 MB).
    pub(super) fn new() -> Self {
        let rows = u32_at(BYTES, 0) as usize;
        let mut at = CHARACTERS + 4 * (rows.saturating_sub(1)) + 4 * INPUTS * rows;
        let forward = Lstm::take(&mut at);
        let backward = Lstm::take(&mut at);
        let hidden_bias = take(&mut at);
        let hidden = (0..2 * CELLS).map(|_| take(&mut at)).collect();
        // 876 readings: the rest of the file, a bias and a row each.
        let readings = BYTES.len().saturating_sub(at) / (4 * (HIDDEN + 1));
        Self { forward, backward, hidden_bias, hidden, rows, bias: at, weights: at + 4 * readings }
    }

    /// Reads a sentence; returns what was understood at each of its characters.
    pub(super) fn read(&self, sentence: &[char]) -> Vec<[f32; HIDDEN]> {
        let framed: Vec<char> = [BEGIN].into_iter().chain(sentence.iter().copied()).chain([END]).collect();
        let inputs: Vec<[f32; INPUTS]> = framed.iter().map(|character| self.input(*character)).collect();
        let forward = self.forward.run(inputs.iter());
        let mut backward = self.backward.run(inputs.iter().rev());
        backward.reverse();
        let states = forward.iter().zip(&backward).skip(1).take(sentence.len());
        states.map(|(forward, backward)| self.above(forward, backward)).collect()
    }

    /// Returns how much a reading (by its number) is favoured where `understood` was understood.
    pub(super) fn favour(&self, understood: &[f32; HIDDEN], reading: usize) -> f32 {
        let row = self.weights + 4 * HIDDEN * reading;
        let weights =
            understood.iter().enumerate().map(|(place, value)| value * f32_at(BYTES, row + 4 * place));
        f32_at(BYTES, self.bias + 4 * reading) + weights.sum::<f32>()
    }

    fn input(&self, character: char) -> [f32; INPUTS] {
        // Row 0 stands for every character that it never saw.
        let known = find(BYTES, CHARACTERS, 4, self.rows - 1, character.into()).map_or(0, |place| place + 1);
        let mut at = CHARACTERS + 4 * (self.rows - 1) + 4 * INPUTS * known;
        take(&mut at)
    }

    fn above(&self, forward: &[f32; CELLS], backward: &[f32; CELLS]) -> [f32; HIDDEN] {
        let mut sum = self.hidden_bias;
        let (first, second) = self.hidden.split_at(CELLS);
        add(&mut sum, first, forward);
        add(&mut sum, second, backward);
        sum.map(|value| value.max(0.0))
    }
}

impl Lstm {
    fn take(at: &mut usize) -> Self {
        Self {
            bias: take(at),
            input: (0..INPUTS).map(|_| take(at)).collect(),
            cells: (0..CELLS).map(|_| take(at)).collect(),
        }
    }

    fn run<'a>(&self, inputs: impl Iterator<Item = &'a [f32; INPUTS]>) -> Vec<[f32; CELLS]> {
        let (mut said, mut kept) = ([0.0; CELLS], [0.0; CELLS]);
        let step = |input: &[f32; INPUTS]| {
            let mut gates = self.bias;
            add(&mut gates, &self.input, input);
            add(&mut gates, &self.cells, &said);
            let [write, keep, new, tell] = gates.as_chunks::<CELLS>().0 else { return said };
            for cell in 0..CELLS {
                kept[cell] = sigmoid(keep[cell]) * kept[cell] + sigmoid(write[cell]) * tanh(new[cell]);
            }
            for cell in 0..CELLS {
                said[cell] = sigmoid(tell[cell]) * tanh(kept[cell]);
            }
            said
        };
        inputs.map(step).collect()
    }
}

/// Takes `N` numbers from the weights and moves on.
fn take<const N: usize>(at: &mut usize) -> [f32; N] {
    let from = *at;
    *at += 4 * N;
    std::array::from_fn(|place| f32_at(BYTES, from + 4 * place))
}

/// Adds each row times its value. Eight rows at a time, or most of the time would go into fetching and storing the sums;
/// within a sum the order stays that of the rows, so that the result is the same to the last bit.
fn add<const N: usize>(sum: &mut [f32; N], rows: &[[f32; N]], values: &[f32]) {
    let (eights, eight_values) = (rows.as_chunks::<8>().0, values.as_chunks::<8>().0);
    for (rows, values) in eights.iter().zip(eight_values) {
        for (place, sum) in sum.iter_mut().enumerate() {
            *sum = rows.iter().zip(values).fold(*sum, |sum, (row, value)| sum + row[place] * value);
        }
    }
}

fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + exp(-value))
}

/// e to the power of `value`, as good as the library's to 1 in 10 million (`|value|` up to 87). Without a branch and without
/// a call, so that many are done at once.
///
/// e^x = 2^n · e^r with n the nearest whole number to x / ln 2: e^r by a polynomial (Cephes' `expf`, S. Moshier), 2^n by
/// writing n where a float has its exponent.
fn exp(value: f32) -> f32 {
    /// Adding it leaves no place for a fraction: the sum is rounded, and its last bits are the whole number.
    const ROUND: f32 = 12_582_912.0;
    /// ln 2 in two parts, of which the first times any n is exact.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    const ONE: u32 = 0x3f80_0000;
    let value = value.clamp(-87.0, 87.0);
    let rounded = value * std::f32::consts::LOG2_E + ROUND;
    let power = rounded - ROUND;
    let rest = value - power * LN_2[0] - power * LN_2[1];
    let sum = 1.987_569_1e-4;
    let sum = sum * rest + 1.398_2e-3;
    let sum = sum * rest + 8.333_452e-3;
    let sum = sum * rest + 4.166_579_6e-2;
    let sum = sum * rest + 1.666_666_5e-1;
    let sum = sum * rest + 0.5;
    let near = sum * rest * rest + rest + 1.0;
    near * f32::from_bits((rounded.to_bits() << 23).wrapping_add(ONE))
}

/// Twice as fast as the library's and as good as its weights.
fn tanh(value: f32) -> f32 {
    2.0 * sigmoid(2.0 * value) - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_power_is_as_good_as_the_librarys() {
        for step in -8_700_i16..=8_700 {
            let value = f32::from(step) / 100.0;
            let off = f64::from(exp(value)) / f64::from(value).exp() - 1.0;
            assert!(off.abs() < 1e-6, "{value}: {off}");
        }
        assert!(
            (sigmoid(1e9) - 1.0).abs() < 1e-6 && sigmoid(-1e9).abs() < 1e-6 && sigmoid(f32::NAN).is_nan()
        );
    }
}
