//! What airs next: admission, preparation, the choice, pre-emption, and when to look again.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::item::{Item, Phase, until};
use super::{
    Action, CLOSED_REMEMBERED, CUT_AHEAD, CUT_LIMIT, Ending, LATE_AFTER, Now, OPEN_LIMIT, OnAir, PLAY_SLACK,
    PREPARE_AHEAD, PREPARE_LIMIT, Playout, START_AHEAD, Sink, WARM_AHEAD, closing::Heard,
};
use crate::model::{
    Airing, AiringId, OnAir as OnAirRecord, Ordered, Outcome, Reason, Record, SlotId, Timetable,
};

impl Playout {
    /// Puts a plan in force for its window.
    pub(super) fn replan(&mut self, now: &Now, timetable: Timetable, actions: &mut Vec<Action>) {
        self.withdraw(now, &timetable, actions);
        for airing in timetable.airings {
            self.admit(now, airing);
        }
    }

    /// Takes back what is no longer planned in the window; what had fallen due is closed as superseded.
    pub(super) fn withdraw(&mut self, now: &Now, timetable: &Timetable, actions: &mut Vec<Action>) {
        let planned: HashSet<&AiringId> = timetable.airings.iter().map(|airing| &airing.id).collect();
        let window = timetable.from..timetable.until;
        let gone = |item: &Item| {
            item.is_scheduled()
                && window.contains(&item.airing.due_utc())
                && !planned.contains(&item.airing.id)
        };
        let gone: Vec<AiringId> =
            self.items.iter().filter(|(_, item)| gone(item)).map(|(id, _)| id.clone()).collect();
        for item in gone.iter().filter_map(|id| self.items.remove(id)).collect::<Vec<_>>() {
            if item.airing.due_utc() <= now.wall {
                self.supersede(now, item, actions);
            }
        }
    }

    /// Takes in what a person asked for. The record comes first: no plan has it, so nothing else outlives a power cut.
    pub(super) fn order(&mut self, now: &Now, airing: Airing, actions: &mut Vec<Action>) {
        let record = Ordered { airing: airing.clone(), at: now.wall };
        actions.push(Action::Record(Record::Ordered(record)));
        self.admit(now, airing);
    }

    /// Takes in an airing, unless it is closed, on air, or known as it is.
    pub(super) fn admit(&mut self, now: &Now, airing: Airing) {
        let on_air = self.on_air.as_ref().is_some_and(|on_air| on_air.item.airing.id == airing.id);
        let known = self.items.get(&airing.id).is_some_and(|item| item.airing == airing);
        if !on_air && !known && !self.closed.contains_key(&airing.id) {
            let mut item = Item::new(airing, self.in_step, now);
            // A changed text is rendered again; its turn came when it came.
            let turn = self.items.get(&item.airing.id).map_or(item.turn, |old| old.turn);
            item.turn = item.turn.max(turn);
            self.items.insert(item.airing.id.clone(), item);
        }
    }

    /// Forgets an airing that the log knows better than we do.
    pub(super) fn drop_recorded(&mut self, airing: &AiringId) {
        let playing =
            self.on_air.take_if(|on_air| on_air.item.airing.id == *airing).map(|on_air| on_air.item);
        if let Some(item) = playing.or_else(|| self.items.remove(airing)) {
            self.closed.insert(item.airing.id.clone(), item.airing.due_utc());
        }
    }

    /// Asks for clips and for the output ahead of time, and gives up on clips that do not come.
    pub(super) fn prepare(&mut self, now: &Now, actions: &mut Vec<Action>) {
        let mut late = Vec::new();
        let silent = self.on_air.is_none();
        for item in self.items.values_mut().filter(|item| item.may_trust(now)) {
            let near = |ahead: TimeDelta| !item.is_scheduled() || item.airing.due_utc() <= now.wall + ahead;
            match item.phase {
                Phase::Planned if near(PREPARE_AHEAD) => {
                    item.phase = Phase::Preparing { until: now.steady + PREPARE_LIMIT };
                    actions.push(Action::Prepare(item.airing.clone()));
                }
                Phase::Preparing { until } if now.steady > until => late.push(item.airing.id.clone()),
                _ => {}
            }
            let near_sound = !item.is_scheduled() || item.airing.due_utc() <= now.wall + WARM_AHEAD;
            if near_sound && silent && !item.warmed {
                item.warmed = true;
                if self.sink == Sink::Closed {
                    self.sink = Sink::Opening { until: now.steady + OPEN_LIMIT };
                }
                if !matches!(actions.last(), Some(Action::Warm)) {
                    actions.push(Action::Warm);
                }
            }
        }
        for id in late {
            let detail = format!("no clip after {} s", PREPARE_LIMIT.as_secs());
            self.give_up(now, &id, Reason::RenderFailed, detail, actions);
        }
    }

