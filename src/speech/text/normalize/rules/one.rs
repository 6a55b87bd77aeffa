//! Signs that are one character and a whole number: ① Ⅲ ½.

use crate::speech::text::normalize::found::Found;
use crate::speech::text::normalize::glyph::Class;
use crate::speech::text::normalize::tables::TABLES;
use crate::speech::text::normalize::text::Cursor;
use crate::speech::text::said::Pause;

/// Parts of a whole that have a sign of their own: sign, upper, lower.
const PARTS: [(char, &str, &str); 7] = [
    ('½', "1", "2"),
    ('⅓', "1", "3"),
    ('⅔', "2", "3"),
    ('¼', "1", "4"),
    ('¾', "3", "4"),
    ('⅕', "1", "5"),
    ('⅛', "1", "8"),
];

/// Where numbers of a list stand in Unicode: the first sign, how many, and the number of the first.
const RINGED: [(char, u32, u32); 9] = [
    ('①', 20, 1),
    ('⑴', 20, 1),
    ('⒈', 20, 1),
    ('❶', 10, 1),
    ('➀', 10, 1),
    ('➊', 10, 1),
    ('㈠', 10, 1),
    ('㊀', 10, 1),
    ('㉑', 15, 21),
];

/// Roman numbers.
const ROMAN: [(char, u32, u32); 2] = [('Ⅰ', 12, 1), ('ⅰ', 12, 1)];

pub(super) fn one(c: Cursor<'_>) -> Option<Found> {
    let sign = c.peek();
    let found = Found::to(c.at + 1);
    if let Some((_, upper, lower)) = PARTS.into_iter().find(|(part, ..)| *part == sign) {
        return Some(found.count(lower).word("分之").count(upper));
    }
    if let Some(number) = value(&ROMAN, sign) {
        return Some(found.count(&number.to_string()));
    }
    if let Some(number) = value(&RINGED, sign) {
        let mut next = c.text.cursor(found.end);
        next.one_of(&['、', '.', ',', '，']);
        next.blank();
        let before = c.text.before(c.at);
        let second = matches!(before, '~' | '-' | '—') && ringed(c.text.before(c.at - 1));
        let names = second
            || c.text.at(found.end) == '号'
            || next.class() == Class::Sign
            || c.text.before(c.at) == '第';
        let number = number.to_string();
        let item = |found: Found| found.pause(Pause::Comma).count(&number).pause(Pause::Comma);
        return Some(if names { found.count(&number) } else { item(found) }.until(next.at));
    }
    let (unit, length) = TABLES.unit(c.text, c.at).filter(|_| c.class() == Class::Sign && sign != '°')?;
    Some(Found::to(c.at + length).word(unit.said))
}

/// Tells whether a sign is the number of an item: ③
pub(super) fn ringed(sign: char) -> bool {
    value(&RINGED, sign).is_some()
}

fn value(ranges: &[(char, u32, u32)], sign: char) -> Option<u32> {
    ranges.iter().find_map(|(first, many, number)| {
        let place = u32::from(sign).checked_sub(u32::from(*first))?;
        (place < *many).then_some(place + number)
    })
}
