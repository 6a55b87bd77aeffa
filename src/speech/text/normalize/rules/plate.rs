//! Number plates: `冀A·12345`, `京A·D12345`.

use super::latin::letters_and_digits;
use crate::speech::text::normalize::found::Found;
use crate::speech::text::normalize::text::Cursor;

/// The short names of the provinces, and of the forces.
const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领军";

pub(super) fn plate(mut c: Cursor<'_>) -> Option<Found> {
    let start = c.at;
    if !PROVINCES.contains(c.peek()) {
        return None;
    }
    c.at += 1;
    c.blank();
    let letter = c.peek();
    if start >= 2 && c.text.has(start - 2, "WJ") && letter.is_ascii_digit() {
        // The armed police: WJ冀1234X.
        let rest = rest(&mut c)?;
        return Some(letters_and_digits(Found::to(c.at).written(start..start + 1), &rest));
    }
    if !letter.is_ascii_uppercase() {
        return None;
    }
    c.at += 1;
    c.one_of(&['·', '.', '-', '—', ' ']);
    let rest = rest(&mut c)?;
    let found = Found::to(c.at).written(start..start + 1);
    Some(letters_and_digits(found, &format!("{letter}{rest}")))
}

/// The five or six letters and digits after the first letter, at least one digit among them; hidden ones are stars.
fn rest(c: &mut Cursor<'_>) -> Option<String> {
    let alike = |c: &char| c.is_ascii_digit() || c.is_ascii_uppercase() || *c == '*';
    let rest: String = (c.at..c.at + 7).map(|at| c.text.at(at)).take_while(alike).collect();
    let known = matches!(rest.len(), 4..=6) && rest.chars().any(|c| c.is_ascii_digit());
    known.then(|| {
        c.at += rest.len();
        rest
    })
}
