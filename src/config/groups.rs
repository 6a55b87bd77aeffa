//! Groups: when each station starts after the first of its group.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::{Group, Station, Words};

use super::advice::nearest;
use super::playlist::unique_id;
use super::reader::{Entries, Reader};

/// The last station of a group may start this long after the first: within the grace of all that people schedule, and
/// well before a listener thinks that the horn is dead.
const LONGEST: Duration = Duration::from_secs(30);

/// Sets the stations of each staggered group apart, in the order in which they are written.
pub(super) fn stagger(entries: &Entries, stations: &mut [Option<Station>], reader: &mut Reader<'_>) {
    let mut first = BTreeMap::new();
    for table in entries.tables("group") {
        unique_id(table, &mut first, reader);
        let (Some(id), Some(stagger)) = (table.text("id"), table.length("stagger")) else { continue };
        let mut members: Vec<&mut Group> = stations
            .iter_mut()
            .flatten()
            .filter_map(|station| station.group.as_mut())
            .filter(|group| group.id.as_str() == id)
            .collect();
        let mut after = Duration::ZERO;
        for group in &mut members {
            group.after = after.min(LONGEST);
            after += stagger;
        }
        let (number, last) = (members.len(), after.saturating_sub(stagger));
        if number == 0 && stations.iter().all(Option::is_some) {
            nobody(table, id, stations, reader);
        } else if last > LONGEST {
            too_long(table, number, last, reader);
        }
    }
}

fn nobody(table: &Entries, id: &str, stations: &[Option<Station>], reader: &mut Reader<'_>) {
    let named = stations.iter().flatten().filter_map(|station| station.group.as_ref());
    let fix = match nearest(id, named.map(|group| group.id.as_str())) {
        Some(near) => Words::new(format!("是不是想写 `{near}`？"), format!("did you mean `{near}`?")),
        None => Words::new(
            format!("在它的每个 `[[station]]` 里写 `group = \"{id}\"`"),
            format!("write `group = \"{id}\"` in each `[[station]]` of it"),
        ),
    };
    reader.error(
        &table.span_of("id"),
        Words::new(format!("没有站点在组 `{id}` 里"), format!("no station is in the group `{id}`")),
        fix,
    );
}

fn too_long(table: &Entries, number: usize, last: Duration, reader: &mut Reader<'_>) {
    let (last, most) = (last.as_secs_f64(), LONGEST.as_secs());
    reader.error(
        &table.span_of("stagger"),
        Words::new(
            format!("{number} 个站点这样错开，最后一个要晚 {last:.1} 秒起播"),
            format!("of {number} stations the last would start {last:.1} s after the first"),
        ),
        Words::new(
            format!("写短一些，总共不超过 {most} 秒；或分成几个组，离得远的站点不必错开"),
            format!(
                "write less, {most} s in all at the most; or make several groups: horns that are far apart need not be \
                 staggered"
            ),
        ),
    );
}
