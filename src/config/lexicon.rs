//! From the values of `lexicon.toml` to words whose readings the user has decided, and the keys of that file.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::model::{LexiconEntry, Syllable, Words};

use super::advice::quoted;
use super::field::{Field, FieldKind, ListOf};
use super::reader::{Entries, Reader};

/// The keys of `lexicon.toml`.
pub const LEXICON: &[Field] = &[Field::new(
    "word",
    FieldKind::List(&ListOf { kind: FieldKind::Table(WORD), fewest: 0, most: 3000 }),
    "词，每个以 `[[word]]` 开头",
    "The words, each under `[[word]]`",
)];

/// The keys of `[[word]]`.
pub const WORD: &[Field] = &[
    Field::new(
        "text",
        FieldKind::Text { longest: 20 },
        "词，只写汉字；不能重复",
        "The word, Chinese characters only, unique in the file",
    )
    .required(),
    Field::new(
        "reading",
        FieldKind::Pinyin,
        "怎么念。一个字一个音，中间空一格，声调写 1 到 5（轻声 5），ü 写成 v，如 `lao4 ting2`",
        "How it is read. One syllable for each character, parted by blanks, with its tone 1 to 5 (5 is neutral) and v for ü, \
         such as `lao4 ting2`",
    )
    .required(),
];

/// Builds the words, in the order of the file; `None` when one was refused.
pub(super) fn build(entries: &Entries, reader: &mut Reader<'_>) -> Option<Vec<LexiconEntry>> {
    let mut first = BTreeMap::new();
    let words = entries.tables("word").map(|table| {
        unique(table, &mut first, reader);
        word(table, reader)
    });
    // Every word is looked at, so that all complaints come at once.
    words.collect::<Vec<_>>().into_iter().collect()
}

fn unique(table: &Entries, first: &mut BTreeMap<String, Range<usize>>, reader: &mut Reader<'_>) {
    let Some(text) = table.text("text") else { return };
    let span = table.span_of("text");
    let Some(before) = first.insert(text.to_owned(), span.clone()) else { return };
    let (line, _) = reader.source.position(before.start);
    let name = quoted(text);
    reader.error(
        &span,
        Words::new(
            format!("词 {name} 写了两次，第 {line} 行已经有了"),
            format!("the word {name} stands twice; line {line} has it already"),
        ),
        Words::new("只留一个", "keep one"),
    );
}

fn word(table: &Entries, reader: &mut Reader<'_>) -> Option<LexiconEntry> {
    let (text, reading) = (table.text("text")?, table.text("reading")?);
    let han = only_han(text, &table.span_of("text"), reader);
    let readings = syllables(reading, &table.span_of("reading"), reader)?;
    let (characters, number) = (text.chars().count(), readings.len());
    if !han {
        return None;
    }
    if characters == number {
        return Some(LexiconEntry { word: text.to_owned(), readings });
    }
    let name = quoted(text);
    reader.error(
        &table.span_of("reading"),
        Words::new(
            format!("{name} 有 {characters} 个字，这里写了 {number} 个音"),
            format!("{name} has {characters} characters, but {number} syllables are written"),
        ),
        Words::new(
            "一个字写一个音，中间空一格，如 `\"lao4 ting2\"`",
            "write one syllable for each character, parted by blanks: `\"lao4 ting2\"`",
        ),
    );
    None
}

fn only_han(text: &str, span: &Range<usize>, reader: &mut Reader<'_>) -> bool {
    let Some(other) = text.chars().find(|character| !is_han(*character)) else { return true };
    let other = quoted(&other.to_string());
    reader.error(
        span,
        Words::new(format!("{other} 不是汉字"), format!("{other} is no Chinese character")),
        Words::new(
            "只写汉字，不写空格、标点和数字",
            "write Chinese characters only, no blanks, marks or digits",
        ),
    );
    false
}

/// Tells whether a character is one that the front end reads: the basic and the first extended block, and 〇.
fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '〇')
}

