//! What libespeak-ng is given: phrases in one voice each, with the silence after them. Mandarin goes to it as pinyin with
//! tone digits, so that nothing is left for it to guess.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::model::{Syllable, Tone};
use crate::speech::text::said::Figure;
use crate::speech::text::script::{Spoken, Unit};
use crate::speech::text::{ENGLISH, MANDARIN, Speech};

/// Most syllables written as one word. The library's room for a word is limited, and it has overflowed before.
const LONGEST_WORD: usize = 4;

/// A voice of the library, and the dictionary without which it would read letters instead of words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Voice {
    pub(super) name: String,
    pub(super) dictionary: String,
}

/// A stretch in one voice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Phrase {
    /// Place of its voice.
    pub(super) voice: usize,
    pub(super) text: String,
    /// Silence after it, milliseconds.
    pub(super) pause: u64,
}

/// Returns the voices that `speech` wants, and its phrases.
pub(super) fn of(speech: &Speech) -> (Vec<Voice>, Vec<Phrase>) {
    let (mut voices, mut phrases): (Vec<Voice>, Vec<Phrase>) = (Vec::new(), Vec::new());
    let mut open = false;
    for unit in &speech.script.units {
        let (language, text) = match unit {
            Unit::Syllable(spoken) if spoken.silent => continue,
            Unit::Syllable(spoken) => (MANDARIN, pinyin(spoken)),
            Unit::Foreign { language, text } => (language.as_str(), text.clone()),
            Unit::Pause(pause) => {
                if let Some(last) = phrases.last_mut() {
                    let length = u64::try_from(pause.length().as_millis()).unwrap_or(u64::MAX);
                    last.pause = last.pause.max(length);
                }
                open = false;
                continue;
            }
        };
        let voice = place(&mut voices, voice_of(language));
        match phrases.last_mut().filter(|last| open && last.voice == voice) {
            Some(last) => {
                let apart = if joins(&last.text, unit) { "" } else { " " };
                // Writing to a String cannot fail.
                let _ = write!(last.text, "{apart}{text}");
            }
            None => phrases.push(Phrase { voice, text, pause: 0 }),
        }
        open = true;
    }
    (voices, phrases)
}

/// Tells whether a syllable is written together with what stands before it, so that a word is spoken as one.
///
/// A speech recogniser understands words better than syllables one by one; `docs/voices.md` has the figures. Digits that are
/// read one by one stay apart. So does what the library would tear apart in another place, a test asks it: `che1na4` would
/// be chen and a.
fn joins(before: &str, unit: &Unit) -> bool {
    let Unit::Syllable(spoken) = unit else { return false };
    let word = before.rsplit(' ').next().unwrap_or_default();
    let syllables = word.chars().filter(char::is_ascii_digit).count();
    let base = spoken.spoken.base();
    let torn = base.starts_with('n') || ["ang", "hm", "hng", "hun", "m"].contains(&base);
    !spoken.begins_word
        && spoken.figure != Figure::Digit
        && (1..LONGEST_WORD).contains(&syllables)
        && !word.ends_with('r')
        && !torn
}

fn place(voices: &mut Vec<Voice>, voice: Voice) -> usize {
    voices.iter().position(|known| *known == voice).unwrap_or_else(|| {
        voices.push(voice);
        voices.len() - 1
    })
}

/// Returns the voice of a language.
///
/// Each name must be the first language of its voice, because that is how a fallback is found out (`en-gb` is not a name
/// that the library finds). Never `cmn`: in espeak-ng 1.51 it turns characters into pinyin and reads that as English
/// ("hao two").
pub(super) fn voice_of(language: &str) -> Voice {
    let primary = language.split('-').next().unwrap_or_default();
    let (name, dictionary) = match primary {
        MANDARIN => ("cmn-latn-pinyin", "cmn"),
        ENGLISH => ("en-us", "en"),
        other => (language, other),
    };
    Voice { name: name.to_owned(), dictionary: format!("{dictionary}_dict") }
}

/// Writes a syllable as the voice `cmn-latn-pinyin` wants it.
fn pinyin(spoken: &Spoken) -> String {
    if spoken.erhua { with_er(spoken.spoken) } else { spoken.spoken.to_string() }
}

