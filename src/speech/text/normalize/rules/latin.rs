//! Latin letters: spelt, or left to the English voice.

use crate::speech::text::normalize::found::{Found, Part};
use crate::speech::text::normalize::glyph::{Class, is_latin};
use crate::speech::text::normalize::tables::TABLES;
use crate::speech::text::normalize::text::Cursor;

/// Words in capitals up to this length are spelt.
const SPELT: usize = 5;

pub(super) fn latin(c: Cursor<'_>) -> Option<Found> {
    if c.class() != Class::Latin {
        return None;
    }
    numbered(c).or_else(|| rank(c)).or_else(|| road(c)).or_else(|| unit(c)).or_else(|| Some(words(c)))
}

/// `No.3` → 三号
fn numbered(mut c: Cursor<'_>) -> Option<Found> {
    if c.text.before(c.at).is_ascii_alphabetic() {
        return None;
    }
    c.word("No").or_else(|| c.word("NO")).or_else(|| c.word("no"))?;
    c.one_of(&['.'])?;
    c.blank();
    let digits = c.digits(1, 8)?;
    let found = Found::to(c.at);
    let found = if digits.len() < 4 { found.count(&digits) } else { found.each(&digits) };
    Some(if c.peek() == '号' { found } else { found.word("号") })
}

/// Roman numbers in plain letters, of ranks: II级, IV类.
fn rank(c: Cursor<'_>) -> Option<Found> {
    const ROMAN: [&str; 9] = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"];
    let letters: String =
        (c.at..c.at + 5).map(|at| c.text.at(at)).take_while(char::is_ascii_alphabetic).collect();
    let value = ROMAN.iter().position(|roman| *roman == letters)? + 1;
    let end = c.at + letters.len();
    let ranked = "级类期度等档".contains(c.text.at(end)) || c.text.before(c.at) == '第';
    let apart = !c.text.before(c.at).is_ascii_alphanumeric();
    (ranked && apart).then(|| Found::to(end).count(&value.to_string()))
}

/// Roads by the letter of their rank (G4, S232), trains before 次: digits one by one.
fn road(mut c: Cursor<'_>) -> Option<Found> {
    let start = c.at;
    let letter = c.peek();
    c.at += 1;
    let digits = c.digits(1, 4)?;
    let train = "GDCKTZYLS".contains(letter) && (c.peek() == '次' || c.text.has(c.at, "列车"));
    let road = "GSXY".contains(letter) && !matches!(c.peek(), '.' | '-') && c.class() != Class::Latin;
    let apart = !c.text.before(start).is_ascii_alphanumeric();
    (apart && (train || road)).then(|| Found::to(c.at).spelt(&letter.to_string()).each(&digits))
}

/// A unit behind a number written in Han, behind 每, or in a list of units: 五km, 单位:kg.
fn unit(c: Cursor<'_>) -> Option<Found> {
    let before = c.text.before(c.text.back_over_blanks(c.at));
    let (unit, length) = TABLES.unit(c.text, c.at)?;
    let counted = "一二两三四五六七八九十百千万亿半几多每".contains(before) && before != '\n';
    let listed = length > 1 && c.text.at(c.at).is_lowercase();
    (counted || listed).then(|| Found::to(c.at + length).word(unit.said))
}

/// One word, or all that follow with single blanks between them.
fn words(mut c: Cursor<'_>) -> Found {
    let mut word = word(&mut c);
    if is_spelt(&word) {
        return Found::to(c.at).spelt(&word);
    }
    loop {
        let mut next = c;
        if next.one_of(&[' ']).is_none()
            || next.class() != Class::Latin
            || TABLES.unit(next.text, next.at).is_some()
        {
            break;
        }
        let more = self::word(&mut next);
        if is_spelt(&more) && more.chars().count() > 1 {
            break;
        }
        word = format!("{word} {more}");
        c = next;
    }
    let mut found = Found::to(c.at);
    found.parts.push(Part::Foreign(word));
    found
}

/// Letters, with an apostrophe or a dash between letters: It's, Wi-Fi.
fn word(c: &mut Cursor<'_>) -> String {
    let mut word = String::new();
    loop {
        let here = c.peek();
        let joins = matches!(here, '\'' | '’' | '-') && is_latin(c.text.at(c.at + 1)) && !word.is_empty();
        // Dots part the letters of U.S.A.
        let dotted = here == '.'
            && is_latin(c.text.at(c.at + 1))
            && !is_latin(c.text.at(c.at + 2))
            && c.text.at(c.at + 1).is_uppercase();
        match here {
            _ if is_latin(here) => word.push(here),
            '’' if joins => word.push('\''),
            _ if joins => word.push(here),
            _ if dotted => {}
            _ => return word,
        }
        c.at += 1;
    }
}

/// Short words in capitals, single letters, and words that have no vowel.
fn is_spelt(word: &str) -> bool {
    if let Some(spoken) = TABLES.latin(word) {
        return !spoken;
    }
    let length = word.chars().count();
    let capitals = word.chars().all(char::is_uppercase);
    let mute = !word.to_lowercase().contains(['a', 'e', 'i', 'o', 'u', 'y']) && word.is_ascii();
    !word.contains(['-', '\'']) && (length == 1 || (length <= SPELT && (capitals || mute)))
}

/// Spells letters and reads digits one by one.
pub(super) fn letters_and_digits(mut found: Found, written: &str) -> Found {
    let mut rest = written;
    while let Some(first) = rest.chars().next() {
        let alike = |c: char| c.is_ascii_digit() == first.is_ascii_digit() && (c == '*') == (first == '*');
        let end = rest.find(|c| !alike(c)).unwrap_or(rest.len());
        let (run, more) = rest.split_at(end);
        found = match first {
            '0'..='9' => found.each(run),
            '*' => found.word("星".repeat(run.len())),
            _ => found.spelt(run),
        };
        rest = more;
    }
    found
}
