//! The lexicon: words whose readings people have decided, the user's own before the ones that we ship.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use crate::model::{LexiconEntry, Syllable};

/// The words that we ship; `data/README.md` says how the file is read and where it comes from.
const SHIPPED: &str = include_str!("data/lexicon.tsv");

static SHIPPED_WORDS: LazyLock<Table> = LazyLock::new(Table::shipped);

/// Words with decided readings, found by the text in which they stand.
#[derive(Debug, Clone)]
pub struct Lexicon {
    own: Table,
    shipped: &'static Table,
}

/// A word that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit<'a> {
    /// How many characters it has, at least 1.
    pub length: usize,
    /// Their readings in dictionary tones, as many.
    pub readings: &'a [Syllable],
    /// Whether it is one of the user's own.
    pub own: bool,
}

impl Lexicon {
    /// Returns the words that we ship. The first call sorts them by their first characters (under 1 ms), the others
    /// cost nothing.
    pub fn shipped() -> Self {
        Self { own: Table::default(), shipped: &SHIPPED_WORDS }
    }

    /// Adds the user's own words. Of an entry with other than one reading a character, nothing is taken.
    pub fn with_own(entries: &[LexiconEntry]) -> Self {
        let own = Table::own(entries.iter().map(|entry| Row {
            word: entry.word.chars().collect(),
            readings: entry.readings.clone(),
            near: Vec::new(),
        }));
        Self { own, ..Self::shipped() }
    }

    /// Finds the longest word that begins at `at` in `chars`.
    ///
    /// One of the user's own wins over any that we ship, even a longer one: whoever wrote it has heard ours. Shipped
    /// words may ask for neighbours (大城 is the county Dàichéng before 县, but 大城市 is a big city). Time is bounded by
    /// the words that begin with the same character, not by the length of `chars`.
    pub fn find(&self, chars: &[char], at: usize) -> Option<Hit<'_>> {
        let own = self.own.find(chars, at).map(|row| (row, true));
        let (row, own) = own.or_else(|| self.shipped.find(chars, at).map(|row| (row, false)))?;
        Some(Hit { length: row.word.len(), readings: &row.readings, own })
    }
}

/// Words by their first characters.
#[derive(Debug, Clone, Default)]
struct Table {
    groups: HashMap<char, Group>,
}

/// The words that begin with one character, longest first.
#[derive(Debug, Clone, Default)]
struct Group {
    /// Lines of the shipped file.
    lines: Vec<&'static str>,
    /// What they say, read when the character is first met: a text needs few of them, and a small box counts.
    rows: OnceLock<Vec<Row>>,
}

#[derive(Debug, Clone)]
struct Row {
    word: Vec<char>,
    readings: Vec<Syllable>,
    /// What must stand beside it, or must not.
    near: Vec<Near>,
}

/// Asks for a neighbour.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Near {
    /// Whether it must be there, or must not.
    wanted: bool,
    /// Whether it stands behind the word, or before it.
    behind: bool,
    /// Any of these.
    texts: Vec<Vec<char>>,
}

impl Table {
    /// Sorts the lines of the shipped file by their first characters.
    fn shipped() -> Self {
        let mut table = Self::default();
        for line in SHIPPED.lines().filter(|line| is_row(line)) {
            if let Some(first) = line.chars().next() {
                table.groups.entry(first).or_default().lines.push(line);
            }
        }
        table
    }

    /// Takes words that are read already.
    fn own(rows: impl Iterator<Item = Row>) -> Self {
        let mut groups: HashMap<char, Vec<Row>> = HashMap::new();
        for row in rows.filter(|row| row.word.len() == row.readings.len()) {
            if let Some(first) = row.word.first() {
                groups.entry(*first).or_default().push(row);
            }
        }
        let group = |(first, rows)| (first, Group { lines: Vec::new(), rows: longest_first(rows).into() });
        Self { groups: groups.into_iter().map(group).collect() }
    }

    fn find(&self, chars: &[char], at: usize) -> Option<&Row> {
        let (before, here) = chars.split_at_checked(at)?;
        let group = self.groups.get(here.first()?)?;
        group.rows().iter().find(|row| row.fits(before, here))
    }
}

impl Group {
    /// A line that cannot be read is left out; a test sees that there is none.
    fn rows(&self) -> &[Row] {
        let read = || longest_first(self.lines.iter().filter_map(|line| Row::parse(line)).collect());
        self.rows.get_or_init(read)
    }
}

fn longest_first(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by_key(|row| std::cmp::Reverse(row.word.len()));
    rows
}

