//! Parts a text by script.

use super::script::Unit;
use super::{ENGLISH, MANDARIN, TextFault};

/// Splits `text` wherever the language changes. Digits are read in the `native` language; what has no sound of its own
/// (blanks, punctuation) stays with the run before it, whose pause it is.
pub(super) fn split(text: &str, native: &str) -> Result<Vec<Unit>, TextFault> {
    let mut runs: Vec<(&str, String)> = Vec::new();
    let mut before_the_first = String::new();
    for c in text.chars() {
        match (language_of(c, native)?, runs.last_mut()) {
            (Some(language), Some((before, run))) if *before == language => run.push(c),
            (Some(language), _) => {
                let mut text = std::mem::take(&mut before_the_first);
                text.push(c);
                runs.push((language, text));
            }
            (None, Some((_, run))) => run.push(c),
            (None, None) => before_the_first.push(c),
        }
    }
    let unit = |(language, text): (&str, String)| Unit::Foreign { language: language.to_owned(), text };
    Ok(runs.into_iter().map(unit).collect())
}

/// Returns in what a character is read; none if it has no sound of its own. In a text that is neither Mandarin nor
/// English every letter is its own language's, and Han characters are nobody's but Japanese.
fn language_of(c: char, native: &str) -> Result<Option<&str>, TextFault> {
    let native_letters = !matches!(native, MANDARIN | ENGLISH);
    match c {
        '0'..='9' => Ok(Some(native)),
        _ if is_han(c) && native_letters && !native.starts_with("ja") => Err(TextFault::UnknownScript(c)),
        _ if native_letters && c.is_alphabetic() => Ok(Some(native)),
        _ if is_han(c) => Ok(Some(MANDARIN)),
        _ if is_latin(c) => Ok(Some(if native == MANDARIN { ENGLISH } else { native })),
        _ if c.is_alphabetic() && !is_mark(c) => Err(TextFault::UnknownScript(c)),
        _ => Ok(None),
    }
}
/// The 20 902 characters of the first standard, and 〇. Engines read rarer ones out as code numbers.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '〇' | '\u{4e00}'..='\u{9fa5}')
}

/// Latin letters of European languages, with or without accents.
fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || (c.is_alphabetic() && matches!(c, '\u{c0}'..='\u{24f}'))
}

/// Signs that count as letters but stand between words as punctuation does: ª, º, ⅷ, Ⓐ.
fn is_mark(c: char) -> bool {
    matches!(c, 'ª' | 'µ' | 'º' | '\u{2b0}'..='\u{2ff}' | '\u{2100}'..='\u{218f}' | '\u{2460}'..='\u{24ff}')
}
