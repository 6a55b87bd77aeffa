//! One sentence of a said text, as the words stand in it and as the model sees it.

use crate::speech::text::said::{Figure, Han, Item, Pause, Said};

/// Longest sentence: a text without marks is cut here, so that what it costs stays linear.
const LONGEST: usize = 200;

/// A sentence: everything up to the mark that ends it.
#[derive(Debug, Default)]
pub(super) struct Sentence {
    /// The characters that are said; letters and marks stand for themselves.
    pub(super) said: Vec<char>,
    /// Of each, which item of the text it is.
    pub(super) items: Vec<usize>,
    /// The characters that the model sees: it learnt from written sentences, with figures in them.
    pub(super) seen: Vec<char>,
    /// Of each said character, its place among the seen ones; none of a figure.
    pub(super) places: Vec<Option<usize>>,
}

impl Sentence {
    fn push(&mut self, item: usize, said: char, seen: Option<char>, asked: bool) {
        self.places.push(asked.then_some(self.seen.len()));
        self.said.push(said);
        self.items.push(item);
        self.seen.extend(seen);
    }
}

/// Cuts a said text into sentences.
pub(super) fn sentences(said: &Said) -> Vec<Sentence> {
    let mut done = Vec::new();
    let mut open = Sentence::default();
    for (at, item) in said.items.iter().enumerate() {
        let mut ends = open.said.len() >= LONGEST;
        match item {
            Item::Han(han) => {
                let figure = is_figure(han);
                let seen = if figure { digit(han.character) } else { Some(han.character) };
                open.push(at, han.character, seen, !figure);
            }
            Item::Foreign { text, .. } => {
                for letter in text.chars().filter(|letter| !letter.is_whitespace()).take(LONGEST) {
                    open.push(at, letter, Some(letter), false);
                }
            }
            Item::Pause(pause) => {
                open.push(at, pause.mark(), Some(pause.mark()), false);
                ends |= *pause >= Pause::Full;
            }
        }
        if ends {
            done.push(std::mem::take(&mut open));
        }
    }
    done.push(open);
    done
}

/// Tells whether a character was written as a figure; each of those has one reading.
pub(super) fn is_figure(han: &Han) -> bool {
    han.source.is_none() && han.figure != Figure::None
}

/// Returns the digit that was written for a character of a number; none for 十, 百 and what else was not.
fn digit(character: char) -> Option<char> {
    match character {
        '〇' | '零' => Some('0'),
        '一' | '幺' => Some('1'),
        '二' | '两' => Some('2'),
        '三' => Some('3'),
        '四' => Some('4'),
        '五' => Some('5'),
        '六' => Some('6'),
        '七' => Some('7'),
        '八' => Some('8'),
        '九' => Some('9'),
        '点' => Some('.'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::text::normalize::{Options, normalize};

    fn seen(text: &str) -> Vec<String> {
        let found = sentences(&normalize(text, &Options::default()));
        found.iter().map(|sentence| sentence.seen.iter().collect()).collect()
    }

    #[test]
    fn the_model_sees_what_was_written() {
        assert_eq!(seen("1990年行车。走！"), ["1990年行车。", "走！", ""]);
    }

    #[test]
    fn a_text_without_marks_is_cut_so_that_it_stays_linear() {
        assert!(sentences(&normalize(&"行".repeat(1000), &Options::default())).len() >= 4);
    }
}
