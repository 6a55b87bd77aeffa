//! Times of day: `7:00`, `19:05:30`, `07时05分`.

use super::date::{bare, in_range};
use crate::speech::text::normalize::found::Found;
use crate::speech::text::normalize::glyph::Class;
use crate::speech::text::normalize::tables::TABLES;
use crate::speech::text::normalize::text::Cursor;
use crate::speech::text::said::Pause;

pub(super) fn time(c: Cursor<'_>) -> Option<Found> {
    let before = c.text.before(c.at);
    if c.class() != Class::Digit || before.is_ascii_digit() || before.is_ascii_alphabetic() || before == '.' {
        return None;
    }
    clock(c).or_else(|| padded(c))
}

/// `7:00`, `7:05`, `19:05:30`, `8:00 am`
fn clock(mut c: Cursor<'_>) -> Option<Found> {
    let start = c.at;
    let hour = c.digits(1, 2).filter(|hour| in_range(hour, 0, 24))?;
    c.one_of(&[':'])?;
    let minute = c.digits(2, 2).filter(|minute| in_range(minute, 0, 59))?;
    let second = seconds(&mut c).ok()?;
    if TABLES.nearby("score", &c.text.context(start)) && second.is_none() && !minute.starts_with('0') {
        return None;
    }
    let half = half_of_day(&mut c).map_or("", |morning| part_of_day(morning, bare(&hour)));
    let found = Found::to(c.at).word(half).amount(bare(&hour)).word("点");
    let found = match (minute.as_str(), &second) {
        ("00", None) => found,
        _ => sixtieth(found, &minute).word("分"),
    };
    let found = match second {
        Some(second) => sixtieth(found, &second).word("秒"),
        None => found,
    };
    Some(if leads_to_another(c) { found.pause(Pause::Comma) } else { found })
}

/// Tells whether only a blank parts one time from the next: `8:30-11:30 14:00-17:30`.
fn leads_to_another(mut c: Cursor<'_>) -> bool {
    c.one_of(&[' ']).and_then(|_| c.digits(1, 2)).and_then(|_| c.one_of(&[':'])).is_some()
}

/// Says that numbers between colons are no time of day.
struct NoTime;

/// Reads `:30` if it is there; fails if what follows makes no time at all.
fn seconds(c: &mut Cursor<'_>) -> Result<Option<String>, NoTime> {
    let mut next = *c;
    if next.one_of(&[':']).is_none() || next.class() != Class::Digit {
        return Ok(None);
    }
    let second = next.digits(2, 2).filter(|second| in_range(second, 0, 59)).ok_or(NoTime)?;
    *c = next;
    Ok(Some(second))
}

/// Reads `am` and `pm`; tells whether it is the morning.
fn half_of_day(c: &mut Cursor<'_>) -> Option<bool> {
    for (written, morning) in
        [("am", true), ("AM", true), ("a.m.", true), ("pm", false), ("PM", false), ("p.m.", false)]
    {
        let mut next = *c;
        next.blank();
        if next.word(written).is_some() && next.class() != Class::Latin {
            *c = next;
            return Some(morning);
        }
    }
    None
}

/// Names the part of the day that people speak of at an hour of twelve.
fn part_of_day(morning: bool, hour: &str) -> &'static str {
    let hour = hour.parse().unwrap_or(0) % 12;
    match (morning, hour) {
        (true, 0..5) => "凌晨",
        (true, _) => "上午",
        (false, 0) => "中午",
        (false, 1..6) => "下午",
        (false, _) => "晚上",
    }
}

/// Minutes and seconds under ten have a nought in front: 零五分.
fn sixtieth(found: Found, digits: &str) -> Found {
    match digits.strip_prefix('0') {
        Some(rest) if rest != "0" && !rest.is_empty() => found.word("零").count(rest),
        _ => found.count(bare(digits)),
    }
}

/// `07时`, `01月`, `05日`, and `05分` behind an hour.
fn padded(mut c: Cursor<'_>) -> Option<Found> {
    let digits = c.digits(2, 2).filter(|digits| digits.starts_with('0'))?;
    match c.peek() {
        '月' | '日' | '号' => Some(Found::to(c.at).count(bare(&digits))),
        '时' | '点' => Some(Found::to(c.at).amount(bare(&digits))),
        '分' | '秒' => Some(sixtieth(Found::to(c.at), &digits)),
        _ => None,
    }
}
