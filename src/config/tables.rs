//! The keys of `station.toml` and of playlists: one row a key.

use std::time::Duration;

use super::field::{Field, FieldKind, ListOf};
use super::volume::PERCENT;
use crate::model::Profile;

pub use super::calendar_table::CALENDAR;
pub use super::lexicon::{LEXICON, WORD};
pub use super::monitor_table::MONITOR;
pub use super::prepared::{ALERT, ALERTS};
pub use super::volume::{MIXER, VOLUME_BY_PRIORITY, VOLUME_HOURS};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// Longest text of a message, in characters: about nine minutes of speech, and what an engine can be asked for.
pub const LONGEST_TEXT: usize = 2000;

/// What [`crate::model::Lufs`] allows.
const LOUDNESS: FieldKind = FieldKind::Integer { min: -30, max: -14 };

pub(super) const fn list(kind: FieldKind, fewest: usize, most: usize) -> ListOf {
    ListOf { kind, fewest, most }
}

/// The keys of a playlist file.
pub const PLAYLIST: &[Field] = &[
    Field::new("title", FieldKind::Text { longest: 100 }, "节目单的名称，给人看的", "What people call the playlist")
        .required(),
    Field::new(
        "stations",
        FieldKind::List(&list(FieldKind::Target, 1, 500)),
        "在哪些站点播：站点名、`zone:区域名`，或 `*`（全部）",
        "Where it airs: ids of stations, `zone:` and a zone's id, or `*` for all",
    )
    .required(),
    Field::new("valid_from", FieldKind::Date, "有效期的第一天；不写就是从来都有效", "First day on which it airs; always, if absent"),
    Field::new(
        "valid_until",
        FieldKind::Date,
        "有效期的最后一天（含当天）；不写就是一直有效",
        "Last day on which it airs, that day included; for ever, if absent",
    ),
    Field::new(
        "priority",
        FieldKind::OneOf(&["routine", "important", "urgent", "emergency"]),
        "优先级，从低到高：`routine` 日常、`important` 重要、`urgent` 紧急、`emergency` 应急。只有应急能越过静音时段和时长限制",
        "Priority, weakest first. Only `emergency` passes quiet hours and limits",
    )
    .or("routine"),
    Field::new(
        "status",
        FieldKind::OneOf(&["actual", "drill", "test"]),
        "`actual` 实播、`drill` 演练、`test` 测试",
        "Whether it is meant: `actual`, a marked `drill`, or a technical `test`",
    )
    .or("actual"),
    Field::new(
        "kind",
        FieldKind::OneOf(&["broadcast", "self-test"]),
        "`broadcast` 播给人听的；`self-test` 自检：看站点还响不响，一律算测试，守静音时段",
        "`broadcast`: for people; `self-test`: whether the station still sounds. That is a test always, and keeps quiet hours",
    )
    .or("broadcast"),
    Field::new(
        "message",
        FieldKind::List(&list(FieldKind::Table(MESSAGE), 1, 500)),
        "播报条，每条以 `[[message]]` 开头",
        "The messages, each under `[[message]]`",
    )
    .required(),
    Field::new(
        "schedule",
        FieldKind::List(&list(FieldKind::Table(SCHEDULE), 0, 200)),
        "什么时候播，每条以 `[[schedule]]` 开头",
        "When they air, each under `[[schedule]]`",
    ),
];

