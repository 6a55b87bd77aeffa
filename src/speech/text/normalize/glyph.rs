//! One written character as the rules see it: full-width forms folded, and what class it belongs to.

use crate::model::Syllable;

/// Stands where something unspeakable was written: no rule reads across it.
pub(super) const GAP: char = '\u{fffc}';

/// Stands beyond both ends of a text.
pub(super) const END: char = '\n';

/// A character of the text that may have a sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glyph {
    /// The character, full-width letters, digits and signs as plain ones.
    pub(super) c: char,
    /// Where it was written, in characters from 0.
    pub(super) at: usize,
    /// The reading that was written behind it.
    pub(super) reading: Option<Syllable>,
}

/// Says what a character is to the normaliser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Han,
    Digit,
    Latin,
    /// A blank inside a line.
    Blank,
    /// Line ends, marks, signs, and all that the rules look at one by one.
    Sign,
    /// Nobody hears or sees it.
    Invisible,
    Emoji,
    Script,
}

/// Folds full-width letters, digits and signs; punctuation that Chinese is written with stays as it is.
pub(super) fn folded(c: char) -> char {
    match c {
        '，' | '！' | '？' | '；' => c,
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{2010}'..='\u{2012}' | '\u{2212}' | '\u{fe63}' | '\u{207b}' => '-',
        '\u{2013}' | '\u{2014}' | '\u{2015}' | '\u{2500}' => '—',
        '\u{301c}' | '\u{223c}' => '~',
        '\u{3000}' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\t' => ' ',
        '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        '\u{2080}'..='\u{2089}' => char::from_u32(u32::from(c) - 0x2050).unwrap_or(c),
        'µ' => 'μ',
        'Ω' => 'Ω',
        '﹪' => '%',
        '➡' => '→',
        '✖' | '✕' => '×',
        '➗' => '÷',
        '➕' => '+',
        '▪' | '◦' | '∙' | '‧' | '・' | '･' | '●' | '•' => '·',
        _ => c,
    }
}

/// Sorts one character, already folded.
pub(super) fn class(c: char) -> Class {
    match c {
        '0'..='9' => Class::Digit,
        ' ' => Class::Blank,
        '\n' => Class::Sign,
        _ if is_han(c) => Class::Han,
        _ if is_latin(c) => Class::Latin,
        _ if is_invisible(c) => Class::Invisible,
        _ if is_emoji(c) => Class::Emoji,
        'μ'
        | 'Ω'
        | 'º'
        | 'ª'
        | '\u{2100}'..='\u{218f}'
        | '\u{2460}'..='\u{24ff}'
        | '\u{3200}'..='\u{33ff}' => Class::Sign,
        _ if c.is_alphabetic() || is_combining(c) => Class::Script,
        _ => Class::Sign,
    }
}

/// Every ideograph that Unicode has, and 〇.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '〇' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

/// Latin letters of European languages, with or without accents.
pub(super) fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || (c.is_alphabetic() && matches!(c, '\u{c0}'..='\u{24f}'))
}

fn is_invisible(c: char) -> bool {
    let formats = matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' | '\u{20e3}');
    formats || c.is_control()
}

/// Pictures and ornaments.
pub(super) fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{2600}'..='\u{2775}' | '\u{2794}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{25a0}'..='\u{25ff}'
        | '\u{2300}'..='\u{23ff}' | '※' | '〒' | '\u{3030}' | '〓' | '\u{2190}' | '\u{2191}' | '\u{2193}'..='\u{21d1}'
        | '\u{21d3}'..='\u{21ff}' | '\u{2501}'..='\u{259f}' | '©' | '®' | '™' | '\u{3020}')
}

/// Marks that only stand on other letters.
fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{64b}'..='\u{65f}')
}
