//! Parts of a whole, and proportions: `3/4`, `3:2`.

use crate::speech::text::normalize::found::Found;
use crate::speech::text::normalize::glyph::Class;
use crate::speech::text::normalize::tables::{After, TABLES};
use crate::speech::text::normalize::text::Cursor;

/// `3/4`
pub(super) fn fraction(mut c: Cursor<'_>) -> Option<Found> {
    let before = c.text.before(c.at);
    if before.is_ascii_alphanumeric() || matches!(before, '/' | '.') {
        return None;
    }
    // 120/80 is a pressure high and low, 第2/3页 are two pages.
    if before == '第' || c.text.context(c.at).contains("血压") {
        return None;
    }
    let upper = c.digits(1, 4)?;
    if is_list(c) {
        return None;
    }
    c.one_of(&['/', '⁄'])?;
    let lower = c.digits(1, 4)?;
    let more = matches!(c.peek(), '/' | '.') && c.text.at(c.at + 1).is_ascii_digit();
    let called = TABLES.is_hotline(&upper) && TABLES.is_hotline(&lower);
    // 5/6月份 are two months.
    let whole = !more
        && !called
        && c.peek() != '月'
        && lower != "0"
        && !lower.starts_with('0')
        && !upper.starts_with('0');
    whole.then(|| Found::to(c.at).count(&lower).word("分之").count(&upper))
}

/// Tells whether what follows is the second of two things that have numbers: 101/102路.
pub(super) fn is_list(mut c: Cursor<'_>) -> bool {
    let second = c.one_of(&['/']).and_then(|_| c.digits(1, 4));
    second.is_some()
        && TABLES.begins("label", c.text, c.at)
        && !matches!(TABLES.after(c.text, c.at), Some((After::Nothing, _)))
}

/// `3:2`, `1:500`, and `78:96` where there is talk of a match
pub(super) fn score(mut c: Cursor<'_>) -> Option<Found> {
    if c.text.before(c.at).is_ascii_alphanumeric() || c.class() != Class::Digit {
        return None;
    }
    let start = c.at;
    let first = c.number()?;
    let sign = c.one_of(&[':', '∶', '-'])?;
    let second = c.number()?;
    let told = TABLES.nearby("score", &c.text.context(start)) || TABLES.begins("won", c.text, c.at);
    if sign == '-' && !(told && TABLES.after(c.text, c.at).is_none() && first.whole.len() < 3) {
        return None;
    }
    let mut found = Found::to(c.at).number(&first, false).word("比").number(&second, false);
    while let Some(next) = c.one_of(&[sign]).and_then(|_| c.number()) {
        found = found.word("比").number(&next, false).until(c.at);
    }
    Some(found)
}
