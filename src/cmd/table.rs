//! Columns that stay aligned under Chinese text.

use comfy_table::Table;
use comfy_table::presets::NOTHING;

use crate::model::{Lang, Priority};

/// Lays rows out in columns, two blanks apart, without a frame. Widths count as a terminal shows them: a Han character
/// takes two cells.
pub(super) fn columns(rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    format!("{}\n", table.trim_fmt())
}

/// Names a priority as people say it.
pub(super) fn priority(priority: Priority, lang: Lang) -> &'static str {
    match (lang, priority) {
        (Lang::Zh, Priority::Routine) => "日常",
        (Lang::Zh, Priority::Important) => "重要",
        (Lang::Zh, Priority::Urgent) => "紧急",
        (Lang::Zh, Priority::Emergency) => "应急",
        (Lang::En, priority) => priority.as_str(),
    }
}
