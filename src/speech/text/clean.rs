//! Takes out what must not reach an engine.

use super::runs::is_han;

/// Returns `text` without control and invisible characters and web addresses, with single blanks and with plain
/// letters and digits in place of full-width ones (engines are silent on those).
pub(super) fn clean(text: &str) -> String {
    let visible: String = text.chars().filter(|c| !is_invisible(*c)).map(narrow).collect();
    let spoken = without_addresses(&visible);
    with_pauses(&spoken.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Writes the marks after a Chinese character as Chinese ones: espeak-ng makes no pause at `带,就`, only at `带，就`.
fn with_pauses(text: &str) -> String {
    let before = std::iter::once(' ').chain(text.chars());
    let wide = |(before, mark): (char, char)| match mark {
        ',' if is_han(before) => '，',
        ';' if is_han(before) => '；',
        ':' if is_han(before) => '：',
        '!' if is_han(before) => '！',
        '?' if is_han(before) => '？',
        other => other,
    };
    before.zip(text.chars()).map(wide).collect()
}

/// Blanks among the control characters (tab, line end) stay: they part words.
fn is_invisible(c: char) -> bool {
    let formats = matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}');
    formats || (c.is_control() && !c.is_whitespace())
}

fn narrow(c: char) -> char {
    match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// An address ends at the first character that cannot stand in one; Chinese needs no blank after it.
fn without_addresses(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::with_capacity(text.len());
    while let Some(start) = address(rest) {
        kept.push_str(&rest[..start]);
        let tail = &rest[start..];
        let end = tail.find(|c: char| !c.is_ascii_graphic()).unwrap_or(tail.len());
        rest = &tail[end..];
    }
    kept + rest
}

/// Finds where the next address begins.
fn address(text: &str) -> Option<usize> {
    // Folding ASCII alone keeps every byte where it was.
    let lower = text.to_ascii_lowercase();
    ["http://", "https://", "www."].iter().filter_map(|mark| lower.find(mark)).min()
}
