//! The keys of a user's calendar.

use super::field::{Field, FieldKind};
use super::name::WEEKDAY_NAMES;
use super::tables::list;

/// The keys of `[[calendar]]`.
pub const CALENDAR: &[Field] = &[
    Field::new("id", FieldKind::Id, "日历的名称，不能重复", "Its name, unique in the file").required(),
    Field::new(
        "lunar_days",
        FieldKind::List(&list(FieldKind::Integer { min: 1, max: 30 }, 1, 30)),
        "每个农历月的几号，如赶集日 `[2, 7, 12, 17, 22, 27]`",
        "Days of every lunar month, such as market days `[2, 7, 12, 17, 22, 27]`",
    ),
    Field::new(
        "lunar",
        FieldKind::List(&list(FieldKind::LunarDate, 1, 360)),
        "每年的农历日期，如 `[\"12-23\", \"1-1\"]`",
        "Lunar dates of every year, such as `[\"12-23\", \"1-1\"]`",
    ),
    Field::new(
        "dates",
        FieldKind::List(&list(FieldKind::SolarDate, 1, 1000)),
        "公历日期：某一天 `2024-05-01`，或每年的 `\"05-01\"`",
        "Solar dates: one day `2024-05-01`, or `\"05-01\"` of every year",
    ),
    Field::new(
        "weekdays",
        FieldKind::List(&list(FieldKind::OneOf(&WEEKDAY_NAMES), 1, 7)),
        "星期：`mon` 到 `sun`",
        "Weekdays: `mon` to `sun`",
    ),
    Field::new(
        "except",
        FieldKind::List(&list(FieldKind::SolarDate, 1, 1000)),
        "除去这些日子，写法同 `dates`",
        "Days that are left out, written as in `dates`",
    ),
];
