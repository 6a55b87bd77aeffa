//! The lists of words by which the rules decide, read from `data/` once.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::text::Text;

/// Says how a number is read by what stands behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// It is counted, and 2 is 两.
    Liang,
    /// It is counted, and 2 is 二.
    Er,
    /// From this many digits on they are read one by one.
    Each(usize),
    /// The word only begins like one that counts: 12345市民热线.
    Nothing,
}

/// A unit that is written in Latin letters or as a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    /// How it is said.
    pub(super) said: &'static str,
    /// Whether 2 is 两 before it.
    pub(super) liang: bool,
}

/// Longest word of the tables, in characters.
const LONGEST: usize = 7;

/// Everything that is read from `data/`.
#[derive(Debug)]
pub(super) struct Tables {
    after: HashMap<&'static str, After>,
    before: HashMap<&'static str, Vec<&'static str>>,
    units: HashMap<&'static str, Unit>,
    latin: HashMap<&'static str, bool>,
    signs: HashMap<char, &'static str>,
    hotlines: Vec<&'static str>,
    er: Vec<&'static str>,
}

/// The tables that we ship.
pub(super) static TABLES: LazyLock<Tables> = LazyLock::new(Tables::shipped);

fn lines(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
}

impl Tables {
    fn shipped() -> Self {
        let mut after = HashMap::new();
        for (kind, words) in lines(include_str!("data/after.tsv")) {
            let kind = match kind {
                "liang" => After::Liang,
                "er" => After::Er,
                "each2" => After::Each(2),
                "each3" => After::Each(3),
                "each4" => After::Each(4),
                _ => After::Nothing,
            };
            after.extend(words.split_whitespace().map(|word| (word, kind)));
        }
        let mut before: HashMap<_, Vec<_>> = HashMap::new();
        for (kind, words) in lines(include_str!("data/before.tsv")) {
            before.entry(kind).or_default().extend(words.split_whitespace());
        }
        let unit = |line: &'static str| {
            if line.starts_with('#') {
                return None;
            }
            let mut cells = line.split('\t');
            let (symbol, said) = (cells.next()?, cells.next()?);
            Some((symbol, Unit { said, liang: cells.next() == Some("2") }))
        };
        let latin = lines(include_str!("data/latin.tsv"))
            .flat_map(|(kind, words)| words.split_whitespace().map(move |word| (word, kind == "spoken")));
        Self {
            after,
            before,
            units: include_str!("data/units.tsv").lines().filter_map(unit).collect(),
            latin: latin.collect(),
            signs: lines(include_str!("data/signs.tsv"))
                .filter_map(|(sign, said)| Some((sign.chars().next()?, said)))
                .collect(),
            hotlines: include_str!("data/hotlines.txt").split_whitespace().collect(),
            er: include_str!("data/er.txt").split_whitespace().collect(),
        }
    }

    /// Finds the longest word of `words` that begins at `at`, with its length.
    fn longest<V: Copy>(words: &HashMap<&'static str, V>, text: &Text, at: usize) -> Option<(V, usize)> {
        let mut seen = String::new();
        let mut found = None;
        for length in 1..=LONGEST {
            let c = text.at(at + length - 1);
            if c == '\n' {
                break;
            }
            seen.push(c);
            if let Some(value) = words.get(seen.as_str()) {
                found = Some((*value, length));
            }
        }
        found
    }

    /// Says how a number that ends at `at` is read.
    pub(super) fn after(&self, text: &Text, at: usize) -> Option<(After, usize)> {
        Self::longest(&self.after, text, at)
    }

    /// Finds the unit at `at`, one that no letter follows.
    pub(super) fn unit(&self, text: &Text, at: usize) -> Option<(Unit, usize)> {
        let (unit, length) = Self::longest(&self.units, text, at)?;
        let (last, next) = (text.at(at + length - 1), text.at(at + length));
        let joined = next.is_ascii_alphabetic() && last.is_ascii_alphanumeric();
        let longer = next.is_ascii_digit() && last.is_ascii_digit();
        let model = length == 1 && last.is_ascii_alphabetic() && self.begins("model", text, at + 1);
        (!joined && !longer && !model).then_some((unit, length))
    }

    /// Tells whether `context` holds a word of `kind`.
    pub(super) fn nearby(&self, kind: &str, context: &str) -> bool {
        self.words(kind).any(|word| context.contains(word))
    }

    /// Tells whether `context` ends in a word of `kind`, blanks, colons and a few words of no weight aside.
    pub(super) fn just_before(&self, kind: &str, context: &str) -> bool {
        let bare = context.trim_end_matches([' ', ':', '：', '"', '“', '(', '（', '是', '为', '了', '的']);
        self.words(kind).any(|word| bare.ends_with(word) || context.ends_with(word))
    }

    /// Tells whether a word of `kind` begins at `at`.
    pub(super) fn begins(&self, kind: &str, text: &Text, at: usize) -> bool {
        self.words(kind).any(|word| text.has(at, word))
    }

    fn words(&self, kind: &str) -> impl Iterator<Item = &'static str> {
        self.before.get(kind).into_iter().flatten().copied()
    }

    /// Tells whether these digits are a hotline.
    pub(super) fn is_hotline(&self, digits: &str) -> bool {
        let bank = digits.len() == 5 && (digits.starts_with("95") || digits.starts_with("96"));
        bank || self.hotlines.contains(&digits)
    }

    /// Says whether a Latin word is spoken (true) or spelt, if it is an exception.
    pub(super) fn latin(&self, word: &str) -> Option<bool> {
        self.latin.get(word).copied()
    }

    /// Says a sign that stands between two things.
    pub(super) fn sign(&self, sign: char) -> Option<&'static str> {
        self.signs.get(&sign).copied()
    }

    /// Lists the words in which 儿 is a syllable of its own.
    pub(super) fn er(&self) -> &[&'static str] {
        &self.er
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_word_stands_twice_in_a_table_and_none_is_too_long_to_be_found() {
        let mut seen = HashSet::new();
        for (_, words) in lines(include_str!("data/after.tsv")) {
            for word in words.split_whitespace() {
                assert!(seen.insert(word), "{word} stands twice");
                assert!(word.chars().count() <= LONGEST, "{word}");
            }
        }
        assert!(TABLES.units.keys().all(|unit| unit.chars().count() <= LONGEST));
    }
}
