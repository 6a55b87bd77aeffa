//! Written text → said text: the table of examples, and what holds for every text.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

use std::fmt::Write as _;

use assert_cmd::Command;
use dalaba::speech::text::normalize::{Options, normalize};
use dalaba::speech::text::said::{Figure, Item, Said, Unsaid};
use proptest::collection::vec;
use proptest::prelude::*;

/// kind, written, said: by hand, one example a line.
const TABLE: &str = include_str!("data/normalize.tsv");

fn rows() -> Vec<[&'static str; 3]> {
    let rows = TABLE.lines().map(|line| line.split('\t').collect::<Vec<_>>().try_into().unwrap());
    rows.collect()
}

#[test]
fn every_example_of_the_table_is_said_as_people_say_it() {
    let mut wrong = String::new();
    for [kind, written, said] in rows() {
        let found = normalize(written, &Options::default()).to_string();
        if found != said {
            writeln!(wrong, "{kind}: {written}\n  said   {found}\n  wanted {said}").unwrap();
        }
    }
    assert!(rows().len() >= 320 && wrong.is_empty(), "{} rows\n{wrong}", rows().len());
}

#[test]
fn the_command_answers_each_line_with_one() {
    let column = |at: usize| rows().iter().map(|row| row[at]).collect::<Vec<_>>().join("\n") + "\n";
    let output =
        Command::new(env!("CARGO_BIN_EXE_dalaba")).arg("normalize").write_stdin(column(1)).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty());
    assert!(String::from_utf8(output.stdout).unwrap() == column(2), "see the test of the table");
}

fn said(written: &str) -> Said {
    normalize(written, &Options::default())
}

/// The Han characters of the text itself, with their places.
fn written(said: &Said) -> Vec<(usize, char)> {
    let han = said.items.iter().filter_map(|item| match item {
        Item::Han(han) => Some((han.source?, han.character)),
        _ => None,
    });
    han.collect()
}

fn run(input: Vec<u8>) -> Vec<u8> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dalaba"));
    let output = command.args(["normalize", "--lang", "zh"]).write_stdin(input).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    output.stdout
}

#[test]
fn the_command_fails_on_no_line() {
    let long = "安".repeat(1_000_000);
    let cases: [(&[u8], &str); 5] = [
        (b"", ""),
        (b"\n\n2\xe4\xb8\xaa\r\n", "\n\n两个\n"),
        (b"\xff\xfe\xe5\xae\x89\n", "安\n"),
        ("没有换行".as_bytes(), "没有换行\n"),
        (long.as_bytes(), &format!("{long}\n")),
    ];
    for (input, said) in cases {
        assert!(
            run(input.to_vec()) == said.as_bytes(),
            "{}",
            String::from_utf8_lossy(&input[..input.len().min(20)])
        );
    }
}

