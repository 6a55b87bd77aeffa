//! How airings end: the one place where outcomes and reasons are chosen.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::item::Item;
use super::{Action, Ending, LATE_AFTER, Now, OnAir, Playout, Sink, Sounded};
use crate::model::{AiringId, AsRun, ClipLength, Outcome, Reason, Record};

/// The sound device counts in blocks; a clip that lacks less than this was heard to its end.
const BLOCK: Duration = Duration::from_millis(50);

/// What the player says of an airing that sounded, or should have.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    pub(super) started: Option<DateTime<Utc>>,
    pub(super) ended: DateTime<Utc>,
    /// None when nobody can know.
    pub(super) length: Option<Duration>,
    pub(super) how: Ending,
}

/// An outcome with its reason and what a person should know besides.
type Verdict = (Outcome, Option<Reason>, String);

impl Playout {
    /// Closes what was on air.
    pub(super) fn finish(&mut self, now: &Now, airing: &AiringId, heard: &Heard, actions: &mut Vec<Action>) {
        let Some(on_air) = self.on_air.take_if(|on_air| on_air.item.airing.id == *airing) else { return };
        if matches!(heard.how, Ending::Lost(_) | Ending::Absent(_)) {
            self.sink = Sink::Down;
        }
        // What nobody can know counts against us: the limits protect people's sleep.
        let sounded = heard.length.unwrap_or(on_air.planned);
        if !sounded.is_zero() {
            let from = heard.started.unwrap_or(on_air.since);
            self.noise.note(Sounded { from, until: from + sounded });
        }
        let verdict = self.verdict(&on_air, heard);
        self.pass_turn(&on_air.item, heard.ended);
        self.record_close(now, on_air.item, verdict, Some(heard), actions);
    }

    fn verdict(&self, on_air: &OnAir, heard: &Heard) -> Verdict {
        let whole = heard.length.is_some_and(|length| length + BLOCK >= on_air.planned);
        match (&heard.how, on_air.cut) {
            (Ending::Drained, _) if whole => self.completed(on_air, heard),
            (Ending::Stopped, Some(Reason::HigherPriority)) => {
                (Outcome::Preempted, Some(Reason::HigherPriority), String::new())
            }
            (Ending::Stopped, Some(reason)) => (Outcome::Partial, Some(reason), String::new()),
            (Ending::Lost(detail), _) if heard.length == Some(Duration::ZERO) => {
                (Outcome::Failed, Some(Reason::OutputFailed), detail.clone())
            }
            (Ending::Lost(detail), _) => (Outcome::Partial, Some(Reason::OutputFailed), detail.clone()),
            (Ending::Absent(detail), _) => (Outcome::Failed, Some(Reason::OutputAbsent), detail.clone()),
            (Ending::NoClip(reason, detail), _) => (Outcome::Failed, Some(*reason), detail.clone()),
            (Ending::Drained | Ending::Stopped, _) => {
                (Outcome::Partial, Some(Reason::OutputFailed), String::new())
            }
        }
    }

    fn completed(&self, on_air: &OnAir, heard: &Heard) -> Verdict {
        let item = &on_air.item;
        let started = heard.started.unwrap_or(on_air.since);
        let own = item.is_scheduled() && started > item.earliest() + LATE_AFTER;
        if own || self.slots.get(&item.airing.slot).is_some_and(|slot| slot.late) {
            let why = self.gaps.explain(item.airing.due_utc()).filter(|_| item.is_scheduled());
            // A clip that came late in the end did not fail.
            let waited = item.waits_for.filter(|reason| *reason != Reason::RenderFailed);
            (Outcome::CompletedLate, why.or(waited), String::new())
        } else {
            (Outcome::Completed, None, String::new())
        }
    }

    /// Closes an airing that never sounded.
    pub(super) fn close_silent(
        &mut self,
        now: &Now,
        item: Item,
        verdict: Verdict,
        actions: &mut Vec<Action>,
    ) {
        self.record_close(now, item, verdict, None, actions);
    }

    /// Closes everything whose grace is over.
    pub(super) fn close_overdue(&mut self, now: &Now, actions: &mut Vec<Action>) {
        let overdue: Vec<AiringId> =
            self.items.iter().filter(|(_, item)| item.is_too_late(now)).map(|(id, _)| id.clone()).collect();
        for id in overdue {
            if let Some(item) = self.items.remove(&id) {
                let verdict = self.missed(&item);
                self.close_silent(now, item, verdict, actions);
            }
        }
    }

    fn missed(&self, item: &Item) -> Verdict {
        let gap = self.gaps.explain(item.airing.due_utc()).filter(|_| item.is_scheduled());
        let outcome = match (gap, item.waits_for) {
            (None, Some(Reason::OutputAbsent | Reason::RenderFailed)) => Outcome::Failed,
            _ => Outcome::Missed,
        };
        (outcome, Some(gap.or(item.waits_for).unwrap_or(Reason::GracePassed)), String::new())
    }

