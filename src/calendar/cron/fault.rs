//! What can be wrong with a cron expression, said in both languages, with what to write instead.

use std::ops::Range;

use crate::model::Words;

use super::unit::{Unit, WEEKDAYS};

/// Says what is wrong with a cron expression, where, and what to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct CronFault {
    /// The bytes of the expression to underline.
    pub range: Range<usize>,
    /// What is wrong.
    pub what: Words,
    /// What to write instead.
    pub fix: Words,
}

/// Says the order of the fields; the end of every message about their number.
const ORDER_ZH: &str = "依次写：分 时 日 月 星期，例如 \"30 6 * * *\" 是每天 6:30";
const ORDER_EN: &str = "write: minute hour day month weekday; \"30 6 * * *\" is 6:30 every day";

impl CronFault {
    fn new(range: Range<usize>, what: (String, String), fix: (String, String)) -> Self {
        Self { range, what: Words::new(what.0, what.1), fix: Words::new(fix.0, fix.1) }
    }

    fn order(range: Range<usize>, zh: String, en: String) -> Self {
        Self::new(range, (zh, en), (ORDER_ZH.to_owned(), ORDER_EN.to_owned()))
    }

    /// The line that our checks let through and the crate does not; says the order of the fields.
    pub(super) fn unreadable(range: Range<usize>) -> Self {
        Self::order(range, "cron 表达式看不懂".to_owned(), "the cron expression cannot be read".to_owned())
    }

    pub(super) fn too_long(text: &str) -> Self {
        let zh = format!("cron 表达式太长（{} 字节）", text.len());
        let en = format!("the cron expression is too long ({} bytes)", text.len());
        let fix = ("请拆成几个 [[schedule]]", "split it into several [[schedule]]");
        Self::new(0..text.len(), (zh, en), (fix.0.to_owned(), fix.1.to_owned()))
    }

    pub(super) fn empty(text: &str) -> Self {
        Self::order(0..text.len(), "cron 表达式是空的".to_owned(), "the cron expression is empty".to_owned())
    }

    pub(super) fn field_count(count: usize, range: Range<usize>) -> Self {
        let zh = format!("cron 表达式有 {count} 段，应为 5 段，或前面加上秒共 6 段");
        let en = format!("the cron expression has {count} field(s); it takes 5, or 6 with seconds first");
        Self::order(range, zh, en)
    }

    pub(super) fn years(range: Range<usize>) -> Self {
        let what = ("第 7 段（年）不支持", "the seventh field (year) is not supported");
        let fix = (
            "去掉这一段，用节目单的 valid_from 和 valid_until 限定日期",
            "leave it out and narrow the dates with the playlist's valid_from and valid_until",
        );
        Self::fixed(range, what, fix)
    }

    pub(super) fn clock_time(text: &str, range: Range<usize>) -> Self {
        let what = (
            format!("{text} 是钟点，不是 cron 的一段"),
            format!("{text} is a time of day, not a cron field"),
        );
        let fix = (
            format!("改用 at = [\"{text}\"]，或在 cron 里把分和时分开写"),
            format!("use at = [\"{text}\"], or write minute and hour as two fields of the cron"),
        );
        Self::new(range, what, fix)
    }

    pub(super) fn loose_comma(range: Range<usize>) -> Self {
        let what = ("这一段以逗号开头或结尾", "the field begins or ends with a comma");
        let fix = (
            "逗号旁边不要空格，末尾不要逗号，例如 6,12,18",
            "no blank beside a comma and none at the end: 6,12,18",
        );
        Self::fixed(range, what, fix)
    }

    pub(super) fn full_width(text: &str, range: Range<usize>) -> Self {
        let half: String = text.chars().map(|c| half_width(c).unwrap_or(c)).collect();
        let what = ("这里是全角字符", "a full-width character stands here");
        let fix = (
            format!("切换到半角（英文）输入，写成 \"{half}\""),
            format!("type it in half width: \"{half}\""),
        );
        Self::new(range, (what.0.to_owned(), what.1.to_owned()), fix)
    }

