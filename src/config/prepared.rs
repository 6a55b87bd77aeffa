//! From the values of `alerts.toml` to prepared alerts, and the keys of that file.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use crate::model::{Prepared, Priority, Words};

use super::advice::quoted;
use super::field::{Field, FieldKind, ListOf};
use super::reader::{Entries, Reader};

/// A text of an alert with its places filled must still be short enough to be repeated.
const LONGEST: usize = 500;

const DAY: Duration = Duration::from_hours(24);

/// The keys of `alerts.toml`.
pub const ALERTS: &[Field] = &[Field::new(
    "alert",
    FieldKind::List(&ListOf { kind: FieldKind::Table(ALERT), fewest: 1, most: 200 }),
    "备好的警报，每条以 `[[alert]]` 开头",
    "The prepared alerts, each under `[[alert]]`",
)
.required()];

/// The keys of `[[alert]]`.
pub const ALERT: &[Field] = &[
    Field::new(
        "event",
        FieldKind::Text { longest: 30 },
        "什么事，如 `暴雨`；不能重复",
        "What happens, unique in the file",
    )
    .required(),
    Field::new(
        "text",
        FieldKind::Text { longest: LONGEST },
        "播什么。花括号里是发布时才填的，如 `{地点}`",
        "What is said. Words in braces are filled in when it is issued, such as `{地点}`",
    )
    .required(),
    Field::new("clear", FieldKind::Text { longest: LONGEST }, "解除时播什么", "What is said when it is over")
        .required(),
    Field::new(
        "correction",
        FieldKind::Text { longest: LONGEST },
        "发错了怎么更正",
        "What is said at once when it was wrong",
    )
    .required(),
    Field::new(
        "drill",
        FieldKind::Text { longest: LONGEST },
        "演练时播什么；不写就播 `text`。前后的“演练”由站点自己加",
        "What is said in a drill; `text`, if absent. That it is a drill, each station adds by itself",
    ),
    Field::new("language", FieldKind::Language, "文字的语言", "Language of the texts").or("zh"),
    Field::new(
        "priority",
        FieldKind::OneOf(&["routine", "important", "urgent", "emergency"]),
        "优先级；只有 `emergency` 能越过静音时段和时长限制",
        "How strong it is; only `emergency` passes quiet hours and limits",
    )
    .or("urgent"),
    Field::new(
        "expires",
        FieldKind::Length { min: Duration::from_mins(1), max: DAY },
        "多久以后失效，最长 24 小时",
        "How long it is in force, 24 hours at the most",
    )
    .or("2h"),
    Field::new(
        "repeat",
        FieldKind::Length { min: Duration::from_secs(10), max: DAY },
        "隔多久再播一遍，从上一遍开头算起；不写：应急 30 秒，其他只播一遍",
        "From the beginning of one airing to the next; 30 s for an emergency and once for others, if absent",
    ),
];

/// Builds the prepared alerts, in the order of the file; `None` when one was refused.
pub(super) fn build(entries: &Entries, reader: &mut Reader<'_>) -> Option<Vec<Prepared>> {
    let mut first = BTreeMap::new();
    let alerts = entries.tables("alert").map(|table| {
        unique(table, &mut first, reader);
        for key in ["text", "clear", "correction", "drill"] {
            braces(table, key, reader);
        }
        prepared(table)
    });
    // Every alert is looked at, so that all complaints come at once.
    alerts.collect::<Vec<_>>().into_iter().collect()
}

fn prepared(table: &Entries) -> Option<Prepared> {
    let text = |key| table.text(key).map(str::to_owned);
    Some(Prepared {
        event: text("event")?,
        text: text("text")?,
        clear: text("clear")?,
        correction: text("correction")?,
        drill: text("drill"),
        language: text("language")?,
        priority: table.text("priority")?.parse::<Priority>().ok()?,
        expires: table.length("expires")?,
        repeat: table.length("repeat"),
    })
}

fn unique(table: &Entries, first: &mut BTreeMap<String, Range<usize>>, reader: &mut Reader<'_>) {
    let Some(event) = table.text("event") else { return };
    let span = table.span_of("event");
    let Some(before) = first.insert(event.to_owned(), span.clone()) else { return };
    let (line, _) = reader.source.position(before.start);
    let name = quoted(event);
    reader.error(
        &span,
        Words::new(
            format!("警报 {name} 写了两次，第 {line} 行已经有了"),
            format!("the alert {name} stands twice; line {line} has it already"),
        ),
        Words::new("只留一个，或者换个名称", "keep one, or give it another name"),
    );
}

/// A brace that is not closed would be read aloud at the worst moment.
fn braces(table: &Entries, key: &str, reader: &mut Reader<'_>) {
    let Some(text) = table.text(key) else { return };
    let mut open = false;
    let fine = text.chars().all(|c| match c {
        '{' => !std::mem::replace(&mut open, true),
        '}' => std::mem::take(&mut open),
        _ => true,
    });
    if !fine || open || text.contains("{}") {
        reader.error(
            &table.span_of(key),
            Words::new("花括号没有配对，或者里面是空的", "a brace has no partner, or there is nothing in it"),
            Words::new("写成 `{地点}` 这样", "write it as `{地点}`"),
        );
    }
}
