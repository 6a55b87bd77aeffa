//! The keys of `alert-map.toml` and `areas.toml`, by which a county takes in warnings of other offices.

use std::time::Duration;

use super::field::{Field, FieldKind};
use super::tables::list;
use crate::cap::words::{CERTAINTIES, RESPONSES, SEVERITIES, URGENCIES};

/// The keys of `alert-map.toml`.
pub const ALERT_MAP: &[Field] = &[
    Field::new(
        "languages",
        FieldKind::List(&list(FieldKind::Language, 1, 10)),
        "播哪些语言，排在前面的先选；不写就是先 `zh` 后 `en`。别的语言的预警不播",
        "The languages that are spoken, the first that a warning has first; `zh`, then `en`, if absent. Warnings in no other are aired",
    ),
    Field::new(
        "longest",
        FieldKind::Integer { min: 50, max: 1000 },
        "最多念多少字；太长就先删经过，标题和该怎么做留下",
        "Most characters that are spoken; the description gives way first, headline and instruction stay",
    )
    .or("300"),
    Field::new(
        "lasts",
        FieldKind::Length { min: Duration::from_mins(1), max: Duration::from_hours(24) },
        "预警没写到什么时候为止，就算多久；最长 24 小时",
        "How long a warning is in force that does not say so; 24 hours at the most",
    )
    .or("24h"),
    Field::new(
        "otherwise",
        FieldKind::OneOf(PRIORITIES),
        "没有一条规则合适时的优先级；`none` 是不播",
        "The priority if no rule fits; `none` airs nothing",
    )
    .or("important"),
    Field::new(
        "rule",
        FieldKind::List(&list(FieldKind::Table(RULE), 0, 200)),
        "规则，每条以 `[[rule]]` 开头；从上往下，第一条合适的算数",
        "The rules, each under `[[rule]]`; from the top, the first that fits counts",
    ),
];

const PRIORITIES: &[&str] = &["none", "routine", "important", "urgent", "emergency"];

/// The keys of `[[rule]]`.
pub const RULE: &[Field] = &[
    Field::new(
        "event_codes",
        FieldKind::List(&list(FieldKind::Text { longest: 100 }, 1, 200)),
        "事件代码（eventCode 的 value），预警里有一个就合适；不写就不看",
        "Codes of events, the value of `eventCode`, one of which the warning has; any, if absent",
    ),
    Field::new(
        "responses",
        FieldKind::List(&list(FieldKind::OneOf(&RESPONSES), 1, 9)),
        "该怎么做（responseType），预警里有一个就合适；不写就不看",
        "CAP's `responseType`, one of which the warning has; any, if absent",
    ),
    Field::new(
        "severity",
        FieldKind::List(&list(FieldKind::OneOf(&SEVERITIES), 1, 5)),
        "严重程度；不写就不看",
        "CAP's `severity`; any, if absent",
    ),
    Field::new(
        "urgency",
        FieldKind::List(&list(FieldKind::OneOf(&URGENCIES), 1, 5)),
        "紧急程度；不写就不看",
        "CAP's `urgency`; any, if absent",
    ),
    Field::new(
        "certainty",
        FieldKind::List(&list(FieldKind::OneOf(&CERTAINTIES), 1, 5)),
        "确定程度；不写就不看",
        "CAP's `certainty`; any, if absent",
    ),
    Field::new(
        "priority",
        FieldKind::OneOf(PRIORITIES),
        "优先级；`none` 是不播",
        "The priority; `none` airs nothing",
    )
    .required(),
    Field::new(
        "repeat_every",
        FieldKind::Length { min: Duration::from_secs(10), max: Duration::from_hours(24) },
        "每隔多久再播一次，直到结束；不写就只播一次",
        "Time from one airing to the next, until it is over; aired once, if absent",
    ),
];

/// The keys of `areas.toml`.
pub const AREAS: &[Field] = &[Field::new(
    "place",
    FieldKind::List(&list(FieldKind::Table(PLACE), 0, 5000)),
    "地点，每个以 `[[place]]` 开头",
    "The places, each under `[[place]]`",
)];

/// The keys of `[[place]]`.
pub const PLACE: &[Field] = &[
    Field::new(
        "stations",
        FieldKind::List(&list(FieldKind::Target, 1, 500)),
        "这里有哪些站点：站点名，或 `zone:区域名`",
        "The stations that are there: ids, or `zone:` and a zone's id",
    )
    .required(),
    Field::new(
        "codes",
        FieldKind::List(&list(FieldKind::Text { longest: 100 }, 1, 100)),
        "这里的代码。行政区划代码写最细的一级（村 12 位）：发给县里、乡里的预警，村里也算；别的代码要一样才算",
        "Its codes. Of Chinese administrative codes write the finest, a village's of 12 digits: it lies in its town's, county's and \
         province's; other codes are themselves only",
    ),
    Field::new(
        "code_names",
        FieldKind::List(&list(FieldKind::Text { longest: 200 }, 1, 20)),
        "代码是哪一种（geocode 的 valueName），要一字不差；不写就不看",
        "The `valueName`s under which the codes count, to the letter; any, if absent",
    ),
    Field::new(
        "names",
        FieldKind::List(&list(FieldKind::Text { longest: 200 }, 1, 100)),
        "预警里怎么称呼这里（areaDesc），要一字不差",
        "What warnings call it in `areaDesc`, to the letter",
    ),
    Field::new(
        "position",
        FieldKind::Text { longest: 60 },
        "位置 `\"纬度,经度\"`，用 GPS（WGS-84）的；国内网络地图上的差几百米",
        "Where it is, `\"LATITUDE,LONGITUDE\"` as GPS has it (WGS-84); Chinese web maps are off by some hundred metres",
    ),
];
