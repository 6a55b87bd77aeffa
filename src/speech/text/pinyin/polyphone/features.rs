//! What speaks for a reading: the network, the words of the dictionaries, and the characters around.

use super::super::characters::readings;
use super::super::sentence::Sentence;
use super::super::words::{Found, Words};
use super::correction::DENSE;
use super::{Question, softmax};

/// One thing that speaks for a reading: its key in the table of weights, and how strongly it holds.
pub type Feature = (u32, f32);

/// How far the characters around are looked at without regard to their order.
const NEAR: usize = 8;

/// The keys below [`DENSE`], the same for every character.
mod dense {
    /// The logarithm of the network's probability. Its weight is 1 before anything is learnt.
    pub(super) const NETWORK: u32 = 0;
    pub(super) const NETWORK_FIRST: u32 = 1;
    pub(super) const PROBABILITY: u32 = 2;
    /// Which place it has among the readings, from here on; eight keys.
    pub(super) const PLACE: u32 = 8;
    /// The longest word says so: at all; by its length in and out of the cut; by its sources; by their agreement.
    pub(super) const WORD: u32 = 16;
    pub(super) const WORD_LENGTH: u32 = 20;
    pub(super) const WORD_SOURCES: u32 = 32;
    pub(super) const WORD_AGREED: u32 = 40;
    /// The word of the cut says so, by its length.
    pub(super) const CUT_LENGTH: u32 = 48;
}

/// Kinds of what stands around; each is learnt for each reading of each character.
#[derive(Clone, Copy)]
enum Around {
    Nothing,
    Before,
    Behind,
    TwoBefore,
    TwoBehind,
    Both,
    SecondBefore,
    SecondBehind,
    Word,
    Length,
    Near,
    Twice,
    ByWord,
    Disproof,
}

/// Collects what speaks for each reading of the character at `at` of a sentence.
pub(super) fn question(
    sentence: &Sentence,
    words: &Words,
    at: usize,
    favour: impl Fn(usize, usize) -> f32,
) -> Option<Question> {
    let (character, place) = (*sentence.said.get(at)?, (*sentence.places.get(at)?)?);
    let found = readings(character)?;
    let numbers: Vec<usize> = (0..found.choices).filter_map(|choice| found.number(choice)).collect();
    let network = softmax(&numbers.iter().map(|number| favour(place, *number)).collect::<Vec<_>>());
    let (longest, cut) = (words.longest_over(at), words.around(at)?);
    let around = around(sentence, place, cut, at);
    let sure = longest.filter(|found| within(*found, cut) && trusted(*found));
    let phrase = sure.and_then(|found| Some(found.word?.place(at - found.at)));
    let features = network.iter().enumerate().map(|(choice, probability)| {
        let mut features = Vec::with_capacity(around.len() + 16);
        by_network(&mut features, choice, *probability, &network);
        by_words(&mut features, choice, at, longest, cut);
        if phrase == Some(choice) {
            // Some characters are annotated otherwise than dictionaries have them.
            features.push((keyed(key(Around::ByWord, 0), character, 0), 1.0));
        }
        features.extend(around.iter().map(|(key, value)| (keyed(*key, character, choice), *value)));
        features
    });
    Some(Question {
        item: *sentence.items.get(at)?,
        character,
        choices: found.all_choices().collect(),
        features: features.collect(),
        phrase,
        disproof: keyed(key(Around::Disproof, 0), character, phrase.unwrap_or(0)),
    })
}

fn by_network(features: &mut Vec<Feature>, choice: usize, probability: f32, all: &[f32]) {
    features.push((dense::NETWORK, probability.max(1e-9).ln()));
    features.push((dense::PROBABILITY, probability));
    if all.iter().all(|other| *other <= probability) {
        features.push((dense::NETWORK_FIRST, 1.0));
    }
    features.push((dense::PLACE + small(choice, 7), 1.0));
}

fn by_words(features: &mut Vec<Feature>, choice: usize, at: usize, longest: Option<Found>, cut: Found) {
    if let Some((found, word)) = longest.and_then(|found| Some((found, found.word?)))
        && word.place(at - found.at) == choice
    {
        let inside = u32::from(within(found, cut));
        features.push((dense::WORD, 1.0));
        features.push((dense::WORD_LENGTH + 2 * small(found.length, 4) + inside, 1.0));
        features.push((dense::WORD_SOURCES + small(word.sources(), 7), 1.0));
        features.push((dense::WORD_AGREED + small(word.agreed(), 7), 1.0));
    }
    if let Some(word) = cut.word.filter(|word| cut.length > 1 && word.sources() > 0)
        && word.place(at - cut.at) == choice
    {
        features.push((dense::CUT_LENGTH + small(cut.length, 4), 1.0));
    }
}

fn within(found: Found, cut: Found) -> bool {
    found.at >= cut.at && found.end() <= cut.end()
}

fn trusted(found: Found) -> bool {
    found.word.is_some_and(|word| word.sources() > 1 && word.agreed() == 4)
}

/// Lists what stands around the seen character at `place`, as keys that name no reading yet.
fn around(sentence: &Sentence, place: usize, cut: Found, at: usize) -> Vec<(u64, f32)> {
    let seen = |offset: isize| {
        let at = place.checked_add_signed(offset);
        at.and_then(|at| sentence.seen.get(at)).map_or(0, |character| u64::from(*character))
    };
    let word = sentence.said.get(cut.at..cut.end()).unwrap_or_default();
    let word = word.iter().fold(0, |key, character| mix(key ^ u64::from(*character)));
    let inside = (cut.length << 4 | (at - cut.at)) as u64;
    let pair = |first: isize, second: isize| seen(first) << 21 | seen(second);
    let mut around = vec![
        (key(Around::Nothing, 0), 1.0),
        (key(Around::Before, seen(-1)), 1.0),
        (key(Around::Behind, seen(1)), 1.0),
        (key(Around::TwoBefore, pair(-2, -1)), 1.0),
        (key(Around::TwoBehind, pair(1, 2)), 1.0),
        (key(Around::Both, pair(-1, 1)), 1.0),
        (key(Around::SecondBefore, seen(-2)), 1.0),
        (key(Around::SecondBehind, seen(2)), 1.0),
        (key(Around::Word, mix(word) ^ inside), 1.0),
        (key(Around::Length, inside), 1.0),
        // 慢慢地: what is said twice before it.
        (key(Around::Twice, u64::from(seen(-1) != 0 && seen(-1) == seen(-2))), 1.0),
    ];
    let from = place.saturating_sub(NEAR);
    let mut near: Vec<char> = sentence.seen.iter().skip(from).take(place - from).copied().collect();
    near.extend(sentence.seen.iter().skip(place + 1).take(NEAR));
    near.sort_unstable();
    near.dedup();
    // Half as strong, as there are many of them.
    around.extend(near.into_iter().map(|character| (key(Around::Near, character.into()), 0.5)));
    around
}

fn key(kind: Around, content: u64) -> u64 {
    mix(content << 4 ^ kind as u64)
}

/// Makes the key of a weight for one reading of one character; never one below [`DENSE`].
#[expect(clippy::cast_possible_truncation, reason = "32 bits of a mixed number are as good as any")]
fn keyed(key: u64, character: char, choice: usize) -> u32 {
    let mixed = mix(key ^ u64::from(character) << 8 ^ choice as u64) as u32;
    if mixed < DENSE { mixed + DENSE } else { mixed }
}

/// Mixes the bits of a number (the last step of splitmix64).
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number >> 31
}

fn small(number: usize, most: u32) -> u32 {
    u32::try_from(number).map_or(most, |number| number.min(most))
}