/// The keys of `[[message]]`.
pub const MESSAGE: &[Field] = &[
    Field::new("id", FieldKind::Id, "播报条的名称，在本节目单里不能重复", "Its name, unique in the playlist")
        .required(),
    Field::new(
        "text",
        FieldKind::Text { longest: LONGEST_TEXT },
        "要念的文字，最多 2000 字。有录音时先播录音，录音不能用才念文字。`text` 和 `audio` 至少写一个",
        "What is spoken, at most 2000 characters. With a recording, it is spoken only when the recording cannot be used. \
         One of `text` and `audio` at least is needed",
    ),
    Field::new(
        "audio",
        FieldKind::Recording,
        "录音文件，写它在录音文件夹里的名称（wav、mp3、flac、ogg、m4a）",
        "A recording, by its name under the audio folder (wav, mp3, flac, ogg, m4a)",
    ),
    Field::new("language", FieldKind::Language, "文字的语言", "Language of the text").or("zh"),
    Field::new(
        "voice",
        FieldKind::Engine,
        "这一条用另一种语音；不写就用 station.toml 的 `[voice]`",
        "Another voice for this message; that of station.toml, if absent",
    ),
    Field::new(
        "repeat",
        FieldKind::Integer { min: 1, max: 20 },
        "连续播几遍，1 到 20",
        "How often it is read in a row, 1 to 20",
    )
    .or("1"),
    Field::new(
        "gap",
        FieldKind::Length { min: Duration::ZERO, max: MINUTE },
        "两遍之间停多久，最长 1 分钟",
        "Silence between two readings, a minute at the most",
    )
    .or("2s"),
    Field::new(
        "volume",
        PERCENT,
        "这一条最多多响，百分比；只能比站点的音量小。应急不看它",
        "Most volume of this message, percent; only softer than the station's. Emergencies do not heed it",
    ),
];

/// The keys of `[[schedule]]`.
pub const SCHEDULE: &[Field] = &[
    Field::new(
        "cron",
        FieldKind::Cron,
        "定时表达式：秒 分 时 日 月 星期；写五段时秒为 0。`cron` 和 `at` 只能写一个",
        "Cron expression: second minute hour day month weekday; with five fields the second is 0. \
         Exactly one of `cron` and `at` is needed",
    ),
    Field::new(
        "at",
        FieldKind::List(&list(FieldKind::Time, 1, 288)),
        "一天里的几个时刻，如 `[\"06:30\", \"18:00\"]`",
        "Times of day, such as `[\"06:30\", \"18:00\"]`",
    ),
    Field::new(
        "days",
        FieldKind::Days,
        "只在这些日子播：星期的列表（`mon` 到 `sun`），或 `workdays`（工作日，按国务院放假调休安排）、`restdays`（休息日）。不写就是每天",
        "Only on these days: a list of weekdays (`mon` to `sun`), or `workdays` or `restdays` by the statutory holidays \
         of the People's Republic. Every day, if absent",
    ),
    Field::new(
        "calendar",
        FieldKind::Calendar,
        "只在这个日历里的日子播；日历写在 station.toml 的 `[[calendar]]` 里",
        "Only on the days of this calendar, a `[[calendar]]` of station.toml",
    ),
    Field::new(
        "messages",
        FieldKind::List(&list(FieldKind::Id, 1, 100)),
        "播哪几条；不写就是全部，按书写顺序",
        "Which messages; all in the order written, if absent",
    ),
    Field::new(
        "order",
        FieldKind::OneOf(&["listed", "rotate", "shuffle"]),
        "`listed` 按顺序全播，`rotate` 每次轮流播一条，`shuffle` 打乱顺序全播",
        "`listed`: all in order; `rotate`: one each time, in turn; `shuffle`: all, in an order drawn anew",
    )
    .or("listed"),
    Field::new(
        "start",
        FieldKind::OneOf(&["soft", "hard"]),
        "`soft` 等正在播的播完，`hard` 到点就打断（比它优先的不打断）",
        "`soft`: waits for what is on air; `hard`: cuts it at the second, unless that is stronger",
    )
    .or("soft"),
    Field::new(
        "grace",
        FieldKind::Length { min: Duration::ZERO, max: Duration::from_hours(24) },
        "宽限：最多晚多久还可以播，过了就记为漏播；最长 24 小时",
        "How late an airing may still start; after that it is recorded as missed. 24 hours at the most",
    )
    .or("10m"),
    Field::new(
        "gap",
        FieldKind::Length { min: Duration::ZERO, max: HOUR },
        "两条之间停多久，最长 1 小时",
        "Silence between two messages, an hour at the most",
    )
    .or("2s"),
    Field::new(
        "chime",
        FieldKind::Chime,
        "播之前的提示音：自带提示音的名称，或录音文件名；不写就没有",
        "Sound before the first message: one of ours by its name, or a recording. None, if absent",
    ),
];

