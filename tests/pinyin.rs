//! `dalaba pinyin`, and how often it is right.

#[path = "../examples/polyphones/learn.rs"]
mod learn;

use std::sync::LazyLock;

use assert_cmd::Command;
use learn::{Example, examples, learn, part, village};

static EXAMPLES: LazyLock<Vec<Example>> = LazyLock::new(examples);
static OURS: LazyLock<Vec<Example>> = LazyLock::new(village);

fn pinyin(arguments: &[&str], input: &[u8]) -> String {
    let mut command = Command::cargo_bin("dalaba").expect("the program is built");
    let output = command.arg("pinyin").args(arguments).write_stdin(input).output().expect("it runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("it writes UTF-8")
}

/// The share of `tested` that is read right by what `learnt` teaches.
fn right(tested: &[&Example], learnt: &[&Example]) -> f64 {
    let correction = learn(learnt);
    let right = |example: &&&Example| {
        let answer = example.question.as_ref().map(|question| question.answer(&correction).choice);
        answer.is_some() && answer == example.choice
    };
    let count = tested.iter().filter(right).count();
    let number = |count: usize| f64::from(u32::try_from(count).expect("some thousands"));
    number(count) / number(tested.len())
}

#[test]
fn polyphones_of_sentences_that_it_has_not_learnt_from_are_read_right() {
    let (tested, mut learnt): (Vec<&Example>, Vec<&Example>) =
        EXAMPLES.iter().partition(|example| part(example.line) == 0);
    assert_eq!(tested.len(), 1964);
    learnt.extend(&*OURS);
    let share = right(&tested, &learnt);
    assert!(share >= 0.973, "{share}");
}

#[test]
fn the_shipped_weights_are_those_that_the_sentences_teach() {
    let all: Vec<&Example> = EXAMPLES.iter().chain(&*OURS).collect();
    let learnt = learn(&all);
    let shipped = dalaba::speech::text::pinyin::polyphone::Correction::shipped();
    // Other processors round otherwise; what the weights say of the sentences is the same all but always.
    let same = |example: &&&Example| {
        let Some(question) = &example.question else { return true };
        question.answer(&learnt).choice == question.answer(&shipped).choice
    };
    let differing = all.len() - all.iter().filter(same).count();
    assert!(differing * 1000 <= all.len(), "{differing} of {}: run make train", all.len());
}

#[test]
fn village_announcements_are_read_right() {
    let shipped = dalaba::speech::text::pinyin::polyphone::Correction::shipped();
    let wrong = |example: &&Example| {
        let answer = example.question.as_ref().map(|question| question.answer(&shipped).choice);
        answer != example.choice
    };
    let wrong: Vec<_> =
        OURS.iter().filter(wrong).map(|one| (one.line + 1, one.character, &one.right)).collect();
    assert!(wrong.len() * 100 <= OURS.len() * 4, "{} of {}: {wrong:?}", wrong.len(), OURS.len());
}

#[test]
fn citation_has_one_reading_for_each_chinese_character_that_is_written() {
    let lines = "行人过马路！\n12123, 30km/h\n\n重{chong2}复{好}\n绿色{\u{1f600}\n儿、花儿\n";
    let wanted = "xing2 ren2 guo4 ma3 lu4\n\n\nchong2 fu4 hao3\nlv4 se4\ner2 hua1 er2\n";
    assert_eq!(pinyin(&["--citation"], lines.as_bytes()), wanted);
}

#[test]
fn without_citation_one_reads_what_is_spoken() {
    let lines = "你好，12123。\n花儿不是一个\nETC\n";
    let wanted = "ni2 hao3 ， yao1 er4 yao1 er4 san1 。\nhuar1 bu2 shi4 yi2 ge4\nE T C\n";
    assert_eq!(pinyin(&[], lines.as_bytes()), wanted);
}

#[test]
fn no_line_makes_it_fail() {
    let lines =
        [&b"\xff\xfe\xe4\xb8\n\0\x1b[2J\r\n"[..], "{}{{{}".as_bytes(), "行".repeat(5000).as_bytes()].concat();
    assert_eq!(pinyin(&["--citation"], &lines).lines().count(), 3);
    assert_eq!(pinyin(&[], &lines).lines().count(), 3);
    assert_eq!(pinyin(&["--citation"], b""), "");
}
