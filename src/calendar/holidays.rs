//! Reads a year's statutory holidays from its file.

mod parse;

use crate::model::HolidayYear;

pub use parse::{HolidayFault, parse};

/// The files of `config/holidays/`, which are tested to be readable.
const BUILTIN: &[&str] = &[
    include_str!("../../config/holidays/2024.toml"),
    include_str!("../../config/holidays/2025.toml"),
    include_str!("../../config/holidays/2026.toml"),
    include_str!("../../config/holidays/2027.toml"),
];

/// Returns the years that are built in.
pub(super) fn builtin() -> Vec<HolidayYear> {
    BUILTIN.iter().map(|text| parse(text).expect("a test reads every shipped year")).collect()
}

#[cfg(test)]
mod tests;
