//! Days, months and years.

use crate::speech::text::normalize::found::Found;
use crate::speech::text::normalize::glyph::{Class, END, class, is_han};
use crate::speech::text::normalize::tables::{After, TABLES};
use crate::speech::text::normalize::text::Cursor;

/// What stands between two years, months or days of a span.
pub(super) const TO: [char; 3] = ['-', '—', '~'];

pub(super) fn date(c: Cursor<'_>) -> Option<Found> {
    let before = c.text.before(c.at);
    if c.class() != Class::Digit || before.is_ascii_digit() || before.is_ascii_alphabetic() || before == '.' {
        return None;
    }
    full(c)
        .or_else(|| year_last(c))
        .or_else(|| decade(c))
        .or_else(|| span(c))
        .or_else(|| year(c))
        .or_else(|| short_year(c))
        .or_else(|| days(c))
        .or_else(|| feast(c))
        .or_else(|| padded(c))
        .or_else(|| day(c))
}

/// `2026-01-26`, `2026/1/26`, `2026.1.26`, `2026-01`
fn full(mut c: Cursor<'_>) -> Option<Found> {
    let year = c.digits(4, 4).filter(|year| in_range(year, 1000, 2999))?;
    let sign = c.one_of(&['-', '/', '.'])?;
    let month = c.digits(1, 2).filter(|month| in_range(month, 1, 12))?;
    let found = Found::to(c.at).each(&year).word("年").count(bare(&month)).word("月");
    let mut next = c;
    let day = next.one_of(&[sign]).and_then(|_| next.digits(1, 2)).filter(|day| in_range(day, 1, 31));
    let Some(day) = day else {
        let nothing_else =
            !matches!(c.peek(), '-' | '/' | '.' | '元' | '年') || class(c.text.at(c.at + 1)) != Class::Digit;
        let month_only = match sign {
            '.' => false,
            '-' => month.len() == 2 && c.peek() != '年',
            _ => in_range(&year, 1900, 2199),
        };
        return (nothing_else && month_only).then_some(found);
    };
    let unit = matches!(next.peek(), '日' | '号');
    let found = found.count(bare(&day));
    Some(if unit {
        found.written(next.at..next.at + 1).until(next.at + 1)
    } else {
        found.word("日").until(next.at)
    })
}

/// `26/1/2026`; where the second number can be no month, it is the day: `1/26/2026`
fn year_last(mut c: Cursor<'_>) -> Option<Found> {
    let first = c.digits(1, 2)?;
    let sign = c.one_of(&['/', '.'])?;
    let second = c.digits(1, 2)?;
    c.one_of(&[sign])?;
    let year = c.digits(4, 4).filter(|year| in_range(year, 1900, 2199))?;
    let (day, month) = if in_range(&second, 1, 12) { (first, second) } else { (second, first) };
    let known = in_range(&day, 1, 31) && in_range(&month, 1, 12);
    let found = Found::to(c.at).each(&year).word("年").count(bare(&month)).word("月").count(bare(&day));
    known.then(|| if matches!(c.peek(), '日' | '号') { found } else { found.word("日") })
}

/// `1990年代` counts its decade only without the century; `80后` are people.
fn decade(mut c: Cursor<'_>) -> Option<Found> {
    let digits = c.digits(2, 2)?;
    let place = c.at;
    if c.text.has(place, "后")
        && digits.ends_with(['0', '5'])
        && !matches!(c.text.at(place + 1), '的' if digits != "80")
    {
        let people = !matches!(digits.as_bytes(), [b'1'..=b'4', _]);
        return people.then(|| Found::to(place + 1).each(&digits).written(place..place + 1));
    }
    c.text.has(place, "年代").then(|| Found::to(place + 2).count(&digits).written(place..place + 2))
}

/// `2025-2026年`, `2025-2026学年`
fn span(mut c: Cursor<'_>) -> Option<Found> {
    let first = c.digits(4, 4).filter(|year| in_range(year, 1900, 2199))?;
    c.one_of(&TO)?;
    let second = c.digits(4, 4).filter(|year| in_range(year, 1900, 2199))?;
    let year = c.peek() == '年' || c.text.has(c.at, "学年");
    year.then(|| Found::to(c.at).each(&first).word("到").each(&second))
}