fn is_row(line: &str) -> bool {
    !line.is_empty() && !line.starts_with('#')
}

impl Row {
    fn parse(line: &str) -> Option<Self> {
        let mut columns = line.split('\t');
        let word: Vec<char> = columns.next()?.chars().collect();
        let readings: Vec<Syllable> =
            columns.next()?.split(' ').map(str::parse).collect::<Result<_, _>>().ok()?;
        let near = columns.next().into_iter().flat_map(|column| column.split(' '));
        let near: Vec<Near> = near.map(Near::parse).collect::<Option<_>>()?;
        (word.len() == readings.len() && columns.next().is_none()).then_some(Self { word, readings, near })
    }

    fn fits(&self, before: &[char], here: &[char]) -> bool {
        here.strip_prefix(&self.word[..])
            .is_some_and(|behind| self.near.iter().all(|near| near.holds(before, behind)))
    }
}

impl Near {
    /// Reads `+县,镇` (one of them behind), `-市` (not behind), `<老` (before) and `!学` (not before).
    fn parse(text: &str) -> Option<Self> {
        let mut rest = text.chars();
        let (wanted, behind) = match rest.next()? {
            '+' => (true, true),
            '-' => (false, true),
            '<' => (true, false),
            '!' => (false, false),
            _ => return None,
        };
        let texts: Vec<Vec<char>> = rest.as_str().split(',').map(|text| text.chars().collect()).collect();
        texts.iter().all(|text| !text.is_empty()).then_some(Self { wanted, behind, texts })
    }

    fn holds(&self, before: &[char], behind: &[char]) -> bool {
        let stands =
            |text: &Vec<char>| if self.behind { behind.starts_with(text) } else { before.ends_with(text) };
        self.texts.iter().any(stands) == self.wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(word: &str, readings: &str) -> LexiconEntry {
        let readings = readings.split(' ').map(|reading| reading.parse().unwrap()).collect();
        LexiconEntry { word: word.into(), readings }
    }

    fn found(lexicon: &Lexicon, text: &str, at: usize) -> Option<(usize, String, bool)> {
        let chars: Vec<char> = text.chars().collect();
        let hit = lexicon.find(&chars, at)?;
        let readings: Vec<String> = hit.readings.iter().map(ToString::to_string).collect();
        Some((hit.length, readings.join(" "), hit.own))
    }

    #[test]
    fn every_shipped_line_is_read_and_no_word_stands_twice() {
        let mut words = std::collections::HashSet::new();
        for line in SHIPPED.lines().filter(|line| is_row(line)) {
            let row = Row::parse(line).unwrap_or_else(|| panic!("{line}"));
            let han = |character: &char| ('\u{3400}'..'\u{a000}').contains(character);
            assert!(row.word.iter().all(han), "{line}");
            assert!(words.insert((row.word, row.near.len())), "twice: {line}");
        }
        assert!(words.len() >= 700, "{}", words.len());
    }

    #[test]
    fn the_longest_word_is_found_and_only_where_it_begins() {
        let shipped = Lexicon::shipped();
        assert_eq!(found(&shipped, "到井陉矿区去", 1), Some((4, "jing3 xing2 kuang4 qu1".into(), false)));
        assert_eq!(found(&shipped, "到井陉矿区去", 0), None);
        assert_eq!(found(&shipped, "井陉", 9), None);
        assert_eq!(found(&shipped, "", 0), None);
    }

    #[test]
    fn a_name_that_is_also_a_common_word_asks_for_its_neighbours() {
        let shipped = Lexicon::shipped();
        assert_eq!(found(&shipped, "大城县", 0).unwrap().1, "dai4 cheng2 xian4");
        assert_eq!(found(&shipped, "大城市", 0).unwrap().1, "da4 cheng2 shi4");
        assert_eq!(found(&shipped, "长子今年十岁", 0), None);
        assert_eq!(found(&shipped, "长子县", 0).unwrap().1, "zhang3 zi3 xian4");
    }

    #[test]
    fn the_users_own_word_wins_even_over_a_longer_one() {
        let lexicon = Lexicon::with_own(&[own("大城", "da4 cheng2")]);
        assert_eq!(found(&lexicon, "大城县", 0), Some((2, "da4 cheng2".into(), true)));
        assert_eq!(found(&lexicon, "乐亭", 0), Some((2, "lao4 ting2".into(), false)));
    }

    #[test]
    fn an_entry_whose_readings_do_not_fit_is_never_found() {
        let lexicon = Lexicon::with_own(&[own("某村", "mou3"), own("", "mou3")]);
        assert_eq!(found(&lexicon, "某村", 0), None);
    }
}
