//! The said text (念法): what a written text comes to when it is spoken, before anybody decides how each character
//! sounds.

use std::fmt;
use std::time::Duration;

use crate::model::Syllable;

/// What is to be said, in order, and what in the written text cannot be.
///
/// Every Han character of the written text is among `items`, in its order, with its place as `source`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// What is to be said.
    pub items: Vec<Item>,
    /// What is left out.
    pub unspeakable: Vec<Unspeakable>,
}

/// One thing to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A character read in Mandarin.
    Han(Han),
    /// A word, or letters spelt (`E T C`), in another tongue.
    Foreign {
        /// Its language, a BCP 47 tag in lower case: `en`.
        language: String,
        /// What to speak: letters that are spelt stand apart.
        text: String,
    },
    /// A silence where a mark was written.
    Pause(Pause),
}

/// A character read in Mandarin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Han {
    /// The character that is said.
    pub character: char,
    /// Where it stands in the written text, in characters from 0; none if digits or signs were turned into it.
    pub source: Option<usize>,
    /// The reading that was written behind it in braces.
    pub reading: Option<Syllable>,
    /// Whether it is part of a number.
    pub figure: Figure,
}

/// Says what part of a number a character is; 一 changes its tone in some and not in others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Figure {
    /// Of none.
    #[default]
    None,
    /// A number that counts: 一百二十.
    Count,
    /// One digit of many that are read one by one: 幺二幺二三, 二零二六.
    Digit,
}

/// A silence, by the mark that asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pause {
    /// Between the items of a list: 、
    List,
    /// Inside a sentence: ，and what brackets and dashes ask for.
    Comma,
    /// Between clauses: ；
    Clause,
    /// Before what was announced: ：
    Colon,
    /// After a sentence: 。
    Full,
    /// After an exclamation: ！
    Exclamation,
    /// After a question: ？
    Question,
}

impl Pause {
    /// Returns the mark that stands for it in the said text.
    pub fn mark(self) -> char {
        match self {
            Self::List => '、',
            Self::Comma => '，',
            Self::Clause => '；',
            Self::Colon => '：',
            Self::Full => '。',
            Self::Exclamation => '！',
            Self::Question => '？',
        }
    }

    /// Returns how long the silence lasts.
    pub fn length(self) -> Duration {
        Duration::from_millis(match self {
            Self::List => 180,
            Self::Comma => 300,
            Self::Clause | Self::Colon => 400,
            Self::Full | Self::Exclamation | Self::Question => 600,
        })
    }
}

/// Something written that has no sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unspeakable {
    /// Where it begins in the written text, in characters from 0.
    pub at: usize,
    /// How many characters it has.
    pub length: usize,
    /// What it is.
    pub what: Unsaid,
}

/// Says what cannot be spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsaid {
    /// 😀
    Emoji,
    /// A web or mail address: nobody wants to hear one.
    Address,
    /// A letter of a script that no voice here reads.
    Script,
    /// A sign that nobody knows how to say.
    Sign,
    /// Braces behind a character that hold no reading.
    Reading,
}

/// The said text as people read it: 请拨打幺二幺二三。
impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut word_before = false;
        for item in &self.items {
            let word = matches!(item, Item::Foreign { .. });
            if word && word_before {
                f.write_str(" ")?;
            }
            word_before = word;
            match item {
                Item::Han(han) => write!(f, "{}", han.character)?,
                Item::Foreign { text, .. } => f.write_str(text)?,
                Item::Pause(pause) => write!(f, "{}", pause.mark())?,
            }
        }
        Ok(())
    }
}
