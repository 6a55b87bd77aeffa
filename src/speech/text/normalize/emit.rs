//! Puts together what the rules found.

use super::Options;
use super::found::Part;
use super::glyph::is_han;
use super::tables::TABLES;
use super::text::Text;
use crate::speech::text::ENGLISH;
use crate::speech::text::said::{Figure, Han, Item, Pause, Said, Unsaid, Unspeakable};

/// So many digits written in Han are read one by one: 一二二, 二零二六.
const DIGITS: usize = 3;

/// Gathers the said text; no two silences meet, and none comes first.
#[derive(Debug)]
pub(super) struct Emitter<'a> {
    text: &'a Text,
    options: Options,
    said: Said,
    pause: Option<Pause>,
    /// Whether a character is one of several digits written in Han.
    digits: Vec<bool>,
}

impl<'a> Emitter<'a> {
    pub(super) fn new(text: &'a Text, options: Options, unspeakable: Vec<Unspeakable>) -> Self {
        let said = Said { items: Vec::with_capacity(text.glyphs.len()), unspeakable };
        Self { text, options, said, pause: None, digits: digits(text) }
    }

    /// Takes what one rule found.
    pub(super) fn take(&mut self, parts: &[Part]) {
        for part in parts {
            match part {
                Part::Written(at) => self.written(*at),
                Part::Made(said, figure) => {
                    for character in said.chars() {
                        self.push(Item::Han(Han { character, source: None, reading: None, figure: *figure }));
                    }
                }
                Part::Foreign(text) => {
                    self.push(Item::Foreign { language: ENGLISH.to_owned(), text: text.clone() });
                }
                Part::Pause(pause) => {
                    let longer = |waiting: &Pause| waiting.length() >= pause.length();
                    self.pause = Some(self.pause.filter(longer).unwrap_or(*pause));
                }
                Part::Unsaid(from, to) => self.unsaid(*from, *to),
            }
        }
    }

    /// Returns the whole.
    pub(super) fn finish(mut self) -> Said {
        if let Some(pause) = self.pause.filter(|_| !self.said.items.is_empty()) {
            self.said.items.push(Item::Pause(pause));
        }
        self.said.unspeakable.sort_by_key(|unspeakable| unspeakable.at);
        // ^^ is one thing to mend.
        self.said.unspeakable.dedup_by(|next, last| {
            let joins =
                next.what == last.what && next.what == Unsaid::Sign && last.at + last.length == next.at;
            last.length += if joins { next.length } else { 0 };
            joins
        });
        self.said
    }

    fn push(&mut self, item: Item) {
        if let Some(pause) = self.pause.take().filter(|_| !self.said.items.is_empty()) {
            self.said.items.push(Item::Pause(pause));
        }
        self.said.items.push(item);
    }

    fn written(&mut self, at: usize) {
        let Some(glyph) = self.text.glyphs.get(at) else { return };
        if self.options.remove_erhua && glyph.c == '儿' && self.is_ending(at) {
            return;
        }
        let digit = self.digits.get(at).copied().unwrap_or_default();
        let figure = if digit { Figure::Digit } else { Figure::None };
        self.push(Item::Han(Han {
            character: glyph.c,
            source: Some(glyph.at),
            reading: glyph.reading,
            figure,
        }));
    }

    fn unsaid(&mut self, from: usize, to: usize) {
        let glyphs = self.text.glyphs.get(from..to).unwrap_or_default();
        if let (Some(first), Some(last)) = (glyphs.first(), glyphs.last()) {
            let length = last.at + 1 - first.at;
            self.said.unspeakable.push(Unspeakable { at: first.at, length, what: Unsaid::Sign });
        }
    }

    /// Tells whether 儿 at `at` only colours the syllable before it.
    fn is_ending(&self, at: usize) -> bool {
        let apart = TABLES.er().iter().any(|word| {
            word.chars()
                .enumerate()
                .filter(|(_, c)| *c == '儿')
                .any(|(place, _)| at.checked_sub(place).is_some_and(|start| self.text.has(start, word)))
        });
        is_han(self.text.before(at)) && !apart
    }
}

/// Marks runs of digits written in Han; numbers with 十, 百, 千 or 万 count.
fn digits(text: &Text) -> Vec<bool> {
    let is_digit = |at: usize| "零〇幺一二三四五六七八九".contains(text.at(at));
    let mut marks = vec![false; text.glyphs.len()];
    let mut at = 0;
    while at < marks.len() {
        let length = (at..marks.len()).take_while(|at| is_digit(*at)).count();
        let counts = |c: char| "十百千万亿点".contains(c);
        if length >= DIGITS && !counts(text.before(at)) && !counts(text.at(at + length)) {
            marks[at..at + length].fill(true);
        }
        at += length.max(1);
    }
    marks
}
