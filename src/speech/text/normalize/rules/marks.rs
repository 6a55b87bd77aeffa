//! Punctuation, and signs between things.

use super::latin::number_of;
use super::per::{each_hundred, is_measure};
use crate::speech::text::normalize::found::{Found, Part};
use crate::speech::text::normalize::glyph::{Class, END, GAP, class, is_han};
use crate::speech::text::normalize::tables::{After, TABLES};
use crate::speech::text::normalize::text::Cursor;
use crate::speech::text::said::Pause;

/// Signs that are said.
pub(super) fn sign(mut c: Cursor<'_>) -> Option<Found> {
    let sign = c.peek();
    let start = c.at;
    let left = c.text.before(c.text.back_over_blanks(start));
    if class(sign) != Class::Sign {
        return None;
    }
    c.at += 1;
    let right = c.text.at(if c.peek() == ' ' { c.at + 1 } else { c.at });
    let (number_left, number_right) = (class(left) == Class::Digit, class(right) == Class::Digit);
    match sign {
        '/' => Some(slash(c, start)),
        '№' if number_right => number_of(c),
        '#' => hash(c, left, number_right),
        '*' => star(c, left, right),
        '<' | '>' if !number_left && !number_right => Some(Found::to(c.at)),
        '′' if number_left => Some(Found::to(c.at).word("分")),
        '\'' if number_left && number_right => Some(Found::to(c.at).word("分")),
        '″' if number_left => Some(Found::to(c.at).word("秒")),
        '"' if number_left && ends_minutes(c, start) => Some(Found::to(c.at).word("秒")),
        '±' if number_right => Some(Found::to(c.at).word("正负")),
        '+' if (class(left) == Class::Sign && left != '%') || is_warm(c, left) => {
            Some(Found::to(c.at).word("正"))
        }
        _ => {
            let said = TABLES.sign(sign)?;
            Some(Found::to(c.at).word(said))
        }
    }
}

/// Tells whether a plus in front of `c` belongs to a temperature: 气温+5℃.
fn is_warm(mut c: Cursor<'_>, left: char) -> bool {
    let unit = |c: Cursor<'_>| TABLES.unit(c.text, c.at);
    is_han(left) && c.number().and_then(|_| unit(c)).is_some_and(|(unit, _)| unit.said.ends_with("氏度"))
}

/// Tells whether the digits before `at` are the seconds of 5'20".
fn ends_minutes(c: Cursor<'_>, at: usize) -> bool {
    let digits = (1..=2).take_while(|back| c.text.before(at + 1 - back).is_ascii_digit()).count();
    at.checked_sub(digits).is_some_and(|start| matches!(c.text.before(start), '\'' | '’' | '′'))
}

/// Tells whether a word or sign that counts ends before `at`.
fn ends_in_unit(c: Cursor<'_>, at: usize) -> bool {
    (1..=3).any(|length| {
        let Some(start) = at.checked_sub(length) else { return false };
        let whole = |found: Option<(After, usize)>| {
            found.is_some_and(|(after, found)| after == After::Liang && found == length)
        };
        let unit = TABLES.unit(c.text, start).is_some_and(|(_, found)| found == length);
        unit || whole(TABLES.after(c.text, start))
    })
}

/// `元/斤` is 每, `和/或` a list.
fn slash(mut c: Cursor<'_>, start: usize) -> Found {
    // 3000转/分: turns are counted for each minute only.
    let turns = c.text.before(start) == '转' && c.peek() == '分';
    let unit_before = turns || ends_in_unit(c, start);
    let hour = c.peek() == '时' && class(c.text.at(c.at + 1)) != Class::Han;
    if unit_before && hour {
        return Found::to(c.at + 1).word("每小时");
    }
    if unit_before && is_measure(c) {
        c.blank();
        let found = Found::to(c.at).word("每");
        let found = match c.number() {
            Some(number) => each_hundred(found, &number).until(c.at),
            None => found,
        };
        // The h of km/h is no letter.
        return match TABLES.unit(c.text, c.at) {
            Some((unit, length)) => found.word(unit.said).until(c.at + length),
            None => found,
        };
    }
    Found::to(c.at).pause(Pause::List)
}

