//! Numbers of the items of a list: `1、` `(2)` `③` at the beginning of a line or sentence.

use crate::speech::text::normalize::found::Found;
use crate::speech::text::normalize::glyph::{Class, END, class};
use crate::speech::text::normalize::text::Cursor;
use crate::speech::text::said::Pause;

pub(super) fn list(c: Cursor<'_>) -> Option<Found> {
    if !begins(c) {
        return name(c);
    }
    let (number, end) = numbered(c).or_else(|| bracketed(c))?;
    let mut after = c.text.cursor(end);
    after.blank();
    let class = class(after.peek());
    // 1.5 and 3、4个 are no items.
    matches!(class, Class::Han | Class::Latin).then(|| Found::to(after.at).count(&number).pause(Pause::Comma))
}

/// Brackets inside the name of a class are not heard: 七（2）班.
fn name(mut c: Cursor<'_>) -> Option<Found> {
    let joined = matches!(class(c.text.before(c.at)), Class::Han | Class::Digit);
    let (number, end) = bracketed(c).filter(|_| joined)?;
    c.at = end;
    (c.peek() == '班').then(|| Found::to(end).count(&number))
}

fn begins(c: Cursor<'_>) -> bool {
    let before = c.text.before(c.text.back_over_blanks(c.at));
    matches!(before, END | '。' | '；' | ';' | '：' | ':' | '！' | '!' | '？' | '?')
}

/// `1、` `2.` `3）`
fn numbered(mut c: Cursor<'_>) -> Option<(String, usize)> {
    let number = c.digits(1, 2)?;
    // A blank is not enough: 3 个.
    c.one_of(&['、', '.', '．', ')', '，'])?;
    Some((number, c.at))
}

/// `(1)`
fn bracketed(mut c: Cursor<'_>) -> Option<(String, usize)> {
    c.one_of(&['(', '['])?;
    let number = c.digits(1, 2)?;
    c.one_of(&[')', ']'])?;
    c.one_of(&['、', '.', '，']);
    Some((number, c.at))
}
