//! What is said → how each character sounds. A [`Script`] leaves this room.
//!
//! `docs/mandarin-pinyin.md` says how a reading is decided and how good it is.

mod bytes;
mod characters;
mod decide;
mod doubt;
pub mod lexicon;
pub mod polyphone;
pub mod sandhi;
mod sentence;
pub mod words;

use std::sync::LazyLock;

pub use doubt::{DOUBTFUL, Doubt, doubtful};

use self::lexicon::Lexicon;
use self::polyphone::Correction;
use self::sentence::sentences;
use super::said::{Han, Item, Said};
use super::script::{Script, Spoken, Unit, Why};
use crate::model::{Syllable, Tone};

static SHIPPED: LazyLock<Correction> = LazyLock::new(Correction::shipped);

/// Decides how every character of a said text sounds: its reading by dictionary, why, the words, and what is spoken
/// after the changes that neighbours make.
///
/// Total: every character becomes one syllable, every other item one unit. What was written in braces comes first, then
/// the user's own lexicon, the shipped one, the dictionaries' words and the model together, then the commonest reading.
/// Time grows with the length of the text only.
pub fn read(said: &Said, lexicon: &Lexicon) -> Script {
    let mut script = Script { units: said.items.iter().map(unit).collect() };
    for sentence in sentences(said) {
        for (item, decision) in decide::decide(&sentence, lexicon, &SHIPPED) {
            if let (Some(Unit::Syllable(spoken)), Some(Item::Han(han))) =
                (script.units.get_mut(item), said.items.get(item))
            {
                put(spoken, han, decision);
            }
        }
    }
    sandhi::apply(&mut script);
    script
}

/// Tells whether a sign is a Chinese character, whether or not a dictionary here has it.
pub fn is_han(sign: char) -> bool {
    matches!(sign, '〇' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

/// One character's reading, decided.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Decision {
    /// The dictionary's reading; none if no dictionary here has the character.
    reading: Option<Syllable>,
    why: Why,
    begins_word: bool,
}

fn put(spoken: &mut Spoken, han: &Han, decision: Decision) {
    spoken.begins_word = decision.begins_word;
    if han.reading.is_none() {
        spoken.citation = decision.reading.unwrap_or(spoken.citation);
        spoken.why = decision.why;
    }
}

fn unit(item: &Item) -> Unit {
    match item {
        Item::Han(han) => {
            let citation = han.reading.unwrap_or_else(unknown);
            let why = if han.reading.is_some() { Why::Override } else { Why::Commonest };
            Unit::Syllable(Spoken {
                character: han.character,
                source: han.source,
                citation,
                spoken: citation,
                erhua: false,
                silent: false,
                figure: han.figure,
                begins_word: true,
                why,
            })
        }
        Item::Foreign { language, text } => Unit::Foreign { language: language.clone(), text: text.clone() },
        Item::Pause(pause) => Unit::Pause(*pause),
    }
}

/// Returns what is said for a character that no dictionary here has: 某, as people do who read out a blank.
fn unknown() -> Syllable {
    Syllable::new("mou", Tone::Third).expect("mou is among the syllables of Mandarin")
}

#[cfg(test)]
mod tests;
