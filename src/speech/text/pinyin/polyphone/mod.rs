//! Which of its readings a character has here: a network's opinion, the dictionaries' and what was learnt from
//! annotated sentences, weighed together. A probability for each reading leaves this folder.

mod bilstm;
mod correction;
mod features;

use std::sync::LazyLock;

use bilstm::Network;
pub use correction::{Correction, DENSE};
pub use features::Feature;

use super::characters::readings;
use super::sentence::{Sentence, sentences};
use super::words::Words;
use crate::model::Syllable;
use crate::speech::text::said::Said;

static NETWORK: LazyLock<Network> = LazyLock::new(Network::new);

/// A character with several readings where it stands, and what speaks for each.
#[derive(Debug, Clone)]
pub struct Question {
    /// Which item of the said text it is.
    pub item: usize,
    /// The character.
    pub character: char,
    /// The readings to choose from, the commonest first.
    pub choices: Vec<Syllable>,
    /// What speaks for or against each of them.
    pub features: Vec<Vec<Feature>>,
    /// The reading that a dictionary's word gives it, as a place in `choices`, if that word is no accident: it stands
    /// in the likeliest cut, two dictionaries have it and none has it otherwise.
    pub phrase: Option<usize>,
    /// The key of the weight that says whether such words were wrong about this reading of this character.
    pub disproof: u32,
}

/// What was decided about a question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// The place of the reading among the choices.
    pub choice: usize,
    /// How probable it is to the model, 0 to 1.
    pub probability: f32,
    /// Whether a dictionary's word that can be trusted says so too.
    pub by_word: bool,
}

/// A word of the dictionaries gives way only where the model is surer than this that it is otherwise.
///
/// The model has seen a few sentences of each character, most from an encyclopedia, where nobody is poisoned by gas: it
/// does not know 煤气中毒, 了解, 转动. Dictionaries do. `make eval` measures both.
const OVERRULES: f32 = 0.95;

impl Question {
    /// Answers by the weights of `correction`: by what is likeliest.
    pub fn answer(&self, correction: &Correction) -> Answer {
        let probabilities = correction.weigh(self);
        let likeliest =
            probabilities.iter().copied().enumerate().max_by(|one, other| one.1.total_cmp(&other.1));
        let (choice, probability) = likeliest.unwrap_or((0, 0.0));
        let word = self.phrase.filter(|word| *word == choice || self.word_wins(probability, correction));
        let of_word = word.and_then(|word| probabilities.get(word));
        match (word, of_word) {
            (Some(choice), Some(probability)) => Answer { choice, probability: *probability, by_word: true },
            _ => Answer { choice, probability, by_word: false },
        }
    }

    /// Tells whether the word is believed where the model finds another reading likelier.
    fn word_wins(&self, probability: f32, correction: &Correction) -> bool {
        probability < OVERRULES && correction.weight(self.disproof) <= 0.0
    }
}

/// Asks about every character of a text that has several readings.
pub fn questions(said: &Said) -> Vec<Question> {
    let asked = sentences(said);
    asked.iter().flat_map(|sentence| about(sentence, &Words::of(&sentence.said))).collect()
}

/// Asks about every character of a sentence that has several readings.
pub(super) fn about(sentence: &Sentence, words: &Words) -> Vec<Question> {
    let several = |at: &usize| {
        let found = sentence.said.get(*at).and_then(|character| readings(*character));
        sentence.places.get(*at).copied().flatten().is_some() && found.is_some_and(|found| found.choices > 1)
    };
    let asked: Vec<usize> = (0..sentence.said.len()).filter(several).collect();
    if asked.is_empty() {
        return Vec::new();
    }
    let understood = NETWORK.read(&sentence.seen);
    let ask = |at| {
        features::question(sentence, words, at, |place, reading| {
            understood.get(place).map_or(0.0, |state| NETWORK.favour(state, reading))
        })
    };
    asked.into_iter().filter_map(ask).collect()
}

/// Turns scores into probabilities that sum up to 1.
pub(super) fn softmax(scores: &[f32]) -> Vec<f32> {
    let greatest = scores.iter().copied().fold(f32::MIN, f32::max);
    let raised: Vec<f32> = scores.iter().map(|score| (score - greatest).exp()).collect();
    let sum: f32 = raised.iter().sum();
    raised.into_iter().map(|value| value / sum).collect()
}
