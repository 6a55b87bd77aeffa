//! Numbers with what they count: amounts, spans, parts of a whole.

use super::date::TO;
use super::money::price;
use super::per::per;
use super::ratio::is_list;
use crate::speech::text::normalize::found::Found;
use crate::speech::text::normalize::glyph::{Class, is_han};
use crate::speech::text::normalize::tables::{After, TABLES, Unit};
use crate::speech::text::normalize::text::{Cursor, Number};
use crate::speech::text::said::Pause;

/// What stands behind a number, as far as it decides how the number is said.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Percent(&'static str),
    Unit(Unit, usize),
    /// A Han word: whether 2 is 两 before it.
    Counted(bool),
    Money,
    Each(usize),
    Degree,
}

/// `5`, `2-3天`, `-5℃`, `60km/h`, `5-10%`
pub(super) fn quantity(mut c: Cursor<'_>) -> Option<Found> {
    let start = c.at;
    if c.text.before(start).is_ascii_digit() {
        return None;
    }
    let lettered = c.text.before(start).is_ascii_alphabetic();
    let negative = minus(&mut c);
    if c.class() != Class::Digit {
        return None;
    }
    let first = c.number()?;
    let second = second(c);
    let end = second.as_ref().map_or(c.at, |second| second.end);
    // The letters of H7N9 are no units.
    let kind = kind(c.text.cursor(end)).filter(|kind| !(lettered && matches!(kind, Kind::Unit(_, 1))));
    let amount = Amount { start, negative, first, first_end: c.at, second, end };
    amount.say(c, kind?)
}

/// A span's second number.
#[derive(Debug)]
struct Second {
    sign: char,
    negative: bool,
    number: Number,
    end: usize,
}

struct Amount {
    start: usize,
    negative: bool,
    first: Number,
    first_end: usize,
    second: Option<Second>,
    end: usize,
}

impl Amount {
    fn say(mut self, c: Cursor<'_>, kind: Kind) -> Option<Found> {
        let below = self.negative || self.second.as_ref().is_some_and(|second| second.negative);
        let (liang, words) = match kind {
            Kind::Unit(unit, length) if is_degree(unit, below) => (false, length),
            Kind::Percent(_) | Kind::Degree => (false, 0),
            Kind::Unit(unit, length) => (unit.liang, length),
            Kind::Counted(liang) => (liang && c.text.before(self.start) != '第', 0),
            Kind::Money => (true, 0),
            Kind::Each(from) => return self.each(c, from),
        };
        if let Kind::Money = kind {
            self.first = price(self.first);
        }
        let per = match kind {
            Kind::Unit(..) => per(c.text.cursor(skip_blank(c, self.end) + words)),
            _ => None,
        };
        let found = Found::to(self.end);
        let found = match (&per, kind) {
            (Some(per), _) if !c.text.context(self.start).ends_with("时速") => per.say(found),
            (_, Kind::Percent(of)) => self.sign(found, false).word(of),
            _ => found,
        };
        let cold =
            matches!(kind, Kind::Degree) || matches!(kind, Kind::Unit(unit, _) if is_degree(unit, below));
        let found = if let Kind::Percent(_) = kind { found } else { self.sign(found, cold) };
        let found = self.numbers(found, liang, kind, cold);
        Some(match kind {
            Kind::Unit(unit, length) => {
                let end = per.map_or(skip_blank(c, self.end) + length, |per| per.end);
                found.word(unit.said).until(end)
            }
            Kind::Percent(_) => found.until(skip_blank(c, self.end) + 1),
            _ => found,
        })
    }

    fn sign(&self, found: Found, cold: bool) -> Found {
        match (self.negative, cold) {
            (true, true) => found.word("零下"),
            (true, false) => found.word("负"),
            (false, _) => found,
        }
    }

