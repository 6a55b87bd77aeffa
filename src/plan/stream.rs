//! One schedule at one station as a stream of slots, and a slot as airings.

use std::iter::Peekable;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Tz;

use crate::calendar::{Almanac, CivilSlot, slots};
use crate::model::{Airing, AiringId, Message, Origin, Playlist, Schedule, SlotId, Station};

use super::choice::Choice;

/// The slots of one schedule of one playlist at one station, in time order, made as they are asked for.
pub(super) struct Stream<'a> {
    station: &'a Station,
    playlist: &'a Playlist,
    place: usize,
    schedule: &'a Schedule,
    slots: Peekable<Box<dyn Iterator<Item = CivilSlot> + 'a>>,
    choice: Choice<'a>,
}

/// Tells whether a playlist addresses a station.
pub(super) fn is_meant_for(playlist: &Playlist, station: &Station) -> bool {
    playlist.stations.iter().any(|target| target.includes(station))
}

impl<'a> Stream<'a> {
    /// Opens a stream for each schedule that is meant for `station`.
    pub(super) fn all_of(
        station: &'a Station,
        zone: Tz,
        playlists: &'a [Playlist],
        almanac: &'a Almanac,
        (from, until): (DateTime<Utc>, DateTime<Utc>),
    ) -> impl Iterator<Item = Self> {
        let meant = playlists.iter().filter(|playlist| is_meant_for(playlist, station));
        let schedules = meant.flat_map(|playlist| {
            playlist.schedules.iter().enumerate().map(move |(place, schedule)| (playlist, place, schedule))
        });
        schedules.map(move |(playlist, place, schedule)| {
            // The validity counts in the dates that people wrote, not in those of a skipped hour's end.
            let valid = slots(schedule, almanac, zone, from, until)
                .filter(move |slot| playlist.is_valid_on(slot.civil.date()));
            let boxed: Box<dyn Iterator<Item = CivilSlot> + 'a> = Box::new(valid);
            let choice = Choice::new(playlist, place, schedule, almanac);
            Self { station, playlist, place, schedule, slots: boxed.peekable(), choice }
        })
    }

    /// Returns when the next slot begins.
    pub(super) fn next_due(&mut self) -> Option<DateTime<FixedOffset>> {
        self.slots.peek().map(|slot| slot.due)
    }

    /// Takes the next slot and returns its airings for which `is_new` holds, placed from 0 on.
    pub(super) fn take_slot(&mut self, mut is_new: impl FnMut(&AiringId) -> bool) -> Vec<Airing> {
        let Some(slot) = self.slots.next() else { return Vec::new() };
        let mut airings = Vec::new();
        for message in self.choice.messages(slot.civil) {
            let id = AiringId::new(&self.station.id, &self.playlist.id, &message.id, &slot.due);
            if is_new(&id) {
                airings.push(self.airing(id, message, &slot, airings.len()));
            }
        }
        airings
    }

    fn airing(&self, id: AiringId, message: &Arc<Message>, slot: &CivilSlot, position: usize) -> Airing {
        Airing {
            id,
            station: self.station.id.clone(),
            playlist: self.playlist.id.clone(),
            message: message.clone(),
            slot: SlotId::new(&self.station.id, &self.playlist.id, self.place, &slot.due),
            position,
            due: slot.due,
            priority: self.playlist.priority,
            status: self.playlist.status,
            start: self.schedule.start,
            grace: self.schedule.grace,
            gap: self.schedule.gap,
            chime: self.schedule.chime.clone(),
            origin: Origin::Schedule,
        }
    }
}
