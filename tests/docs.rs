//! What the documents say, held against the code.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

use std::fs;
use std::path::Path;

use dalaba::model::{Outcome, Priority, Reason, Status};

fn document(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn every_word_that_a_record_may_hold_is_in_the_glossary_as_the_program_says_it() {
    let glossary = document("docs/glossary.md");
    let outcomes = Outcome::ALL.iter().map(|outcome| (outcome.as_str(), outcome.words()));
    let reasons = Reason::ALL.iter().map(|reason| (reason.as_str(), reason.words()));
    for (word, meaning) in outcomes.chain(reasons) {
        let row = format!("| `{word}` | {} | {} |", meaning.zh, meaning.en);
        assert!(glossary.contains(&row), "missing or different: {row}");
    }
    let priorities = Priority::ALL.map(Priority::as_str);
    let statuses = Status::ALL.map(Status::as_str);
    for word in priorities.into_iter().chain(statuses) {
        assert!(glossary.contains(&format!("| `{word}` | ")), "missing: {word}");
    }
}

#[test]
fn priorities_stand_in_the_glossary_weakest_first() {
    let glossary = document("docs/glossary.md");
    let places = Priority::ALL.map(|priority| glossary.find(&format!("| `{priority}` |")).unwrap());
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn every_decision_is_numbered_listed_and_has_its_three_parts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/adr");
    let index = document("docs/adr/README.md");
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.retain(|name| name != "README.md");
    names.sort();
    for (at, name) in names.iter().enumerate() {
        let number = format!("{:04}", at + 1);
        assert!(name.starts_with(&format!("{number}-")), "{name} should bear the number {number}");
        assert!(index.contains(&format!("[{number}]({name})")), "{name} is not listed");
        let text = document(&format!("docs/adr/{name}"));
        assert!(text.starts_with(&format!("# {number}: ")), "{name} has no title");
        for part in ["**What.**", "**Why.**", "**What it costs.**"] {
            assert!(text.contains(part), "{name} has no {part}");
        }
    }
    assert!(!names.is_empty());
}
