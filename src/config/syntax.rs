//! What the TOML parser says, in words of people who never heard of TOML.

use std::ops::Range;

use toml::de::DeTable;

use crate::model::Words;

use super::advice::{half_width, in_half_width, quoted};
use super::complaint::{Complaint, MOST_COMPLAINTS, Severity, Source};
use super::moment;
use super::sayings::{SAYINGS, Saying};

/// Holds what is wrong with the writing itself, and how far the rest can be trusted.
#[derive(Debug, Clone, Default)]
pub(super) struct Syntax {
    pub(super) complaints: Vec<Complaint>,
    /// Whether something was lost, so that a missing key may only be unreadable.
    pub(super) lost: bool,
    /// From here on nothing can be trusted: a table's header was lost.
    trusted_until: Option<usize>,
    /// Lines already complained about.
    lines: Vec<Range<usize>>,
}

/// Most lines that are repaired before reading on: each costs a pass over the file, and files are hostile.
const MOST_REPAIRS: usize = 20;

impl Syntax {
    /// Words the parser's errors, one complaint a line, because the first mistake of a line breeds the others.
    ///
    /// Returns the text as it is to be read further: lines that would be lost, and take others with them, are
    /// repaired where it is clear how, else blanked. Every other byte stays at its place.
    pub(super) fn diagnose(source: &Source) -> (Self, String) {
        let mut syntax = Self::default();
        let mut text = source.text.clone();
        for _ in 0..MOST_REPAIRS {
            let Some(lost) = syntax.first_lost_line(source, &text) else { break };
            let written = &source.text[lost.clone()];
            let mut line = compact(written).unwrap_or_default();
            line.extend(std::iter::repeat_n(' ', lost.len() - line.len()));
            text.replace_range(lost, &line);
        }
        (syntax, text)
    }

    /// Words the errors of one pass up to the first that loses its line, and returns that line.
    fn first_lost_line(&mut self, source: &Source, text: &str) -> Option<Range<usize>> {
        let (_, errors) = DeTable::parse_recoverable(text);
        let mut errors: Vec<(Range<usize>, &str)> =
            errors.iter().map(|error| (error.span().unwrap_or_default(), error.message())).collect();
        errors.sort_by_key(|(span, _)| span.start);
        errors.into_iter().find_map(|(span, message)| self.add(source, span, message))
    }

    /// Tells whether a complaint about `span` would only repeat, or follow from, one about the writing.
    pub(super) fn spoils(&self, span: &Range<usize>) -> bool {
        let beyond = self.trusted_until.is_some_and(|end| span.start >= end || span.end == 0);
        beyond || self.lines.iter().any(|line| span.start < line.end && line.start < span.end)
    }

    /// Adds the complaint, unless its line has one, and returns the line if it has to be taken out of the way.
    fn add(&mut self, source: &Source, span: Range<usize>, message: &str) -> Option<Range<usize>> {
        let line = source.line_at(span.start);
        if self.complaints.len() >= MOST_COMPLAINTS || self.lines.contains(&line) {
            return None;
        }
        let saying = SAYINGS.iter().find(|saying| message.starts_with(saying.starts));
        let written = &source.text[line.clone()];
        let complaint = full_width(source, &line)
            .or_else(|| colon(source, &line))
            .or_else(|| bare_word(source, &span, message))
            .unwrap_or_else(|| plain(source, &span, message, saying));
        self.complaints.push(complaint);
        self.lines.push(line.clone());
        let repairable = compact(written).is_some();
        let loses = saying.is_none_or(|saying| saying.loses);
        let header = written.trim_start().starts_with(['[', '［', '【']);
        if !repairable && (header || message.contains("array")) {
            self.trusted_until = Some(self.trusted_until.map_or(line.start, |end| end.min(line.start)));
        }
        self.lost |= !repairable && (loses || header);
        (repairable || loses).then_some(line)
    }
}

/// Repairs a line if that is clear, in no more bytes than it had.
fn compact(line: &str) -> Option<String> {
    let folded = repaired(line);
    let whole = match folded.split_once(':') {
        Some((key, value)) if with_equals(&folded).is_some() => format!("{}={}", key.trim(), value.trim()),
        _ => folded,
    };
    let fits = whole != line && whole.len() <= line.len() && !whole.trim().is_empty();
    (fits && DeTable::parse(whole.trim()).is_ok()).then_some(whole)
}

fn complaint(source: &Source, span: Range<usize>, what: Words, fix: Words) -> Complaint {
    Complaint { severity: Severity::Error, path: source.path.clone(), span, what, fix }
}

fn plain(source: &Source, span: &Range<usize>, message: &str, saying: Option<&Saying>) -> Complaint {
    let (what, fix) = match saying {
        Some(s) => (Words::new(s.zh, s.en), Words::new(s.fix_zh, s.fix_en)),
        None => (
            Words::new(format!("这里的写法不对（{message}）"), format!("this is not TOML: {message}")),
            Words::new("照示例文件改写这一行", "write the line as in the example files"),
        ),
    };
    complaint(source, span.clone(), what, fix)
}

/// Shows an unquoted word in quotes.
fn bare_word(source: &Source, span: &Range<usize>, message: &str) -> Option<Complaint> {
    let word =
        source.text.get(span.clone()).filter(|word| !word.is_empty() && !word.contains(['"', '\\']))?;
    if !message.starts_with("string values must be quoted") {
        return None;
    }
    let what = Words::new(format!("{} 没有加引号", quoted(word)), format!("{} has no quotes", quoted(word)));
    let fix = Words::new(format!("改成 `\"{word}\"`"), format!("write `\"{word}\"`"));
    Some(complaint(source, span.clone(), what, fix))
}

