//! What others find in the texts of messages, put at its place in the file.

use std::ops::Range;

use crate::model::{Playlist, Words};

use super::complaint::{Complaint, MOST_COMPLAINTS, Severity, Source};
use super::parse::Parsed;

/// States what was found in one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where it begins in the text, in characters from 0.
    pub at: usize,
    /// How many characters are meant.
    pub length: usize,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub what: Words,
    /// What to write instead.
    pub fix: Words,
}

/// Has every message's text of a playlist reviewed and cites what is found in its file, exactly where it stands.
///
/// `review` gets the text and its language tag. Texts of playlists with mistakes are reviewed too, as far as they can
/// be read. The playlist stays as usable as it was.
pub fn review_texts(
    parsed: &Parsed<Playlist>,
    source: &Source,
    review: &dyn Fn(&str, &str) -> Vec<Finding>,
) -> Vec<Complaint> {
    let playlist = parsed.value.as_ref().or(parsed.draft.as_ref());
    let messages = playlist.map(|playlist| playlist.messages.as_slice()).unwrap_or_default();
    let mut complaints = Vec::new();
    for (place, message) in parsed.rows.messages.iter().zip(messages) {
        let whole = parsed.places.get(&format!("{place}.text"));
        let (Some(text), Some(whole)) = (&message.text, whole) else { continue };
        let findings = review(text, &message.language);
        // Most texts are without fault: only those that are cited are read twice.
        let written = if findings.is_empty() { None } else { characters(source, whole, text) };
        for Finding { at, length, severity, what, fix } in findings {
            let span = written.as_deref().and_then(|written| part(written, at, length));
            let span = span.unwrap_or_else(|| whole.clone());
            complaints.push(Complaint { severity, path: parsed.path.clone(), span, what, fix });
        }
    }
    complaints.truncate(MOST_COMPLAINTS);
    complaints
}

fn part(written: &[Range<usize>], at: usize, length: usize) -> Option<Range<usize>> {
    let last = written.get(at.checked_add(length.max(1))?.checked_sub(1)?)?;
    Some(written.get(at)?.start..last.end)
}

/// Finds the bytes of the file from which each character of `text` was read; none if they do not tell.
fn characters(source: &Source, span: &Range<usize>, text: &str) -> Option<Vec<Range<usize>>> {
    let written = source.text.get(span.clone())?;
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| written.starts_with(quote))?;
    let mut inside = written.strip_prefix(quote)?.strip_suffix(quote)?;
    if quote.len() == 3 {
        inside = inside.strip_prefix('\n').or_else(|| inside.strip_prefix("\r\n")).unwrap_or(inside);
    }
    let start = span.end - quote.len() - inside.len();
    let read = unescaped(inside, quote.starts_with('"'));
    let same = read.iter().map(|(_, c)| *c).eq(text.chars());
    same.then(|| read.into_iter().map(|(place, _)| start + place.start..start + place.end).collect())
}

/// Reads the inside of a TOML string, each character with its bytes.
fn unescaped(inside: &str, escapes: bool) -> Vec<(Range<usize>, char)> {
    let mut read = Vec::new();
    let mut rest = inside;
    while let Some(c) = rest.chars().next() {
        let at = inside.len() - rest.len();
        let (length, meant) = match c {
            '\\' if escapes => escape(rest),
            _ => (c.len_utf8(), Some(c)),
        };
        read.extend(meant.map(|meant| (at..at + length, meant)));
        rest = rest.get(length..).unwrap_or_default();
    }
    read
}

/// Reads one escape: how long it is, and its character; a line that goes on after `\` has none.
fn escape(rest: &str) -> (usize, Option<char>) {
    let code = |digits: usize| {
        let value = rest.get(2..2 + digits).and_then(|code| u32::from_str_radix(code, 16).ok());
        (2 + digits, value.and_then(char::from_u32))
    };
    match rest.chars().nth(1) {
        Some('n') => (2, Some('\n')),
        Some('t') => (2, Some('\t')),
        Some('r') => (2, Some('\r')),
        Some('b') => (2, Some('\u{8}')),
        Some('f') => (2, Some('\u{c}')),
        Some('e') => (2, Some('\u{1b}')),
        Some('x') => code(2),
        Some('u') => code(4),
        Some('U') => code(8),
        Some(mark @ ('"' | '\\')) => (2, Some(mark)),
        _ => (rest.len() - rest[1..].trim_start_matches([' ', '\t', '\r', '\n']).len(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Kinds, parse_playlist};

    /// Finds the signs `^`.
    fn review(text: &str, _: &str) -> Vec<Finding> {
        let signs = text.chars().enumerate().filter(|(_, c)| *c == '^');
        let finding = |(at, _)| Finding {
            at,
            length: 1,
            severity: Severity::Error,
            what: Words::new("不行", "no"),
            fix: Words::new("改", "change"),
        };
        signs.map(finding).collect()
    }

    fn places(text: &str) -> Vec<(String, (usize, usize))> {
        let file = format!("title = \"日常\"\nstations = [\"*\"]\n[[message]]\nid = \"一\"\ntext = {text}\n");
        let source = Source { path: "日常.toml".into(), text: file };
        let parsed = parse_playlist(&source, &Kinds::default());
        let complaints = review_texts(&parsed, &source, &review);
        let cited = |complaint: Complaint| {
            (source.text[complaint.span.clone()].to_owned(), source.position(complaint.span.start))
        };
        complaints.into_iter().map(cited).collect()
    }

    #[test]
    fn a_finding_is_cited_where_it_stands_however_the_text_is_quoted() {
        for (text, place) in [
            ("\"安全^带\"", (5, 11)),
            ("'安\\^'", (5, 11)),
            ("\"一\\n\\\"二\\\"\\u4e09^\"", (5, 23)),
            ("\"\"\"\n安全\n带^ \"\"\"", (7, 2)),
            ("\"\"\"安全 \\\n   带^\"\"\"", (6, 5)),
            ("'''\n^'''", (6, 1)),
        ] {
            assert_eq!(places(text), [("^".to_owned(), place)], "{text}");
        }
    }

    #[test]
    fn an_escaped_character_is_cited_as_it_is_written() {
        assert_eq!(
            places("\"安\\u005E\\x5e\""),
            [("\\u005E".to_owned(), (5, 10)), ("\\x5e".to_owned(), (5, 16))]
        );
    }
}
