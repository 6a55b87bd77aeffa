//! What the documents say, held against the code.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

use std::fs;
use std::path::{Path, PathBuf};

use dalaba::config::{Source, parse_playlist};
use dalaba::model::{Lang, Outcome, Priority, Reason, Status};
use dalaba::station::kinds::kinds;

const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];

fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn document(name: &str) -> String {
    fs::read_to_string(project().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Lists every document that is shipped, those for people who install it and the scripts included.
fn documents() -> Vec<String> {
    let single = ["ARCHITECTURE.md", "CHANGELOG.md", "packaging/README.md", "scripts/run-demo.sh"];
    let folders = ["docs", "docs/adr"].into_iter().flat_map(|folder| {
        let files = fs::read_dir(project().join(folder)).unwrap();
        let names = files.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| has_extension(name, "md")).map(move |name| format!("{folder}/{name}"))
    });
    READMES.into_iter().chain(single).map(str::to_owned).chain(folders).collect()
}

fn has_extension(name: &str, wanted: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == wanted)
}

/// Takes out what stands between fences: the language and the lines of each block.
fn blocks(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut blocks: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(language) if !inside => blocks.push((language, Vec::new())),
            None if inside => blocks.last_mut().unwrap().1.push(line),
            _ => {}
        }
        inside ^= line.starts_with("```");
    }
    blocks
}

/// Splits a line as a shell does, up to a comment, a pipe or the next command.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None::<char>);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '#' | '|' | '>' | '&' | ';') if word.is_none() => break,
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Finds every `dalaba …` that a reader may type: lines of blocks, and what stands in backticks.
fn commands(text: &str) -> Vec<Vec<String>> {
    let in_blocks =
        blocks(text).into_iter().filter(|(language, _)| language.is_empty()).flat_map(|block| block.1);
    let prose: String = text.split("```").step_by(2).collect();
    let in_prose = prose.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let lines = in_blocks.map(str::to_owned).chain(in_prose);
    let called = |line: String| {
        let words = words(&line);
        let first = words.first()?;
        (first == "dalaba" || first.ends_with("/dalaba")).then_some(words)
    };
    lines.filter_map(called).filter(|words| words.len() > 1).collect()
}

#[test]
fn every_command_in_the_documents_is_understood_by_the_program() {
    let mut seen = 0;
    for name in documents() {
        for words in commands(&document(&name)) {
            let parsed = dalaba::cli::program(Lang::En).try_get_matches_from(&words);
            // `dalaba say` in a sentence names the subcommand and no more.
            let named =
                words.len() == 2 && dalaba::cli::program(Lang::En).find_subcommand(&words[1]).is_some();
            assert!(named || parsed.is_ok(), "{name}: {}: {}", words.join(" "), parsed.unwrap_err());
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen}");
}

#[test]
fn both_readmes_have_the_same_parts_commands_and_links() {
    let headings = |text: &str| {
        let outside: String = text.split("```").step_by(2).collect();
        outside.lines().filter(|line| line.starts_with('#')).map(|line| line.find(' ')).collect::<Vec<_>>()
    };
    let shape = |text: &str| {
        let without_names = |line: &&str| {
            let line = line.split('#').next().unwrap().trim_end().to_owned();
            let told = [("昨天", "yesterday"), ("十一月", "november"), ("用户名", "NAME")];
            told.iter().fold(line, |line, (zh, en)| line.replace(zh, en))
        };
        let lines = |(language, lines): (&str, Vec<&str>)| {
            (language.to_owned(), lines.iter().map(without_names).collect::<Vec<_>>())
        };
        blocks(text).into_iter().map(lines).collect::<Vec<_>>()
    };
    let links = |text: &str| -> Vec<String> {
        let to = text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap().to_owned());
        to.filter(|link| !link.starts_with("README")).collect()
    };
    let [english, chinese] = READMES.map(document);
    assert_eq!(headings(&english), headings(&chinese));
    assert_eq!(shape(&english), shape(&chinese));
    assert_eq!(links(&english), links(&chinese));
    assert!(english.contains("make run") && english.contains("make test"));
}

#[test]
fn every_link_leads_to_a_file() {
    for name in documents() {
        let folder = Path::new(&name).parent().unwrap().to_owned();
        for link in document(&name).split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let file = link.split('#').next().unwrap();
            let found =
                file.is_empty() || link.contains("://") || project().join(&folder).join(file).exists();
            assert!(found, "{name}: {link}");
        }
    }
}

#[test]
fn the_playlist_of_the_readmes_is_without_mistakes() {
    for name in READMES {
        let text = document(name);
        let (_, lines) = blocks(&text).into_iter().find(|(language, _)| *language == "toml").unwrap();
        let text = format!("title = \"日常\"\nstations = [\"*\"]\n{}", lines.join("\n"));
        let parsed = parse_playlist(&Source { path: "日常.toml".into(), text }, &kinds());
        assert!(parsed.complaints.is_empty(), "{name}: {:?}", parsed.complaints);
    }
}

#[test]
fn every_path_on_the_map_of_the_house_exists() {
    let map = document("ARCHITECTURE.md");
    let roots =
        ["src/", "tests/", "docs/", "config/", "scripts/", "packaging/", "broadcasts/", "audio/", "fuzz/"];
    let quoted = map.split('`').skip(1).step_by(2);
    let paths: Vec<&str> = quoted.filter(|text| roots.iter().any(|root| text.starts_with(root))).collect();
    assert!(paths.len() > 40, "{}", paths.len());
    for path in paths.into_iter().filter(|path| !path.contains("NAME")) {
        assert!(project().join(path).exists(), "{path}");
    }
    // The road of one message names files by their rooms.
    let (_, road) = blocks(&map).into_iter().next().unwrap();
    for word in
        road.iter().flat_map(|line| line.split([' ', ',', ';'])).filter(|word| has_extension(word, "rs"))
    {
        assert!(project().join("src").join(word).exists(), "{word}");
    }
    // Every room is on the map.
    for entry in fs::read_dir(project().join("src")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(map.contains(&format!("`src/{name}")), "src/{name} is not on the map");
    }
}

#[test]
fn every_lesson_of_the_field_has_a_test_that_exists() {
    let sources = ["src", "tests"].map(|folder| sources(&project().join(folder))).concat();
    let lessons = document("docs/field-lessons.md");
    let here = lessons.split("## Not here yet").next().unwrap();
    let mut tests = 0;
    for row in here.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| what ")) {
        let names: Vec<&str> = row.rsplit('|').nth(1).unwrap().split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{row}");
        for name in names {
            assert!(sources.contains(&format!("fn {name}()")), "no test is called {name}");
            tests += 1;
        }
    }
    assert!(tests > 40, "{tests}");
}

/// Reads every Rust source under a folder.
fn sources(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all += &sources(&path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all += &fs::read_to_string(&path).unwrap();
        }
    }
    all
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
    let folder = project().join("docs/adr");
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
