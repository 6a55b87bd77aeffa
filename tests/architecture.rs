//! The walls of the house: reads every source and fails where a room reaches below itself, where a quiet room acts, and
//! where a file has grown too long.
//! Code under `#[cfg(test)]`, in the same file or in one of its own, may look wherever it likes: it does not ship.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Every room, top first; a room uses itself and the rooms above it.
const ROOMS: [&str; 21] = [
    "model",
    "trust",
    "wire",
    "calendar",
    "cap",
    "config",
    "plan",
    "playout",
    "monitor",
    "relay",
    "speech/text",
    "program",
    "speech/engine",
    "speech",
    "clip",
    "output",
    "amplifier",
    "station",
    "county",
    "cmd",
    "cli",
];

/// Values in, values out: the upper rooms, down to `speech/text`.
const QUIET: &[&str] = ROOMS.split_at(11).0;

/// What acts: the outside world, its clocks, and the crates that lead there.
const ACTS: [&str; 37] = [
    "std::fs",
    "std::net",
    "std::thread",
    "std::process",
    "std::env",
    "std::os",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "std::time::SystemTime",
    "std::time::Instant",
    "chrono::Local",
    "rand::rng",
    "tokio",
    "tracing",
    "rusqlite",
    "rodio",
    "symphonia",
    "hound",
    "rustix",
    "gpiocdev",
    "notify",
    "landlock",
    "seccompiler",
    "sd_notify",
    "espeakng_sys",
    "ort",
    "ureq",
    "axum",
    "hyper",
    "hyper_util",
    "tokio_postgres",
    "deadpool_postgres",
    "tokio_rustls",
    "governor",
    "indicatif",
    "clap",
];

/// Macros that write to the terminal.
const PRINTS: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];

/// Keywords after which a path may begin with `::`.
const BEFORE_A_PATH: [&str; 10] = ["use", "as", "in", "return", "dyn", "impl", "for", "mut", "else", "match"];

/// Most lines of one file.
const LONGEST: usize = 400;
type Sources = BTreeMap<PathBuf, String>;

#[test]
fn every_room_uses_only_rooms_above_it() {
    assert_eq!(walls(&shipped(sources("src"))), Vec::<String>::new());
}

#[test]
fn quiet_rooms_do_not_act() {
    assert_eq!(noises(&shipped(sources("src"))), Vec::<String>::new());
}

#[test]
fn every_file_has_one_subject_says_which_and_is_not_too_long() {
    let all =
        ["src", "tests", "benches"].map(|folder| shipped(sources(folder))).into_iter().flatten().collect();
    assert_eq!(shapes(&all), Vec::<String>::new());
}

#[test]
fn only_files_that_are_declared_as_tests_are_taken_for_tests() {
    let all = Sources::from([
        ("plan/mod.rs".into(), "#[cfg(test)]\nmod tests;\nmod test_site;".to_owned()),
        ("plan/tests.rs".into(), String::new()),
        ("plan/tests/deep.rs".into(), String::new()),
        ("plan/test_site.rs".into(), String::new()),
        ("clip/tests.rs".into(), String::new()),
    ]);
    let left: Vec<PathBuf> = shipped(all).into_keys().collect();
    assert_eq!(left, ["clip/tests.rs", "plan/mod.rs", "plan/test_site.rs"].map(PathBuf::from));
}

#[test]
fn the_checker_sees_walls_broken_in_every_spelling() {
    let cases = [
        ("config/a.rs", "use crate::plan::plan;"),
        ("config/a.rs", "use crate::{model::Site, plan};"),
        ("config/a.rs", "use super::super::plan::plan;"),
        ("config/mod.rs", "pub(super) use super::{model, plan as p};"),
        ("config/a.rs", "fn f() -> crate::plan::Timetable { todo() }"),
        ("config/a.rs", "fn f() { vec![crate::station::clock::wall()]; }"),
        ("config/a.rs", "mod inner { use super::super::super::cmd::Failure; }"),
        ("speech/text/mod.rs", "use crate::speech::engine::KINDS;"),
        ("speech/text/mod.rs", "use super::engine;"),
        ("model/a.rs", "use ::dalaba::calendar;"),
        ("model/a.rs", "use crate::*;"),
        ("attic/a.rs", "use crate::model::Site;"),
    ];
    for (path, source) in cases {
        assert_eq!(walls(&planted(path, source)).len(), 1, "{path}: {source}");
    }
}

