//! Parts a text by script.

use super::{Run, TextFault, Tongue};

/// Splits `text` wherever the tongue changes. Digits are read in the `native` tongue; what has no sound of its own
/// (blanks, punctuation) stays with the run before it, whose pause it is.
pub(super) fn split(text: &str, native: Tongue) -> Result<Vec<Run>, TextFault> {
    let mut runs: Vec<Run> = Vec::new();
    let mut before_the_first = String::new();
    for c in text.chars() {
        match (tongue_of(c, native)?, runs.last_mut()) {
            (Some(tongue), Some(run)) if run.tongue == tongue => run.text.push(c),
            (Some(tongue), _) => {
                let mut text = std::mem::take(&mut before_the_first);
                text.push(c);
                runs.push(Run { tongue, text });
            }
            (None, Some(run)) => run.text.push(c),
            (None, None) => before_the_first.push(c),
        }
    }
    Ok(runs)
}

/// Returns in what a character is read; none if it has no sound of its own.
fn tongue_of(c: char, native: Tongue) -> Result<Option<Tongue>, TextFault> {
    match c {
        '0'..='9' => Ok(Some(native)),
        _ if is_han(c) => Ok(Some(Tongue::Mandarin)),
        _ if is_latin(c) => Ok(Some(Tongue::English)),
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
