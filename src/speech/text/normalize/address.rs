//! Finds web and mail addresses: nobody wants to hear one.

use std::ops::Range;

/// Ends of names in the network that are met in China; another ending is taken for a word after a full stop.
const ENDINGS: [&str; 26] = [
    "cn", "com", "net", "org", "gov", "edu", "info", "biz", "top", "vip", "shop", "site", "xyz", "club",
    "tech", "online", "cc", "tv", "io", "me", "hk", "tw", "mobi", "link", "html", "int",
];

/// Lists the places of all addresses, in order.
pub(super) fn find(chars: &[char]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let length = chars[at..].iter().take_while(|c| c.is_ascii_graphic()).count();
        if length > 3 {
            in_run(chars, at..at + length, &mut found);
        }
        at += length.max(1);
    }
    found
}

/// Looks through one run of visible ASCII characters.
fn in_run(chars: &[char], run: Range<usize>, found: &mut Vec<Range<usize>>) {
    let text: String = chars[run.clone()].iter().map(char::to_ascii_lowercase).collect();
    let marks = ["http://", "https://", "ftp://", "www."];
    let web = marks.iter().filter_map(|mark| text.find(mark)).min();
    let before = web.unwrap_or(text.len());
    names(&text[..before], run.start, found);
    if let Some(start) = web {
        found.push(run.start + start..run.start + trimmed(&text));
    }
}

/// Finds `name@host.cn` and `host.gov.cn/path` among characters that may stand in them.
fn names(text: &str, start: usize, found: &mut Vec<Range<usize>>) {
    let part = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '.' | '-' | '_' | '@' | '/' | '?' | '=' | '&' | '%' | '+' | '#')
    };
    let mut at = 0;
    while at < text.len() {
        let length = text[at..].find(|c| !part(c)).unwrap_or(text.len() - at);
        let word = text.get(at..at + length).unwrap_or_default();
        let word = &word[..trimmed(word)];
        if is_name(word) {
            found.push(start + at..start + at + word.len());
        }
        at += length.max(1);
    }
}

/// Returns the length without the marks of the sentence at the end.
fn trimmed(text: &str) -> usize {
    text.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '"', '\'', '>', '}', '-']).len()
}

fn is_name(word: &str) -> bool {
    let (user, rest) = word.split_once('@').map_or((None, word), |(user, host)| (Some(user), host));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let Some((name, ending)) = host.rsplit_once('.') else { return false };
    let labels = host.split('.').all(|label| !label.is_empty());
    let known = ENDINGS.contains(&ending);
    let letters = ending.len() >= 2 && ending.chars().all(|c| c.is_ascii_alphabetic());
    labels && !name.is_empty() && if user.is_some_and(|user| !user.is_empty()) { letters } else { known }
}
