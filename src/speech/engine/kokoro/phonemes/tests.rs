//! What scripts come to in the model's alphabet.

use super::*;
use crate::speech::text::said::Figure;
use crate::speech::text::script::Why;

fn spoken(pinyin: &str) -> Spoken {
    let said = pinyin.parse().unwrap();
    Spoken {
        character: '安',
        source: None,
        citation: said,
        spoken: said,
        erhua: false,
        silent: false,
        figure: Figure::None,
        begins_word: false,
        why: Why::Only,
    }
}

/// Words apart, syllables of one word joined by a hyphen, marks as they are, `r` behind a syllable for 儿, capitals English.
fn script(written: &str) -> Script {
    let mut units = Vec::new();
    for word in written.split(' ') {
        match word {
            "、" => units.push(Unit::Pause(Pause::List)),
            "，" => units.push(Unit::Pause(Pause::Comma)),
            "；" => units.push(Unit::Pause(Pause::Clause)),
            "。" => units.push(Unit::Pause(Pause::Full)),
            "！" => units.push(Unit::Pause(Pause::Exclamation)),
            "？" => units.push(Unit::Pause(Pause::Question)),
            _ if word.starts_with(char::is_uppercase) => {
                let text = word.replace('_', " ");
                units.push(Unit::Foreign { language: "en".to_owned(), text });
            }
            _ => units.extend(word.split('-').enumerate().map(|(at, one)| {
                let erhua = one.ends_with('r');
                Unit::Syllable(Spoken { begins_word: at == 0, erhua, ..spoken(one.trim_end_matches('r')) })
            })),
        }
    }
    Script { units }
}

fn written(script: &Script) -> Vec<(String, u64)> {
    let text = |part: &Part| match part {
        Part::Sounds(text) => text.clone(),
        Part::English(text) => format!("<{text}>"),
    };
    of(script).unwrap().iter().map(|piece| (piece.parts.iter().map(text).collect(), piece.pause)).collect()
}

fn one(pinyin: &str) -> String {
    written(&script(pinyin)).remove(0).0
}

#[test]
fn every_syllable_of_mandarin_has_symbols_in_every_tone() {
    for base in TABLE.keys().filter(|base| !base.contains('ê')) {
        for tone in Tone::ALL {
            // The table has rows for sounds that our syllables lack.
            let Some(syllable) = Syllable::new(base, tone) else { continue };
            let sounds = sounds_of(&Spoken { spoken: syllable, ..spoken("an1") });
            assert!(!sounds.is_empty());
            assert!(sounds.contains(mark_of(tone)), "{syllable}: {sounds}");
        }
    }
    assert_eq!(TABLE.len(), 426);
    assert_eq!(TABLE.keys().filter(|base| Syllable::new(base, Tone::First).is_some()).count(), 425);
}

#[test]
fn words_stand_apart_and_their_syllables_do_not() {
    let expected = "a→nɕɥɛ↗n tai↘ ʨjou↘ ʂɨ↘ ʂə→ŋmi↘ŋ tai↘!".to_owned();
    assert_eq!(written(&script("an1-xuan2 dai4 jiu4 shi4 sheng1-ming4 dai4 ！")), [(expected, 600)]);
}

#[test]
fn a_sentence_or_clause_is_a_piece_and_a_comma_is_the_models_own_pause() {
    let pieces = written(&script("an1 ， an1 、 an1 ； an1 。 an1 ？ an1"));
    let told: Vec<_> = pieces.iter().map(|(text, pause)| (text.as_str(), *pause)).collect();
    assert_eq!(told, [("a→n, a→n, a→n;", 400), ("a→n.", 600), ("a→n?", 600), ("a→n.", 600)]);
}

#[test]
fn marks_one_after_another_are_one_silence_the_longest() {
    assert_eq!(written(&script("， an1 ， 。 ！ ， an1 ， ，")).len(), 2);
    assert_eq!(written(&script("an1 ； 。"))[0], ("a→n;".to_owned(), 600));
}

#[test]
fn a_long_text_is_parted_at_commas_and_one_without_any_between_words() {
    let text = "an1-quan2 ， ".repeat(200) + "an1";
    let pieces = of(&script(&text)).unwrap();
    assert!(pieces.len() > 10 && pieces.iter().all(|piece| piece.symbols() < 130));
    let text = "an1-quan2 ".repeat(500) + "an1";
    let pieces = of(&script(&text)).unwrap();
    assert!(pieces.len() > 10 && pieces.iter().all(|piece| piece.symbols() <= MOST + 20));
    assert_eq!(pieces[0].pause, 0);
}

#[test]
fn er_is_part_of_its_syllable() {
    for (pinyin, symbols) in [
        ("wan2r", "wa↗ɚ."),
        ("hua1r", "xwa→ɚ."),
        ("shi4r", "ʂɚ↘."),
        ("men2r", "mɚ↗."),
        ("jin1r", "ʨi→ɚ."),
        ("hai2r", "xa↗ɚ."),
        ("kong4r", "kʰʊ↘ɚ."),
        ("er2r", "ɚ↗."),
    ] {
        assert_eq!(one(pinyin), symbols);
    }
}

#[test]
fn a_written_er_that_is_spoken_before_is_silent() {
    let silent = Unit::Syllable(Spoken { silent: true, ..spoken("er2") });
    let mut script = script("wan2r");
    script.units.push(silent);
    assert_eq!(written(&script)[0].0, "wa↗ɚ.");
}

#[test]
fn letters_are_called_by_their_names_and_words_are_left_for_the_child() {
    assert_eq!(one("ban4 E_T_C ka3"), "pa↘n ˈi tˈi sˈi kʰa↓.");
    assert_eq!(one("shuo1 OK_now ba5"), "ʂwo→ <OK> <now> pa.");
}

#[test]
fn another_language_and_nothing_at_all_are_refused() {
    let foreign = Unit::Foreign { language: "ru".to_owned(), text: "нет".to_owned() };
    let refused = of(&Script { units: vec![foreign] });
    assert_eq!(refused, Err(KokoroFault::Language("ru".to_owned())));
    for units in [
        vec![],
        vec![Unit::Pause(Pause::Full)],
        vec![Unit::Foreign { language: "en".into(), text: "…".into() }],
    ] {
        assert_eq!(of(&Script { units }), Err(KokoroFault::Nothing));
    }
}
