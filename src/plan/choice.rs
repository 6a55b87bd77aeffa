//! Which messages of a schedule a slot airs, and in which order.

use std::sync::Arc;

use chrono::NaiveDateTime;
use sha2::{Digest, Sha256};

use crate::calendar::{Almanac, Rotation};
use crate::model::{Message, MessageId, Order, Playlist, Schedule};

/// Chooses for one schedule, slot after slot.
pub(super) struct Choice<'a> {
    playlist: &'a Playlist,
    place: usize,
    schedule: &'a Schedule,
    rotation: Rotation<'a>,
}

impl<'a> Choice<'a> {
    pub(super) fn new(
        playlist: &'a Playlist,
        place: usize,
        schedule: &'a Schedule,
        almanac: &'a Almanac,
    ) -> Self {
        Self { playlist, place, schedule, rotation: Rotation::new(schedule, almanac) }
    }

    /// Returns the messages of the slot at `civil`. It depends on nothing but playlist, schedule and slot, so that
    /// a restart goes on with the same, and neighbouring stations say the same at the same time.
    pub(super) fn messages(&mut self, civil: NaiveDateTime) -> Vec<&'a Arc<Message>> {
        let ids = match self.schedule.order {
            Order::Listed => self.schedule.messages.iter().collect(),
            Order::Rotate => self.next_in_turn(civil).into_iter().collect(),
            Order::Shuffle => self.shuffled(civil),
        };
        ids.into_iter().filter_map(|id| self.playlist.message(id.as_str())).collect()
    }

    fn next_in_turn(&mut self, civil: NaiveDateTime) -> Option<&'a MessageId> {
        let messages = self.schedule.messages.len() as u64;
        let place = self.rotation.index(civil).checked_rem(messages)?;
        self.schedule.messages.get(usize::try_from(place).ok()?)
    }

    /// Sorts by a hash of slot and message: the same order on every machine and after every update of a library.
    fn shuffled(&self, civil: NaiveDateTime) -> Vec<&'a MessageId> {
        let slot = format!("{}\n{}\n{civil}\n", self.playlist.id, self.place);
        let mut ids: Vec<&MessageId> = self.schedule.messages.iter().collect();
        ids.sort_by_cached_key(|id| Sha256::new().chain_update(&slot).chain_update(id.as_str()).finalize());
        ids
    }
}