/// `2026年`; a bare `2026` before a word that is not counted. `2000年` long is a stretch of time.
fn year(mut c: Cursor<'_>) -> Option<Found> {
    let start = c.at;
    let year = c.digits(4, 4)?;
    let context = c.text.context(start);
    let rest = c.at;
    let bracketed = matches!(c.text.before(start), '〔' | '[' | '(' | '【')
        && matches!(c.peek(), '〕' | ']' | ')' | '】');
    if bracketed && c.text.at(rest + 1) != END && in_range(&year, 1949, 2099) {
        // 〔2026〕12号, the number of a document.
        return Some(Found::to(rest).each(&year));
    }
    let kinds = ["年", "学年", "级", "届", "款", "财年", "版"];
    let word = kinds.iter().find(|word| c.text.has(rest, word));
    let long = ["年前", "年以前", "年历史", "年的历史", "年文明", "年来", "年以上", "年间", "年多"];
    if word == Some(&"年") {
        let round = year.ends_with("00") && year != "2000" || year == "2000" && c.text.has(rest, "年的历史");
        let told = long.iter().any(|word| c.text.has(rest, word)) || TABLES.just_before("count", &context);
        let stretch = told && round;
        return (!stretch && in_range(&year, 1000, 2999)).then(|| Found::to(rest).each(&year));
    }
    let likely = in_range(&year, 1900, 2099);
    let bare = word.is_none()
        && class(c.peek()) == Class::Han
        && TABLES.after(c.text, rest).is_none()
        && !matches!(c.peek(), '多' | '余' | '万' | '千' | '亿' | '几' | '来' | '比' | '至' | '到')
        && !TABLES.just_before("count", &context);
    (likely && (word.is_some() || bare)).then(|| Found::to(rest).each(&year))
}

/// `26年1月`, `08年`, `98年`, but not `26年` of work.
fn short_year(mut c: Cursor<'_>) -> Option<Found> {
    let start = c.at;
    let year = c.digits(2, 2)?;
    if c.peek() != '年' {
        // '98抗洪
        let shortened = matches!(c.text.before(start), '\'' | '’') && class(c.peek()) == Class::Han;
        return (shortened && in_range(&year, 60, 99)).then(|| Found::to(c.at).each(&year));
    }
    let mut next = c;
    next.at += 1;
    let dated = next.digits(1, 2).is_some() && next.peek() == '月';
    let stretch = ["年前", "年来", "年后", "年间", "年内", "年的", "年以", "年历", "年多"]
        .iter()
        .any(|word| c.text.has(c.at, word));
    let counted = TABLES.just_before("count", &c.text.context(start)) || c.text.before(start) == '了';
    let past = in_range(&year, 60, 99) && !stretch && !counted;
    (dated || year.starts_with('0') || past).then(|| Found::to(c.at).each(&year))
}

/// `3·15`, `12.2交通安全日`: feasts are named by their digits.
fn feast(mut c: Cursor<'_>) -> Option<Found> {
    if let Some(digits) = run_together(c) {
        return Some(Found::to(c.at + digits.len()).each(&digits));
    }
    let month = c.digits(1, 2).filter(|month| in_range(month, 1, 12))?;
    let sign = c.one_of(&['·', '.'])?;
    let day = c.digits(1, 2).filter(|day| in_range(day, 1, 31))?;
    let quoted = matches!(c.peek(), '”' | '"' | '」');
    let rest = c.at + usize::from(quoted);
    let named = TABLES.begins("feast", c.text, rest) || is_feast(c, rest);
    let found = Found::to(c.at);
    // The first of October is 十一, not 一零一.
    let found = match (bare(&month), bare(&day)) {
        ("10", "1") => found.count("10").each("1"),
        (month, day) => found.each(month).each(day),
    };
    (sign == '·' || named).then_some(found)
}

/// Tells whether the name of a day of the year stands at `at`: 情人节, 教师节, 国家公祭日.
fn is_feast(c: Cursor<'_>, at: usize) -> bool {
    let name = (at..at + 6).map(|at| c.text.at(at)).take_while(|c| is_han(*c));
    let name: String = name.collect();
    let ends = ["节", "纪念日", "宣传日", "公祭日", "主题日", "活动日"];
    let length = ends.iter().filter_map(|end| name.find(end)).filter(|length| *length > 0).min();
    length.is_some() && TABLES.after(c.text, at).is_none_or(|(after, _)| after == After::Nothing)
}

/// `618大促`, `“315”`: the digits of a day without a point, in quotation marks or before the name.
fn run_together(mut c: Cursor<'_>) -> Option<String> {
    let quoted = matches!(c.text.before(c.at), '“' | '"' | '「');
    let digits = c.digits(3, 4).filter(|digits| !TABLES.is_hotline(digits))?;
    let (month, day) = digits.split_at(digits.len() - 2);
    let dated = in_range(month, 1, 12) && in_range(day, 1, 31);
    let closed = quoted && matches!(c.peek(), '”' | '"' | '」');
    (dated && (closed || TABLES.begins("sale", c.text, c.at))).then_some(digits)
}