    pub(super) fn macro_form(text: &str, range: Range<usize>) -> Self {
        let line = match text.to_ascii_lowercase().as_str() {
            "@hourly" => "0 * * * *",
            "@daily" | "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * sun",
            "@monthly" => "0 0 1 * *",
            "@yearly" | "@annually" => "0 0 1 1 *",
            _ => return Self::order(range, format!("不支持 {text}"), format!("{text} is not supported")),
        };
        let what =
            (format!("不支持 {text}：它看不出几点播"), format!("{text} is not supported: it hides the hour"));
        let fix = (
            format!("写成 \"{line}\"（那是零点的意思，请改成想要的钟点）"),
            format!("write \"{line}\", and change midnight to the hour you want"),
        );
        let hourly = (format!("写成 \"{line}\""), format!("write \"{line}\""));
        Self::new(range, what, if line.starts_with("0 *") { hourly } else { fix })
    }

    pub(super) fn numeric_weekday(text: &str, range: Range<usize>) -> Self {
        let what = (
            "星期要写名字，不写数字：同一个数字，有的程序从周一数起，有的从周日数起".to_owned(),
            "weekdays are names here, not numbers: some programs count them from Monday, some from Sunday"
                .to_owned(),
        );
        let fix = match named(text) {
            Some(names) => (format!("想必是要写 {names}"), format!("most likely you mean {names}")),
            None => (format!("可写 {}", WEEKDAYS.join(" ")), format!("write {}", WEEKDAYS.join(" "))),
        };
        Self::new(range, what, fix)
    }

    pub(super) fn empty_item(range: Range<usize>) -> Self {
        Self::fixed(
            range,
            ("逗号之间是空的", "nothing stands between two commas"),
            ("去掉多余的逗号", "take out the extra comma"),
        )
    }

    pub(super) fn step_zero(range: Range<usize>) -> Self {
        let what = ("间隔不能是 0", "a step cannot be 0");
        Self::fixed(range, what, ("写 1 或更大的数，或去掉斜杠", "write 1 or more, or leave the slash out"))
    }

    pub(super) fn bad_step(text: &str, unit: &Unit, range: Range<usize>) -> Self {
        let (zh, en, max) = (unit.zh, unit.en, unit.max);
        let what =
            (format!("斜杠后的间隔 {text:?} 不对"), format!("the step {text:?} after the slash is wrong"));
        let fix = (
            format!("“{zh}”的间隔是 1 到 {max} 的整数；更长的间隔请写在后面的段里"),
            format!(
                "a step of the {en} is a whole number from 1 to {max}; write longer ones in a later field"
            ),
        );
        Self::new(range, what, fix)
    }

    pub(super) fn step_without_range(range: Range<usize>) -> Self {
        let what = ("星期的间隔要从范围里数", "a weekday step needs a range to count in");
        Self::fixed(range, what, ("把日子逐个写出来，例如 mon,wed,fri", "name the days: mon,wed,fri"))
    }

    pub(super) fn question(unit: &Unit, range: Range<usize>) -> Self {
        let what = (format!("“{}”这一段不能写 ?", unit.zh), format!("? cannot stand for the {}", unit.en));
        Self::new(range, what, ("改写成 *".to_owned(), "write *".to_owned()))
    }

    pub(super) fn special(sign: char, text: &str, range: Range<usize>) -> Self {
        let what = (format!("{text} 里的 {sign} 不支持"), format!("{sign}, as in {text}, is not supported"));
        let fix = match sign {
            '#' => (
                "“日”和“星期”须同时满足，所以第二个周五写成：日 8-14、星期 fri",
                "day and weekday must both hold, so the second Friday is: day 8-14, weekday fri",
            ),
            'W' => ("用 days = \"workdays\" 只在工作日播", "use days = \"workdays\" to air on workdays only"),
            _ => (
                "月底请按月份分写，例如 \"0 8 31 1,3,5,7,8,10,12 *\" 和 \"0 8 30 4,6,9,11 *\"",
                "write the ends of the months by month: \"0 8 31 1,3,5,7,8,10,12 *\" and \"0 8 30 4,6,9,11 *\"",
            ),
        };
        Self::new(range, what, (fix.0.to_owned(), fix.1.to_owned()))
    }

