//! The network: g2pM's, two LSTMs of 32 cells that read a sentence from both ends, and two layers above them.
//!
//! Sums go over rows, input by input, so that the compiler makes vector code of them on any processor.

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
        for (value, row) in forward.iter().chain(backward).zip(&self.hidden) {
            add(&mut sum, row, *value);
        }
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
            for (value, row) in input.iter().zip(&self.input).chain(said.iter().zip(&self.cells)) {
                add(&mut gates, row, *value);
            }
            for (cell, (kept, said)) in kept.iter_mut().zip(&mut said).enumerate() {
                let gate = |which: usize| gates[which * CELLS + cell];
                *kept = sigmoid(gate(1)) * *kept + sigmoid(gate(0)) * tanh(gate(2));
                *said = sigmoid(gate(3)) * tanh(*kept);
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

fn add<const N: usize>(sum: &mut [f32; N], row: &[f32; N], value: f32) {
    for (sum, weight) in sum.iter_mut().zip(row) {
        *sum += weight * value;
    }
}

fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + (-value).exp())
}

/// Twice as fast as the library's and as good as its weights.
fn tanh(value: f32) -> f32 {
    2.0 * sigmoid(2.0 * value) - 1.0
}
