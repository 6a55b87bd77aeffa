//! Parts of a whole, and proportions: `3/4`, `3:2`.

use crate::speech::text::normalize::found::Found;
use crate::speech::text::normalize::glyph::{Class, class};
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
    let whole = mixed(&mut c);
    let upper = c.digits(1, 4)?;
    if is_list(c) {
        return None;
    }
    c.one_of(&['/', '⁄'])?;
    let lower = c.digits(1, 4)?;
    let more = matches!(c.peek(), '/' | '.') && c.text.at(c.at + 1).is_ascii_digit();
    let called = TABLES.is_hotline(&upper) && TABLES.is_hotline(&lower);
    // 5/6月份 are two months.
    let parts = !more
        && !called
        && c.peek() != '月'
        && lower != "0"
        && !lower.starts_with('0')
        && !upper.starts_with('0');
    parts.then(|| {
        let found = match &whole {
            Some(whole) => Found::to(c.at).count(whole).word("又"),
            None => Found::to(c.at),
        };
        found.count(&lower).word("分之").count(&upper)
    })
}

/// Steps over the wholes of `1 1/2`, a part that is smaller than one.
fn mixed(c: &mut Cursor<'_>) -> Option<String> {
    let mut next = *c;
    let whole = next.digits(1, 3)?;
    next.one_of(&[' '])?;
    let mut part = next;
    let upper: u32 = part.digits(1, 2)?.parse().ok()?;
    part.one_of(&['/', '⁄'])?;
    let lower: u32 = part.digits(1, 2)?.parse().ok()?;
    (upper < lower).then(|| {
        *c = next;
        whole
    })
}

/// Tells whether the last digit of a number is that before the last digit of another.
fn follows(last: char, next: &str) -> bool {
    let (last, next) = (last.to_digit(10), next.chars().last().and_then(|c| c.to_digit(10)));
    last.is_some_and(|last| next == Some((last + 1) % 10))
}

/// Tells whether what follows is the second of two things that have numbers: 101/102路.
pub(super) fn is_list(mut c: Cursor<'_>) -> bool {
    let first = c.text.before(c.at);
    let second = c.one_of(&['/']).and_then(|_| c.digits(1, 4));
    // 26/27日 are two days that follow each other, 1/26日 is one.
    let days =
        c.peek() == '日' && second.as_ref().is_some_and(|second| second.len() == 2 && follows(first, second));
    days || second.is_some()
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
    let context = c.text.context(start);
    let teams = context.ends_with('队') && class(c.peek()) == Class::Han;
    let told = teams || TABLES.nearby("score", &context) || TABLES.begins("won", c.text, c.at);
    if sign == '-' && !(told && TABLES.after(c.text, c.at).is_none() && first.whole.len() < 3) {
        return None;
    }
    let mut found = Found::to(c.at).number(&first, false).word("比").number(&second, false);
    while let Some(next) = c.one_of(&[sign]).and_then(|_| c.number()) {
        found = found.word("比").number(&next, false).until(c.at);
    }
    Some(found)
}
