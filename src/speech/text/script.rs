//! The script (读音): every syllable of a said text decided, ready for an engine. Says why each was read so.

use super::said::{Figure, Pause};
use crate::model::Syllable;

/// What an engine speaks, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Script {
    /// One after the other.
    pub units: Vec<Unit>,
}

/// One thing to be spoken.
#[derive(Debug, Clone, PartialEq)]
pub enum Unit {
    /// One syllable of Mandarin.
    Syllable(Spoken),
    /// A word or spelt letters of another tongue.
    Foreign {
        /// Its language, a BCP 47 tag in lower case: `en`.
        language: String,
        /// What to speak.
        text: String,
    },
    /// A silence.
    Pause(Pause),
}

impl Unit {
    /// Writes it as `dalaba pinyin` shows it: a syllable with its tone digit (`huar1` with 儿 in it), a word as it is, a
    /// pause as its mark; none for what is only written.
    pub fn pinyin(&self) -> Option<String> {
        match self {
            Self::Syllable(spoken) if spoken.silent => None,
            Self::Syllable(spoken) if spoken.erhua => {
                Some(format!("{}r{}", spoken.spoken.base(), spoken.spoken.tone() as u8))
            }
            Self::Syllable(spoken) => Some(spoken.spoken.to_string()),
            Self::Foreign { text, .. } => Some(text.clone()),
            Self::Pause(pause) => Some(pause.mark().to_string()),
        }
    }
}

/// One syllable of Mandarin, decided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spoken {
    /// The character that it reads.
    pub character: char,
    /// Where that stands in the written text, in characters from 0; none if digits or signs were turned into it.
    pub source: Option<usize>,
    /// The reading that a dictionary gives.
    pub citation: Syllable,
    /// Whether it is part of a number; 一 changes its tone in some and not in others.
    pub figure: Figure,
    /// What is spoken here: after the changes that neighbours make (变调).
    pub spoken: Syllable,
    /// Whether 儿 is spoken at the end of it (儿化). The unit of that 儿 is then [`Spoken::silent`].
    pub erhua: bool,
    /// Whether it is only written: a 儿 that is spoken with the syllable before it.
    pub silent: bool,
    /// Whether a word begins here.
    pub begins_word: bool,
    /// Why it is read so.
    pub why: Why,
}

/// Says why a character is read as it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Why {
    /// It has one reading only.
    Only,
    /// The text says so in braces.
    Override,
    /// The user's own lexicon says so.
    OwnLexicon,
    /// The lexicon that we ship says so.
    Lexicon,
    /// The phrase is in the dictionary.
    Phrase,
    /// The model finds it the likeliest, with this probability (0 to 1).
    Model(f32),
    /// It is the commonest reading and nothing else is known.
    Commonest,
}