    /// Starts, or makes room for, what should sound now or within moments.
    ///
    /// What is not due yet is only begun, so that its first sample is heard when it is; nothing is said of it before.
    pub(super) fn decide(&mut self, now: &Now, actions: &mut Vec<Action>) {
        for id in self.queue(now) {
            let Some(item) = self.items.get(&id) else { continue };
            let (start, due) = (item.start(now), item.is_due(now));
            if let Some(reason) = self.forbidden(start.unwrap_or(now.wall), item) {
                if due {
                    self.suppress(now, &id, reason, actions);
                }
                continue;
            }
            if let Some(current) = &self.on_air {
                let near = start.is_none_or(|start| start <= now.wall + CUT_AHEAD) || !item.is_scheduled();
                if near && current.cut.is_none() && self.may_cut(item, &current.item.airing) {
                    self.cut(now, Reason::HigherPriority, actions);
                }
                if due {
                    self.note_waiting(&id);
                }
                continue;
            }
            if item.length().is_none() {
                if due {
                    self.wait_for(&id, Reason::RenderFailed);
                }
                continue;
            }
            if start.is_some_and(|start| start > now.wall + START_AHEAD) {
                return;
            }
            match self.sink {
                Sink::Up => self.start(now, &id, start, actions),
                Sink::Closed => {
                    self.sink = Sink::Opening { until: now.steady + OPEN_LIMIT };
                    actions.push(Action::Warm);
                }
                Sink::Down if due => self.wait_for(&id, Reason::OutputAbsent),
                // One that opens answers within moments; if it does not, it counts as down.
                Sink::Opening { .. } | Sink::Down => {}
            }
        }
    }

    /// Returns the airings whose turn it is or comes within moments, best first: none before them in their slot is
    /// open.
    ///
    /// Emergencies of one slot do not wait for one that is still being rendered.
    fn queue(&self, now: &Now) -> Vec<AiringId> {
        let due: Vec<&Item> = self.items.values().filter(|item| item.is_near(now, START_AHEAD)).collect();
        let playing = self.on_air.iter().map(|on_air| &on_air.item);
        let place = |item: &Item| (item.is_emergency() && item.length().is_none(), item.airing.position);
        let mut first: HashMap<&SlotId, (bool, usize)> = HashMap::new();
        for item in due.iter().copied().chain(playing) {
            let best = first.entry(&item.airing.slot).or_insert(place(item));
            *best = (*best).min(place(item));
        }
        let mut queue: Vec<&Item> =
            due.into_iter().filter(|item| first.get(&item.airing.slot) == Some(&place(item))).collect();
        queue.sort_by_cached_key(|item| item.rank(self.has_begun(&item.airing.slot)));
        queue.into_iter().map(|item| item.airing.id.clone()).collect()
    }

    fn has_begun(&self, slot: &SlotId) -> bool {
        self.slots.get(slot).is_some_and(|slot| slot.begun)
    }

    /// Returns the rule that forbids `item` to sound from `start` to its end; emergencies pass all of them.
    fn forbidden(&self, start: DateTime<Utc>, item: &Item) -> Option<Reason> {
        if item.is_emergency() {
            return None;
        }
        match item.length() {
            Some(length) => self.noise.forbids(start, length.message + self.chime_before(item)),
            None => self.noise.is_quiet(start).then_some(Reason::QuietHours),
        }
    }

    fn suppress(&mut self, now: &Now, id: &AiringId, reason: Reason, actions: &mut Vec<Action>) {
        if let Some(item) = self.items.remove(id) {
            self.close_silent(now, item, (Outcome::Suppressed, Some(reason), String::new()), actions);
        }
    }

    fn may_cut(&self, item: &Item, current: &Airing) -> bool {
        item.length().is_some()
            && self.sink == Sink::Up
            && item.cuts(current, self.has_begun(&item.airing.slot))
    }

    fn note_waiting(&mut self, id: &AiringId) {
        let Some(current) = self.on_air.as_ref().map(|on_air| on_air.item.airing.priority) else { return };
        if let Some(item) = self.items.get_mut(id).filter(|item| item.airing.priority < current) {
            item.waits_for = Some(Reason::HigherPriority);
        }
    }

    fn wait_for(&mut self, id: &AiringId, reason: Reason) {
        if let Some(item) = self.items.get_mut(id) {
            item.waits_for = Some(reason);
        }
    }

    pub(super) fn chime_before(&self, item: &Item) -> Duration {
        let begun = self.has_begun(&item.airing.slot);
        item.length().filter(|_| !begun).map_or(Duration::ZERO, |length| length.chime)
    }

