//! Columns that stay aligned under Chinese text, and what stands in them.

use std::fmt::Display;

use chrono::{DateTime, TimeZone};
use comfy_table::presets::NOTHING;
use comfy_table::{Cell, ColumnConstraint, Table, Width};

/// Lays rows out in columns, two blanks apart, without a frame. Widths count as a terminal shows them: a Han character
/// takes two cells.
pub(super) fn columns(rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.add_rows(rows);
    written(table)
}

/// As [`columns`], each column at least as wide as `least` says, so that tables written one after the other stay
/// aligned; under `headings`, if there are any.
pub(super) fn wide_columns<const N: usize>(
    least: [u16; N],
    headings: Option<[&str; N]>,
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    if let Some(headings) = headings {
        table.set_header(headings.map(Cell::new));
    }
    table.add_rows(rows);
    table.set_constraints(least.map(|width| ColumnConstraint::LowerBoundary(Width::Fixed(width + 2))));
    written(table)
}

fn written(mut table: Table) -> String {
    table.load_style(NOTHING);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.lines().fold(String::new(), |text, line| text + line.trim_end() + "\n")
}

/// Writes an instant in the civil time that it bears, to the second.
pub(super) fn date_and_time<Z: TimeZone<Offset: Display>>(instant: &DateTime<Z>) -> String {
    instant.format("%Y-%m-%d %H:%M:%S").to_string()
}
