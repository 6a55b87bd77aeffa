//! Reads a written text: folds it, takes out what no rule needs to see, and notes what cannot be spoken.

use super::address;
use super::glyph::{Class, GAP, Glyph, class, folded, is_emoji, is_han};
use super::text::Text;
use crate::model::Syllable;
use crate::speech::text::said::{Unsaid, Unspeakable};

/// Longest content of braces, in characters.
const LONGEST_READING: usize = 100;

/// What came of reading.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) text: Text,
    pub(super) unspeakable: Vec<Unspeakable>,
}

/// Reads a whole text, in one pass.
pub(super) fn read(written: &str) -> Reading {
    let chars: Vec<char> = written.chars().map(folded).collect();
    let mut addresses = address::find(&chars).into_iter().peekable();
    let mut reading =
        Reading { text: Text { glyphs: Vec::with_capacity(chars.len()) }, unspeakable: Vec::new() };
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        let end = match addresses.next_if(|address| address.start == at) {
            Some(address) => reading.leave_out(at, address.end, Unsaid::Address),
            None => reading.one(&chars, at, *c),
        };
        at = end.max(at + 1);
    }
    while reading.text.glyphs.last().is_some_and(|glyph| matches!(glyph.c, ' ' | '\n')) {
        reading.text.glyphs.pop();
    }
    reading
}

impl Reading {
    /// Reads what begins at `at`; returns where it ends.
    fn one(&mut self, chars: &[char], at: usize, c: char) -> usize {
        match class(c) {
            Class::Invisible => at + 1,
            Class::Emoji => {
                let run = chars[at..].iter().take_while(|c| is_emoji(**c) || class(**c) == Class::Invisible);
                self.leave_out(at, at + run.count(), Unsaid::Emoji)
            }
            Class::Script => {
                let run = chars[at..].iter().take_while(|c| class(**c) == Class::Script);
                self.leave_out(at, at + run.count(), Unsaid::Script)
            }
            Class::Blank if self.text.glyphs.last().is_none_or(|glyph| matches!(glyph.c, ' ' | '\n')) => {
                at + 1
            }
            _ if c == GAP => self.leave_out(at, at + 1, Unsaid::Sign),
            _ if c == '{' => self.braces(chars, at),
            _ => {
                self.text.glyphs.push(Glyph { c, at, reading: None });
                at + 1
            }
        }
    }

    /// Notes what is not said, and leaves a gap in its place; returns `end`.
    fn leave_out(&mut self, at: usize, end: usize, what: Unsaid) -> usize {
        self.text.glyphs.push(Glyph { c: GAP, at, reading: None });
        self.unspeakable.push(Unspeakable { at, length: end - at, what });
        end
    }

    /// Gives the readings in braces to the characters before them.
    fn braces(&mut self, chars: &[char], at: usize) -> usize {
        let inside = chars[at + 1..].iter().take(LONGEST_READING);
        let length = inside.take_while(|c| !matches!(c, '{' | '}' | '\n')).count();
        if chars.get(at + 1 + length) != Some(&'}') {
            return self.leave_out(at, at + 1, Unsaid::Sign);
        }
        let end = at + length + 2;
        let content: String = chars[at + 1..at + 1 + length].iter().collect();
        let given = syllables(&content).is_some_and(|syllables| self.give(&syllables, at));
        if !given {
            self.unspeakable.push(Unspeakable { at, length: end - at, what: Unsaid::Reading });
        }
        end
    }

    /// Tells whether there was a character for each reading, the last one right before `at`.
    fn give(&mut self, syllables: &[Syllable], at: usize) -> bool {
        let glyphs = &mut self.text.glyphs;
        let Some(start) = glyphs.len().checked_sub(syllables.len()) else { return false };
        let takes = |glyph: &Glyph| is_han(glyph.c) && glyph.reading.is_none();
        let near = glyphs.last().is_some_and(|last| last.at + 1 == at);
        let together = glyphs[start..].windows(2).all(|two| two[0].at + 1 == two[1].at);
        if !near || !together || !glyphs[start..].iter().all(takes) {
            return false;
        }
        for (glyph, syllable) in glyphs[start..].iter_mut().zip(syllables) {
            glyph.reading = Some(*syllable);
        }
        true
    }
}

/// Reads `yin2 hang2`, `yin2hang2`, `yín háng`; none if any of it is no syllable, or there is nothing.
fn syllables(content: &str) -> Option<Vec<Syllable>> {
    let mut apart = String::new();
    for c in content.chars() {
        apart.push(c);
        if c.is_ascii_digit() {
            apart.push(' ');
        }
    }
    let syllables: Option<Vec<Syllable>> = apart.split_whitespace().map(|word| word.parse().ok()).collect();
    syllables.filter(|syllables| !syllables.is_empty())
}
