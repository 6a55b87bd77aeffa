//! The table of `tests/data/lexicon.tsv`: names and words of roads and villages, in sentences.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

use std::fs;

use assert_cmd::Command;
use dalaba::model::{LexiconEntry, Syllable};
use dalaba::speech::text::pinyin::lexicon::Lexicon;
use proptest::prelude::*;

const TABLE: &str = include_str!("data/lexicon.tsv");

fn lines() -> Vec<(&'static str, Vec<Syllable>)> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let read = lines.map(|line| {
        let (text, readings) = line.split_once('\t').unwrap_or_else(|| panic!("{line}"));
        (text, readings.split(' ').map(|reading| reading.parse().unwrap()).collect::<Vec<Syllable>>())
    });
    read.inspect(|(text, readings)| assert_eq!(text.chars().count(), readings.len(), "{text}")).collect()
}

/// Takes the longest words from left to right, as a reader does that knows nothing else.
fn words(lexicon: &Lexicon, text: &str) -> Vec<(usize, Vec<Syllable>)> {
    let chars: Vec<char> = text.chars().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        if let Some(hit) = lexicon.find(&chars, at) {
            found.push((at, hit.readings.to_vec()));
            at += hit.length;
        } else {
            at += 1;
        }
    }
    found
}

#[test]
fn no_word_of_the_lexicon_misreads_a_line_of_the_table() {
    let (lexicon, lines) = (Lexicon::shipped(), lines());
    assert!(lines.len() >= 150, "{}", lines.len());
    for (text, readings) in &lines {
        for (at, found) in words(&lexicon, text) {
            assert_eq!(found, readings[at..at + found.len()], "{text}");
        }
    }
}

#[test]
fn nearly_every_line_has_a_word_of_the_lexicon() {
    let lexicon = Lexicon::shipped();
    let lines = lines();
    let without: Vec<_> = lines.iter().filter(|(text, _)| words(&lexicon, text).is_empty()).collect();
    // A few lines show where a word is held back: 周六安排, 长子今年十岁.
    assert!(without.len() <= 8, "{without:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn whatever_the_text_a_hit_lies_within_it_and_has_a_reading_a_character(
        text in "[大城县市长子乐亭周六安了为重复\\PC]{0,40}", at in 0..50_usize,
    ) {
        let chars: Vec<char> = text.chars().collect();
        let own = LexiconEntry { word: "大城".into(), readings: vec!["da4".parse().unwrap(), "cheng2".parse().unwrap()] };
        if let Some(hit) = Lexicon::with_own(&[own]).find(&chars, at) {
            prop_assert!(hit.length >= 1 && at + hit.length <= chars.len());
            prop_assert_eq!(hit.length, hit.readings.len());
        }
    }
}

/// `pinyin` and `normalize` in a folder with a station file say what that house says.
#[test]
fn the_commands_go_by_the_lexicon_and_the_options_of_the_house() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let site = "remove_erhua = true\n[[station]]\nid = \"村\"\noutput = { kind = \"null\" }\n";
    write("station.toml", site);
    write("lexicon.toml", "[[word]]\ntext = \"单家疃\"\nreading = \"shan4 jia1 tuan3\"\n");
    let said = |command: &str, config: &str, text: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_dalaba"));
        program.args([command, "--config"]).arg(folder.path().join(config));
        let output = program.write_stdin(format!("{text}\n")).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    };
    assert_eq!(said("pinyin", "station.toml", "单家疃的花儿"), "shan4 jia1 tuan3 de5 hua1");
    assert_eq!(said("normalize", "station.toml", "单家疃的花儿"), "单家疃的花");
    assert_eq!(said("pinyin", "none.toml", "单家疃的花儿"), "dan1 jia1 tuan3 de5 huar1");
    assert_eq!(said("normalize", "none.toml", "单家疃的花儿"), "单家疃的花儿");
    // A text is to be tried out also where the station file has a mistake.
    write("station.toml", "stations = 3\n");
    assert_eq!(said("normalize", "station.toml", "花儿"), "花儿");
}
