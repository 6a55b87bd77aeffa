//! Learns the weights of the polyphone model from annotated sentences, and measures it on others.

use std::collections::{BTreeMap, HashMap};

use dalaba::speech::text::normalize::{Options, normalize};
use dalaba::speech::text::pinyin::polyphone::{Correction, DENSE, Question, questions};
use dalaba::speech::text::said::Item;

/// Decides which sentences are held back; anyone can draw the same.
pub(crate) const SEED: u64 = 20_260_126;

/// One sentence in so many is held back for the measure.
pub(crate) const PARTS: u64 = 5;

/// How often every sentence is looked at, how fast is learnt, and what weights cost.
const ROUNDS: usize = 25;
const RATE: f32 = 0.15;
const COST: f32 = 4.0;
const COST_DENSE: f32 = 0.6;

/// How often a sentence of our own counts: there are few, and announcements are what we read.
const OWN: usize = 4;

/// Words are not believed about a reading where one in so many was wrong.
const DISPROVED: usize = 20;

/// An annotated character in its sentence.
#[derive(Clone)]
pub(crate) struct Example {
    /// Its line in the file, from 0.
    pub(crate) line: usize,
    /// Whether it is one of ours.
    pub(crate) own: bool,
    /// The character.
    pub(crate) character: char,
    /// The right reading.
    pub(crate) right: String,
    /// What the model is asked; nothing if the text leaves the character unsaid.
    pub(crate) question: Option<Question>,
    /// The right reading among the choices; none if it is not among them (`r5`, which is no syllable).
    pub(crate) choice: Option<usize>,
}

/// Reads the annotated sentences that are kept in `tests/data/polyphones`.
pub(crate) fn examples() -> Vec<Example> {
    let sentences = include_str!("../../tests/data/polyphones/dev.sent").lines();
    let labels = include_str!("../../tests/data/polyphones/dev.lb").lines();
    sentences
        .zip(labels)
        .enumerate()
        .map(|(line, (sentence, label))| example(line, sentence, label))
        .collect()
}

fn example(line: usize, sentence: &str, label: &str) -> Example {
    let at = sentence.chars().position(|sign| sign == '▁').expect("every line marks a character");
    asked(line, &sentence.replace('▁', ""), &[(at, label.replace("u:", "v"))], false).remove(0)
}

/// Reads the sentences of our own, where the readings stand in braces behind their characters.
pub(crate) fn village() -> Vec<Example> {
    let lines = include_str!("../../tests/data/polyphones/village.txt").lines().enumerate();
    lines
        .filter(|(_, text)| !text.starts_with('#'))
        .flat_map(|(line, text)| annotated(line, text))
        .filter(|example| example.question.is_some())
        .collect()
}

fn annotated(line: usize, text: &str) -> Vec<Example> {
    let mut pieces = text.split(['{', '}']);
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    let mut labels = Vec::new();
    while let (Some(reading), Some(piece)) = (pieces.next(), pieces.next()) {
        labels.push((plain.chars().count() - 1, reading.to_owned()));
        plain.push_str(piece);
    }
    asked(line, &plain, &labels, true)
}

/// Asks the model about the characters that have labels, each by its place in the text.
fn asked(line: usize, text: &str, labels: &[(usize, String)], own: bool) -> Vec<Example> {
    let said = normalize(text, &Options::default());
    let place = |question: &Question| match &said.items[question.item] {
        Item::Han(han) => han.source,
        _ => None,
    };
    let questions = questions(&said);
    let example = |(at, right): &(usize, String)| {
        let question = questions.iter().find(|question| place(question) == Some(*at)).cloned();
        let character = text.chars().nth(*at).expect("a label belongs to a character");
        let choices = question.iter().flat_map(|question| &question.choices);
        let choice = choices.into_iter().position(|choice| choice.to_string() == *right);
        Example { line, own, character, right: right.clone(), question, choice }
    };
    labels.iter().map(example).collect()
}

/// Tells in which of [`PARTS`] parts a line falls.
pub(crate) fn part(line: usize) -> u64 {
    mix(SEED ^ line as u64) % PARTS
}

fn mix(number: u64) -> u64 {
    let number = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number >> 31
}

