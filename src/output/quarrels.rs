//! Finds what stations would take from each other: an address, a file, a mount point.

use std::collections::BTreeMap;

use crate::model::{Station, StationId, Words};

use super::kind;

/// Something that the outputs of two stations both want for themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarrel {
    /// Place of the later station in the file.
    pub station: usize,
    /// The option of its output that says so.
    pub key: &'static str,
    /// What is wrong.
    pub what: Words,
    /// What to do.
    pub fix: Words,
}

/// Finds every quarrel; each is told of at the later station.
pub fn quarrels(stations: &[Station]) -> Vec<Quarrel> {
    let mut taken: BTreeMap<(&str, String), (usize, &StationId)> = BTreeMap::new();
    let mut found = Vec::new();
    for (at, station) in stations.iter().enumerate() {
        let Ok(kind) = kind(&station.output) else { continue };
        for (key, thing) in (kind.takes)(&station.output) {
            let (first, id) = *taken.entry((kind.fields.name, thing.clone())).or_insert((at, &station.id));
            if first != at {
                found.push(quarrel(at, key, &thing, id));
            }
        }
    }
    found
}

fn quarrel(station: usize, key: &'static str, thing: &str, other: &StationId) -> Quarrel {
    Quarrel {
        station,
        key,
        what: Words::new(
            format!("站点“{other}”的输出也用 `{thing}`，两边会互相打断"),
            format!("the output of station {other} has `{thing}` too: each would break into the other"),
        ),
        fix: Words::new(
            format!("每个站点写自己的 `{key}`；本来就是一个喇叭，就只留一个站点"),
            format!("write a `{key}` of its own for each station; if it is one horn, keep one station"),
        ),
    }
}
