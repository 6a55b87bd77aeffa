//! From the values of a playlist file to the playlist.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use chrono::WeekdaySet;

use crate::model::{
    Chime, Days, Message, MessageId, Order, Playlist, PlaylistId, Repeat, Schedule, Start, Status, Target,
    When, Words,
};

use super::advice::{listed, nearest, quoted};
use super::reader::{Entries, Reader, Rows};
use super::site::weekday;
use super::value::Value;

/// Builds the playlist named by its file, from what is readable; `None` when it has no name.
pub(super) fn build(entries: &Entries, reader: &mut Reader<'_>) -> Option<Playlist> {
    let id = playlist_id(reader);
    let ids: Vec<MessageId> =
        entries.tables("message").filter_map(|table| MessageId::new(table.text("id")?).ok()).collect();
    let (message_rows, messages) = messages(entries, reader);
    let kept = |table: &Entries, reader: &mut Reader<'_>| {
        schedule(table, &ids, reader).map(|schedule| (table.place.clone(), schedule))
    };
    let (schedule_rows, schedules) =
        entries.tables("schedule").filter_map(|table| kept(table, reader)).unzip();
    reader.rows = Rows { messages: message_rows, schedules: schedule_rows };
    check_validity(entries, reader);
    let self_test = entries.text("kind") == Some("self-test");
    if self_test {
        check_self_test(entries, reader);
    }
    let status = if self_test {
        Some(Status::Test)
    } else {
        entries.text("status").and_then(|name| name.parse().ok())
    };
    Some(Playlist {
        id: id?,
        title: entries.text("title").unwrap_or_default().to_owned(),
        stations: entries.list("stations").filter_map(target).collect(),
        valid_from: entries.date("valid_from"),
        valid_until: entries.date("valid_until"),
        priority: entries.text("priority").and_then(|name| name.parse().ok()).unwrap_or_default(),
        status: status.unwrap_or_default(),
        messages,
        schedules,
    })
}

fn target(value: &Value) -> Option<Target> {
    if let Value::Target(target) = value { Some(target.clone()) } else { None }
}

/// Names the playlist by its file.
fn playlist_id(reader: &mut Reader<'_>) -> Option<PlaylistId> {
    let stem = reader.source.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let id = PlaylistId::new(stem);
    if id.is_err() {
        let name = quoted(stem);
        reader.error(
            &(0..0),
            Words::new(
                format!("文件名 {name} 不能作节目单的名称"),
                format!("the file's name {name} cannot name a playlist"),
            ),
            Words::new(
                "文件名用 1 到 64 个汉字、字母或数字，如 `春运.toml`",
                "name the file with 1 to 64 letters, digits or Han characters, such as `春运.toml`",
            ),
        );
    }
    id.ok()
}

fn check_validity(entries: &Entries, reader: &mut Reader<'_>) {
    if let (Some(from), Some(until)) = (entries.date("valid_from"), entries.date("valid_until"))
        && until < from
    {
        reader.error(
            &entries.span_of("valid_until"),
            Words::new("有效期的最后一天在第一天之前", "the last day lies before the first"),
            Words::new(
                format!("写 {from} 或以后的日期，或把两个日期对调"),
                format!("write {from} or later, or exchange the two dates"),
            ),
        );
    }
}

/// A self-test is never taken for the real thing, and never passes quiet hours.
fn check_self_test(entries: &Entries, reader: &mut Reader<'_>) {
    if entries.wrote("status") && entries.text("status").is_some_and(|status| status != "test") {
        reader.error(
            &entries.span_of("status"),
            Words::new("自检只能是测试", "a self-test is always a test"),
            Words::new(
                "删去 `status`，或写 `status = \"test\"`",
                "take `status` away, or write `status = \"test\"`",
            ),
        );
    }
    if entries.text("priority") == Some("emergency") {
        reader.error(
            &entries.span_of("priority"),
            Words::new("自检不能越过静音时段", "a self-test must not pass quiet hours"),
            Words::new("删去 `priority`", "take `priority` away"),
        );
    }
}

fn messages(entries: &Entries, reader: &mut Reader<'_>) -> (Vec<String>, Vec<Arc<Message>>) {
    let mut first: BTreeMap<String, Range<usize>> = BTreeMap::new();
    entries
        .tables("message")
        .filter_map(|table| {
            unique_id(table, &mut first, reader);
            message(table, reader).map(|message| (table.place.clone(), Arc::new(message)))
        })
        .unzip()
}

/// Refuses an id that was given before.
pub(super) fn unique_id(
    table: &Entries,
    first: &mut BTreeMap<String, Range<usize>>,
    reader: &mut Reader<'_>,
) {
    let Some(id) = table.text("id") else { return };
    let span = table.span_of("id");
    if let Some(before) = first.get(id) {
        let (line, _) = reader.source.position(before.start);
        let name = quoted(id);
        reader.error(
            &span,
            Words::new(
                format!("名称 {name} 用了两次，第 {line} 行已经有了"),
                format!("the id {name} is used twice; line {line} has it already"),
            ),
            Words::new("换一个名称", "choose another id"),
        );
    } else {
        first.insert(id.to_owned(), span);
    }
}