    /// Closes an airing whose clip cannot be had.
    pub(super) fn give_up(
        &mut self,
        now: &Now,
        airing: &AiringId,
        reason: Reason,
        detail: String,
        actions: &mut Vec<Action>,
    ) {
        if let Some(item) = self.items.remove(airing) {
            self.close_silent(now, item, (Outcome::Failed, Some(reason), detail), actions);
        }
    }

    /// Cuts what is on air and takes back what waits.
    pub(super) fn stop(&mut self, now: &Now, who: &str, actions: &mut Vec<Action>) {
        self.cut(now, Reason::OperatorStop, actions);
        let waiting: Vec<AiringId> =
            self.items.iter().filter(|(_, item)| item.is_due(now)).map(|(id, _)| id.clone()).collect();
        for id in waiting {
            if let Some(item) = self.items.remove(&id) {
                let verdict = (Outcome::Cancelled, Some(Reason::OperatorStop), who.to_owned());
                self.close_silent(now, item, verdict, actions);
            }
        }
    }

    /// Cuts one airing, or closes it before it sounds.
    pub(super) fn take_back(
        &mut self,
        now: &Now,
        airing: &AiringId,
        reason: Reason,
        actions: &mut Vec<Action>,
    ) {
        if self.on_air.as_ref().is_some_and(|on_air| on_air.item.airing.id == *airing) {
            self.cut(now, reason, actions);
        } else if let Some(item) = self.items.remove(airing) {
            self.close_silent(now, item, (Outcome::Cancelled, Some(reason), String::new()), actions);
        }
    }

    /// Closes what people ordered and nobody heard: a restart finds airings again by the plan, and these are in none.
    pub(super) fn close_orders(&mut self, now: &Now, actions: &mut Vec<Action>) {
        let (scheduled, orders) =
            std::mem::take(&mut self.items).into_iter().partition(|(_, item)| item.is_scheduled());
        self.items = scheduled;
        let orders: BTreeMap<AiringId, Item> = orders;
        for item in orders.into_values() {
            let verdict = (Outcome::Cancelled, Some(Reason::Shutdown), String::new());
            self.close_silent(now, item, verdict, actions);
        }
    }

    /// Takes back an airing that waits although the plan no longer has it.
    pub(super) fn supersede(&mut self, now: &Now, item: Item, actions: &mut Vec<Action>) {
        self.close_silent(now, item, (Outcome::Cancelled, Some(Reason::Superseded), String::new()), actions);
    }

    /// Gives the turn to the later airings of the slot: their grace counts from the end of one that sounded.
    fn pass_turn(&mut self, sounded: &Item, ended: DateTime<Utc>) {
        let later = |item: &&mut Item| {
            item.airing.slot == sounded.airing.slot && item.airing.position > sounded.airing.position
        };
        for item in self.items.values_mut().filter(later) {
            item.turn = item.turn.max(ended);
        }
    }

    fn record_close(
        &mut self,
        now: &Now,
        item: Item,
        (outcome, reason, detail): Verdict,
        heard: Option<&Heard>,
        actions: &mut Vec<Action>,
    ) {
        self.closed.insert(item.airing.id.clone(), item.airing.due_utc());
        let length = item.length().cloned();
        let sounded = heard.filter(|heard| heard.length != Some(Duration::ZERO));
        let chimed =
            self.slots.get(&item.airing.slot).is_some_and(|slot| slot.chimed == Some(item.airing.position));
        actions.push(Action::Record(Record::Closed(AsRun {
            at: now.wall,
            outcome,
            reason,
            detail,
            started: sounded.and_then(|heard| heard.started),
            ended: sounded.filter(|heard| heard.length.is_some()).map(|heard| heard.ended),
            heard: heard.map_or(Some(Duration::ZERO), |heard| heard.length),
            readings: length.as_ref().map_or(0, |length| readings(&item, length, sounded, chimed)),
            voice: length.filter(|_| sounded.is_some()).map(|length| length.voice).unwrap_or_default(),
            airing: item.airing,
        })));
    }
}

/// Counts whole readings in what was heard.
fn readings(item: &Item, length: &ClipLength, heard: Option<&Heard>, chimed: bool) -> u32 {
    let chime = if chimed { length.chime } else { Duration::ZERO };
    let spoken = heard.and_then(|heard| heard.length).unwrap_or_default().saturating_sub(chime) + BLOCK;
    let gap = item.airing.message.repeat.gap;
    let whole = |n: &u32| length.reading * *n + gap * (*n - 1) <= spoken;
    (1..=item.airing.message.repeat.times).take_while(whole).last().unwrap_or(0)
}
