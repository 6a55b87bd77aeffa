//! What is said comes to readings, each with its reason.

use super::*;
use crate::model::LexiconEntry;
use crate::speech::text::normalize::{Options, normalize};

fn script(text: &str) -> Vec<Spoken> {
    with(text, &Lexicon::shipped())
}

fn with(text: &str, lexicon: &Lexicon) -> Vec<Spoken> {
    let units = read(&normalize(text, &Options::default()), lexicon).units;
    units
        .into_iter()
        .filter_map(|unit| if let Unit::Syllable(spoken) = unit { Some(spoken) } else { None })
        .collect()
}

fn citation(text: &str) -> String {
    script(text).iter().map(|spoken| spoken.citation.to_string()).collect::<Vec<_>>().join(" ")
}

fn why(text: &str, character: char) -> Why {
    script(text).iter().find(|spoken| spoken.character == character).unwrap().why
}

#[test]
fn polyphones_are_read_by_their_words_and_neighbours() {
    for (text, wanted) in [
        ("行人过马路", "xing2 ren2 guo4 ma3 lu4"),
        ("去银行", "qu4 yin2 hang2"),
        ("煤气中毒", "mei2 qi4 zhong4 du2"),
        ("重复一遍", "chong2 fu4 yi1 bian4"),
        ("很严重", "hen3 yan2 zhong4"),
        ("慢慢地走", "man4 man4 de5 zou3"),
        ("在工地上", "zai4 gong1 di4 shang4"),
        ("朋友们的东西", "peng2 you5 men5 de5 dong1 xi5"),
        ("系好安全带", "ji4 hao3 an1 quan2 dai4"),
        ("超载", "chao1 zai4"),
    ] {
        assert_eq!(citation(text), wanted, "{text}");
    }
}

#[test]
fn each_reading_has_its_reason() {
    assert_eq!(why("安全", '安'), Why::Only);
    assert_eq!(why("重{chong2}量", '重'), Why::Override);
    assert_eq!(why("长袖善舞", '长'), Why::Phrase);
    assert_eq!(why("蔚县", '蔚'), Why::Lexicon);
    assert!(matches!(why("他都走了", '都'), Why::Model(probability) if probability > 0.5));
}

#[test]
fn braces_win_over_the_users_lexicon_and_that_over_every_dictionary() {
    let entry = LexiconEntry {
        word: "银行".to_owned(),
        readings: ["yin2", "xing2"].map(|reading| reading.parse().unwrap()).to_vec(),
    };
    let lexicon = Lexicon::with_own(&[entry]);
    let read = |text: &str| with(text, &lexicon)[1];
    assert_eq!((read("银行").citation.to_string().as_str(), read("银行").why), ("xing2", Why::OwnLexicon));
    assert_eq!(
        (read("银行{hang4}").citation.to_string().as_str(), read("银行{hang4}").why),
        ("hang4", Why::Override)
    );
}

#[test]
fn figures_are_read_as_numbers_are() {
    assert_eq!(citation("12123"), "yao1 er4 yao1 er4 san1");
    assert_eq!(citation("10000元"), "yi1 wan4 yuan2");
}

#[test]
fn words_begin_where_they_do() {
    let begins: String =
        script("安全带就是生命带").iter().map(|spoken| if spoken.begins_word { '|' } else { '.' }).collect();
    assert_eq!(begins, "|..|.|.|");
}

#[test]
fn every_chinese_character_is_read_even_one_that_no_dictionary_has() {
    let all: String =
        ('\u{4e00}'..='\u{9fff}').chain("〇\u{3400}\u{20000}\u{2a700}\u{323af}\u{f900}".chars()).collect();
    assert_eq!(script(&all).len(), all.chars().count());
    assert_eq!(citation("\u{323af}"), "mou3");
}

#[test]
fn a_reading_that_may_be_wrong_is_doubted_and_a_sure_one_is_not() {
    let doubts = |text: &str| doubtful(&read(&normalize(text, &Options::default()), &Lexicon::shipped()));
    assert_eq!(doubts("请系好安全带，12123，去银行。"), []);
    let doubt = doubts("村\u{323af}").remove(0);
    assert_eq!((doubt.source, doubt.character, doubt.probability), (1, '\u{323af}', 0.0));
}