fn message(table: &Entries, reader: &mut Reader<'_>) -> Option<Message> {
    if !table.wrote("text") && !table.wrote("audio") {
        reader.error(
            &table.span,
            Words::new("这条播报既没有文字也没有录音", "this message has neither text nor recording"),
            Words::new(
                "加上 `text = \"…\"` 或 `audio = \"….mp3\"`",
                "add `text = \"…\"` or `audio = \"….mp3\"`",
            ),
        );
    }
    Some(Message {
        id: MessageId::new(table.text("id")?).ok()?,
        text: table.text("text").map(str::to_owned),
        audio: table.path("audio").map(Into::into),
        language: table.text("language")?.to_owned(),
        voice: match table.value("voice") {
            Some(Value::Selection(voice)) => Some(voice.clone()),
            _ => None,
        },
        repeat: Repeat { times: u32::try_from(table.integer("repeat")?).ok()?, gap: table.length("gap")? },
        volume: table.integer("volume").and_then(|percent| u8::try_from(percent).ok()),
    })
}

fn schedule(table: &Entries, ids: &[MessageId], reader: &mut Reader<'_>) -> Option<Schedule> {
    let when = when(table, reader);
    let messages = chosen(table, ids, reader);
    Some(Schedule {
        when: when?,
        days: days(table),
        calendar: table.calendar("calendar").cloned(),
        messages,
        order: match table.text("order")? {
            "rotate" => Order::Rotate,
            "shuffle" => Order::Shuffle,
            _ => Order::Listed,
        },
        start: if table.text("start")? == "hard" { Start::Hard } else { Start::Soft },
        grace: table.length("grace")?,
        gap: table.length("gap")?,
        chime: chime(table),
    })
}

fn chime(table: &Entries) -> Option<Chime> {
    if let Some(Value::Chime(chime)) = table.value("chime") { Some(chime.clone()) } else { None }
}

fn days(table: &Entries) -> Days {
    match table.value("days") {
        Some(Value::Days(days)) => *days,
        Some(Value::List(_)) => {
            Days::Weekdays(table.list("days").filter_map(weekday).fold(WeekdaySet::EMPTY, |mut set, day| {
                set.insert(day);
                set
            }))
        }
        _ => Days::Every,
    }
}

fn when(table: &Entries, reader: &mut Reader<'_>) -> Option<When> {
    match (table.wrote("cron"), table.wrote("at")) {
        (true, true) => {
            reader.error(
                &table.span_of_key("at"),
                Words::new("`cron` 和 `at` 只能写一个", "`cron` and `at` cannot stand together"),
                Words::new(
                    "删去其中一个；两种时间都要，就写两个 `[[schedule]]`",
                    "remove one, or write two `[[schedule]]`",
                ),
            );
            None
        }
        (false, false) => {
            reader.error(
                &table.span,
                Words::new("没有写什么时候播", "it does not say when to air"),
                Words::new(
                    "加上 `at = [\"06:30\", \"18:00\"]` 或 `cron = \"0 30 6 * * *\"`",
                    "add `at = [\"06:30\", \"18:00\"]` or `cron = \"0 30 6 * * *\"`",
                ),
            );
            None
        }
        (true, false) => cron(table, reader),
        (false, true) => {
            let mut times: Vec<_> = table
                .list("at")
                .filter_map(|value| if let Value::Time(time) = value { Some(*time) } else { None })
                .collect();
            times.sort_unstable();
            times.dedup();
            (!times.is_empty()).then_some(When::At(times))
        }
    }
}

fn cron(table: &Entries, reader: &mut Reader<'_>) -> Option<When> {
    let Some(Value::Cron(line)) = table.value("cron") else { return None };
    if line.both_day_fields {
        reader.warn(
            &table.span_of("cron"),
            Words::new(
                "日和星期都写了：两个都符合的那天才播",
                "day of month and weekday are both set: both must hold",
            ),
            Words::new(
                "若只要其中一个，把另一个写成 `*`；若两个都对，不用改",
                "write `*` for one of them, unless you mean the days on which both hold",
            ),
        );
    }
    Some(When::Cron(Box::new(line.schedule.clone())))
}

/// Picks the messages of a schedule; all of the file's when it names none.
fn chosen(table: &Entries, ids: &[MessageId], reader: &mut Reader<'_>) -> Vec<MessageId> {
    if !table.wrote("messages") {
        return ids.to_vec();
    }
    let mut chosen: Vec<MessageId> = Vec::new();
    for entry in table.entries("messages") {
        let Value::Text(name) = &entry.value else { continue };
        match ids.iter().find(|id| id.as_str() == name) {
            Some(id) if chosen.contains(id) => reader.error(
                &entry.span,
                Words::new(
                    format!("{} 在一次播出里列了两次", quoted(name)),
                    format!("{} is listed twice in one slot", quoted(name)),
                ),
                Words::new(
                    "删去一个；要连播几遍，在播报条里写 `repeat`",
                    "remove one; to read it again, set the message's `repeat`",
                ),
            ),
            Some(id) => chosen.push(id.clone()),
            None => no_such_message(name, &entry.span, ids, reader),
        }
    }
    chosen
}

fn no_such_message(name: &str, span: &Range<usize>, ids: &[MessageId], reader: &mut Reader<'_>) {
    // A message that lost its id is complained about where it stands.
    if reader.syntax.lost {
        return;
    }
    let known = ids.iter().map(MessageId::as_str);
    let fix = if let Some(near) = nearest(name, known.clone()) {
        Words::new(format!("改成 `\"{near}\"`"), format!("write `\"{near}\"`"))
    } else {
        let known = listed(known);
        Words::new(format!("本节目单里有：{}", known.zh), format!("the playlist has: {}", known.en))
    };
    let name = quoted(name);
    reader.error(
        span,
        Words::new(format!("本节目单里没有播报条 {name}"), format!("the playlist has no message {name}")),
        fix,
    );
}
