//! What neighbours do to the tones (变调): third tones, 一, 不, neutral tones and 儿. A script with its spoken syllables
//! leaves this folder.
//!
//! Nothing reaches over a pause or a word of another tongue: speech begins anew there. Each rule looks a bounded number
//! of syllables far, so the whole is linear. `docs/mandarin-sandhi.md` has the rules with examples.

mod erhua;
mod neutral;
mod reduplication;
mod thirds;
mod yi_bu;

use super::super::script::{Script, Spoken, Unit, Why};
use crate::model::Tone;

/// The syllables between two pauses, in order.
type Phrase<'a> = [&'a mut Spoken];

/// Sets what is spoken (`spoken`, `erhua`, `silent`) from the dictionary's readings, the words and the pauses.
///
/// A reading that the text itself gives ([`Why::Override`]) keeps its tone, and its neighbours go by it. What was set
/// before is forgotten: applying it twice is the same as once.
pub fn apply(script: &mut Script) {
    let points = points(script);
    let phrases = script.units.split_mut(|unit| !matches!(unit, Unit::Syllable(_)));
    for (units, first_of_several) in phrases.zip(points) {
        let mut phrase: Vec<&mut Spoken> = units.iter_mut().filter_map(syllable).collect();
        for spoken in &mut phrase {
            (spoken.spoken, spoken.erhua, spoken.silent) = (spoken.citation, false, false);
        }
        erhua::join(&mut phrase);
        // Whatever comes after hears one syllable where two are written.
        phrase.retain(|spoken| !spoken.silent);
        neutral::soften(&mut phrase);
        yi_bu::turn_both(&mut phrase, first_of_several);
        thirds::raise(&mut phrase);
    }
}

/// Tells for each phrase whether the next one goes on counting with 二: 一停，二看，三通过; but not 一辆车，二十个人.
fn points(script: &Script) -> Vec<bool> {
    let phrases = script.units.split(|unit| !matches!(unit, Unit::Syllable(_)));
    let mut seconds: Vec<bool> = phrases.skip(1).map(begins_with_two).collect();
    seconds.push(false);
    seconds
}

fn begins_with_two(units: &[Unit]) -> bool {
    let is = |at: usize, any: &str| matches!(units.get(at), Some(Unit::Syllable(spoken)) if any.contains(spoken.character));
    is(0, "二") && !is(1, "十百千万亿零〇点")
}

fn syllable(unit: &mut Unit) -> Option<&mut Spoken> {
    if let Unit::Syllable(spoken) = unit { Some(spoken) } else { None }
}

/// Speaks a syllable in another tone, unless the text itself gives its reading.
fn turn(spoken: &mut Spoken, tone: Tone) {
    if spoken.why != Why::Override {
        spoken.spoken = spoken.spoken.with_tone(tone);
    }
}

/// Returns the character at a place; none beyond the ends.
fn character(phrase: &Phrase<'_>, at: Option<usize>) -> Option<char> {
    phrase.get(at?).map(|spoken| spoken.character)
}

/// Tells whether a word begins at a place; one does after the end.
fn begins(phrase: &Phrase<'_>, at: usize) -> bool {
    at == 0 || phrase.get(at).is_none_or(|spoken| spoken.begins_word)
}