/// Learns from `examples`: log-linear, by stochastic gradients whose steps shrink weight by weight (`AdaGrad`), where
/// weights cost their squares. The same examples always give the same weights.
pub(crate) fn learn(examples: &[&Example]) -> Correction {
    let own = |example: &&Example| if example.own { OWN } else { 1 };
    let examples: Vec<&Example> =
        examples.iter().flat_map(|one| std::iter::repeat_n(*one, own(one))).collect();
    let mut table = Table::of(&examples);
    let mut order: Vec<usize> = (0..table.rows.len()).collect();
    for round in 0..ROUNDS {
        order.sort_by_key(|row| mix((round as u64) << 32 ^ *row as u64));
        for row in &order {
            table.step(*row);
        }
    }
    let disproved = disproved(&examples).into_iter().map(|key| (key, 1.0));
    Correction::pack(table.keys.iter().copied().zip(table.weights).chain(disproved))
}

/// Lists the readings of characters about which dictionaries' words are wrong now and then.
fn disproved(examples: &[&Example]) -> Vec<u32> {
    let mut counts: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    for (question, choice) in
        examples.iter().filter_map(|example| Some((example.question.as_ref()?, example.choice)))
    {
        if question.phrase.is_some() {
            let count = counts.entry(question.disproof).or_default();
            count.0 += 1;
            count.1 += usize::from(question.phrase != choice);
        }
    }
    let wrong = counts.into_iter().filter(|(_, (all, wrong))| wrong * DISPROVED >= *all && *wrong > 0);
    wrong.map(|(key, _)| key).collect()
}

/// Returns a weight before anything is learnt: the network's opinion counts as it is.
fn before(key: u32) -> f32 {
    if key == 0 { 1.0 } else { 0.0 }
}

/// The weights while they are learnt, and the examples in terms of their places.
struct Table {
    keys: Vec<u32>,
    weights: Vec<f32>,
    /// What the weights were before anything was learnt, and what they are drawn to.
    before: Vec<f32>,
    /// Squares of all gradients of a weight so far.
    squares: Vec<f32>,
    /// What a weight costs each time it is touched, so that one round comes to its whole cost.
    costs: Vec<f32>,
    rows: Vec<Row>,
}

/// The right choice, the features of each choice, and whether the sentence is ours.
type Row = (usize, Vec<Vec<(usize, f32)>>, bool);

impl Table {
    fn of(examples: &[&Example]) -> Self {
        let mut places = HashMap::new();
        let mut keys = Vec::new();
        let mut place = |key: u32| {
            *places.entry(key).or_insert_with(|| {
                keys.push(key);
                keys.len() - 1
            })
        };
        let rows: Vec<Row> = examples
            .iter()
            .filter_map(|example| {
                let features = example.question.as_ref()?.features.iter();
                let rows = features.map(|row| row.iter().map(|(key, value)| (place(*key), *value)).collect());
                Some((example.choice?, rows.collect(), example.own))
            })
            .collect();
        let mut touched = vec![0.0_f32; keys.len()];
        rows.iter().flat_map(|(_, row, _)| row).flatten().for_each(|(place, _)| touched[*place] += 1.0);
        let cost = |(key, touched): (&u32, &f32)| if *key < DENSE { COST_DENSE } else { COST } / touched;
        let costs = keys.iter().zip(&touched).map(cost).collect();
        let before: Vec<f32> = keys.iter().map(|key| before(*key)).collect();
        Self { squares: vec![0.1; keys.len()], weights: before.clone(), before, keys, costs, rows }
    }

    fn step(&mut self, row: usize) {
        let (right, choices, own) = &self.rows[row];
        let score = |features: &Vec<(usize, f32)>| {
            features.iter().map(|(at, value)| self.weights[*at] * value).sum::<f32>()
        };
        let scores: Vec<f32> = choices.iter().map(score).collect();
        let greatest = scores.iter().copied().fold(f32::MIN, f32::max);
        let raised: Vec<f32> = scores.iter().map(|score| (score - greatest).exp()).collect();
        let sum: f32 = raised.iter().sum();
        for (choice, (features, raised)) in choices.iter().zip(raised).enumerate() {
            let error = raised / sum - if choice == *right { 1.0 } else { 0.0 };
            for (at, value) in features {
                // Ours are hard on purpose: they say nothing of how far the network can be trusted.
                if *own && self.keys[*at] < DENSE {
                    continue;
                }
                let gradient = error * value + self.costs[*at] * (self.weights[*at] - self.before[*at]);
                self.squares[*at] += gradient * gradient;
                self.weights[*at] -= RATE * gradient / self.squares[*at].sqrt();
            }
        }
    }
}
