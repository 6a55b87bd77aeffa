//! Telephone numbers and hotlines: digit by digit, with 幺.

use crate::speech::text::normalize::found::Found;
use crate::speech::text::normalize::glyph::{Class, class};
use crate::speech::text::normalize::tables::{After, TABLES};
use crate::speech::text::normalize::text::Cursor;

/// What may part the groups of a telephone number.
const PARTS: [char; 3] = ['-', ' ', '—'];

pub(super) fn phone(c: Cursor<'_>) -> Option<Found> {
    let before = c.text.before(c.at);
    if !matches!(c.class(), Class::Digit | Class::Sign)
        || before.is_ascii_digit()
        || before.is_ascii_alphabetic()
    {
        return None;
    }
    let country = country(c);
    let start = country.map_or(c, |end| c.text.cursor(end));
    let abroad = || country.and_then(|_| from_abroad(start));
    let found = mobile(start).or_else(|| landline(start)).or_else(|| service(start)).or_else(abroad);
    if let Some((digits, end)) = found.filter(|(_, end)| c.text.at(*end) == '/' || !is_amount(c, *end)) {
        let found =
            if country.is_some() { Found::to(end).word("加").telephone("86") } else { Found::to(end) };
        return Some(extension(found.telephone(&digits), c));
    }
    hotline(c).or_else(|| by_context(c))
}

/// `+86`
fn country(mut c: Cursor<'_>) -> Option<usize> {
    let bracket = c.one_of(&['(']);
    c.word("+86").or_else(|| c.word("0086"))?;
    if bracket.is_some() {
        c.one_of(&[')'])?;
    }
    c.one_of(&PARTS);
    Some(c.at)
}

fn mobile(mut c: Cursor<'_>) -> Option<(String, usize)> {
    let digits = match c.digits(11, 11) {
        Some(digits) => digits,
        None => groups(&mut c, &[3, 4, 4])?,
    };
    let second = digits.as_bytes().get(1).copied()?;
    (digits.starts_with('1') && second >= b'3').then_some((digits, c.at))
}

fn landline(mut c: Cursor<'_>) -> Option<(String, usize)> {
    let bracket = c.one_of(&['(']);
    let whole = c.digits(10, 12).filter(|digits| digits.starts_with('0'));
    if let (Some(digits), None) = (&whole, bracket) {
        return Some((digits.clone(), c.at));
    }
    let area = c.digits(3, 4).filter(|area| area.starts_with('0'))?;
    match bracket {
        Some(_) => {
            c.one_of(&[')'])?;
            c.one_of(&PARTS);
        }
        None => drop(c.one_of(&PARTS)?),
    }
    let own = c.digits(7, 8).or_else(|| groups(&mut c, &[4, 4])).or_else(|| groups(&mut c, &[3, 4]))?;
    Some((area + &own, c.at))
}

/// From abroad the area is dialled without its nought: +86-311-12345678.
fn from_abroad(mut c: Cursor<'_>) -> Option<(String, usize)> {
    let area = c.digits(2, 3)?;
    c.one_of(&PARTS)?;
    let own = c.digits(7, 8)?;
    Some((area + &own, c.at))
}

/// 400 and 800 numbers have ten digits, parted as people like.
fn service(mut c: Cursor<'_>) -> Option<(String, usize)> {
    let mut digits = String::new();
    while digits.len() < 10 {
        if !digits.is_empty() {
            c.one_of(&PARTS)?;
        }
        digits += &c.digits(1, 10 - digits.len())?;
    }
    (digits.starts_with("400") || digits.starts_with("800")).then_some((digits, c.at))
}

/// Reads groups of digits of these lengths, parted by the same sign.
fn groups(c: &mut Cursor<'_>, lengths: &[usize]) -> Option<String> {
    let mut next = *c;
    let mut digits = String::new();
    for (place, length) in lengths.iter().enumerate() {
        if place > 0 {
            next.one_of(&PARTS)?;
        }
        digits += &next.digits(*length, *length)?;
    }
    *c = next;
    Some(digits)
}