/// `3#楼` is 三号楼, `#键` the key of a telephone.
fn hash(c: Cursor<'_>, left: char, number_right: bool) -> Option<Found> {
    if class(left) == Class::Digit || class(left) == Class::Latin {
        return Some(Found::to(c.at).word("号"));
    }
    let key = c.peek() == '键' || c.text.context(c.at - 1).ends_with('按');
    (key || number_right).then(|| Found::to(c.at).word(if key { "井号" } else { "" }))
}

fn star(c: Cursor<'_>, left: char, right: char) -> Option<Found> {
    let key = c.peek() == '键' || c.text.context(c.at - 1).ends_with('按');
    match (class(left), class(right)) {
        _ if key => Some(Found::to(c.at).word("星号")),
        (Class::Digit, Class::Digit) if c.peek() != '*' => Some(Found::to(c.at).word("乘")),
        // 3m*4m
        (_, Class::Digit) if ends_in_unit(c, c.at - 1) => Some(Found::to(c.at).word("乘")),
        _ if left == '*' || right == '*' || class(left) == Class::Digit => Some(Found::to(c.at).word("星")),
        _ => None,
    }
}

/// Marks that ask for a silence, marks that ask for nothing, and what nobody can say.
pub(super) fn mark(c: Cursor<'_>) -> Found {
    let end = Found::to(c.at + 1);
    let sign = c.peek();
    match sign {
        // At the end of a line there is nothing more to be parted from.
        ')' | ']' | '】' | '〕' | '〗' if c.text.at(c.at + 1) == END => end,
        '、' => end.pause(Pause::List),
        '；' | ';' => end.pause(Pause::Clause),
        ':' | '：' | '︰' => end.pause(Pause::Colon),
        '。' | '｡' | '\n' => end.pause(Pause::Full),
        '！' | '!' => end.pause(Pause::Exclamation),
        '？' | '?' => end.pause(Pause::Question),
        '.' => full_stop(c),
        '…' | '⋯' => ellipsis(c),
        '，' | ',' | '﹐' | '(' | '[' | '【' | '〔' | '〖' | ')' | ']' | '】' | '〕' | '〗' => {
            end.pause(Pause::Comma)
        }
        ' ' => blank(c),
        '\'' | '"' | '“' | '”' | '‘' | '’' | '「' | '」' | '『' | '』' | '《' | '》' | '〈' | '〉' | '«'
        | '»' | '„' | '`' | '′' | '″' | '·' | '´' | GAP => end,
        _ => {
            let mut end = end;
            end.parts.push(Part::Unsaid(c.at, c.at + 1));
            end
        }
    }
}

/// A stop ends a sentence; several are an ellipsis; between a letter and a digit it is one of a name: XBB.1.
fn full_stop(mut c: Cursor<'_>) -> Found {
    let left = c.text.before(c.at);
    c.at += 1;
    if left.is_ascii_uppercase() && c.class() == Class::Digit {
        return Found::to(c.at).word("点");
    }
    if c.peek() == '.' {
        return ellipsis(c);
    }
    Found::to(c.at).pause(Pause::Full)
}

/// An ellipsis at the end of a line is a full stop, inside a sentence a breath.
fn ellipsis(mut c: Cursor<'_>) -> Found {
    while c.one_of(&['.', '…', '⋯']).is_some() {}
    let pause = if c.peek() == '\n' { Pause::Full } else { Pause::Comma };
    Found::to(c.at).pause(pause)
}

/// Phrases of a banner are parted by blanks only; words of fewer than four characters are laid out, not parted.
fn blank(c: Cursor<'_>) -> Found {
    let phrase = |mut places: std::ops::Range<usize>| places.all(|at| is_han(c.text.at(at)));
    let parts = c.at >= 4 && phrase(c.at - 4..c.at) && phrase(c.at + 1..c.at + 5);
    let found = Found::to(c.at + 1);
    if parts { found.pause(Pause::Comma) } else { found }
}
