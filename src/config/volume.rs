//! From the values of `station.toml` to how loud a station may be, and the keys that say so.

use crate::model::{Mixer, Priority, Volume, VolumeHours, Words};

use super::field::{Field, FieldKind};
use super::reader::{Entries, Reader};

/// Volume, percent.
pub(super) const PERCENT: FieldKind = FieldKind::Integer { min: 0, max: 100 };

/// The keys of a station's `volume_by_priority`.
pub const VOLUME_BY_PRIORITY: &[Field] = &[
    Field::new("routine", PERCENT, "日常最多多响，百分比", "Most volume of routine items, percent"),
    Field::new("important", PERCENT, "重要最多多响，百分比", "Most volume of important ones, percent"),
    Field::new("urgent", PERCENT, "紧急最多多响，百分比", "Most volume of urgent ones, percent"),
    Field::new(
        "emergency",
        PERCENT,
        "应急多响，百分比；可以超过 `volume`，也不受时段和播报条的限制。不写就是 `volume`",
        "Volume of emergencies, percent; may go over `volume`, and neither hours nor messages lower it. `volume`, if absent",
    ),
];

/// The keys of one part of `volume_hours`.
pub const VOLUME_HOURS: &[Field] = &[
    Field::new("from", FieldKind::Time, "从几点起", "First time of the part").required(),
    Field::new(
        "until",
        FieldKind::Time,
        "到几点为止；不晚于 `from` 就是到第二天",
        "First time after it; the next day's if not after `from`",
    )
    .required(),
    Field::new("volume", PERCENT, "这时最多多响，百分比", "Most volume in it, percent").required(),
];

/// The keys of `mixer`.
pub const MIXER: &[Field] = &[
    Field::new(
        "card",
        FieldKind::Name,
        "声卡，如 `hw:CARD=Device`（见 `aplay -l`），或 asound.conf 里的 `ctl`；不可用序号",
        "The card, such as `hw:CARD=Device` (see `aplay -l`), or a `ctl` of asound.conf; never a number",
    )
    .required(),
    Field::new(
        "control",
        FieldKind::Name,
        "音量控制的名称，如 `PCM`（见 `amixer scontrols`）",
        "The control's name, such as `PCM` (see `amixer scontrols`)",
    )
    .required(),
];

/// Reads what a station says of its volume.
pub(super) fn volume(table: &Entries, reader: &mut Reader<'_>) -> Option<Volume> {
    let percent =
        |table: &Entries, key: &str| table.integer(key).and_then(|percent| u8::try_from(percent).ok());
    let own = table.table("volume_by_priority");
    let own = |priority: Priority| Some((priority, percent(own?, priority.as_str())?));
    let hours = table.tables("volume_hours").filter_map(|part| {
        let (from, until) = (part.time("from")?, part.time("until")?);
        if from == until {
            reader.error(
                &part.span,
                Words::new("时段的起止相同", "it begins and ends at the same time"),
                Words::new(
                    "写上不同的两个时刻；整天都小声就调 `volume`",
                    "write two different times; for a whole day, set `volume`",
                ),
            );
        }
        Some(VolumeHours { from, until, percent: percent(part, "volume")? })
    });
    Some(Volume {
        usual: percent(table, "volume")?,
        by_priority: Priority::ALL.into_iter().filter_map(own).collect(),
        hours: hours.collect(),
    })
}

/// Reads the name of a volume control.
pub(super) fn mixer(table: &Entries) -> Option<Mixer> {
    Some(Mixer { card: table.text("card")?.to_owned(), control: table.text("control")?.to_owned() })
}
