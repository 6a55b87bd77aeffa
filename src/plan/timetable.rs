//! Merging the streams of all schedules into one timetable.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::calendar::Almanac;
use crate::model::{Airing, Playlist, Site, Station, Timetable};

use super::stream::Stream;

/// Most airings of one timetable, give or take those of one instant: about 10 MB. A station that airs one message a
/// minute, day and night, fills it in two weeks.
pub const MOST_AIRINGS: usize = 20_000;

/// Plans every station of the site in `[from, until)`.
///
/// The same playlists, almanac and window give the same timetable, always and everywhere; two windows that touch give
/// what their union gives. The same message in two schedules at the same instant is one airing, of the schedule
/// written first. When more than [`MOST_AIRINGS`] fall into the window, the timetable ends early: its `until` says
/// how far it is complete, and the caller goes on from there.
pub fn plan(
    site: &Site,
    playlists: &[Playlist],
    almanac: &Almanac,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Timetable {
    let streams = site
        .stations
        .iter()
        .flat_map(|station| Stream::all_of(station, site.time_zone, playlists, almanac, (from, until)));
    merge(streams.collect(), from, until)
}

/// Plans one station; otherwise as [`plan`].
pub fn plan_station(
    station: &Station,
    zone: Tz,
    playlists: &[Playlist],
    almanac: &Almanac,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Timetable {
    merge(Stream::all_of(station, zone, playlists, almanac, (from, until)).collect(), from, until)
}

/// Takes slot after slot from whichever stream is due next; streams due at the same instant go in the order written.
fn merge(mut streams: Vec<Stream<'_>>, from: DateTime<Utc>, until: DateTime<Utc>) -> Timetable {
    let firsts = streams.iter_mut().enumerate();
    let mut queue: BinaryHeap<_> =
        firsts.filter_map(|(place, stream)| Some(Reverse((stream.next_due()?, place)))).collect();
    let mut timetable = Timetable { from, until, airings: Vec::new() };
    let mut instant = from;
    let mut at_this_instant = HashSet::new();
    while let Some(Reverse((due, place))) = queue.pop() {
        if due > instant {
            if timetable.airings.len() >= MOST_AIRINGS {
                timetable.until = due.to_utc();
                break;
            }
            instant = due.to_utc();
            at_this_instant.clear();
        }
        let stream = &mut streams[place];
        timetable.airings.extend(stream.take_slot(|id| at_this_instant.insert(id.clone())));
        queue.extend(stream.next_due().map(|next| Reverse((next, place))));
    }
    sort(&mut timetable.airings);
    timetable
}

/// Sorts as [`Timetable`] promises. The sort is stable, so the airings of a slot stay together and in their order.
fn sort(airings: &mut [Airing]) {
    airings.sort_by(|a, b| a.due.cmp(&b.due).then(b.priority.cmp(&a.priority)));
}

#[cfg(test)]
mod tests;
