//! Neutral tones (轻声): endings, particles, words said twice, and words that dictionaries list.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::reduplication::{Twice, twice};
use super::{Phrase, begins, character, turn};
use crate::model::Tone;
use crate::speech::text::script::{Spoken, Why};

/// The words whose last syllables are neutral; the file says how it is read.
const WORDS: &str = include_str!("../data/neutral.txt");

/// Most characters of a word in [`WORDS`].
const LONGEST: usize = 4;

/// Particles at the end of a clause, with their syllables.
const PARTICLES: [(char, &str); 8] = [
    ('吗', "ma"),
    ('吧', "ba"),
    ('呢', "ne"),
    ('嘛', "ma"),
    ('呗', "bei"),
    ('啦', "la"),
    ('哩', "li"),
    ('喽', "lou"),
];

/// Characters before which 子 keeps its tone: it is a person, a seed or a small part there, not an ending.
///
/// 分子 电子 原子 离子 质子 中子 光子 粒子 因子 核子 男子 女子 才子 弟子 父子 母子 王子 公子 君子 天子 太子 学子 游子 义子 养子 长子
/// 次子 幼子 独生子 亲子 之子 孔子 老子 童子 浪子 逆子 赤子 石子 莲子 瓜子 松子 精子 卵子 孢子 甲子 庚子 壬子 丙子 戊子 骄子 巨子
const FULL_ZI: &str = "分电原离质中光粒因核男女才弟父母王公君天太学游义养长次幼生亲之孔老童浪逆赤石莲瓜松精卵孢甲庚壬丙戊骄巨\
                       士臣世嫡庶爱贵败白黑独双五";

/// What a word in [`WORDS`] changes: for each syllable the tone to speak, or none to keep its own.
type Tones = Vec<Option<Tone>>;

static LISTED: LazyLock<HashMap<Vec<char>, Tones>> = LazyLock::new(|| {
    let lines = WORDS.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'));
    let words = lines.flat_map(|(tones, words)| words.split(' ').map(move |word| (word, tones)));
    words.map(|(word, tones)| (word.chars().collect(), tones.chars().map(tone).collect())).collect()
});

fn tone(sign: char) -> Option<Tone> {
    sign.to_digit(10).and_then(Tone::from_digit)
}

/// Speaks what is neutral in the neutral tone.
pub(super) fn soften(phrase: &mut Phrase<'_>) {
    let mut at = 0;
    while at < phrase.len() {
        let listed = listed(phrase, at);
        if let Some(tones) = listed {
            for (offset, tone) in tones.iter().enumerate() {
                if let Some(tone) = tone {
                    lower(phrase[at + offset], *tone);
                }
            }
        } else {
            ending(phrase, at);
        }
        at += listed.map_or(1, Vec::len);
    }
}

/// Finds the longest listed word that begins at a place and lies within one word of the phrase.
fn listed(phrase: &Phrase<'_>, at: usize) -> Option<&'static Tones> {
    let inside = |end: &usize| *end <= phrase.len() && (at + 1..*end).all(|inner| !begins(phrase, inner));
    // 早上好 is one word of the dictionaries, and greets like 早上.
    let greets = |end: usize| {
        begins(phrase, at) && character(phrase, Some(end)) == Some('好') && begins(phrase, end + 1)
    };
    let ends = |end: &usize| begins(phrase, *end) || greets(*end);
    (at + 2..=at + LONGEST).rev().filter(inside).filter(ends).find_map(|end| {
        let word: Vec<char> = phrase[at..end].iter().map(|spoken| spoken.character).collect();
        LISTED.get(&word)
    })
}

fn ending(phrase: &mut Phrase<'_>, at: usize) {
    let before = character(phrase, at.checked_sub(1));
    let (Some(own), Some(before)) = (character(phrase, Some(at)), before) else { return };
    // A name of the lexicon may end like a common noun: 石河子 is shi2 he2 zi3.
    if phrase[at].why == Why::Lexicon {
        return;
    }
    match twice(phrase, at) {
        Some(Twice::Little) => {
            // 走走 is zou2 zou5: the first goes by what the second was.
            if phrase[at].spoken.tone() == Tone::Third {
                lower(phrase[at - 1], Tone::Second);
            }
            lower(phrase[at], Tone::Neutral);
        }
        Some(Twice::Called) => lower(phrase[at], Tone::Neutral),
        None if is_suffix(phrase, at, before) || is_particle(phrase, at, own) => {
            lower(phrase[at], Tone::Neutral);
        }
        None => {}
    }
}

fn is_suffix(phrase: &Phrase<'_>, at: usize, before: char) -> bool {
    let last = !begins(phrase, at) && begins(phrase, at + 1);
    match (phrase[at].character, phrase[at].citation.base()) {
        // 图们 is a town.
        ('们', "men") => before != '图',
        ('子', "zi") => (last || is_place(phrase, at + 1)) && !FULL_ZI.contains(before),
        _ => false,
    }
}

/// Tells whether a word ends with a place at `at`: 屋子里, 桌子上.
fn is_place(phrase: &Phrase<'_>, at: usize) -> bool {
    let place = character(phrase, Some(at)).is_some_and(|place| "里上下外边们".contains(place));
    place && begins(phrase, at + 1)
}

fn is_particle(phrase: &Phrase<'_>, at: usize, own: char) -> bool {
    let alone = begins(phrase, at) && begins(phrase, at + 1);
    alone && PARTICLES.contains(&(own, phrase[at].citation.base()))
}

/// Speaks a syllable in a weaker tone, unless the user has decided how this very word is read.
fn lower(spoken: &mut Spoken, tone: Tone) {
    if spoken.why != Why::OwnLexicon {
        turn(spoken, tone);
    }
}
