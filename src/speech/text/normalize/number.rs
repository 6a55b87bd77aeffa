//! Digits → the characters by which numbers are said.

use std::iter;

/// Most digits of a number that is counted; longer ones are read digit by digit.
pub(super) const LONGEST: usize = 16;

const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

/// Says a digit. `one` is how 1 is called: 一, or 幺 where numbers are passed on by voice.
fn digit(digit: char, one: char) -> char {
    match digit.to_digit(10) {
        Some(1) => one,
        Some(value) => DIGITS[value as usize % 10],
        None => digit,
    }
}

/// Says digits one by one.
pub(super) fn each(digits: &str) -> String {
    digits.chars().map(|c| digit(c, '一')).collect()
}

/// Says digits one by one as on the telephone.
pub(super) fn telephone(digits: &str) -> String {
    digits.chars().map(|c| digit(c, '幺')).collect()
}

/// Counts: `120` → 一百二十, `2000` → 两千. With leading noughts, or too long to grasp, digit by digit.
pub(super) fn count(digits: &str) -> String {
    if digits.len() > LONGEST || (digits.len() > 1 && digits.starts_with('0')) {
        return each(digits);
    }
    if digits == "0" {
        return "零".to_owned();
    }
    let mut said = String::new();
    // Whether a nought waits to be said, and whether the current group of four has said anything.
    let (mut nought, mut group) = (false, false);
    for (place, c) in iter::zip((0..digits.len()).rev(), digits.chars()) {
        if c == '0' {
            nought = !said.is_empty();
        } else {
            if std::mem::take(&mut nought) {
                said.push('零');
            }
            push(&mut said, c, place);
            group = true;
        }
        if place.is_multiple_of(4) && place > 0 {
            // 一万亿: the hundred million is said even if its own group is empty.
            if group || (place == 8 && digits.len() > 12) {
                said.push(if place == 8 { '亿' } else { '万' });
                nought = false;
            }
            group = false;
        }
    }
    said
}

/// Adds one digit with 千, 百 or 十 behind it.
fn push(said: &mut String, c: char, place: usize) {
    let first = said.is_empty();
    let alone = first && (place % 4 == 3 || (place.is_multiple_of(4) && place > 0));
    match (c, place % 4) {
        ('1', 1) if first => {}
        ('2', _) if alone => said.push('两'),
        _ => said.push(digit(c, '一')),
    }
    said.extend([None, Some('十'), Some('百'), Some('千')][place % 4]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_counted_as_people_count() {
        for (digits, said) in [
            ("0", "零"),
            ("2", "二"),
            ("10", "十"),
            ("12", "十二"),
            ("20", "二十"),
            ("22", "二十二"),
            ("100", "一百"),
            ("101", "一百零一"),
            ("110", "一百一十"),
            ("111", "一百一十一"),
            ("200", "二百"),
            ("310", "三百一十"),
            ("1000", "一千"),
            ("1001", "一千零一"),
            ("1010", "一千零一十"),
            ("2000", "两千"),
            ("2002", "两千零二"),
            ("2200", "两千二百"),
            ("10000", "一万"),
            ("10500", "一万零五百"),
            ("12000", "一万二千"),
            ("20000", "两万"),
            ("100000", "十万"),
            ("105000", "十万五千"),
            ("120000", "十二万"),
            ("1000000", "一百万"),
            ("100000000", "一亿"),
            ("100000005", "一亿零五"),
            ("100050000", "一亿零五万"),
            ("200000000", "两亿"),
            ("1400000000", "十四亿"),
            ("1000000000000", "一万亿"),
            ("12345678", "一千二百三十四万五千六百七十八"),
            ("007", "零零七"),
        ] {
            assert_eq!(count(digits), said, "{digits}");
        }
    }

    #[test]
    fn one_has_two_names_where_digits_are_read_one_by_one() {
        assert_eq!((each("2016").as_str(), telephone("12110").as_str()), ("二零一六", "幺二幺幺零"));
    }
}