    fn start(&mut self, now: &Now, id: &AiringId, at: Option<DateTime<Utc>>, actions: &mut Vec<Action>) {
        let Some(item) = self.items.remove(id) else { return };
        let Some(length) = item.length().cloned() else { return };
        let (chime, since) = (self.chime_before(&item), at.unwrap_or(now.wall));
        let slot = self.slots.entry(item.airing.slot.clone()).or_default();
        if !slot.begun {
            slot.begun = true;
            slot.late = item.is_scheduled() && since > item.turn + LATE_AFTER;
            slot.chimed = (!chime.is_zero()).then_some(item.airing.position);
        }
        let planned = length.message + chime;
        let airing = item.airing.clone();
        let voice = length.voice;
        let record = OnAirRecord { airing: airing.clone(), at: now.wall, voice: voice.clone(), planned };
        actions.push(Action::Record(Record::OnAir(record)));
        actions.push(Action::Play { airing, at, chime: !chime.is_zero(), voice });
        let ahead = (since - now.wall).to_std().unwrap_or_default();
        let deadline = now.steady + ahead + planned + self.patience + PLAY_SLACK;
        self.on_air = Some(OnAir { item, since, deadline, planned, cut: None });
    }

    /// Orders the cut of what is on air; a second order changes nothing.
    pub(super) fn cut(&mut self, now: &Now, reason: Reason, actions: &mut Vec<Action>) {
        if let Some(on_air) = self.on_air.as_mut().filter(|on_air| on_air.cut.is_none()) {
            on_air.cut = Some(reason);
            on_air.deadline = on_air.deadline.min(now.steady + CUT_LIMIT);
            actions.push(Action::Cut(on_air.item.airing.id.clone()));
        }
    }

    /// Gives up a player that neither plays on nor says that it ended.
    pub(super) fn check_player(&mut self, now: &Now, actions: &mut Vec<Action>) {
        if matches!(self.sink, Sink::Opening { until } if now.steady > until) {
            self.sink = Sink::Down;
            actions.push(Action::Abandon);
        }
        let stuck = self.on_air.as_ref().filter(|on_air| now.steady > on_air.deadline);
        let Some(airing) = stuck.map(|on_air| on_air.item.airing.id.clone()) else { return };
        actions.push(Action::Abandon);
        let how = Ending::Lost("the player does not answer".to_owned());
        let heard = Heard { started: None, ended: now.wall, length: None, how };
        self.finish(now, &airing, &heard, actions);
        self.sink = Sink::Closed;
    }

    /// Drops what cannot matter any more.
    pub(super) fn forget_old(&mut self, now: &Now) {
        if now.trusted && self.closed.len() + self.slots.len() > self.forget_at {
            let horizon = now.wall - CLOSED_REMEMBERED;
            self.closed.retain(|_, due| *due > horizon);
            let open: HashSet<&SlotId> = self.items.values().map(|item| &item.airing.slot).collect();
            self.slots.retain(|slot, _| open.contains(slot));
            self.forget_at = 2 * (self.closed.len() + self.slots.len()) + super::FORGET_FROM;
        }
    }

    /// Returns how long from `now` nothing can happen by itself; none if never.
    pub fn next_wake(&self, now: &Now) -> Option<Duration> {
        let opening = match self.sink {
            Sink::Opening { until } => Some(until),
            Sink::Closed | Sink::Up | Sink::Down => None,
        };
        let player = self.on_air.iter().map(|on_air| on_air.deadline).chain(opening);
        let player = player.map(|deadline| deadline.saturating_sub(now.steady));
        let items = self.items.values().filter_map(|item| self.wake_of(now, item));
        // The deadlines are exclusive: look again just after, not at, the last moment that still counts.
        player.chain(items).min().map(|wait| wait + Duration::from_millis(1))
    }

    /// Returns how long until the start of `item` is `ahead` of us; none if it is nearer, or not to be waited for.
    fn until_still_ahead(&self, now: &Now, item: &Item, ahead: TimeDelta) -> Option<Duration> {
        // An order has no instant of its own: nothing happens before there is room for it.
        let has_room = self.on_air.is_none() && self.sink == Sink::Up;
        let start = item.start(now).filter(|_| has_room || item.is_scheduled())?;
        Some(until(now, start - ahead)).filter(|wait| !wait.is_zero())
    }

    fn wake_of(&self, now: &Now, item: &Item) -> Option<Duration> {
        if !item.may_trust(now) {
            return (!item.is_scheduled()).then(|| item.grace_left(now));
        }
        let due = item.airing.due_utc();
        let steps = [
            (item.phase == Phase::Planned).then(|| until(now, due - PREPARE_AHEAD)),
            (!item.warmed && self.on_air.is_none()).then(|| until(now, due - WARM_AHEAD)),
            (!item.is_due(now)).then(|| until(now, due)),
            self.until_still_ahead(now, item, START_AHEAD),
            self.until_still_ahead(now, item, CUT_AHEAD),
            match item.phase {
                Phase::Preparing { until } => Some(until.saturating_sub(now.steady)),
                _ => None,
            },
        ];
        steps.into_iter().flatten().chain([item.grace_left(now)]).min()
    }
}
