//! Money with its sign in front: `¥200`, `$3.5万`.

use super::date::TO;
use crate::speech::text::normalize::found::Found;
use crate::speech::text::normalize::text::{Cursor, Number};

const CURRENCIES: [(char, &str); 5] =
    [('¥', "元"), ('￥', "元"), ('$', "美元"), ('€', "欧元"), ('£', "英镑")];

pub(super) fn money(mut c: Cursor<'_>) -> Option<Found> {
    let country = country(&mut c);
    let signs = CURRENCIES.map(|(sign, _)| sign);
    let sign = c.one_of(&signs)?;
    let (_, name) = CURRENCIES.into_iter().find(|(known, _)| *known == sign)?;
    let name = country.unwrap_or(name);
    c.blank();
    let number = price(c.number()?);
    let scaled = |c: Cursor<'_>| matches!(c.peek(), '万' | '亿' | '千' | '百');
    let mut found = Found::to(c.at);
    found = found.number(&number, scaled(c) || name.ends_with('元'));
    let mut next = c;
    if next.one_of(&TO).is_some() {
        next.one_of(&signs);
        if let Some(second) = next.number() {
            found = found.word("到").number(&price(second), true);
            c = next;
        }
    }
    while scaled(c) {
        found = found.written(c.at..c.at + 1);
        c.at += 1;
    }
    let said_already = matches!(c.peek(), '元' | '块') || c.text.has(c.at, name);
    Some(if said_already { found } else { found.word(name) }.until(c.at))
}

/// Reads the letters that say whose dollars they are: `US$`, `HK$`.
fn country(c: &mut Cursor<'_>) -> Option<&'static str> {
    if c.text.before(c.at).is_ascii_alphanumeric() {
        return None;
    }
    let (letters, name) = [("US$", "美元"), ("HK$", "港元"), ("AU$", "澳元")]
        .into_iter()
        .find(|(word, _)| c.text.has(c.at, word))?;
    c.at += letters.len() - 1;
    Some(name)
}

/// Leaves out noughts that only a price list has: 12.50, 12.00.
pub(super) fn price(number: Number) -> Number {
    let fraction = number.fraction.map(|fraction| fraction.trim_end_matches('0').to_owned());
    Number { fraction: fraction.filter(|fraction| !fraction.is_empty()), ..number }
}