/// Finds characters of a Chinese input method where TOML wants ASCII, and shows the line as it should be.
fn full_width(source: &Source, line: &Range<usize>) -> Option<Complaint> {
    let written = &source.text[line.clone()];
    let (span, found) = first_full_width(written)?;
    let folded = repaired(written);
    let whole = with_equals(&folded).unwrap_or(folded);
    let right = if DeTable::parse(whole.trim()).is_ok() { whole } else { half_width(found).to_string() };
    let right = right.trim();
    let fix = Words::new(
        format!("换成英文输入法，改成 `{right}`"),
        format!("switch to English input and write `{right}`"),
    );
    let what = Words::new(
        format!("这里用了中文输入法的 {}", quoted(&found.to_string())),
        format!("{} comes from a Chinese input method", quoted(&found.to_string())),
    );
    Some(complaint(source, line.start + span.start..line.start + span.end, what, fix))
}

/// Finds a colon where an equals sign should be, as other formats have it.
fn colon(source: &Source, line: &Range<usize>) -> Option<Complaint> {
    let written = &source.text[line.clone()];
    let right = with_equals(written)?;
    DeTable::parse(right.trim()).ok()?;
    let at = line.start + written.find(':')?;
    let right = right.trim();
    Some(complaint(
        source,
        at..at + 1,
        Words::new("这里要用等号，不是冒号", "an equals sign is wanted here, not a colon"),
        Words::new(format!("改成 `{right}`"), format!("write `{right}`")),
    ))
}

/// Writes `key: value` as `key = value`.
fn with_equals(line: &str) -> Option<String> {
    let (key, value) = line.split_once(':')?;
    let is_key = |key: &str| !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_key(key.trim()).then(|| format!("{} = {}", key.trim_end(), value.trim_start()))
}

/// Steps through a line and tells of each character whether it lies inside a text that is quoted as it should be.
fn outside_quotes(line: &str) -> impl Iterator<Item = (usize, char, bool)> {
    let mut quote = None;
    let mut comment = false;
    line.char_indices().map(move |(at, c)| {
        let inside = quote.is_some() || comment;
        match quote {
            _ if comment => {}
            Some(open) if c == open => quote = None,
            // A text that a straight quote opens and a Chinese one ends was meant to end there.
            Some('"') if c == '”' && !line[at + c.len_utf8()..].contains('"') => {
                quote = None;
                return (at, c, true);
            }
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None => comment = c == '#',
        }
        (at, c, !inside)
    })
}

fn first_full_width(line: &str) -> Option<(Range<usize>, char)> {
    let folds = |c: char| half_width(c) != c && !matches!(c, '\u{a0}' | '—' | '–');
    let (at, c, _) = outside_quotes(line).find(|(_, c, outside)| *outside && folds(*c))?;
    Some((at..at + c.len_utf8(), c))
}

/// Writes the line with ASCII punctuation; texts between Chinese quotes keep theirs.
fn repaired(line: &str) -> String {
    let mut in_chinese_quotes = false;
    let fold = |(_, c, outside): (usize, char, bool)| match c {
        '“' if outside => {
            in_chinese_quotes = true;
            '"'
        }
        '”' if outside => {
            in_chinese_quotes = false;
            '"'
        }
        c if outside && !in_chinese_quotes => half_width(c),
        c => c,
    };
    let folded: String = outside_quotes(line).map(fold).collect();
    let segments = folded.split('"').enumerate();
    let texts =
        segments.map(|(at, text)| if at % 2 == 1 { time_in_half_width(text) } else { text.to_owned() });
    texts.collect::<Vec<_>>().join("\"")
}

/// Folds a text that is meant as a time of day; others keep their Chinese punctuation.
fn time_in_half_width(text: &str) -> String {
    let half = in_half_width(text);
    if moment::time(&half).is_ok() { half } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(text: &str) -> Vec<(String, String)> {
        let source = Source { path: "春运.toml".into(), text: text.into() };
        let (syntax, _) = Syntax::diagnose(&source);
        syntax.complaints.into_iter().map(|c| (text[c.span.clone()].to_owned(), c.fix.zh)).collect()
    }

    fn only(text: &str) -> (String, String) {
        let mut all = complaints(text);
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    #[test]
    fn what_a_chinese_input_method_produced_is_shown_as_it_should_be() {
        let right = "换成英文输入法，改成 `title = \"春运：安全\"`";
        for (line, word) in [
            ("title = “春运：安全”", "“"),
            ("title ＝ \"春运：安全\"", "＝"),
            ("title： “春运：安全”", "："),
            ("title = \"春运：安全”", "”"),
        ] {
            let (found, fix) = only(line);
            assert_eq!(found, word, "{line}");
            assert_eq!(fix, right, "{line}");
        }
    }

    #[test]
    fn a_comma_from_a_chinese_input_method_is_found_in_a_list() {
        let (found, fix) = only("at = [\"06:30\"，\"18:00\"]");
        assert_eq!(found, "，");
        assert_eq!(fix, "换成英文输入法，改成 `at = [\"06:30\",\"18:00\"]`");
    }

    #[test]
    fn one_line_gets_one_complaint_and_each_broken_line_gets_its_own() {
        let all = complaints("title: \"春运\"\npriority \"urgent\"\nvalid_from = 2024-02-30\n");
        assert_eq!(all.len(), 3, "{all:?}");
        assert_eq!(all[0], (":".to_owned(), "改成 `title = \"春运\"`".to_owned()));
    }

    #[test]
    fn a_word_without_quotes_is_shown_in_quotes() {
        assert_eq!(only("grace = 10m"), ("10m".to_owned(), "改成 `\"10m\"`".to_owned()));
    }
}
