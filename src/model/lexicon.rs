//! A word whose reading people have decided.

use super::Syllable;

/// A word and how it is read: one syllable for each of its characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LexiconEntry {
    /// The word, Han characters only.
    pub word: String,
    /// Its syllables in dictionary tones, as many as the word has characters.
    pub readings: Vec<Syllable>,
}
