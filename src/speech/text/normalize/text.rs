//! A written text made ready for the rules, and the cursor with which they read it.

use super::glyph::{Class, END, Glyph, class};
use super::tables::TABLES;

/// How many characters to the left, digits not counted, a rule looks for words that decide.
const CONTEXT: usize = 14;

/// How many characters to the left a rule looks, digits counted.
const FARTHEST: usize = 48;

/// Most digits that are read as one number.
const LONGEST_NUMBER: usize = 100;

/// The characters that may have a sound, in order.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) glyphs: Vec<Glyph>,
}

impl Text {
    /// Returns the character at `at`; [`END`] beyond the text.
    pub(super) fn at(&self, at: usize) -> char {
        self.glyphs.get(at).map_or(END, |glyph| glyph.c)
    }

    /// Returns the character before `at`; [`END`] at the beginning.
    pub(super) fn before(&self, at: usize) -> char {
        at.checked_sub(1).map_or(END, |at| self.at(at))
    }

    /// Returns the nearest place before `at` where no blank stands.
    pub(super) fn back_over_blanks(&self, at: usize) -> usize {
        // Blanks in a row are one: see the reader of the text.
        if self.before(at) == ' ' { at - 1 } else { at }
    }

    /// Returns what stands before `at` in the same sentence, no more than the rules need.
    pub(super) fn context(&self, at: usize) -> String {
        let far = (at.saturating_sub(FARTHEST)..at).rev();
        let mut words = 0;
        let near = far.take_while(|at| {
            // Digits say little: the second of two long telephone numbers is one too.
            words += usize::from(!self.at(*at).is_ascii_digit());
            words <= CONTEXT
        });
        let start = near.last().unwrap_or(at);
        let seen: Vec<char> = (start..at).map(|at| self.at(at)).collect();
        let sentence = seen.rsplit(|c| matches!(c, '。' | '！' | '？' | '!' | '?' | '；' | '\n')).next();
        sentence.unwrap_or_default().iter().collect()
    }

    /// Tells whether the words of `word` stand at `at`.
    pub(super) fn has(&self, at: usize, word: &str) -> bool {
        word.chars().enumerate().all(|(offset, c)| self.at(at + offset) == c)
    }

    /// Begins to read at `at`.
    pub(super) fn cursor(&self, at: usize) -> Cursor<'_> {
        Cursor { text: self, at }
    }
}

/// A number as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    /// Digits before the point, without separators.
    pub(super) whole: String,
    /// Digits after the point.
    pub(super) fraction: Option<String>,
}

/// A place in a text; every step returns the next place, so that rules can try and give up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) text: &'a Text,
    pub(super) at: usize,
}

impl Cursor<'_> {
    /// Returns the character here.
    pub(super) fn peek(&self) -> char {
        self.text.at(self.at)
    }

    /// Returns the class of the character here.
    pub(super) fn class(&self) -> Class {
        class(self.peek())
    }

    /// Steps over one of `signs`.
    pub(super) fn one_of(&mut self, signs: &[char]) -> Option<char> {
        let c = self.peek();
        (self.at < self.text.glyphs.len() && signs.contains(&c)).then(|| {
            self.at += 1;
            c
        })
    }

    /// Steps over `word`.
    pub(super) fn word(&mut self, word: &str) -> Option<()> {
        self.text.has(self.at, word).then(|| self.at += word.chars().count())
    }

    /// Steps over a blank, if one is here.
    pub(super) fn blank(&mut self) {
        if self.peek() == ' ' {
            self.at += 1;
        }
    }

    /// Steps over all digits here, if there are `fewest` to `most`.
    pub(super) fn digits(&mut self, fewest: usize, most: usize) -> Option<String> {
        let places = self.at..self.at.saturating_add(most).saturating_add(1);
        let digits: String = places.map(|at| self.text.at(at)).take_while(char::is_ascii_digit).collect();
        (fewest..=most).contains(&digits.len()).then(|| {
            self.at += digits.len();
            digits
        })
    }

    /// Steps over a number: `12`, `1,234`, `0.5`.
    pub(super) fn number(&mut self) -> Option<Number> {
        let mut whole = self.digits(1, LONGEST_NUMBER)?;
        // 110,120 are two numbers to call.
        let groups = whole.len() <= 3 && !whole.starts_with('0') && !TABLES.is_hotline(&whole);
        while groups && whole.len() < LONGEST_NUMBER {
            let mut next = *self;
            let Some(group) = next.one_of(&[',']).and_then(|_| next.digits(3, 3)) else { break };
            whole.push_str(&group);
            *self = next;
        }
        let fraction = self.fraction();
        Some(Number { whole, fraction })
    }

    fn fraction(&mut self) -> Option<String> {
        let mut next = *self;
        next.one_of(&['.'])?;
        let fraction = next.digits(1, LONGEST_NUMBER)?;
        *self = next;
        Some(fraction)
    }
}