#[test]
fn the_checker_sees_a_quiet_room_act_in_every_spelling() {
    let cases = [
        ("plan/a.rs", "use std::fs::File;"),
        ("plan/a.rs", "use std::{collections::BTreeMap, time::{Duration, Instant}};"),
        ("speech/text/a.rs", "fn f() { let _ = std::env::var(\"LANG\"); }"),
        ("playout/a.rs", "fn f() { tracing::info!(\"on air\"); }"),
        ("playout/a.rs", "fn f() { println!(\"on air\"); }"),
        ("model/a.rs", "use ::tokio::sync::mpsc;"),
        ("model/a.rs", "use std::*;"),
    ];
    for (path, source) in cases {
        assert_eq!(noises(&planted(path, source)).len(), 1, "{path}: {source}");
    }
}

#[test]
fn the_checker_lets_pass_what_is_allowed() {
    let cases = [
        ("plan/a.rs", "use crate::{calendar, config::Source, model::*}; use super::reconcile;"),
        ("plan/a.rs", "// use crate::station;\n/// std::fs\nconst A: &str = \"use crate::cmd; std::fs\";"),
        ("plan/a.rs", "#[cfg(test)] mod tests { use crate::station::clock; use std::fs; }"),
        ("plan/a.rs", "use std::time::Duration; use std::io::Read; pub(super) fn f() {}"),
        ("station/a.rs", "use std::fs; use crate::output::Output; fn f() { println!(); }"),
        ("speech/mod.rs", "use crate::speech::text; pub mod engine;"),
        ("lib.rs", "pub mod cli; pub use crate::cmd::Failure;"),
    ];
    for (path, source) in cases {
        let sources = planted(path, source);
        assert_eq!((walls(&sources), noises(&sources)), (vec![], vec![]), "{path}: {source}");
    }
}

#[test]
fn the_checker_sees_a_file_that_is_too_long_or_has_no_subject() {
    assert_eq!(shapes(&planted("plan/a.rs", &format!("//! Plans.{}", "\n".repeat(LONGEST + 1)))).len(), 1);
    assert_eq!(shapes(&planted("plan/a.rs", "use std::fmt;\n")).len(), 1);
    assert_eq!(shapes(&planted("plan/a.rs", "//! Plans.\n")).len(), 0);
}

fn planted(path: &str, source: &str) -> Sources {
    Sources::from([(PathBuf::from(path), source.to_owned())])
}

/// Reads every Rust file under `folder` of this package; paths are relative to it.
fn sources(folder: &str) -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = Sources::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.expect("a source folder can be listed").path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source is UTF-8");
                let name = path.strip_prefix(&root).expect("it was found there").to_owned();
                found.insert(name, text);
            }
        }
    }
    found
}

/// Leaves out the files that are declared by `#[cfg(test)] mod name;`.
fn shipped(mut sources: Sources) -> Sources {
    let declared = |(file, source): (&PathBuf, &String)| {
        let module = module_of(file);
        let tokens: Vec<TokenTree> = tokens(source).collect();
        let names = tokens.windows(3).enumerate().filter(|(at, three)| {
            three[0].to_string() == "mod" && is_punct(three.get(2), ';') && is_test(&tokens[..*at])
        });
        names.map(|(_, three)| [&module[..], &[three[1].to_string()]].concat()).collect::<Vec<_>>()
    };
    let tests: Vec<Vec<String>> = sources.iter().flat_map(declared).collect();
    sources.retain(|file, _| !tests.iter().any(|test| module_of(file).starts_with(test)));
    sources
}

/// Names every use of a room below, and every room that has no place in the order.
fn walls(sources: &Sources) -> Vec<String> {
    let mut broken = Vec::new();
    for (file, source) in sources {
        let module = module_of(file);
        // The crate's root and the program only hold the rooms.
        let Some(room) = module.first().map(|_| room_of(&module)) else { continue };
        let Some(own) = ROOMS.iter().position(|name| *name == room) else {
            broken.push(format!("{}: the room {room} has no place in the order", file.display()));
            continue;
        };
        for path in paths(&module, source) {
            let below = match path.strip_prefix(&["crate".to_owned()]) {
                Some([star]) if star == "*" => true,
                Some(inner) => {
                    ROOMS.iter().position(|name| *name == room_of(inner)).is_some_and(|at| at > own)
                }
                None => false,
            };
            if below {
                broken.push(format!("{}: {room} uses {}", file.display(), path.join("::")));
            }
        }
    }
    broken
}

/// Names everything in a quiet room that acts.
fn noises(sources: &Sources) -> Vec<String> {
    let mut heard = Vec::new();
    for (file, source) in sources {
        let module = module_of(file);
        if module.is_empty() || !QUIET.contains(&room_of(&module).as_str()) {
            continue;
        }
        for path in paths(&module, source) {
            let name = path.join("::");
            let acts = ACTS.iter().any(|act| name == *act || name.starts_with(&format!("{act}::")));
            let prints = PRINTS.iter().any(|print| name == format!("{print}!"));
            if acts || prints || name == "std::*" {
                heard.push(format!("{}: {name}", file.display()));
            }
        }
    }
    heard
}