/// The keys of `station.toml`.
pub const SITE: &[Field] = &[
    Field::new("time_zone", FieldKind::TimeZone, "时区（IANA 名称）", "Time zone, by its IANA name")
        .or("Asia/Shanghai"),
    Field::new("broadcasts", FieldKind::Path, "节目单所在的文件夹", "Folder of the playlists")
        .or("../broadcasts"),
    Field::new("audio", FieldKind::Path, "录音所在的文件夹", "Folder of the recordings").or("../audio"),
    Field::new(
        "holidays",
        FieldKind::Path,
        "放假安排所在的文件夹，用来补充或替换自带的年份；可以没有",
        "Folder of holiday files that add to or replace the built-in years; need not exist",
    )
    .or("holidays"),
    Field::new(
        "voices",
        FieldKind::Path,
        "语音包所在的文件夹；不写就是状态文件夹里的 `voices`，如 `/var/lib/dalaba/voices`",
        "Folder of the voice packs; `voices` in the state folder, such as `/var/lib/dalaba/voices`, if absent",
    ),
    Field::new(
        "lexicon",
        FieldKind::Path,
        "自己的词典，写明哪些词怎么念；可以没有",
        "The user's lexicon, which says how words are read; need not exist",
    )
    .or("lexicon.toml"),
    Field::new(
        "remove_erhua",
        FieldKind::Flag,
        "`true`：不念词尾的“儿”，如“花儿”念“花”；“儿童”“女儿”照念",
        "`true`: 儿 is left out where it is only an ending (花儿 is said 花, 儿童 stays)",
    )
    .or("false"),
    Field::new("limits", FieldKind::Table(LIMITS), "所有站点共同的限制", "Limits of all stations"),
    Field::new(
        "voice",
        FieldKind::Engine,
        "念文字的声音；不写就用自带的",
        "The voice that speaks texts; the built-in one, if absent",
    ),
    Field::new(
        "loudness",
        LOUDNESS,
        "每条播报的响度（LUFS，按 EBU R128 测量），-30 到 -14；数越接近 0 越响",
        "Loudness of every message in LUFS, measured by EBU R128, -30 to -14; the nearer to 0 the louder",
    )
    .or("-16"),
    Field::new(
        "profile",
        FieldKind::OneOf(&Profile::NAMES),
        "播报条为哪种喇叭处理：horn 是高音喇叭，在噪声里听得更清；off 是原声不动",
        "What messages are made for: horn makes them clear on horns over noise, off leaves them as they are",
    )
    .or("horn"),
    Field::new(
        "station",
        FieldKind::List(&list(FieldKind::Table(STATION), 1, 500)),
        "站点，每个以 `[[station]]` 开头",
        "The stations, each under `[[station]]`",
    )
    .required(),
    Field::new(
        "group",
        FieldKind::List(&list(FieldKind::Table(GROUP), 0, 100)),
        "错开起播的组，每个以 `[[group]]` 开头；只要同时起播的组不用写",
        "Groups that start one after another, each under `[[group]]`; one that starts together needs none",
    ),
    Field::new(
        "calendar",
        FieldKind::List(&list(FieldKind::Table(CALENDAR), 0, 100)),
        "自己的日历（赶集日、节气活动等），每个以 `[[calendar]]` 开头",
        "Calendars of your own, such as market days, each under `[[calendar]]`",
    ),
];

/// The keys of `[limits]` and of a station's `limits`.
pub const LIMITS: &[Field] = &[
    Field::new(
        "quiet_hours",
        FieldKind::List(&list(FieldKind::Table(QUIET_HOURS), 0, 24)),
        "静音时段，只有应急播报能响；写 `[]` 就是没有",
        "Parts of the day in which only emergencies sound; `[]` for none",
    ),
    Field::new(
        "minutes_per_hour",
        FieldKind::Integer { min: 1, max: 60 },
        "任意 60 分钟内最多响几分钟，1 到 60；不写就不限",
        "Most minutes of sound in any 60 minutes, 1 to 60; no limit, if absent",
    ),
    Field::new(
        "minutes_per_day",
        FieldKind::Integer { min: 1, max: 1440 },
        "一天最多响几分钟，1 到 1440；不写就不限",
        "Most minutes of sound in a day, 1 to 1440; no limit, if absent",
    ),
];

