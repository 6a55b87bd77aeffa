//! The readings of every character, commonest first.

use super::bytes::{find, u16_at, u32_at};
use crate::model::Syllable;

/// The table; `data/readings/README.md` says how it is laid out and made.
const TABLE: &[u8] = include_bytes!("data/readings/characters.bin");

/// Every syllable that the table and the model name, 8 bytes each.
const SYLLABLES: &[u8] = include_bytes!("data/readings/syllables.txt");

/// Bytes before the first character, and of each.
const HEAD: usize = 4;
const ROW: usize = 12;

/// What a table says of one character.
#[derive(Debug, Clone, Copy)]
pub(super) struct Readings {
    /// The byte at which the first reading stands.
    first: usize,
    /// How many there are.
    count: usize,
    /// How many of them, from the first on, the model chooses among; 1 if there is nothing to choose.
    pub(super) choices: usize,
}

/// Looks up a character; none if no dictionary here has it.
pub(super) fn readings(character: char) -> Option<Readings> {
    let characters = u32_at(TABLE, 0) as usize;
    let row = HEAD + ROW * find(TABLE, HEAD, ROW, characters, character.into())?;
    let byte = |at: usize| TABLE.get(row + at).map_or(0, |byte| usize::from(*byte));
    let first = HEAD + ROW * characters + 2 * u32_at(TABLE, row + 8) as usize;
    Some(Readings { first, choices: byte(4), count: byte(5) })
}

impl Readings {
    /// Returns the number of the reading at `place`: its line in the list of syllables, and its row in the model.
    pub(super) fn number(self, place: usize) -> Option<usize> {
        (place < self.count).then(|| u16_at(TABLE, self.first + 2 * place).into())
    }

    /// Returns the reading at `place`.
    pub(super) fn get(self, place: usize) -> Option<Syllable> {
        syllable(self.number(place)?)
    }

    /// Returns the readings that the model chooses among.
    pub(super) fn all_choices(self) -> impl Iterator<Item = Syllable> {
        (0..self.choices).filter_map(move |place| self.get(place))
    }
}

fn syllable(number: usize) -> Option<Syllable> {
    let line = SYLLABLES.get(8 * number..8 * number + 8)?;
    std::str::from_utf8(line).ok()?.trim_end().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(character: char) -> Vec<String> {
        let found = readings(character).unwrap();
        (0..found.count).map(|place| found.get(place).unwrap().to_string()).collect()
    }

    #[test]
    fn the_commonest_reading_stands_first() {
        assert_eq!(all('一')[0], "yi1");
        assert_eq!(all('不')[0], "bu4");
        for (character, first) in
            [('行', "xing2"), ('的', "de5"), ('万', "wan4"), ('百', "bai3"), ('两', "liang3")]
        {
            assert_eq!(all(character)[0], first, "{character}");
        }
    }

    #[test]
    fn every_character_of_the_basic_block_can_be_read_but_some_that_no_syllable_reads() {
        let unread = ('\u{4e00}'..='\u{9fa5}').filter(|c| readings(*c).and_then(|r| r.get(0)).is_none());
        // Most of them are units: 瓩 is "thousand watts", two syllables.
        assert_eq!(unread.collect::<String>(), "兙兡嗧桛烪瓧瓰瓱瓼甅");
        assert!(readings('\u{20000}').is_some());
        assert!(readings('A').is_none());
    }

    #[test]
    fn every_line_of_the_list_is_a_syllable_but_those_that_mandarin_has_not() {
        let lines = SYLLABLES.len() / 8;
        let wrong = (0..lines).filter(|line| syllable(*line).is_none()).count();
        assert!(wrong <= 12, "{wrong}");
    }
}