fn shapes(sources: &Sources) -> Vec<String> {
    let mut wrong = Vec::new();
    for (file, source) in sources {
        let lines = source.lines().count();
        if lines > LONGEST {
            wrong.push(format!("{}: {lines} lines, {LONGEST} are allowed", file.display()));
        }
        if !source.starts_with("//! ") {
            wrong.push(format!("{}: does not say its subject", file.display()));
        }
    }
    wrong
}

/// `plan/mod.rs` → `[plan]`, `plan/why.rs` → `[plan, why]`, `lib.rs` and `main.rs` → `[]`.
fn module_of(file: &Path) -> Vec<String> {
    let names = file.with_extension("");
    let names = names.iter().map(|name| name.to_string_lossy().into_owned());
    names.filter(|name| !matches!(name.as_str(), "mod" | "lib" | "main")).collect()
}

/// `speech` holds two rooms that stand at different places.
fn room_of(module: &[String]) -> String {
    match module {
        [first, second, ..] if first == "speech" && matches!(second.as_str(), "text" | "engine") => {
            format!("speech/{second}")
        }
        [first, ..] => first.clone(),
        [] => String::new(),
    }
}

/// Lists every path written in `source`, those of our own crate from `crate` on, macros as `name!`.
fn paths(module: &[String], source: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    collect(&tokens(source).collect::<Vec<_>>(), module, &mut found);
    found
}

fn tokens(source: &str) -> impl Iterator<Item = TokenTree> {
    source.parse::<TokenStream>().expect("a source has balanced brackets").into_iter()
}

fn collect(tokens: &[TokenTree], module: &[String], found: &mut Vec<Vec<String>>) {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Ident(word) if word == "mod" && is_group(tokens.get(at + 2), Delimiter::Brace) => {
                if !is_test(&tokens[..at]) {
                    let inner = [module, &[tokens[at + 1].to_string()]].concat();
                    collect(&inside(&tokens[at + 2]), &inner, found);
                }
                at += 3;
            }
            // `use ::tokio` is no path `use::tokio`.
            TokenTree::Ident(word) if BEFORE_A_PATH.iter().any(|keyword| word == keyword) => at += 1,
            TokenTree::Ident(_) => at = path(tokens, at, Vec::new(), module, found),
            TokenTree::Group(group) => {
                collect(&group.stream().into_iter().collect::<Vec<_>>(), module, found);
                at += 1;
            }
            _ => at += 1,
        }
    }
}

/// Reads the path, or the tree of paths, that begins at `at`; returns where it ends.
fn path(
    tokens: &[TokenTree],
    mut at: usize,
    mut written: Vec<String>,
    module: &[String],
    found: &mut Vec<Vec<String>>,
) -> usize {
    loop {
        match tokens.get(at) {
            Some(TokenTree::Group(tree)) if !written.is_empty() && tree.delimiter() == Delimiter::Brace => {
                let branches: Vec<TokenTree> = tree.stream().into_iter().collect();
                for branch in branches.split(|token| is_punct(Some(token), ',')).filter(|b| !b.is_empty()) {
                    path(branch, 0, written.clone(), module, found);
                }
                return at + 1;
            }
            Some(TokenTree::Ident(_) | TokenTree::Punct(_)) => written.push(tokens[at].to_string()),
            _ => return at,
        }
        at += 1;
        if is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':') {
            at += 2;
        } else {
            if is_punct(tokens.get(at), '!') {
                written.last_mut().expect("a word was just written").push('!');
            }
            found.push(absolute(written, module));
            return at;
        }
    }
}

/// Resolves `self` and `super`, and our own crate's name, which stands for `crate` in the program.
fn absolute(mut written: Vec<String>, module: &[String]) -> Vec<String> {
    let mut base = module.to_vec();
    match written.first().map(String::as_str) {
        Some("dalaba") => {
            "crate".clone_into(&mut written[0]);
            return written;
        }
        Some("self" | "super") if written.len() > 1 => {}
        _ => return written,
    }
    while let Some("self" | "super") = written.first().map(String::as_str) {
        if written.remove(0) == "super" {
            base.pop();
        }
    }
    [vec!["crate".to_owned()], base, written].concat()
}

fn is_punct(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

fn is_group(token: Option<&TokenTree>, delimiter: Delimiter) -> bool {
    matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == delimiter)
}

fn inside(token: &TokenTree) -> Vec<TokenTree> {
    if let TokenTree::Group(group) = token { group.stream().into_iter().collect() } else { Vec::new() }
}

/// Tells whether the tokens end in `#[cfg(test)]`, as they stand before `mod tests`.
fn is_test(before: &[TokenTree]) -> bool {
    before.last().is_some_and(|token| token.to_string().replace(' ', "") == "[cfg(test)]")
}
