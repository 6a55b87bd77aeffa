//! The rules, in the order in which they are tried. What is said for some characters leaves this room.

mod chain;
mod dash;
mod date;
mod latin;
mod list;
mod marks;
mod money;
mod one;
mod phone;
mod plain;
mod plate;
mod quantity;
mod time;

use super::found::Found;
use super::text::{Cursor, Text};

/// Looks at the characters from a place on, and says what they come to if it knows them.
type Rule = for<'a> fn(Cursor<'a>) -> Option<Found>;

/// Whoever knows more of the neighbourhood comes first.
const RULES: [Rule; 16] = [
    list::list,
    plate::plate,
    phone::phone,
    date::date,
    time::time,
    chain::chain,
    money::money,
    quantity::fraction,
    quantity::score,
    quantity::quantity,
    plain::plain,
    latin::latin,
    dash::dash,
    one::one,
    marks::sign,
    marks::mark,
];

/// Says what begins at `at`; always steps on.
pub(super) fn apply(text: &Text, at: usize) -> Found {
    let found = RULES.iter().find_map(|rule| rule(text.cursor(at)));
    found.filter(|found| found.end > at).unwrap_or_else(|| Found::to(at + 1))
}
