//! What a rule makes of the characters that it read.

use super::number;
use super::text::Number;
use crate::speech::text::said::{Figure, Pause};

/// What is to be said for some characters of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Where the characters end.
    pub(super) end: usize,
    /// What to say.
    pub(super) parts: Vec<Part>,
}

/// One step of what is to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// The Han character at this place, as it is written.
    Written(usize),
    /// Characters that are not written but said.
    Made(String, Figure),
    /// A word of another tongue, or letters that are spelt.
    Foreign(String),
    /// A silence.
    Pause(Pause),
    /// Signs from here to there that nobody can say.
    Unsaid(usize, usize),
}

impl Found {
    /// Says nothing yet, up to `end`.
    pub(super) fn to(end: usize) -> Self {
        Self { end, parts: Vec::new() }
    }

    /// Adds words that are no number.
    pub(super) fn word(self, said: impl Into<String>) -> Self {
        self.made(said.into(), Figure::None)
    }

    /// Adds digits that are counted.
    pub(super) fn count(self, digits: &str) -> Self {
        let figure = if digits.len() > 1 && digits.starts_with('0') { Figure::Digit } else { Figure::Count };
        self.made(number::count(digits), figure)
    }

    /// Adds digits that are counted, 2 as 两.
    pub(super) fn amount(self, digits: &str) -> Self {
        if digits == "2" { self.made("两".to_owned(), Figure::Count) } else { self.count(digits) }
    }

    /// Adds digits one by one.
    pub(super) fn each(self, digits: &str) -> Self {
        self.made(number::each(digits), Figure::Digit)
    }

    /// Adds digits one by one, 1 as 幺.
    pub(super) fn telephone(self, digits: &str) -> Self {
        self.made(number::telephone(digits), Figure::Digit)
    }

    /// Adds a number; `liang` tells whether a lone 2 is 两.
    pub(super) fn number(self, number: &Number, liang: bool) -> Self {
        match &number.fraction {
            Some(fraction) => self.count(&number.whole).word("点").each(fraction),
            None if liang => self.amount(&number.whole),
            None => self.count(&number.whole),
        }
    }

    /// Adds the characters as they are written.
    pub(super) fn written(mut self, places: std::ops::Range<usize>) -> Self {
        self.parts.extend(places.map(Part::Written));
        self
    }

    /// Adds letters, each for itself.
    pub(super) fn spelt(mut self, letters: &str) -> Self {
        let apart: Vec<String> = letters.chars().map(|c| c.to_uppercase().to_string()).collect();
        self.parts.push(Part::Foreign(apart.join(" ")));
        self
    }

    /// Adds a silence.
    pub(super) fn pause(mut self, pause: Pause) -> Self {
        self.parts.push(Part::Pause(pause));
        self
    }

    /// Goes on to `end`.
    pub(super) fn until(mut self, end: usize) -> Self {
        self.end = end;
        self
    }

    fn made(mut self, said: String, figure: Figure) -> Self {
        if !said.is_empty() {
            self.parts.push(Part::Made(said, figure));
        }
        self
    }
}