fn syllables(text: &str, span: &Range<usize>, reader: &mut Reader<'_>) -> Option<Vec<Syllable>> {
    let mut readings = Vec::new();
    for written in text.split_whitespace() {
        let Ok(syllable) = written.parse() else {
            no_syllable(written, span, reader);
            return None;
        };
        readings.push(syllable);
    }
    Some(readings)
}

fn no_syllable(written: &str, span: &Range<usize>, reader: &mut Reader<'_>) {
    let name = quoted(written);
    let toneless = format!("{written}1").parse::<Syllable>().is_ok();
    let fix = if toneless {
        Words::new(
            format!("在后面写声调 1 到 5，如 `{written}4`；轻声写 5"),
            format!("add its tone, 1 to 5, as in `{written}4`; 5 is the neutral tone"),
        )
    } else {
        Words::new(
            "照字典写拼音，后面写声调 1 到 5，ü 写成 v，如 `lao4`、`lv4`",
            "write pinyin as in dictionaries with its tone as a digit, and v for ü: `lao4`, `lv4`",
        )
    };
    reader.error(
        span,
        Words::new(format!("{name} 不是带声调的音节"), format!("{name} is no syllable with a tone")),
        fix,
    );
}

#[cfg(test)]
mod tests {
    use super::super::{Source, parse_lexicon};
    use crate::config::Parsed;

    fn parsed(text: &str) -> Parsed<Vec<super::LexiconEntry>> {
        parse_lexicon(&Source { path: "lexicon.toml".into(), text: text.into() })
    }

    fn complaint(text: &str) -> (String, String) {
        let parsed = parsed(text);
        assert!(parsed.value.is_none(), "{text}");
        let [one] = &parsed.complaints[..] else { panic!("{:?}", parsed.complaints) };
        (text[one.span.clone()].to_owned(), one.what.en.clone())
    }

    fn word(text: &str, reading: &str) -> String {
        format!("[[word]]\ntext = \"{text}\"\nreading = \"{reading}\"\n")
    }

    #[test]
    fn a_word_is_read_with_its_syllables_however_people_write_them() {
        let words = parsed(&(word("乐亭", "lao4 ting2") + &word("绿洼", "lǜ  wā"))).value.unwrap();
        let readings = |at: usize| words[at].readings.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!((words[0].word.as_str(), readings(0)), ("乐亭", vec!["lao4".into(), "ting2".into()]));
        assert_eq!(readings(1), ["lv4", "wa1"]);
    }

    #[test]
    fn an_empty_file_is_an_empty_lexicon() {
        assert_eq!(parsed("# nothing yet\n").value, Some(Vec::new()));
    }

    #[test]
    fn too_few_syllables_are_told_where_they_stand() {
        let (span, what) = complaint(&word("乐亭县", "lao4 ting2"));
        assert_eq!(span, "\"lao4 ting2\"");
        assert!(what.contains("3 characters, but 2 syllables"), "{what}");
    }

    #[test]
    fn what_is_no_syllable_is_told_and_a_missing_tone_is_asked_for() {
        let parsed = parsed(&word("乐亭", "lao ting2"));
        assert!(parsed.complaints[0].fix.zh.contains("`lao4`"), "{:?}", parsed.complaints);
        assert_eq!(complaint(&word("乐亭", "laao4 ting2")).1, "`laao4` is no syllable with a tone");
    }

    #[test]
    fn a_word_that_stands_twice_or_is_no_chinese_is_refused() {
        let (_, what) = complaint(&(word("乐亭", "lao4 ting2") + &word("乐亭", "le4 ting2")));
        assert!(what.contains("line 2 has it already"), "{what}");
        assert_eq!(complaint(&word("乐A", "lao4 ting2")).1, "`A` is no Chinese character");
    }

    #[test]
    fn a_flood_of_words_is_refused_and_not_stored() {
        assert_eq!(parsed(&word("乐亭", "lao4 ting2").repeat(3001)).value, None);
    }
}
