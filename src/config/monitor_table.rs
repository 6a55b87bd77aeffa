//! The keys of a station's `monitor`: who hears whether it sounds, and what is kept of that.

use super::field::{Field, FieldKind};

/// The keys of a station's `monitor`.
pub const MONITOR: &[Field] = &[
    Field::new(
        "device",
        FieldKind::Name,
        "录音设备的名称：`arecord -L` 列出的名称，或 pulse: 加 PulseAudio 录音源的名称（见 `pactl list short sources`）。不可用序号",
        "The capture device's name: one that `arecord -L` lists, or `pulse:` and the name of a PulseAudio source (see `pactl list short sources`). Never a number",
    )
    .required(),
    Field::new(
        "keep",
        FieldKind::OneOf(&["none", "unheard", "all"]),
        "留哪些录音：`none` 不留，`unheard` 只留没听到和听不准的，`all` 都留",
        "Which recordings are kept: `none`, those `unheard` or not known, or `all`",
    )
    .or("unheard"),
    Field::new(
        "keep_days",
        FieldKind::Integer { min: 1, max: 3660 },
        "录音最多留几天",
        "Days for which recordings are kept at most",
    )
    .or("14"),
    Field::new(
        "keep_megabytes",
        FieldKind::Integer { min: 1, max: 100_000 },
        "这个站点的录音最多占多少兆字节；先删最旧的",
        "Megabytes that this station's recordings take at most; the oldest go first",
    )
    .or("100"),
    Field::new(
        "fault_after",
        FieldKind::Integer { min: 1, max: 100 },
        "连续几次没听到就算故障",
        "Airings in a row that were not heard, after which it is a fault",
    )
    .or("3"),
];
