//! What is spoken of a warning: the headline, then the description, then what to do. If it is too long, the description gives
//! way first: people must hear what happens and what to do.

use super::alert::Info;
use super::clean::{ENDS, clean, sentences};
use super::read::is_han;

/// Writes what is spoken, at most `longest` characters; empty if there is nothing to say.
pub(super) fn spoken(info: &Info, longest: usize) -> String {
    let [mut headline, description, mut instruction] =
        [&info.headline, &info.description, &info.instruction].map(|text| ended(clean(text)));
    if headline.is_empty() {
        headline = ended(clean(&info.event));
    }
    if description.starts_with(headline.trim_end_matches(ENDS)) {
        headline.clear();
    }
    if description.contains(instruction.trim_end_matches(ENDS)) {
        instruction.clear();
    }
    let headline = if headline.chars().count() > longest { cut(&headline, longest) } else { headline };
    let mut left = longest.saturating_sub(headline.chars().count() + 1);
    let instruction = sentences(&instruction, left);
    left = left.saturating_sub(instruction.chars().count() + 1);
    let whole = sentences(&description, left);
    // Without a headline something must be said, though it be cut within a sentence.
    let description =
        if headline.is_empty() && whole.is_empty() { cut(&description, left) } else { whole.to_owned() };
    let parts = [headline.as_str(), &description, instruction];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(if parts.iter().any(|part| part.contains(is_han)) { "" } else { " " })
}

/// Cuts a text at the last pause that fits, or where it must be.
fn cut(text: &str, most: usize) -> String {
    let end = |most: usize| text.char_indices().nth(most).map_or(text.len(), |(at, _)| at);
    let fits = &text[..end(most.saturating_sub(1))];
    let pause = fits.rfind(['，', '、', '；', ',', ' ']).filter(|at| *at > 0);
    ended(fits[..pause.unwrap_or(fits.len())].to_owned())
}

/// Gives a text the mark that ends it.
fn ended(text: String) -> String {
    match text.chars().next_back() {
        None => text,
        Some(last) if ENDS.contains(&last) => text,
        Some(_) if text.contains(is_han) => text + "。",
        Some(_) => text + ".",
    }
}