/// Writes a syllable with 儿 in it: 玩儿 is `wa2r`. The ends n, i and ng give way to it, and a narrow vowel opens.
fn with_er(syllable: Syllable) -> String {
    let base = syllable.base();
    let tone = if syllable.tone() == Tone::Neutral { 5 } else { syllable.tone() as u8 };
    let stem = match base {
        "zhi" | "chi" | "shi" | "ri" | "zi" | "ci" | "si" => format!("{}e", base.trim_end_matches('i')),
        _ => match (base.strip_suffix("ng"), base.strip_suffix(['n', 'i'])) {
            (Some(stem), _) | (None, Some(stem)) if stem.ends_with(['a', 'e', 'o']) => stem.to_owned(),
            (Some(stem), _) | (None, Some(stem)) if stem.ends_with(['i', 'u', 'v']) => format!("{stem}e"),
            _ => base.to_owned(),
        },
    };
    format!("{stem}{tone}r")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    use crate::speech::text::said::Pause;
    use crate::speech::text::script::{Script, Why};

    fn syllable(pinyin: &str) -> Unit {
        syllable_in(pinyin, true)
    }

    fn syllable_in(pinyin: &str, begins_word: bool) -> Unit {
        let said = pinyin.parse().unwrap();
        Unit::Syllable(Spoken {
            character: '安',
            source: None,
            citation: said,
            spoken: said,
            erhua: false,
            silent: false,
            begins_word,
            figure: Figure::None,
            why: Why::Only,
        })
    }

    #[test]
    fn a_phrase_ends_at_a_pause_and_where_the_voice_changes() {
        let letters = Unit::Foreign { language: "en".to_owned(), text: "E T C".to_owned() };
        let units =
            vec![syllable("an1"), syllable("quan2"), Unit::Pause(Pause::Comma), letters, syllable("che1")];
        let speech = Speech { language: "zh".to_owned(), said: String::new(), script: Script { units } };
        let (voices, phrases) = of(&speech);
        let names: Vec<_> = voices.iter().map(|voice| voice.name.as_str()).collect();
        assert_eq!(names, ["cmn-latn-pinyin", "en-us"]);
        let told: Vec<_> = phrases.iter().map(|p| (p.voice, p.text.as_str(), p.pause)).collect();
        assert_eq!(told, [(0, "an1 quan2", 300), (1, "E T C", 0), (0, "che1", 0)]);
    }

    fn phrase(units: Vec<Unit>) -> String {
        let speech = Speech { language: "zh".to_owned(), said: String::new(), script: Script { units } };
        of(&speech).1.remove(0).text
    }

    #[test]
    fn a_word_is_written_together_and_a_long_one_is_parted() {
        let word = |syllables: &[&str]| {
            syllables.iter().enumerate().map(|(at, pinyin)| syllable_in(pinyin, at == 0)).collect::<Vec<_>>()
        };
        let two = [word(&["an1", "quan2", "dai4"]), word(&["jiu4"])].concat();
        assert_eq!(phrase(two), "an1quan2dai4 jiu4");
        assert_eq!(phrase(word(&["ba1"; 6])), "ba1ba1ba1ba1 ba1ba1");
        assert_eq!(phrase(word(&["ma1", "na4", "hun2", "che1"])), "ma1 na4 hun2che1");
    }

    /// What the library makes of lines of pinyin, without its marks of stress and joints.
    fn sounds(lines: &str) -> Vec<String> {
        let arguments = ["-v", "cmn-latn-pinyin", "-q", "-x", "--", lines];
        let output = Command::new("espeak-ng").args(arguments).output().unwrap();
        let plain = |line: &str| line.replace([' ', '\'', ',', '|', '_', '-'], "");
        String::from_utf8(output.stdout).unwrap().lines().map(plain).collect()
    }

    #[test]
    fn a_syllable_that_is_written_together_with_another_sounds_as_it_does_alone() {
        let table = include_str!("../kokoro/data/pinyin.tsv").lines().filter(|line| !line.starts_with('#'));
        let first = table.map(|line| line.split('\t').next().unwrap());
        let bases: Vec<&str> = first.filter(|base| format!("{base}1").parse::<Syllable>().is_ok()).collect();
        assert!(bases.len() > 400, "{}", bases.len());
        for tone in 1..=4 {
            let lines = |begins_word: bool, swapped: bool| {
                let line = |base: &&str| {
                    let (one, other) = (format!("{base}{tone}"), "che1".to_owned());
                    let (one, other) = if swapped { (other, one) } else { (one, other) };
                    phrase(vec![syllable(&one), syllable_in(&other, begins_word)])
                };
                // Each in a paragraph of its own: the library joins lines.
                bases.iter().map(line).collect::<Vec<_>>().join("\n\n")
            };
            for swapped in [false, true] {
                let (apart, together) = (lines(true, swapped), lines(false, swapped));
                assert_ne!(apart, together);
                let (apart, together) = (sounds(&apart), sounds(&together));
                assert_eq!(apart.len(), bases.len());
                for (base, (apart, together)) in bases.iter().zip(apart.iter().zip(&together)) {
                    assert_eq!(apart, together, "{base}{tone}");
                }
            }
        }
    }

    #[test]
    fn a_syllable_with_er_is_one_syllable() {
        for (plain, with) in [
            ("hua1", "hua1r"),
            ("wan2", "wa2r"),
            ("shi4", "she4r"),
            ("dian3", "dia3r"),
            ("men2", "me2r"),
            ("jin1", "jie1r"),
            ("hai2", "ha2r"),
            ("tang1", "ta1r"),
        ] {
            assert_eq!(with_er(plain.parse().unwrap()), with);
        }
    }
}