#[test]
fn what_is_left_out_is_told_with_its_place() {
    for (text, expected) in [
        ("慢行👨‍👩‍👧‍👦吧", vec![(2, 7, Unsaid::Emoji)]),
        ("见https://a.cn/b?c=1。", vec![(1, 18, Unsaid::Address)]),
        ("写信a_b@c.org，", vec![(2, 9, Unsaid::Address)]),
        ("你好мир、ありがとう", vec![(2, 3, Unsaid::Script), (6, 5, Unsaid::Script)]),
        ("安全^^第一", vec![(2, 2, Unsaid::Sign)]),
        ("重{zhong}复{}", vec![(1, 7, Unsaid::Reading), (9, 2, Unsaid::Reading)]),
        ("一{yi1 er4}", vec![(1, 9, Unsaid::Reading)]),
        ("重{chong2}复，银行{yin2hang2}", vec![]),
    ] {
        let found: Vec<_> = said(text).unspeakable.iter().map(|u| (u.at, u.length, u.what)).collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn readings_in_braces_go_to_the_characters_before_them() {
    let readings = |text: &str| -> Vec<Option<String>> {
        let items = said(text).items;
        let han = items.iter().filter_map(|item| match item {
            Item::Han(han) => Some(han.reading.map(|reading| reading.to_string())),
            _ => None,
        });
        han.collect()
    };
    let some = |reading: &str| Some(reading.to_owned());
    assert_eq!(readings("重{chóng}复"), [some("chong2"), None]);
    assert_eq!(readings("去银行｛yin2 hang2｝办"), [None, some("yin2"), some("hang2"), None]);
    assert_eq!(readings("2行{hang2}"), [None, some("hang2")]);
}

#[test]
fn digits_read_one_by_one_are_told_from_numbers_that_count() {
    let figures = |text: &str| -> Vec<Figure> {
        let items = said(text).items;
        let han = items.iter().filter_map(|item| match item {
            Item::Han(han) => Some(han.figure),
            _ => None,
        });
        han.collect()
    };
    assert_eq!(figures("110"), [Figure::Digit; 3]);
    assert_eq!(figures("110个"), [Figure::Count, Figure::Count, Figure::Count, Figure::Count, Figure::None]);
    assert_eq!(figures("2016年"), [&[Figure::Digit; 4][..], &[Figure::None]].concat());
    assert_eq!(figures("打一二二")[1..], [Figure::Digit; 3]);
    assert_eq!(figures("一百一十一"), [Figure::None; 5]);
}

#[test]
fn an_ending_is_left_out_only_when_asked_for_and_only_where_it_is_one() {
    let bare = |text: &str| normalize(text, &Options { remove_erhua: true }).to_string();
    for (text, expected) in [
        ("花儿", "花"),
        ("拐弯儿慢一点儿", "拐弯慢一点"),
        ("儿童", "儿童"),
        ("女儿在幼儿园", "女儿在幼儿园"),
        ("儿子、婴儿、孤儿、少儿", "儿子、婴儿、孤儿、少儿"),
        ("婴幼儿", "婴幼儿"),
        ("一会儿接儿子", "一会接儿子"),
    ] {
        assert_eq!(bare(text), expected);
        assert_eq!(said(text).to_string(), text);
    }
}

/// Pieces of which texts are made that come near to every rule.
const PIECES: [&str; 48] = [
    "2",
    "0",
    "110",
    "12123",
    "2026",
    "13501234567",
    "1,000",
    ".",
    ":",
    "-",
    "~",
    "—",
    "/",
    "、",
    "，",
    "。",
    " ",
    "\n",
    "年",
    "月",
    "日",
    "号",
    "点",
    "分",
    "个",
    "元",
    "室",
    "路",
    "第",
    "冀",
    "A",
    "G",
    "km",
    "/h",
    "℃",
    "%",
    "¥",
    "电话",
    "比分",
    "{",
    "}",
    "chong2",
    "儿",
    "①",
    "😀",
    "www.a.cn",
    "@",
    "和",
];

proptest! {
    #[test]
    fn every_han_character_is_said_in_its_order(text in prop_oneof![
        any::<String>(),
        vec(prop::sample::select(&PIECES[..]), 0..24).prop_map(|pieces| pieces.concat()),
    ]) {
        let said = said(&text);
        let inside = |at: usize| said.unspeakable.iter().any(|u| (u.at..u.at + u.length).contains(&at));
        let han = text.chars().enumerate().filter(|(at, c)| matches!(c, '\u{4e00}'..='\u{9fff}') && !inside(*at));
        prop_assert_eq!(written(&said).into_iter().filter(|(_, c)| matches!(c, '\u{4e00}'..='\u{9fff}')).collect::<Vec<_>>(), han.collect::<Vec<_>>());
        let pause = |item: &Item| matches!(item, Item::Pause(_));
        prop_assert!(!said.items.first().is_some_and(pause));
        prop_assert!(!said.items.windows(2).any(|two| two.iter().all(pause)));
        let length = text.chars().count();
        prop_assert!(said.unspeakable.iter().all(|u| u.length > 0 && u.at + u.length <= length));
        prop_assert!(!said.to_string().contains(|c: char| c.is_ascii_digit() || c.is_control()), "{}", said);
    }
}
