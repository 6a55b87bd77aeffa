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
    times(c)
        .or_else(|| numbered(c))
        .or_else(|| standard(c))
        .or_else(|| rank(c))
        .or_else(|| road(c))
        .or_else(|| unit(c))
        .or_else(|| Some(words(c)))
}

/// `7x24小时`, `3m x 5m`; the X of a name has letters around it: A1x2.
fn times(mut c: Cursor<'_>) -> Option<Found> {
    let left = c.text.context(c.text.back_over_blanks(c.at));
    let bare = left.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number = bare.len() < left.len() && !bare.ends_with(|c: char| c.is_ascii_alphabetic());
    let length = left.ends_with(['m', 'g', '米', '寸', '尺', '克']) && c.text.before(c.at) == ' ';
    c.one_of(&['x', 'X'])?;
    c.blank();
    let found = Found::to(c.at).word("乘");
    let counted = c.number().is_some() && (c.class() != Class::Latin || TABLES.unit(c.text, c.at).is_some());
    ((number || length) && counted).then_some(found)
}

/// The number of a standard, with its year or without: `GB 811-2022`, `GB/T 19001`
fn standard(mut c: Cursor<'_>) -> Option<Found> {
    const MAKERS: [&str; 14] =
        ["GB", "GA", "DB", "DL", "HJ", "ISO", "IEC", "JT", "JTG", "NY", "QB", "QC", "SL", "YY"];
    let length = (c.at..c.at + 4).take_while(|at| c.text.at(*at).is_ascii_uppercase()).count();
    let mut letters: String = (c.at..c.at + length).map(|at| c.text.at(at)).collect();
    let known = MAKERS.contains(&letters.as_str()) && !c.text.before(c.at).is_ascii_alphanumeric();
    c.at += length;
    if letters == "DB" {
        // Standards of a province carry its number: DB13/T 2819.
        letters.push_str(&c.digits(2, 2).unwrap_or_default());
    }
    if known && c.word("/T").is_some() {
        letters.push('T');
    }
    c.blank();
    let digits = c.digits(2, 6).filter(|_| known)?;
    let found = letters_and_digits(Found::to(c.at), &letters).each(&digits);
    let year = c.one_of(&['-', '—', ':']).and_then(|_| c.digits(4, 4));
    Some(match year {
        Some(year) => found.word("杠").each(&year).until(c.at),
        None => found,
    })
}

/// `No.3` → 三号
fn numbered(mut c: Cursor<'_>) -> Option<Found> {
    if c.text.before(c.at).is_ascii_alphabetic() {
        return None;
    }
    c.word("No").or_else(|| c.word("NO")).or_else(|| c.word("no"))?;
    c.one_of(&['.'])?;
    number_of(c)
}

/// Reads `3` of `No.3` and `№3`.
pub(super) fn number_of(mut c: Cursor<'_>) -> Option<Found> {
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
    let found = Found::to(c.at).spelt(&letter.to_string());
    // Old trains have short numbers: T12次 is T十二次.
    let said =
        |found: Found| if train && digits.len() < 3 { found.count(&digits) } else { found.each(&digits) };
    (apart && (train || road)).then(|| said(found))
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
