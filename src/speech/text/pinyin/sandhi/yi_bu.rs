//! 一 and 不, whose tones go by the syllable after them.

use super::reduplication::{asks, tries};
use super::{Phrase, begins, character, turn};
use crate::model::Tone;
use crate::speech::text::said::Figure;
use crate::speech::text::script::Spoken;

/// Digits that are no units of counting.
const DIGITS: &str = "〇零幺一二三四五六七八九";

/// Characters after which 一 ends a word and stands for a rank or a whole: 第一, 初一, 唯一, 之一, 统一, 万一.
const CLOSES: &str = "统唯惟万专单划逐归之";

/// What follows 一 in words that have nothing to do with a number before them: 一起, 一样, 一定.
const TOGETHER: &str = "起样定直边同致共些律般旦切";

/// What may follow 一 as a rank, not as a number: 一号, 一年级, 一等奖, 一级响应, 一季度, 一把手, 一路公交, 一楼.
const RANKS: [&str; 17] = [
    "号", "年级", "等奖", "等功", "级", "类", "季度", "把手", "期工", "路公", "路车", "楼", "单元", "审",
    "班学", "班同", "班的",
];

/// Verbs that take 不 and what comes of them: 看不见, 来不及, 受不了.
const VERBS: &str = "看听找做想买走来对受忍禁舍用说吃靠数记拿搬打关开停站坐睡起赶追认分离挡拦刹煞管顶弄搞装干跑差过上下回进出\
                     合划免少了保按压拉推扶爬醒喝扛熬等见摸够经耐避躲防治救扑灭止收交付租住养带戴系扣穿脱踩握抓控信瞒骗怪恨巴大";

/// What comes of a verb: 看不见, 说不定, 用不着.
const OUTCOMES: &str = "见到了着住清动起及来去开完上下出好懂成得掉定透准齐够过消进回多断牢稳";

/// Sets the tones of 一 and 不, from the end, because each may stand before another.
///
/// `first_of_several` says that the next phrase begins with 二, so that a 一 at the beginning of this one counts points.
pub(super) fn turn_both(phrase: &mut Phrase<'_>, first_of_several: bool) {
    for at in (0..phrase.len()).rev() {
        let spoken = &phrase[at];
        // A dictionary that calls it neutral knows the word.
        if spoken.spoken.tone() == Tone::Neutral {
            continue;
        }
        let tone = match (spoken.character, spoken.citation.base()) {
            ('一', "yi") if at == 0 && first_of_several => Tone::First,
            ('一', "yi") => yi(phrase, at),
            ('不', "bu") => bu(phrase, at),
            _ => continue,
        };
        turn(phrase[at], tone);
    }
}

fn yi(phrase: &Phrase<'_>, at: usize) -> Tone {
    let Some(next) = phrase.get(at + 1) else { return Tone::First };
    if tries(phrase, at) {
        return Tone::Neutral;
    }
    if phrase[at].figure == Figure::Digit || is_digit_or_end(phrase, at) || is_rank(phrase, at) {
        return Tone::First;
    }
    match tone_before(next) {
        Tone::Fourth => Tone::Second,
        Tone::Neutral if next.character == '个' => Tone::Second,
        Tone::Neutral => Tone::First,
        Tone::First | Tone::Second | Tone::Third => Tone::Fourth,
    }
}

/// Returns the tone that a syllable has for the one before it: what is neutral here still counts as in the dictionary.
fn tone_before(next: &Spoken) -> Tone {
    match next.character {
        '一' | '不' => next.spoken.tone(),
        _ => next.citation.tone(),
    }
}

/// Tells whether 一 is one digit of several, or the last of a number or a word that ends with it.
fn is_digit_or_end(phrase: &Phrase<'_>, at: usize) -> bool {
    let (before, after) = (character(phrase, at.checked_sub(1)), character(phrase, Some(at + 1)));
    // 周三|一起: here 一 begins another word.
    let ends = !begins(phrase, at) || begins(phrase, at + 1) || phrase[at].figure != Figure::None;
    let closes = !begins(phrase, at) && begins(phrase, at + 1) && phrase[at].figure == Figure::None;
    let ten = after == Some('十');
    match before {
        _ if after.is_some_and(|next| DIGITS.contains(next)) => true,
        Some('第' | '初') => true,
        // 二十|一个, but 三十|一起
        Some('十') => ends || !after.is_some_and(|next| TOGETHER.contains(next)),
        Some(digit) if DIGITS.contains(digit) => ends,
        // 一百一十
        Some('百' | '千' | '万' | '亿') if ten => true,
        // 三点一公里, but 三点一刻
        Some('点') if phrase[at].figure == Figure::Count => after != Some('刻'),
        Some('期' | '拜') => ends,
        Some('周') => closes && !matches!(after, Some('次' | '回' | '天')),
        Some(other) => closes && CLOSES.contains(other),
        None => false,
    }
}

/// Tells whether 一 counts a place in an order: a date, a rank, the first of several points.
fn is_rank(phrase: &Phrase<'_>, at: usize) -> bool {
    let before = character(phrase, at.checked_sub(1));
    let after = |far: usize| character(phrase, Some(at + far));
    let spells = |word: &&str| word.chars().zip(1..).all(|(letter, far)| after(far) == Some(letter));
    let month =
        || !matches!(before, Some('每' | '这' | '那' | '近')) && !matches!(after(2), Some('之' | '余'));
    match after(1) {
        Some('月') => month(),
        Some('日') => before == Some('月'),
        // 一是…，二是…
        Some('是') if at == 0 => true,
        // 一看二慢三通过
        _ if at == 0 && counts_up(phrase, at) => true,
        _ => {
            !matches!(before, Some('每' | '这' | '那' | '哪' | '某' | '另' | '同' | '任' | '有'))
                && RANKS.iter().any(spells)
        }
    }
}

/// Finds 一…二…三 within nine syllables.
fn counts_up(phrase: &Phrase<'_>, at: usize) -> bool {
    let near = phrase.iter().skip(at).take(9).map(|spoken| spoken.character);
    let mut wanted = "一二三".chars().peekable();
    for character in near {
        if wanted.peek() == Some(&character) {
            wanted.next();
        }
    }
    wanted.peek().is_none()
}

fn bu(phrase: &Phrase<'_>, at: usize) -> Tone {
    if asks(phrase, at) || has_no_outcome(phrase, at) {
        return Tone::Neutral;
    }
    match phrase.get(at + 1).map(|next| next.citation.tone()) {
        Some(Tone::Fourth) => Tone::Second,
        _ => Tone::Fourth,
    }
}

/// Finds 看不见, 来不及: a verb, 不, and an outcome with which no longer word begins (不|开车).
fn has_no_outcome(phrase: &Phrase<'_>, at: usize) -> bool {
    let before = character(phrase, at.checked_sub(1)).is_some_and(|verb| VERBS.contains(verb));
    let after = character(phrase, Some(at + 1)).is_some_and(|outcome| OUTCOMES.contains(outcome));
    before && after && begins(phrase, at + 2)
}