    pub(super) fn bad_value(text: &str, item: &str, unit: &Unit, range: Range<usize>) -> Self {
        let shown = if text.is_empty() { item } else { text };
        let what = (
            format!("“{}”这一段看不懂 {shown:?}", unit.zh),
            format!("{shown:?} is not a value for the {}", unit.en),
        );
        let fix = match (chinese_weekday(shown), unit.names_only) {
            (Some(name), true) => (format!("写 {name}"), format!("write {name}")),
            _ => allowed(unit),
        };
        Self::new(range, what, fix)
    }

    pub(super) fn out_of_range(text: &str, unit: &Unit, range: Range<usize>) -> Self {
        let what = (format!("“{}”没有 {text}", unit.zh), format!("{text} is outside the {}", unit.en));
        let midnight = unit.max == 23 && text == "24";
        let fix =
            if midnight { ("半夜写 0".to_owned(), "midnight is 0".to_owned()) } else { allowed(unit) };
        Self::new(range, what, fix)
    }

    pub(super) fn wrapped(written_out: &str, range: Range<usize>) -> Self {
        let what = ("范围的开头比结尾大", "the range ends before it begins");
        let fix = (format!("写成 {written_out}"), format!("write {written_out}"));
        Self::new(range, (what.0.to_owned(), what.1.to_owned()), fix)
    }

    fn fixed(range: Range<usize>, what: (&str, &str), fix: (&str, &str)) -> Self {
        let own = |words: (&str, &str)| (words.0.to_owned(), words.1.to_owned());
        Self::new(range, own(what), own(fix))
    }
}

fn allowed(unit: &Unit) -> (String, String) {
    let (min, max) = (unit.min, unit.max);
    match (unit.names_only, unit.names) {
        (true, names) => (format!("可写 {}", names.join(" ")), format!("write one of {}", names.join(" "))),
        (false, []) => (format!("可写 {min} 到 {max}"), format!("write {min} to {max}")),
        (false, names) => (
            format!("可写 {min} 到 {max}，或 {}", names.join(" ")),
            format!("write {min} to {max}, or one of {}", names.join(" ")),
        ),
    }
}

/// Returns the half-width twin of a character that Chinese input methods produce, or none for any other.
pub(super) fn half_width(wide: char) -> Option<char> {
    match wide {
        '\u{3000}' => Some(' '),
        '\u{3001}' => Some(','),
        '\u{2013}' | '\u{2014}' | '\u{2212}' => Some('-'),
        '\u{00D7}' => Some('*'),
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(wide) - 0xFEE0),
        _ => None,
    }
}

/// Translates a numeric weekday field as the classic cron means it: 0 and 7 are Sunday, 1 is Monday.
fn named(text: &str) -> Option<String> {
    let mut days = Vec::new();
    for item in text.split(',') {
        let (first, last) = item.split_once('-').unwrap_or((item, item));
        let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        if first > last || last > 7 {
            return None;
        }
        days.push(named_range(first, last));
    }
    Some(days.join(","))
}

fn named_range(first: u32, last: u32) -> String {
    let name = |day: u32| WEEKDAYS[usize::try_from(day % 7).unwrap_or_default()];
    if first == last { name(first).to_owned() } else { format!("{}-{}", name(first), name(last)) }
}

fn chinese_weekday(text: &str) -> Option<&'static str> {
    let digit = ["周", "星期", "礼拜"].iter().find_map(|prefix| text.strip_prefix(prefix))?;
    let place = ["日", "一", "二", "三", "四", "五", "六"].iter().position(|d| *d == digit);
    let place = place.or_else(|| (digit == "天").then_some(0));
    place.map(|place| WEEKDAYS[place])
}
