//! The rules, in the order in which they are tried. What is said for some characters leaves this room.

mod chain;
mod dash;
mod date;
mod latin;
mod list;
mod marks;
mod money;
mod one;
mod per;
mod phone;
mod plain;
mod plate;
mod quantity;
mod ratio;
mod time;

use super::found::Found;
use super::glyph::is_han;
use super::text::{Cursor, Text};

/// Looks at the characters from a place on, and says what they come to if it knows them.
type Rule = for<'a> fn(Cursor<'a>) -> Option<Found>;

/// Whoever knows more of the neighbourhood comes first.
const RULES: [Rule; 14] = [
    list::list,
    phone::phone,
    date::date,
    time::time,
    chain::chain,
    money::money,
    ratio::fraction,
    ratio::score,
    quantity::quantity,
    plain::plain,
    latin::latin,
    dash::dash,
    one::one,
    marks::sign,
];

/// Says what begins at `at`; always steps on.
pub(super) fn apply(text: &Text, at: usize) -> Found {
    // Most characters are Han, and of those only the short names of provinces begin anything.
    if is_han(text.at(at)) {
        return plate::plate(text.cursor(at)).unwrap_or_else(|| Found::to(at + 1).written(at..at + 1));
    }
    let found = RULES.iter().find_map(|rule| rule(text.cursor(at))).filter(|found| found.end > at);
    found.unwrap_or_else(|| marks::mark(text.cursor(at)))
}
