//! Dashes and waves: 到 between the ends of a span, nothing inside a name, else a short silence.

use super::date::TO;
use super::one::ringed;
use crate::speech::text::normalize::found::Found;
use crate::speech::text::normalize::glyph::{Class, class, is_han};
use crate::speech::text::normalize::tables::TABLES;
use crate::speech::text::normalize::text::Cursor;
use crate::speech::text::said::Pause;

pub(super) fn dash(mut c: Cursor<'_>) -> Option<Found> {
    let start = c.at;
    let left = c.text.before(c.text.back_over_blanks(start));
    let sign = c.one_of(&TO)?;
    // The dash of 10℃~-2℃ belongs to the number.
    while (c.peek() == sign || class(c.text.at(c.at + 1)) != Class::Digit) && c.one_of(&TO).is_some() {}
    let long = c.at - start > 1;
    c.blank();
    let right = c.peek();
    // So does the right side of 10℃~-2℃ begin with a digit.
    let signed = right == '-' && class(c.text.at(c.at + 1)) == Class::Digit;
    let (from, to) = (class(left), if signed { Class::Digit } else { class(right) });
    let spoken = |class| matches!(class, Class::Han | Class::Digit | Class::Latin);
    let found = Found::to(c.at);
    Some(match (from, to) {
        _ if ringed(left) && ringed(right) => found.word("到"),
        _ if !spoken(to) || !(spoken(from) || counted(c, start)) => found.pause(Pause::Comma),
        (Class::Digit | Class::Han, Class::Han) if until(c) && ends_in_number(c, start) => found.word("到"),
        (Class::Digit, Class::Latin) if right == 'K' && milestone(c, start) => found.word("到"),
        (Class::Digit, _) | (_, Class::Digit) if long && from != to && sign != '~' && !counted(c, start) => {
            found.pause(Pause::Comma)
        }
        (Class::Digit, Class::Digit) => found.word("到"),
        (_, Class::Digit) if counted(c, start) => found.word("到"),
        (Class::Latin, Class::Digit) if scaled_alike(c, start) => found.word("到"),
        (Class::Latin, Class::Digit | Class::Latin) | (Class::Digit, Class::Latin) => found,
        (Class::Han, Class::Digit) if sign == '-' => found,
        (Class::Han, Class::Han) if sign == '~' || spans(c, start) => found.word("到"),
        _ => found.pause(Pause::Comma),
    })
}

/// Tells whether what ends before `at` is an amount or a day: 5元-10元, 1月26日—3月5日.
fn counted(c: Cursor<'_>, at: usize) -> bool {
    let context = c.text.context(at);
    let bare = context.trim_end_matches(is_han);
    let unit = context.len() - bare.len();
    let numeral = bare.ends_with(|c: char| c.is_ascii_digit()) && unit <= 9 && unit > 0;
    numeral
        || context.ends_with([
            '℃', '%', '°', 'C', 'm', 'g', '日', '号', '月', '点', '时', '分', '晨', '午', '晚', '㎡',
        ])
}

/// Tells whether a later time of day follows: 22:00-次日6:00.
fn until(c: Cursor<'_>) -> bool {
    const LATER: [&str; 14] = [
        "次日",
        "第二天",
        "翌日",
        "隔天",
        "凌晨",
        "清晨",
        "明早",
        "明晨",
        "明天",
        "上午",
        "中午",
        "下午",
        "傍晚",
        "晚上",
    ];
    LATER.iter().any(|word| c.text.has(c.at, word))
}

/// Tells whether a number, or a number with one character behind it, ends before `at`: 22:00, 22点.
fn ends_in_number(c: Cursor<'_>, at: usize) -> bool {
    let context = c.text.context(at);
    let bare = context.strip_suffix(['点', '时', '分', '日', '号']).unwrap_or(&context);
    bare.ends_with(|c: char| c.is_ascii_digit())
}

/// Tells whether a place on a road ends before `at`: K12+300, K12.
fn milestone(c: Cursor<'_>, at: usize) -> bool {
    let context = c.text.context(at);
    let bare = context.trim_end_matches(|c: char| c.is_ascii_digit());
    bare.ends_with('+') || bare.ends_with('K')
}

/// Tells whether numbers on both sides have the same letter behind them: 3k-5k.
fn scaled_alike(mut c: Cursor<'_>, start: usize) -> bool {
    let letter = c.text.before(start);
    let number = start.checked_sub(1).is_some_and(|at| c.text.before(at).is_ascii_digit());
    number && c.number().is_some() && c.peek() == letter
}

/// Tells whether days, times or numbers stand on both sides: 周一-周五, 三月—五月, 初八—十六.
fn spans(c: Cursor<'_>, start: usize) -> bool {
    let numeral = |c: char| "一二三四五六七八九十".contains(c);
    if numeral(c.text.before(start)) && numeral(c.peek()) {
        return true;
    }
    let left = c.text.context(start);
    let short: String = left.chars().rev().take(3).collect::<Vec<_>>().into_iter().rev().collect();
    let right: String = (c.at..c.at + 4).map(|at| c.text.at(at)).collect();
    TABLES.nearby("time", &short) && TABLES.nearby("time", &right)
}
