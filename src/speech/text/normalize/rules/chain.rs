//! Numbers in a row, joined by points or dashes: versions, addresses of a network, house numbers.

use crate::speech::text::normalize::found::Found;
use crate::speech::text::normalize::glyph::Class;
use crate::speech::text::normalize::text::Cursor;

/// Most numbers of a row; the rest is read as if it began anew.
const MOST: usize = 8;

pub(super) fn chain(c: Cursor<'_>) -> Option<Found> {
    if c.class() != Class::Digit || c.text.before(c.at).is_ascii_digit() {
        return None;
    }
    row(c, '.', "点").or_else(|| row(c, '-', "杠"))
}

/// Three numbers or more.
fn row(mut c: Cursor<'_>, sign: char, said: &str) -> Option<Found> {
    let mut numbers = vec![c.digits(1, 5)?];
    while numbers.len() < MOST {
        let mut next = c;
        let Some(number) = next.one_of(&[sign]).and_then(|_| next.digits(1, 5)) else { break };
        numbers.push(number);
        c = next;
    }
    if numbers.len() < 3 {
        return None;
    }
    let mut found = Found::to(c.at);
    for (place, number) in numbers.iter().enumerate() {
        if place > 0 {
            found = found.word(said);
        }
        found = if number.len() < 3 { found.count(number) } else { found.each(number) };
    }
    Some(found)
}
