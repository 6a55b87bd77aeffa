//! The table of `tests/data/sandhi.tsv`: what neighbours do to tones, and what must not change.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

use dalaba::model::{Syllable, Tone};
use dalaba::speech::text::pinyin::sandhi;
use dalaba::speech::text::said::{Figure, Pause};
use dalaba::speech::text::script::{Script, Spoken, Unit, Why};
use proptest::prelude::*;

const TABLE: &str = include_str!("data/sandhi.tsv");

/// One line of the table.
struct Case<'a> {
    kind: &'a str,
    words: &'a str,
    citation: &'a str,
    spoken: &'a str,
}

fn cases() -> Vec<Case<'static>> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let columns = lines.map(|line| line.split('\t').collect::<Vec<_>>());
    columns
        .map(|columns| match columns[..] {
            [kind, words, citation, spoken] => Case { kind, words, citation, spoken },
            _ => panic!("{columns:?}"),
        })
        .collect()
}

/// Builds the script that a line describes.
fn script(case: &Case<'_>) -> Script {
    let mut citations = case.citation.split(' ').map(|reading| reading.parse::<Syllable>().unwrap());
    let (mut units, mut figure, mut begins_word) = (Vec::new(), Figure::None, true);
    let mut signs = case.words.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '|' => begins_word = true,
            '(' => figure = Figure::Count,
            '[' => figure = Figure::Digit,
            ')' | ']' => figure = Figure::None,
            '，' => {
                units.push(Unit::Pause(Pause::Comma));
                begins_word = true;
            }
            '{' => {
                let reading: String = signs.by_ref().take_while(|sign| *sign != '}').collect();
                let Some(Unit::Syllable(last)) = units.last_mut() else { panic!("{}", case.words) };
                (last.citation, last.why) = (reading.parse().unwrap(), Why::Override);
            }
            character => {
                let citation = citations.next().expect("a reading for each character");
                units.push(Unit::Syllable(syllable(character, citation, figure, begins_word)));
                begins_word = false;
            }
        }
    }
    assert_eq!(citations.next(), None, "{}", case.words);
    Script { units }
}

fn syllable(character: char, citation: Syllable, figure: Figure, begins_word: bool) -> Spoken {
    let (source, erhua, silent, why) = (None, false, false, Why::Phrase);
    Spoken { character, source, citation, figure, spoken: citation, erhua, silent, begins_word, why }
}

fn spoken(script: &Script) -> String {
    let syllables = script.units.iter().filter_map(|unit| match unit {
        Unit::Syllable(spoken) if !spoken.silent => {
            let curl = if spoken.erhua { "r" } else { "" };
            Some(format!("{}{curl}{}", spoken.spoken.base(), spoken.spoken.tone() as u8))
        }
        _ => None,
    });
    syllables.collect::<Vec<_>>().join(" ")
}

#[test]
fn every_line_of_the_table_is_spoken_as_it_says() {
    let cases = cases();
    assert!(cases.len() >= 120, "{}", cases.len());
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let mut script = script(case);
            sandhi::apply(&mut script);
            let found = spoken(&script);
            (found != case.spoken)
                .then(|| format!("{} {}: {found}, not {}", case.kind, case.words, case.spoken))
        })
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn applying_it_twice_is_the_same_as_once() {
    for case in cases() {
        let mut once = script(&case);
        sandhi::apply(&mut once);
        let mut twice = once.clone();
        sandhi::apply(&mut twice);
        assert_eq!(once, twice, "{}", case.words);
    }
}

/// Any syllables at all, of the characters that the rules know.
fn units() -> impl Strategy<Value = Vec<Unit>> {
    let characters: Vec<char> = "一不儿子们看好小老是个第十点月三我你头喇叭车".chars().collect();
    let character = prop::sample::select(characters);
    let base = prop::sample::select(vec!["yi", "bu", "er", "zi", "hao"]);
    let tone = prop::sample::select(Tone::ALL.to_vec());
    let figure = prop::sample::select(vec![Figure::None, Figure::Count, Figure::Digit]);
    let unit = (character, base, tone, figure, any::<bool>(), 0..20).prop_map(
        |(character, base, tone, figure, begins, kind)| {
            let citation = Syllable::new(base, tone).unwrap();
            let mut spoken = syllable(character, citation, figure, begins);
            match kind {
                0 => return Unit::Pause(Pause::Comma),
                1 => spoken.why = Why::Override,
                2 => spoken.why = Why::OwnLexicon,
                _ => {}
            }
            Unit::Syllable(spoken)
        },
    );
    prop::collection::vec(unit, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn whatever_the_script_only_tones_change_and_never_those_that_the_text_gives(units in units()) {
        let mut script = Script { units: units.clone() };
        sandhi::apply(&mut script);
        prop_assert_eq!(script.units.len(), units.len());
        for (before, after) in units.iter().zip(&script.units) {
            let (Unit::Syllable(before), Unit::Syllable(after)) = (before, after) else {
                prop_assert_eq!(before, after);
                continue;
            };
            prop_assert_eq!((before.character, before.citation), (after.character, after.citation));
            prop_assert_eq!(after.spoken.base(), after.citation.base());
            prop_assert!(after.why != Why::Override || after.spoken == after.citation && !after.silent);
        }
    }

    #[test]
    fn no_two_third_tones_stand_side_by_side(units in units()) {
        let mut script = Script { units };
        sandhi::apply(&mut script);
        let heard: Vec<Option<Spoken>> = script.units.iter().filter_map(|unit| match unit {
            Unit::Syllable(spoken) => (!spoken.silent).then_some(Some(*spoken)),
            _ => Some(None),
        }).collect();
        for pair in heard.windows(2) {
            let [Some(first), Some(second)] = pair else { continue };
            let thirds = first.spoken.tone() == Tone::Third && second.spoken.tone() == Tone::Third;
            prop_assert!(!thirds || first.why == Why::Override, "{first:?} {second:?}");
        }
    }
}
