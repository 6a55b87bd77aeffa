//! Numbers behind which nothing is counted.

use crate::speech::text::normalize::found::Found;
use crate::speech::text::normalize::glyph::Class;
use crate::speech::text::normalize::tables::{After, TABLES};
use crate::speech::text::normalize::text::Cursor;

/// From so many digits on, a number that counts nothing is the number of something.
const SERIAL: usize = 7;

pub(super) fn plain(mut c: Cursor<'_>) -> Option<Found> {
    let start = c.at;
    if c.class() != Class::Digit {
        return None;
    }
    if let Some(found) = joined(c) {
        return Some(found);
    }
    let number = c.number();
    let Some(number) = number else { return Some(long(c)) };
    let context = c.text.context(start);
    let before = c.text.before(start);
    let grouped = c.at - start > number.whole.len() + number.fraction.as_ref().map_or(0, |f| f.len() + 1);
    let inches = number.whole.len() == 2 && is_height(c, start);
    let labelled = number.fraction.is_none()
        && (TABLES.just_before("each", &context) || lettered(c, before, start) || before == '-');
    // A million is no serial number.
    let round = number.whole.ends_with("0000") && !number.whole.starts_with('0');
    let serial = number.fraction.is_none() && number.whole.len() >= SERIAL && !grouped && !round;
    let model = before.is_ascii_alphabetic() && is_model(&number.whole);
    let digits = (labelled && (number.whole.len() >= 3 || model)) || serial || inches;
    let counted = TABLES.just_before("count", &context) && before != '-';
    Some(if digits && (labelled || !counted) {
        Found::to(c.at).each(&number.whole)
    } else {
        // 2部门: the noun comes without its measure word.
        let noun = matches!(TABLES.after(c.text, c.at), Some((After::Nothing, _))) && !labelled;
        Found::to(c.at).number(&number, noun)
    })
}

/// Digits behind a letter are the number of something, unless they say how far down a road.
fn lettered(after: Cursor<'_>, before: char, start: usize) -> bool {
    before.is_ascii_alphabetic() && !(before == 'K' && is_milestone(after, start - 1))
}

/// Tells whether the K at `letter` counts the kilometres of a road: K625+300 and the K628 after it, 高速K200至K230, K85处.
fn is_milestone(after: Cursor<'_>, letter: usize) -> bool {
    let context = after.text.context(letter);
    let behind = ["+", "处", "段", "附近", "公里", "-K", "~K", "—K", "至K", "到K"];
    let road = ["高速", "国道", "省道", "县道", "线", "上行", "下行", "方向", "桩号"];
    let far = road.iter().any(|word| context.ends_with(word));
    let second = context.contains('K') && context.ends_with(['-', '~', '—', '至', '到']);
    far || second || context.contains('+') || behind.iter().any(|word| after.text.has(after.at, word))
}

/// Models of two digits are read digit by digit (N95), unless that is no shorter: PM10, B12.
fn is_model(digits: &str) -> bool {
    digits.len() == 2 && !digits.starts_with('1') && !digits.ends_with('0')
}

/// `1米75`, `1m75`
fn is_height(c: Cursor<'_>, start: usize) -> bool {
    matches!(c.text.before(start), '米' | 'm') && start >= 2 && c.text.at(start - 2).is_ascii_digit()
}

/// Two numbers joined by a dash: a span, or a subtraction.
fn joined(mut c: Cursor<'_>) -> Option<Found> {
    let first = c.number().filter(|number| number.whole.len() < SERIAL)?;
    let sign = c.one_of(&['-', '—', '~'])?;
    let second = c.number().filter(|number| number.whole.len() < SERIAL)?;
    let more = matches!(c.peek(), '-' | '/' | ':' | '.') && c.text.at(c.at + 1).is_ascii_digit();
    if more {
        return None;
    }
    let mut next = c;
    next.blank();
    let word = if sign == '-' && next.peek() == '=' { "减" } else { "到" };
    Some(Found::to(c.at).number(&first, false).word(word).number(&second, false))
}

/// A run of digits that is no number any more.
fn long(c: Cursor<'_>) -> Found {
    let digits: String = (c.at..).map(|at| c.text.at(at)).take_while(char::is_ascii_digit).collect();
    Found::to(c.at + digits.len()).each(&digits)
}