    fn numbers(&self, found: Found, liang: bool, kind: Kind, cold: bool) -> Found {
        let say = |found: Found, number: &Number| match kind {
            // All of it is 百分之百.
            Kind::Percent("百分之") if number.whole == "100" && number.fraction.is_none() => {
                found.word("百")
            }
            _ => found.number(number, liang),
        };
        let found = say(found, &self.first);
        let Some(second) = &self.second else { return found };
        // 5、6个: the mark is said as it is written.
        let found = if second.sign == '、' {
            found.pause(Pause::List)
        } else {
            found.word(self.to(matches!(kind, Kind::Counted(false))))
        };
        let found = match (kind, second.negative) {
            (Kind::Percent(of), _) => found.word(of),
            (_, true) if cold => found.word("零下"),
            // Out of the frost: 零下三到零上五.
            (_, false) if cold && self.negative => found.word("零上"),
            (_, true) => found.word("负"),
            _ => found,
        };
        say(found, &second.number)
    }

    /// A span rises; house 56-1 does not.
    fn to(&self, house: bool) -> &'static str {
        let value = |number: &Number| number.whole.parse().unwrap_or(u64::MAX);
        let falls = self.second.as_ref().is_some_and(|second| value(&second.number) < value(&self.first));
        if house && falls { "杠" } else { "到" }
    }

    /// Rooms, roads and bus lines: long numbers digit by digit.
    fn each(self, c: Cursor<'_>, from: usize) -> Option<Found> {
        let say = |found: Found, digits: &str| {
            if digits.len() >= from { found.each(digits) } else { found.count(digits) }
        };
        // 2室1厅 counts rooms.
        if self.first.whole == "2" && c.text.at(self.end) == '室' && c.text.at(self.end + 1).is_ascii_digit()
        {
            return Some(Found::to(self.first_end).amount("2"));
        }
        let diesel = self.negative && is_diesel(c.text.cursor(self.start + 1));
        if self.first.fraction.is_some() || (self.negative && !diesel) || c.text.before(self.start) == '第' {
            return None;
        }
        let found = say(self.sign(Found::to(self.first_end), false), &self.first.whole);
        Some(match &self.second {
            Some(second) if second.sign != '、' => {
                say(found.word(self.to(true)), &second.number.whole).until(second.end)
            }
            _ => found,
        })
    }
}

/// Tells whether a unit is one of temperature: below zero the bare ° is one, too.
fn is_degree(unit: Unit, below: bool) -> bool {
    unit.said.ends_with("氏度") || (below && unit.said == "度")
}

fn skip_blank(c: Cursor<'_>, at: usize) -> usize {
    let mut next = c.text.cursor(at);
    next.blank();
    next.at
}

/// Reads a minus sign: behind a word only where the words or the unit speak of degrees or of less than nothing.
fn minus(c: &mut Cursor<'_>) -> bool {
    let mut next = *c;
    if next.one_of(&['-', '—']).is_none() || next.class() != Class::Digit {
        return false;
    }
    let place = c.text.back_over_blanks(c.at);
    let before = c.text.before(place);
    let free = matches!(
        before,
        '\n' | '('
            | '（'
            | '='
            | '<'
            | '>'
            | '≤'
            | '≥'
            | ':'
            | '：'
            | '，'
            | ','
            | '、'
            | '~'
            | '/'
            | '到'
            | '至'
    );
    let told = || TABLES.just_before("minus", &c.text.context(c.at));
    let cold = || is_cold(next);
    let word = is_han(before);
    let below = || is_below(next, before) || is_diesel(next);
    if free || (word && (told() || cold() || below())) {
        *c = next;
        return true;
    }
    false
}

/// Tells whether the number at `c` counts a floor below the ground: 停在-1层, but A座-2层.
fn is_below(mut c: Cursor<'_>, before: char) -> bool {
    let floor = c.digits(1, 1).is_some() && matches!(c.peek(), '层' | '楼');
    floor && !"楼座栋幢元号区院".contains(before)
}

/// Tells whether the number at `c` is a grade of diesel, named by the cold that it stands: -10号柴油.
fn is_diesel(mut c: Cursor<'_>) -> bool {
    c.digits(1, 2).is_some()
        && ["号柴油", "号车用柴油", "#柴油", "号油"].iter().any(|word| c.text.has(c.at, word))
}