/// `1/26-2/3`, `1.26-2.3放假`: the ends of a span show that they are days, by their size or by what happens then.
fn days(mut c: Cursor<'_>) -> Option<Found> {
    let one = |c: &mut Cursor<'_>, sign: char| {
        let month = c.digits(1, 2).filter(|month| in_range(month, 1, 12))?;
        c.one_of(&[sign])?;
        Some((month, c.digits(1, 2).filter(|day| in_range(day, 1, 31))?))
    };
    let sign = if [1, 2].map(|offset| c.text.at(c.at + offset)).contains(&'/') { '/' } else { '.' };
    let (first, day) = one(&mut c, sign)?;
    c.one_of(&TO)?;
    let (second, last) = one(&mut c, sign)?;
    let large = sign == '/' && [&day, &last].iter().any(|day| in_range(day, 13, 31));
    let told = large || TABLES.begins("event", c.text, c.at);
    let said = |found: Found, month: &str, day: &str| {
        found.count(bare(month)).word("月").count(bare(day)).word("日")
    };
    (told && !matches!(c.peek(), '/' | '.' | '日'))
        .then(|| said(said(Found::to(c.at), &first, &day).word("到"), &second, &last))
}

/// `05-26`: the nought tells that it is no span.
fn padded(mut c: Cursor<'_>) -> Option<Found> {
    let start = c.at;
    let month = c.digits(2, 2).filter(|month| month.starts_with('0') && in_range(month, 1, 9))?;
    c.one_of(&['-'])?;
    let day = c.digits(2, 2).filter(|day| in_range(day, 1, 31))?;
    let joined = matches!(c.peek(), '-' | '/' | '.' | '号') || class(c.text.before(start)) == Class::Sign;
    let apart = !joined || c.text.before(start) == END;
    let counted = TABLES.after(c.text, c.at).is_some() || TABLES.unit(c.text, c.at).is_some();
    (apart && !counted).then(|| Found::to(c.at).count(bare(&month)).word("月").count(bare(&day)).word("日"))
}

/// `1.26` and `1/26` where days are spoken of, and nothing is counted. Elsewhere 1/26 is a part of a whole.
fn day(mut c: Cursor<'_>) -> Option<Found> {
    let start = c.at;
    let month = c.digits(1, 2).filter(|month| in_range(month, 1, 12))?;
    let sign = c.one_of(&['.', '/'])?;
    let day = c.digits(1, 2).filter(|day| in_range(day, 1, 31))?;
    let mut next = c;
    next.blank();
    let counted =
        TABLES.after(c.text, next.at).is_some_and(|(_, length)| !c.text.has(next.at, "日") || length > 1)
            || TABLES.unit(c.text, next.at).is_some()
            || matches!(next.peek(), '%' | '‰' | '万' | '亿' | '千' | '百' | '.' | '倍' | '/');
    let context = c.text.context(start);
    // The end of a span is a day when its beginning was one.
    let ends =
        TO.contains(&c.text.before(start)) && (TABLES.nearby("date", &context) || ends_in_date(&context));
    let told = ends
        || TABLES.just_before("date", &context)
        || TABLES.begins(if sign == '.' { "event" } else { "from" }, c.text, c.at);
    let spans = TO.contains(&c.peek()) && TABLES.nearby("date", &context);
    (!counted && (told || spans)).then(|| {
        let found = Found::to(c.at).count(bare(&month)).word("月").count(bare(&day));
        if c.text.has(c.at, "日") || c.text.has(c.at, "号") { found } else { found.word("日") }
    })
}

/// Tells whether the span began with a date of three parts: 2026.1.26—
fn ends_in_date(context: &str) -> bool {
    let parts = context.trim_end_matches(TO).rsplit('.').take(3);
    parts.filter(|part| part.ends_with(|c: char| c.is_ascii_digit())).count() == 3
}

/// Takes the nought off `05`.
pub(super) fn bare(digits: &str) -> &str {
    digits.strip_prefix('0').filter(|rest| !rest.is_empty()).unwrap_or(digits)
}

/// Tells whether the digits are a number from `low` to `high`.
pub(super) fn in_range(digits: &str, low: u32, high: u32) -> bool {
    digits.parse().is_ok_and(|value: u32| (low..=high).contains(&value))
}