/// Adds `-801` behind a telephone number.
fn extension(found: Found, c: Cursor<'_>) -> Found {
    let mut next = c.text.cursor(found.end);
    let extension = next.one_of(&['-']).and_then(|_| next.digits(1, 5));
    match extension {
        Some(digits) => found.word("转").telephone(&digits).until(next.at),
        None => found,
    }
}

/// Tells whether what ends at `end` is counted: 120元, 120%, 110.5.
fn is_amount(c: Cursor<'_>, end: usize) -> bool {
    let mut next = c.text.cursor(end);
    let joined = next.peek();
    if matches!(joined, '.' | ',' | ':' | '/') && c.text.at(end + 1).is_ascii_digit() {
        return !lists_another(c, end + 1);
    }
    next.blank();
    let counted = matches!(TABLES.after(c.text, next.at), Some((After::Liang | After::Er, _)));
    let scaled = matches!(
        next.peek(),
        '万' | '亿' | '千' | '百' | '多' | '余' | '几' | '%' | '‰' | '×' | '=' | '+' | '~'
    );
    let some = next.peek() == '来' && TABLES.after(c.text, next.at).is_none();
    counted || scaled || some || TABLES.unit(c.text, next.at).is_some()
}

/// A number that everybody knows, where nothing is counted.
fn hotline(mut c: Cursor<'_>) -> Option<Found> {
    let start = c;
    let digits = c.digits(3, 5)?;
    let context = c.text.context(start.at);
    let called = is_called(&context);
    let joined = |at| matches!(at, '-' | '—' | '~' | '/' | '.' | ':' | '×');
    let more = joined(c.peek()) && class(c.text.at(c.at + 1)) == Class::Digit;
    let listed = c.peek() == '/' && lists_another(c, c.at + 1) || c.text.before(start.at) == '/';
    let apart = listed || (!joined(c.text.before(start.at)) && !more);
    let counted = TABLES.just_before("count", &context) || TABLES.just_before("each", &context);
    let each = matches!(TABLES.after(c.text, c.at), Some((After::Each(_), _)));
    let known = TABLES.is_hotline(&digits) && !is_amount(start, c.at) && !each;
    let found = Found::to(c.at).telephone(&digits);
    (known && (called || (apart && !counted))).then(|| if called { choice(found, c) } else { found })
}

/// Adds `-1`, which a caller chooses in the menu of a hotline.
fn choice(found: Found, mut c: Cursor<'_>) -> Found {
    let digits = c.one_of(&['-', '—']).and_then(|_| c.digits(1, 2)).filter(|_| !is_amount(c, c.at));
    match digits {
        Some(digits) => found.word("杠").telephone(&digits).until(c.at),
        None => found,
    }
}

/// Tells whether words before a number make it one to dial.
fn is_called(context: &str) -> bool {
    TABLES.nearby("phone", context) || TABLES.just_before("extension", context)
}

/// Digits after 电话, 拨打 and the like, whatever their shape.
fn by_context(mut c: Cursor<'_>) -> Option<Found> {
    let start = c;
    let mut digits = c.digits(3, 20)?;
    while digits.len() < 20 {
        let mut next = c;
        let Some(more) = next.one_of(&['-', ' ']).and_then(|_| next.digits(2, 8)) else { break };
        digits += &more;
        c = next;
    }
    let counts = is_amount(start, c.at) || matches!(c.peek(), '年');
    let context = c.text.context(start.at);
    (!counts && !TABLES.just_before("count", &context) && is_called(&context))
        .then(|| Found::to(c.at).telephone(&digits))
}

/// Tells whether another hotline stands at `at`: 110/120.
fn lists_another(c: Cursor<'_>, at: usize) -> bool {
    c.text.cursor(at).digits(3, 5).is_some_and(|digits| TABLES.is_hotline(&digits))
}
