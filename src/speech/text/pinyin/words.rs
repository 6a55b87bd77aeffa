//! The words of the language: how they are read, how often they are written, and where they stand in a sentence.

use std::sync::LazyLock;

use fst::Map;
use fst::raw::{Node, Output};

/// The words; `data/readings/README.md` says how they are laid out and made.
const BYTES: &[u8] = include_bytes!("data/readings/words.fst");

/// Most characters of a word.
pub(super) const LONGEST: usize = 8;

/// Opened, not parsed: the table is walked where it lies.
static WORDS: LazyLock<Option<Map<&'static [u8]>>> = LazyLock::new(|| Map::new(BYTES).ok());

/// What the table says of one word, packed as `examples/polyphones.rs` packs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word(u64);

impl Word {
    /// Packs a word: how often it was counted, how many dictionaries have it, how far they agree (0 to 4 quarters), and
    /// the place of each reading in the list of its character (below 16).
    pub fn pack(counted: u32, sources: u8, agreed: u8, readings: &[u8]) -> Self {
        let often = (f64::from(counted.max(1)).log2() * 4.0).round();
        let places = readings.iter().rev().fold(0, |packed, place| packed << 4 | u64::from(place & 15));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "32 doublings in quarters: 0 to 128"
        )]
        let often = (often as u64).min(127);
        Self(places << 13 | u64::from(agreed & 7) << 10 | u64::from(sources & 7) << 7 | often)
    }

    /// Returns the packed number.
    pub fn packed(self) -> u64 {
        self.0
    }

    /// Returns how often the word is written, as a natural logarithm.
    fn often(self) -> f32 {
        f32::from(u8::try_from(self.0 & 127).unwrap_or(0)) / 4.0 * std::f32::consts::LN_2
    }

    /// Returns how many dictionaries say how it is read.
    pub(super) fn sources(self) -> usize {
        usize::try_from(self.0 >> 7 & 7).unwrap_or(0)
    }

    /// Returns how far they agree, in quarters.
    pub(super) fn agreed(self) -> usize {
        usize::try_from(self.0 >> 10 & 7).unwrap_or(0)
    }

    /// Returns the place of the reading of the character at `at`.
    pub(super) fn place(self, at: usize) -> usize {
        usize::try_from(self.0 >> (13 + 4 * at.min(LONGEST)) & 15).unwrap_or(0)
    }
}

/// A word where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// Where it begins.
    pub(super) at: usize,
    /// How many characters it has.
    pub(super) length: usize,
    /// What the table says of it; none of a character that is no word by itself.
    pub(super) word: Option<Word>,
}

impl Found {
    /// Returns the end, one past the last character.
    pub(super) fn end(self) -> usize {
        self.at + self.length
    }
}

/// All words of a sentence, and the likeliest way to cut it.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Every word that stands somewhere, by where it begins.
    all: Vec<Vec<Found>>,
    /// The word of the likeliest cut that each character belongs to.
    cut: Vec<Found>,
}

impl Words {
    /// Finds the words in a sentence.
    pub(super) fn of(sentence: &[char]) -> Self {
        let all: Vec<Vec<Found>> = (0..sentence.len()).map(|at| beginning(sentence, at)).collect();
        let cut = likeliest(&all);
        Self { all, cut }
    }

    /// Returns the word that the character at `at` belongs to.
    pub(super) fn around(&self, at: usize) -> Option<Found> {
        self.cut.get(at).copied()
    }

    /// Returns the longest word over the character at `at` whose reading is known; of equal ones the first.
    pub(super) fn longest_over(&self, at: usize) -> Option<Found> {
        let starts = self.all.get((at + 1).saturating_sub(LONGEST)..=at)?;
        let over = starts.iter().flatten().filter(|found| found.end() > at && found.length > 1);
        let known = over.filter(|found| found.word.is_some_and(|word| word.sources() > 0));
        known.copied().rev().max_by_key(|found| found.length)
    }
}

