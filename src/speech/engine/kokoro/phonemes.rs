//! From a script to what the model hears: symbols of its own alphabet, in pieces that it speaks in one breath.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{KokoroFault, english};
use crate::model::{Syllable, Tone};
use crate::speech::text::ENGLISH;
use crate::speech::text::said::Pause;
use crate::speech::text::script::{Script, Spoken, Unit};

/// A piece ends at the first pause after so many symbols, even a short one. The model hurries above 400, and shorter pieces
/// take less memory.
const ENOUGH: usize = 100;

/// A piece ends after so many symbols even in the middle of a sentence; the model takes 510.
const MOST: usize = 300;

/// From this pause on a piece ends: after a sentence or a clause. The model makes the shorter ones itself.
const ENDS: Pause = Pause::Clause;

/// A part of a piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Part {
    /// Symbols of the model.
    Sounds(String),
    /// English words, whose symbols are looked up in the child: that takes a library that has crashed before.
    English(String),
}

/// What is spoken in one breath.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Piece {
    pub(super) parts: Vec<Part>,
    /// Silence after it, milliseconds.
    pub(super) pause: u64,
}

impl Piece {
    /// Returns about how many symbols it has; English words have about as many as letters.
    pub(super) fn symbols(&self) -> usize {
        let text = |part: &Part| match part {
            Part::Sounds(text) | Part::English(text) => text.chars().count(),
        };
        self.parts.iter().map(text).sum()
    }

    fn push(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some(Part::Sounds(sounds)) => sounds.push_str(text),
            _ => self.parts.push(Part::Sounds(text.to_owned())),
        }
    }

    /// Begins a new word; words stand apart.
    fn next_word(&mut self) {
        let apart = matches!(self.parts.last(), None | Some(Part::Sounds(_))) && self.ends_in_blank();
        if !apart {
            self.push(" ");
        }
    }

    fn ends_in_blank(&self) -> bool {
        match self.parts.last() {
            None => true,
            Some(Part::Sounds(text) | Part::English(text)) => text.ends_with(' '),
        }
    }
}

/// Writes `script` in the model's alphabet.
pub(super) fn of(script: &Script) -> Result<Vec<Piece>, KokoroFault> {
    let mut writer = Writer::default();
    for unit in &script.units {
        match unit {
            Unit::Syllable(spoken) => writer.syllable(spoken),
            Unit::Foreign { language, text } if is_english(language) => writer.english(text),
            Unit::Foreign { language, .. } => return Err(KokoroFault::Language(language.clone())),
            Unit::Pause(pause) => writer.pause(*pause),
        }
    }
    writer.end(Pause::Full);
    if writer.pieces.is_empty() { Err(KokoroFault::Nothing) } else { Ok(writer.pieces) }
}

fn is_english(language: &str) -> bool {
    language.split('-').next() == Some(ENGLISH)
}

#[derive(Default)]
struct Writer {
    pieces: Vec<Piece>,
    piece: Piece,
}

impl Writer {
    fn syllable(&mut self, spoken: &Spoken) {
        if spoken.silent {
            return;
        }
        if spoken.begins_word || matches!(self.piece.parts.last(), Some(Part::English(_))) {
            self.make_room();
            self.piece.next_word();
        }
        self.piece.push(&sounds_of(spoken));
    }

    fn english(&mut self, text: &str) {
        for word in text.split_whitespace() {
            self.make_room();
            self.piece.next_word();
            match english::letter(word) {
                Some(name) => self.piece.push(name),
                None if word.chars().any(char::is_alphanumeric) => {
                    self.piece.parts.push(Part::English(word.to_owned()));
                }
                None => {}
            }
        }
    }

    fn pause(&mut self, pause: Pause) {
        if pause >= ENDS || self.piece.symbols() >= ENOUGH {
            self.end(pause);
        } else if !self.piece.parts.is_empty() {
            self.piece.push(", ");
        }
    }

    /// Parts a sentence that never ends.
    fn make_room(&mut self) {
        if self.piece.symbols() >= MOST {
            self.close(Duration::ZERO);
        }
    }

    /// Ends a piece with the mark of its tune.
    fn end(&mut self, pause: Pause) {
        if self.piece.parts.is_empty() {
            // One mark after another: the longer silence counts.
            if let Some(last) = self.pieces.last_mut() {
                last.pause = last.pause.max(millis(pause.length()));
            }
            return;
        }
        if let Some(Part::Sounds(sounds)) = self.piece.parts.last_mut() {
            sounds.truncate(sounds.trim_end_matches([',', ' ']).len());
        }
        self.piece.push(match pause {
            Pause::List | Pause::Comma => ",",
            Pause::Clause | Pause::Colon => ";",
            Pause::Full => ".",
            Pause::Exclamation => "!",
            Pause::Question => "?",
        });
        self.close(pause.length());
    }

    fn close(&mut self, pause: Duration) {
        let piece = std::mem::take(&mut self.piece);
        self.pieces.push(Piece { pause: millis(pause), ..piece });
    }
}

fn millis(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}

/// One row of the table of syllables.
struct Row {
    /// Without a tone.
    plain: &'static str,
    /// In the four tones.
    toned: [&'static str; 4],
    /// Where the tone's mark stands: after so many characters, which are the start and the vowel.
    mark: usize,
}

/// The syllables; the table is ours, and a test reads all of it.
static TABLE: LazyLock<HashMap<&'static str, Row>> = LazyLock::new(|| {
    let lines = include_str!("data/pinyin.tsv").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(row).collect()
});

fn row(line: &'static str) -> Option<(&'static str, Row)> {
    let mut cells = line.split('\t');
    let (base, plain) = (cells.next()?, cells.next()?);
    let toned = [cells.next()?, cells.next()?, cells.next()?, cells.next()?];
    Some((base, Row { plain, toned, mark: cells.next()?.parse().ok()? }))
}

fn sounds_of(spoken: &Spoken) -> String {
    // Every base of a syllable is in the table; a test holds it to that.
    let Some(row) = TABLE.get(spoken.spoken.base()) else { return String::new() };
    if spoken.erhua { with_er(row, spoken.spoken) } else { plainly(row, spoken.spoken.tone()).to_owned() }
}

fn plainly(row: &Row, tone: Tone) -> &'static str {
    match tone {
        Tone::Neutral => row.plain,
        tone => row.toned.get(tone as usize - 1).copied().unwrap_or(row.plain),
    }
}

fn mark_of(tone: Tone) -> &'static str {
    match tone {
        Tone::First => "→",
        Tone::Second => "↗",
        Tone::Third => "↓",
        Tone::Fourth => "↘",
        Tone::Neutral => "",
    }
}

/// Puts 儿 into a syllable: 玩儿 is `wa↗ɚ`, 事儿 is `ʂɚ↘`. The ends n, ŋ and the i of ai and ei give way to it, and a dull
/// vowel becomes it. The model has learnt 儿 as a syllable of its own; without a tone it melts into the one before.
fn with_er(row: &Row, syllable: Syllable) -> String {
    let mark = mark_of(syllable.tone());
    let mut stem: String = row.plain.chars().take(row.mark).collect();
    if stem.ends_with("ai") || stem.ends_with("ei") {
        stem.pop();
    }
    match stem.chars().last() {
        Some('ə' | 'ɨ') => {
            stem.pop();
            format!("{stem}ɚ{mark}")
        }
        Some('ɚ') => format!("{stem}{mark}"),
        _ => format!("{stem}{mark}ɚ"),
    }
}

#[cfg(test)]
mod tests;