/// Tells whether the number or span at `c` has degrees behind it.
fn is_cold(mut c: Cursor<'_>) -> bool {
    let degrees = |kind| match kind {
        Kind::Degree => true,
        Kind::Unit(unit, _) => unit.said.ends_with("氏度"),
        _ => false,
    };
    let Some(_) = c.number() else { return false };
    let end = second(c).map_or(c.at, |second| second.end);
    kind(c.text.cursor(end)).is_some_and(degrees) || kind(c).is_some_and(degrees)
}

/// Reads `-10`, `~ 10`, `—-10`, and `、4` of `3、4`.
fn second(c: Cursor<'_>) -> Option<Second> {
    let mut next = c;
    next.blank();
    let list = is_list(next).then_some('、').filter(|_| next.one_of(&['/']).is_some());
    let sign = list.or_else(|| next.one_of(&TO)).or_else(|| next.one_of(&['、']))?;
    next.one_of(&['—', '~']);
    next.blank();
    let negative = sign != '、' && next.one_of(&['-']).is_some();
    let number = next.number()?;
    let more = TO.contains(&next.peek()) && next.text.at(next.at + 1).is_ascii_digit();
    (!more).then_some(Second { sign, negative, number, end: next.at })
}

/// Says what stands at `c`, right behind a number; a number that leads to another (2至3天) counts what that one does.
fn kind(mut c: Cursor<'_>) -> Option<Kind> {
    if let Some(kind) = near(c) {
        return Some(kind);
    }
    c.one_of(&['到', '至', '或'])?;
    let negative = c.one_of(&['-']).is_some();
    c.number()?;
    match near(c)? {
        Kind::Unit(unit, _) if negative && unit.said.ends_with("氏度") => Some(Kind::Degree),
        Kind::Degree if negative => Some(Kind::Degree),
        Kind::Counted(liang) => Some(Kind::Counted(liang)),
        Kind::Unit(unit, _) => Some(Kind::Counted(unit.liang)),
        Kind::Money => Some(Kind::Counted(true)),
        Kind::Percent(_) | Kind::Each(_) | Kind::Degree => None,
    }
}

fn near(c: Cursor<'_>) -> Option<Kind> {
    let at = skip_blank(c, c.at);
    match c.text.at(at) {
        '%' => return Some(Kind::Percent("百分之")),
        '‰' => return Some(Kind::Percent("千分之")),
        '‱' => return Some(Kind::Percent("万分之")),
        '来' if TABLES.after(c.text, at).is_some() => return None,
        '万' | '亿' | '千' | '多' | '余' | '几' | '来' => return Some(Kind::Counted(true)),
        '百' => return Some(Kind::Counted(false)),
        '元' | '块' => return Some(Kind::Money),
        '度' if !c.text.has(at, "度电") => {
            return Some(if is_temperature(c) { Kind::Degree } else { Kind::Counted(true) });
        }
        '摄' | '华' if c.text.at(at + 1) == '氏' => return Some(Kind::Degree),
        _ => {}
    }
    if let Some((unit, length)) = TABLES.unit(c.text, at) {
        return Some(Kind::Unit(unit, length));
    }
    match TABLES.after(c.text, at)?.0 {
        After::Liang if is_train(c, at) => Some(Kind::Each(3)),
        After::Liang => Some(Kind::Counted(true)),
        After::Er => Some(Kind::Counted(false)),
        After::Each(from) => Some(Kind::Each(from)),
        After::Nothing => None,
    }
}

/// Tells whether 次 at `at` stands behind the number of a train: 乘坐1461次.
fn is_train(c: Cursor<'_>, at: usize) -> bool {
    let context = c.text.context(c.at);
    c.text.at(at) == '次'
        && TABLES.just_before("train", context.trim_end_matches(|c: char| c.is_ascii_digit()))
}

/// Below zero a 度 is one of temperature.
fn is_temperature(c: Cursor<'_>) -> bool {
    let context = c.text.context(c.at);
    ["零下", "气温", "低温", "高温", "℃", "体温", "水温", "-"].iter().any(|word| context.contains(word))
}