/// Finds every word that begins at `at`.
fn beginning(sentence: &[char], at: usize) -> Vec<Found> {
    let mut found = Vec::new();
    let Some(map) = WORDS.as_ref() else { return found };
    let fst = map.as_fst();
    let (mut node, mut output) = (fst.root(), Output::zero());
    for (place, character) in sentence.iter().skip(at).take(LONGEST).enumerate() {
        match step(fst, node, output, *character) {
            Some(next) => (node, output) = next,
            None => break,
        }
        if node.is_final() {
            let word = Word(output.cat(node.final_output()).value());
            found.push(Found { at, length: place + 1, word: Some(word) });
        }
    }
    found
}

/// Walks over the bytes of one character.
fn step<'f>(
    fst: &'f fst::raw::Fst<&'static [u8]>,
    mut node: Node<'f>,
    mut output: Output,
    character: char,
) -> Option<(Node<'f>, Output)> {
    for byte in character.encode_utf8(&mut [0; 4]).bytes() {
        let transition = node.transition(node.find_input(byte)?);
        output = output.cat(transition.out);
        node = fst.node(transition.addr);
    }
    Some((node, output))
}

/// Cuts a sentence so that the product of its words' frequencies is greatest.
fn likeliest(all: &[Vec<Found>]) -> Vec<Found> {
    /// The logarithm of how many words were counted in all (jieba: 60 million), and of what nobody counted.
    const COUNTED: f32 = 17.9;
    const RARE: f32 = -0.7;
    let mut best = vec![(0.0_f32, None::<Found>); all.len() + 1];
    for (at, found) in all.iter().enumerate().rev() {
        let alone = Found { at, length: 1, word: None };
        let first = (RARE - COUNTED + best.get(at + 1).map_or(0.0, |next| next.0), Some(alone));
        let ways = found.iter().filter_map(|found| {
            let often = found.word.map_or(RARE, Word::often);
            Some((often - COUNTED + best.get(found.end())?.0, Some(*found)))
        });
        let chosen = ways.fold(first, |best, way| if way.0 > best.0 { way } else { best });
        if let Some(place) = best.get_mut(at) {
            *place = chosen;
        }
    }
    let mut cut: Vec<Found> = Vec::with_capacity(all.len());
    while let Some((_, Some(found))) = best.get(cut.len()) {
        cut.extend(std::iter::repeat_n(*found, found.length));
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> String {
        let sentence: Vec<char> = text.chars().collect();
        let words = Words::of(&sentence);
        let begins = |at: usize| words.around(at).is_some_and(|found| found.at == at && at > 0);
        sentence
            .iter()
            .enumerate()
            .flat_map(|(at, c)| begins(at).then_some(' ').into_iter().chain([*c]))
            .collect()
    }

    #[test]
    fn a_sentence_is_cut_into_the_words_that_people_mean() {
        for wanted in ["安全带 就是 生命 带", "走 人行横道", "请 不要 酒后驾车", "研究 生命 起源"]
        {
            assert_eq!(cut(&wanted.replace(' ', "")), wanted);
        }
    }

    #[test]
    fn what_is_no_word_is_cut_into_characters() {
        assert_eq!(cut("A1，"), "A 1 ，");
        assert_eq!(cut(""), "");
    }

    #[test]
    fn the_longest_word_over_a_character_is_found() {
        let sentence: Vec<char> = "在银行里".chars().collect();
        let found = Words::of(&sentence).longest_over(2).unwrap();
        assert_eq!((found.at, found.length), (1, 2));
        assert_eq!(Words::of(&sentence).longest_over(9).map(|found| found.at), None);
    }

    #[test]
    fn a_word_comes_out_as_it_was_packed() {
        let word = Word::pack(1000, 4, 3, &[0, 15, 2, 0, 0, 0, 0, 7]);
        assert_eq!((word.sources(), word.agreed()), (4, 3));
        assert_eq!([0, 1, 2, 7, 8].map(|at| word.place(at)), [0, 15, 2, 7, 0]);
        assert!((word.often() - 1000_f32.ln()).abs() < 0.1);
    }
}
