//! What an amount is for each of: 每小时, 每百毫升.

use crate::speech::text::normalize::found::Found;
use crate::speech::text::normalize::tables::{After, TABLES};
use crate::speech::text::normalize::text::{Cursor, Number};

/// What an amount is for each of: `/h`, `/100ml`.
#[derive(Debug)]
pub(super) struct Per {
    number: Option<Number>,
    said: &'static str,
    /// Where it ends.
    pub(super) end: usize,
}

/// Reads `/h`, `/100ml`.
pub(super) fn per(mut c: Cursor<'_>) -> Option<Per> {
    c.one_of(&['/'])?;
    c.blank();
    let number = c.number();
    c.blank();
    let (unit, length) = TABLES.unit(c.text, c.at)?;
    // 元/kg/d: a second one is read by itself.
    Some(Per { number, said: unit.said, end: c.at + length })
}

impl Per {
    /// Says it in front of the amount: 每小时.
    pub(super) fn say(&self, found: Found) -> Found {
        let found = found.word("每");
        let found = match &self.number {
            Some(number) => each_hundred(found, number),
            None => found,
        };
        found.word(self.said)
    }
}

/// 每百毫升, not 每一百毫升.
pub(super) fn each_hundred(found: Found, number: &Number) -> Found {
    match number.whole.as_str() {
        "1" if number.fraction.is_none() => found,
        "100" => found.word("百"),
        "1000" => found.word("千"),
        "10000" => found.word("万"),
        _ => found.number(number, true),
    }
}

/// Tells whether digits in front of `at` make the word there a unit: used by signs between units.
pub(super) fn is_measure(c: Cursor<'_>) -> bool {
    let mut next = c;
    next.blank();
    drop(next.number());
    TABLES.unit(next.text, next.at).is_some()
        || matches!(TABLES.after(next.text, next.at), Some((After::Liang | After::Er, _)))
}