/// The keys of one part of the quiet hours.
pub const QUIET_HOURS: &[Field] = &[
    Field::new("from", FieldKind::Time, "从几点起安静", "First quiet time of day").required(),
    Field::new(
        "until",
        FieldKind::Time,
        "到几点为止；不晚于 `from` 就是到第二天",
        "First time that is not quiet any more; the next day's if not after `from`",
    )
    .required(),
];

/// The keys of `[[station]]`.
pub const STATION: &[Field] = &[
    Field::new("id", FieldKind::Id, "站点的名称，不能重复", "Its name, unique in the file").required(),
    Field::new(
        "zones",
        FieldKind::List(&list(FieldKind::Id, 0, 64)),
        "所属的区域",
        "The zones it belongs to",
    ),
    Field::new(
        "group",
        FieldKind::Id,
        "和哪些站点同时起播：写同一个组名的站点一起开口。相邻的喇叭要错开，就在 `[[group]]` 里写 `stagger`",
        "The group with which it starts in step: all stations that name it begin together, or one after another if a \
         `[[group]]` of that id has a `stagger`",
    ),
    Field::new("output", FieldKind::Output, "声音送到哪里", "Where its sound goes").required(),
    Field::new(
        "amplifier",
        FieldKind::Amplifier,
        "播之前打开、播完关掉的功放；不写就不管功放",
        "The amplifier that is switched on before sound and off after it; left alone, if absent",
    ),
    Field::new(
        "volume",
        PERCENT,
        "音量，百分比，0 到 100：100 是原样（0 dB），每减一半降 10 dB（听起来轻一半），0 是无声。除应急外，谁也不能超过它",
        "Volume in percent, 0 to 100: 100 is the sound as it is (0 dB), each half takes 10 dB (half as loud to the ear), 0 is \
         silence. Nothing but an emergency goes over it",
    )
    .or("100"),
    Field::new(
        "volume_by_priority",
        FieldKind::Table(VOLUME_BY_PRIORITY),
        "各优先级最多多响；只有 `emergency` 可以超过 `volume`",
        "Most volume of each priority; only `emergency` may go over `volume`",
    ),
    Field::new(
        "volume_hours",
        FieldKind::List(&list(FieldKind::Table(VOLUME_HOURS), 0, 24)),
        "一天里音量要小的时段，不管应急",
        "Parts of the day in which all but emergencies are softer",
    ),
    Field::new(
        "mixer",
        FieldKind::Table(MIXER),
        "用声卡自己的音量控制（ALSA）调音量；不写就由本程序调",
        "The sound card's own control (ALSA) that sets the volume; this program does it, if absent",
    ),
    Field::new(
        "loudness",
        LOUDNESS,
        "这个站点自己的响度（LUFS），-30 到 -14；不写就用共同的",
        "Its own loudness in LUFS, -30 to -14; the common one, if absent",
    ),
    Field::new(
        "profile",
        FieldKind::OneOf(&Profile::NAMES),
        "这个站点自己的处理：horn 或 off；不写就用共同的",
        "What its own messages are made for: horn or off; the common one, if absent",
    ),
    Field::new(
        "limits",
        FieldKind::Table(LIMITS),
        "这个站点自己的限制；写了的项代替共同的",
        "Its own limits; each key written here takes the place of the common one",
    ),
    Field::new(
        "monitor",
        FieldKind::Table(MONITOR),
        "监听：用喇叭旁的话筒或功放的回录口，听这个站点有没有真的响",
        "A microphone by the horn, or the amplifier's loop-back, that hears whether this station sounds",
    ),
];

/// The keys of `[[group]]`.
pub const GROUP: &[Field] = &[
    Field::new("id", FieldKind::Id, "组的名称，不能重复；站点用 `group` 写它", "Its name, unique in the file; stations name it as their `group`")
        .required(),
    Field::new(
        "stagger",
        FieldKind::Length { min: Duration::ZERO, max: Duration::from_secs(10) },
        "按站点书写的顺序，后一个比前一个晚多久起播，最长 10 秒；声音每秒走 340 米。应急播报不错开",
        "How long each of its stations, in the order written, starts after the one before, ten seconds at the most; sound \
         travels 340 m a second. Emergencies are not staggered",
    )
    .or("0s"),
];
