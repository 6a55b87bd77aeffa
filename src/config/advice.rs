//! Helps to word a complaint: quotes what was written, and finds what was probably meant.

use crate::model::Words;

/// Longest quotation, in characters.
const LONGEST: usize = 40;

/// Says what is wrong with a value and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Advice {
    pub(super) what: Words,
    pub(super) fix: Words,
}

impl Advice {
    pub(super) fn new(what: Words, fix: Words) -> Self {
        Self { what, fix }
    }
}

/// Quotes what was written: shortened, and without characters that could disturb a terminal.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted: String = text.chars().take(LONGEST).flat_map(visible).collect();
    if text.chars().count() > LONGEST {
        quoted.push('…');
    }
    format!("`{quoted}`")
}

/// Writes characters that could not be seen, or that turn the direction of writing, as their escapes.
fn visible(c: char) -> impl Iterator<Item = char> {
    let hidden = c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let escaped = hidden.then(|| c.escape_default());
    let plain = (!hidden).then_some(c);
    escaped.into_iter().flatten().chain(plain)
}

/// Finds the candidate that differs least from what was written, if any is near enough to be meant.
pub(super) fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Longer words cannot be ids or keys; comparing them would cost the square of their length.
    if written.chars().count() > 64 {
        return None;
    }
    let written = written.to_lowercase();
    let likeness = |candidate: &str| {
        let length = candidate.chars().count().max(written.chars().count());
        let edits = strsim::damerau_levenshtein(&written, &candidate.to_lowercase());
        // Half of a short word may be wrong, a third of a long one.
        let allowed = if length <= 4 { 2 } else { length.div_ceil(3) };
        (edits <= allowed && edits < length).then_some(edits)
    };
    candidates
        .into_iter()
        .filter_map(|c| Some((likeness(c)?, c)))
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, c)| c)
}

/// Joins words as a list that people read.
pub(super) fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> Words {
    let words: Vec<String> = words.into_iter().take(30).map(quoted).collect();
    Words::new(words.join("、"), words.join(", "))
}

/// Folds full-width letters, digits and punctuation, which Chinese input methods produce, to their ASCII forms.
pub(super) fn half_width(c: char) -> char {
    match c {
        '“' | '”' | '〝' | '〞' => '"',
        '‘' | '’' => '\'',
        '【' | '〔' => '[',
        '】' | '〕' => ']',
        '、' => ',',
        '。' => '.',
        '—' | '–' | '−' => '-',
        '\u{3000}' | '\u{a0}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    }
}

/// Folds a whole text; see [`half_width`].
pub(super) fn in_half_width(text: &str) -> String {
    text.chars().map(half_width).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_key_is_the_one_that_was_probably_meant() {
        let keys = ["title", "stations", "priority", "status"];
        assert_eq!(nearest("titel", keys), Some("title"));
        assert_eq!(nearest("station", keys), Some("stations"));
        assert_eq!(nearest("Status", keys), Some("status"));
        assert_eq!(nearest("volume", keys), None);
        assert_eq!(nearest("赵家村", ["赵家庄", "李家沟"]), Some("赵家庄"));
    }

    #[test]
    fn a_quotation_is_short_and_shows_what_could_not_be_seen() {
        assert_eq!(quoted("头盔\u{202e}\n"), "`头盔\\u{202e}\\n`");
        assert_eq!(quoted(&"头".repeat(50)).chars().count(), 43);
    }
}
