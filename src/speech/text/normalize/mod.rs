//! Written text → said text: numbers, signs and letters become what a person would say. [`Said`] leaves this room.

mod address;
mod emit;
mod found;
mod glyph;
mod number;
mod read;
mod rules;
mod tables;
mod text;

use super::said::Said;

/// Says what the user wants to be different.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Leaves out a 儿 that is only an ending: 花儿 → 花.
    pub remove_erhua: bool,
}

/// Turns a written text into what is said for it.
///
/// Never fails, and takes time in proportion to the length. Every Han character of `text` is among the items, in its
/// order (unless `options` leave out a 儿); digits, signs and letters are turned into Han characters or foreign words.
/// What cannot be said is listed with its place.
pub fn normalize(text: &str, options: &Options) -> Said {
    let read::Reading { text, unspeakable } = read::read(text);
    let mut emitter = emit::Emitter::new(&text, *options, unspeakable);
    let mut at = 0;
    while at < text.glyphs.len() {
        let found = rules::apply(&text, at);
        emitter.take(&found.parts);
        at = found.end;
    }
    emitter.finish()
}

/// Tells whether a reader sees a character at all.
pub(super) fn is_seen(c: char) -> bool {
    glyph::class(c) != glyph::Class::Invisible
}

#[cfg(test)]
mod tests;
