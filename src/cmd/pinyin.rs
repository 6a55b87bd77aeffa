//! `dalaba pinyin`: how each line sounds, for trying out readings.

use std::collections::HashMap;
use std::io;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::house::House;
use super::normalize::{LONGEST, piece};
use super::{Context, Failure, Subcommand, out};
use crate::model::Lang;
use crate::speech::text::Reader;
use crate::speech::text::pinyin::is_han;
use crate::speech::text::script::{Script, Spoken, Unit};

/// The row of the command table.
pub(super) const PINYIN: Subcommand = Subcommand { name: "pinyin", arguments, run };

fn arguments(lang: Lang) -> Command {
    Command::new("pinyin")
        .about(lang.pick("看文字会怎么念：每个字的拼音", "Shows how a text sounds: the pinyin of each character"))
        .after_help(lang.pick(
            "从标准输入读，一行文字对应一行拼音，声调写成数字（5 是轻声），ü 写成 v。\
             例：echo '行人过马路' | dalaba pinyin",
            "Reads standard input and answers each line with one: tones are digits (5 is neutral), v stands for ü. \
             Example: echo '行人过马路' | dalaba pinyin",
        ))
        .arg(Arg::new("citation").long("citation").action(ArgAction::SetTrue).help(lang.pick(
            "只列文中每个汉字的字典读音：不变调，数字和字母不列",
            "Lists the dictionary's reading of each Chinese character written: no tone changes, no digits or letters",
        )))
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let answer = if arguments.get_flag("citation") { citation } else { spoken };
    let reader = House::of(context).reader;
    let mut input = io::stdin().lock();
    while let Some(line) = piece(&mut input)? {
        // A line too long to be read at once is answered piece by piece, all on one line.
        let end = if line.ends_with(b"\n") || (line.len() as u64) < LONGEST { "\n" } else { " " };
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']);
        if !out::is_read(&format!("{}{end}", answer(text, &reader)))? {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn script(text: &str, reader: &Reader) -> Script {
    reader.script(&reader.said(text))
}

/// Writes what is spoken.
fn spoken(text: &str, reader: &Reader) -> String {
    let units = script(text, reader).units;
    units.iter().filter_map(written).collect::<Vec<_>>().join(" ")
}

fn written(unit: &Unit) -> Option<String> {
    match unit {
        Unit::Syllable(spoken) if spoken.silent => None,
        Unit::Syllable(spoken) => Some(syllable(spoken)),
        Unit::Foreign { text, .. } => Some(text.clone()),
        Unit::Pause(pause) => Some(pause.mark().to_string()),
    }
}

/// Writes a syllable; 儿 that is spoken with it stands before its tone: `huar1`.
fn syllable(spoken: &Spoken) -> String {
    let ending = if spoken.erhua { "r" } else { "" };
    format!("{}{ending}{}", spoken.spoken.base(), spoken.spoken.tone() as u8)
}

/// Writes the dictionary's reading of each Chinese character that is written, even of those that nobody says (in braces,
/// in an address): whoever counts characters finds as many readings.
fn citation(text: &str, reader: &Reader) -> String {
    let readings = by_place(&script(text, reader));
    let written = text.chars().enumerate().filter(|(_, character)| is_han(*character));
    let token = |(at, character): (usize, char)| {
        readings.get(&at).cloned().unwrap_or_else(|| alone(character, reader))
    };
    written.map(token).collect::<Vec<_>>().join(" ")
}

fn by_place(script: &Script) -> HashMap<usize, String> {
    let syllables = script.units.iter().filter_map(|unit| match unit {
        Unit::Syllable(spoken) => Some((spoken.source?, spoken.citation.to_string())),
        _ => None,
    });
    syllables.collect()
}

/// Reads a character without its neighbours.
fn alone(character: char, reader: &Reader) -> String {
    by_place(&script(&character.to_string(), reader)).remove(&0).unwrap_or_default()
}
