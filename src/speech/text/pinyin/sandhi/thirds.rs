//! Third tones: before another one, a third tone is spoken like a second (你好 is ni2 hao3).
//!
//! In longer runs it matters what belongs together: 展览|馆 is 2 2 3, but 小|老虎 is 3 2 3. So the phrase is parted into
//! feet, the rule is applied inside each, then between them where two third tones are left.

use super::{Phrase, begins, turn};
use crate::model::Tone;
use crate::speech::text::said::Figure;

/// First characters of words of three whose other two belong together: 小老虎, 纸老虎, 党小组, 好领导, 总理解.
const PREFIXES: &str = "小老纸母党好很总女两我你";

/// Pronouns that lean on the one syllable before them: 给你|讲 is 2 2 3, while 我|想走 is 3 2 3.
const PRONOUNS: &str = "你我";

/// Speaks third tones as second tones before others.
pub(super) fn raise(phrase: &mut Phrase<'_>) {
    let feet = feet(phrase);
    for inside in [true, false] {
        for at in 1..phrase.len() {
            if feet[at] != inside && is_third(phrase, at - 1) && is_third(phrase, at) {
                turn(phrase[at - 1], Tone::Second);
            }
        }
    }
}

fn is_third(phrase: &Phrase<'_>, at: usize) -> bool {
    phrase.get(at).is_some_and(|spoken| spoken.spoken.tone() == Tone::Third)
}

/// Tells for each syllable whether a foot begins with it.
fn feet(phrase: &Phrase<'_>) -> Vec<bool> {
    let mut feet: Vec<bool> = (0..phrase.len()).map(|at| begins(phrase, at)).collect();
    let mut at = 0;
    while at < phrase.len() {
        let end = (at + 1..phrase.len()).find(|next| begins(phrase, *next)).unwrap_or(phrase.len());
        at = match end - at {
            1 => run(phrase, at, &mut feet),
            length => {
                part(phrase, at, length, &mut feet);
                end
            }
        };
    }
    feet
}

/// Parts a word of several syllables: those of four and more in twos, those of three after their prefix.
fn part(phrase: &Phrase<'_>, start: usize, length: usize, feet: &mut [bool]) {
    if length == 3 {
        feet[start + 1] = PREFIXES.contains(phrase[start].character) && phrase[start].figure == Figure::None;
    } else {
        for at in (start + 2..start + length.saturating_sub(1)).step_by(2) {
            feet[at] = true;
        }
    }
}

/// Pairs words of one syllable that are third tones and stand in a row; returns where the row ends.
fn run(phrase: &Phrase<'_>, start: usize, feet: &mut [bool]) -> usize {
    let belongs = |at: &usize| is_third(phrase, *at) && begins(phrase, *at) && begins(phrase, at + 1);
    let end = (start..phrase.len()).take_while(belongs).last().map_or(start + 1, |last| last + 1);
    let mut at = start;
    while at < end {
        let left = end - at;
        let leans = left > 2 && PRONOUNS.contains(phrase[at + 1].character);
        let figure = phrase[at].figure != Figure::None;
        // An odd one is spoken before the pair; of figures it is spoken after.
        let foot = match left {
            1 | 2 => left,
            3 if figure => 3,
            odd if odd % 2 == 1 && !leans && !figure => 1,
            _ => 2,
        };
        for inner in &mut feet[at + 1..at + foot] {
            *inner = false;
        }
        at += foot;
    }
    end
}
