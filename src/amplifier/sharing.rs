//! Finds what stations say differently about one amplifier, or about one switch.

use crate::model::{Selection, Station, Words};

use super::{is_shared, name_of};

/// One station's quarrel with another about an amplifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarrel {
    /// Place of the station in the file.
    pub station: usize,
    /// What is wrong.
    pub what: Words,
    /// What to do.
    pub fix: Words,
}

/// Finds every quarrel; each is told of at the later station.
pub fn quarrels(stations: &[Station]) -> Vec<Quarrel> {
    let with = |(at, station)| {
        let station: &Station = station;
        station.amplifier.as_ref().map(|amplifier| (at, station, amplifier))
    };
    let all: Vec<_> = stations.iter().enumerate().filter_map(with).collect();
    let mut found = Vec::new();
    for (n, (at, station, amplifier)) in all.iter().enumerate() {
        let earlier = all.iter().take(n);
        found.extend(
            earlier
                .filter_map(|(_, other, theirs)| judge((station, amplifier), (other, theirs)))
                .map(|(what, fix)| Quarrel { station: *at, what, fix })
                .next(),
        );
    }
    found
}

fn judge(
    (station, ours): (&Station, &Selection),
    (other, theirs): (&Station, &Selection),
) -> Option<(Words, Words)> {
    let (name, same_name) = (name_of(station, ours), name_of(station, ours) == name_of(other, theirs));
    let both = is_shared(ours) && is_shared(theirs);
    let id = &other.id;
    if same_name && !both {
        return Some((
            Words::new(
                format!("功放名“{name}”和站点“{id}”重名"),
                format!("the amplifier's name {name} is also that of a station"),
            ),
            Words::new("给共用的功放另起一个名", "give the shared amplifier another name"),
        ));
    }
    if same_name && ours != theirs {
        return Some((
            Words::new(
                format!("共用的功放“{name}”和站点“{id}”写的不一样"),
                format!("the shared amplifier {name} is described differently at station {id}"),
            ),
            Words::new("每个站点写同样的 `amplifier`", "write the same `amplifier` at each of its stations"),
        ));
    }
    if !same_name && switch_of(ours) == switch_of(theirs) {
        return Some((
            Words::new(
                format!("和站点“{id}”用的是同一个开关"),
                format!("this is the switch of station {id}, too"),
            ),
            Words::new(
                "是同一台功放就在两个站点写同样的 `shared`",
                "if it is one amplifier, write the same `shared` at both stations",
            ),
        ));
    }
    None
}

/// Returns what is switched, without how.
fn switch_of(selection: &Selection) -> (&str, Vec<(&str, &crate::model::Setting)>) {
    let which = ["line", "chip", "offset", "on", "off"];
    let options = which.into_iter().filter_map(|key| Some((key, selection.options.get(key)?)));
    (&selection.kind, options.collect())
}
