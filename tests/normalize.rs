//! Written text → said text: the table of examples, and what holds for every text.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

use std::fmt::Write as _;

use assert_cmd::Command;
use dalaba::speech::text::normalize::{Options, normalize};

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
    let input: String = rows().iter().map(|[_, written, _]| format!("{written}\n")).collect();
    let said: String = rows().iter().map(|[_, _, said]| format!("{said}\n")).collect();
    let output =
        Command::new(env!("CARGO_BIN_EXE_dalaba")).arg("normalize").write_stdin(input).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), said);
}
