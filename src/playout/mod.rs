//! One state machine a station: events in, actions out. It decides what sounds when, and how each airing ended;
//! it makes no sound, reads no clock and keeps no file itself.
//!
//! Invariants, held by `tests/simulation.rs`: every airing that fell due is closed exactly once; never two sounds at
//! once; no start after grace; nothing repeated after a restart; completed means heard to the end; no emergency waits
//! behind anything weaker; only emergencies pass quiet hours and noise limits.

mod clock;
mod closing;
mod event;
mod expected;
mod gaps;
mod horizon;
mod item;
mod noise;
mod queue;
mod start;
mod view;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::model::{AiringId, Limits, Reason, SlotId};

pub use clock::{Distrust, Trust, judge_clock};
pub use event::{Action, Ending, Event, Now};
pub use expected::Expected;
use gaps::Gaps;
pub use horizon::{AHEAD, Horizon};
use item::{Item, Phase};
use noise::Noise;
pub use noise::Sounded;
pub use view::{OnAirView, View};

/// Clips are asked for this long before they are due: a slow board needs seconds for a text, and a broken cache entry
/// has to be found while there is time to make it again.
const PREPARE_AHEAD: TimeDelta = TimeDelta::seconds(90);
/// A clip that was asked for and is not there after this long will not come. Twice the renderer's own limit.
const PREPARE_LIMIT: Duration = Duration::from_secs(150);
/// The output is opened this long before it is needed: opening takes up to a second and a half (a sleeping sound server).
const WARM_AHEAD: TimeDelta = TimeDelta::seconds(3);
/// A start that nothing hinders is ordered this long before its instant: the record has to be on the disk and the clip
/// loaded before the output places the first sample. An SD card takes 0.2 s for both, a worn one twice that.
const START_AHEAD: TimeDelta = TimeDelta::milliseconds(1_500);
/// What a start cuts is cut this long before its instant: a quarter of a second to fall silent, and half of one for
/// the records of both.
const CUT_AHEAD: TimeDelta = TimeDelta::milliseconds(750);
/// Beyond its length, playing may take this long to begin and to drain before the player counts as stuck.
const PLAY_SLACK: Duration = Duration::from_secs(10);
/// An output that neither opens nor fails within this time is stuck.
const OPEN_LIMIT: Duration = Duration::from_secs(15);
/// A cut is heard within a quarter of a second; a player that has not confirmed it after this long is stuck. Below the
/// two seconds in which the daemon has to leave.
const CUT_LIMIT: Duration = Duration::from_secs(1);
/// An airing that starts later than this after its turn is late.
const LATE_AFTER: TimeDelta = TimeDelta::seconds(5);
/// Closed airings are remembered this long, against a clock that is set back; the log remembers for ever.
const CLOSED_REMEMBERED: TimeDelta = TimeDelta::hours(49);
/// Fewer closes and slots than this are not worth a search for old ones.
const FORGET_FROM: usize = 512;

/// Holds what a station obeys.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Quiet hours and noise limits.
    pub limits: Limits,
    /// The civil time of the limits.
    pub zone: Tz,
    /// How long after the others of its group the station starts; none if it starts for itself.
    pub in_step: Option<Duration>,
}

/// What the as-run log remembers of earlier runs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recovered {
    /// Airings that are closed already, with the instant at which they were due.
    pub closed: BTreeMap<AiringId, DateTime<Utc>>,
    /// Sound of the last 26 hours.
    pub sounded: Vec<Sounded>,
    /// Why nothing aired before this run: `power_off`, or `shutdown` after an orderly end.
    pub down: Option<Reason>,
}

/// What is on air, and what was ordered about it.
#[derive(Debug, Clone)]
struct OnAir {
    item: Item,
    since: DateTime<Utc>,
    /// Reading of the steady clock after which the player counts as stuck.
    deadline: Duration,
    planned: Duration,
    /// Why it is being cut.
    cut: Option<Reason>,
}

/// How a slot fares: whether it has sounded, and whether it began late.
#[derive(Debug, Clone, Copy, Default)]
struct SlotState {
    begun: bool,
    late: bool,
    /// Place of the airing that had the chime before it.
    chimed: Option<usize>,
}

/// Whether what is played now would be heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sink {
    Closed,
    /// Asked to open; the answer is due before this reading of the steady clock.
    Opening {
        until: Duration,
    },
    Up,
    Down,
}

/// Decides for one station. See the module.
#[derive(Debug, Clone)]
pub struct Playout {
    noise: Noise,
    in_step: Option<Duration>,
    items: BTreeMap<AiringId, Item>,
    slots: HashMap<SlotId, SlotState>,
    closed: BTreeMap<AiringId, DateTime<Utc>>,
    on_air: Option<OnAir>,
    sink: Sink,
    leaving: bool,
    gaps: Gaps,
    /// How long a player may wait for its amplifier before it sounds.
    patience: Duration,
    /// Size at which old closes and slots are dropped; grows with what has to be kept.
    forget_at: usize,
}

impl Playout {
    /// Begins a run at `now`.
    pub fn new(rules: Rules, recovered: Recovered, now: Now) -> Self {
        Self {
            noise: Noise::new(rules.limits, rules.zone, recovered.sounded),
            in_step: rules.in_step,
            items: BTreeMap::new(),
            slots: HashMap::new(),
            closed: recovered.closed,
            on_air: None,
            sink: Sink::Closed,
            leaving: false,
            patience: Duration::ZERO,
            gaps: Gaps::new(recovered.down.unwrap_or(Reason::PowerOff), &now),
            forget_at: FORGET_FROM,
        }
    }

    /// Takes in one event and returns what is to be done, in order.
    ///
    /// Time is noted first, so any event also does what was due by then; [`Event::Tick`] does only that.
    pub fn handle(&mut self, now: Now, event: Event) -> Vec<Action> {
        let mut actions = Vec::new();
        self.gaps.note(&now);
        self.take(&now, event, &mut actions);
        self.check_player(&now, &mut actions);
        self.close_overdue(&now, &mut actions);
        self.prepare(&now, &mut actions);
        if !self.leaving {
            self.decide(&now, &mut actions);
        }
        self.forget_old(&now);
        actions
    }

    /// Changes the limits from now on, and the place in the group for what becomes known from now on.
    pub fn obey(&mut self, rules: Rules) {
        self.in_step = rules.in_step;
        self.noise.change(rules.limits, rules.zone);
    }

    /// Lets the player wait so long for its amplifier before each sound.
    pub fn be_patient(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Returns whether the station is silent, so that the daemon may leave.
    pub fn is_silent(&self) -> bool {
        self.on_air.is_none()
    }

    /// Returns the instant before which every airing of the plan is closed: where a restart has to look again.
    pub fn frontier(&self, now: &Now) -> DateTime<Utc> {
        let playing = self.on_air.iter().map(|on_air| &on_air.item);
        let open = self.items.values().chain(playing).map(|item| item.airing.due_utc());
        open.chain([now.wall]).min().unwrap_or(now.wall)
    }

    fn take(&mut self, now: &Now, event: Event, actions: &mut Vec<Action>) {
        match event {
            Event::Tick => {}
            Event::Timetable(timetable) => self.replan(now, timetable, actions),
            Event::StillPlanned(timetable) => self.withdraw(now, &timetable, actions),
            Event::Said(airing) => self.order(now, airing, actions),
            Event::TakenBack(airing, reason) => self.take_back(now, &airing, reason, actions),
            Event::Ready { airing, length } => {
                if let Some(item) = self.items.get_mut(&airing) {
                    item.phase = Phase::Ready(length);
                    item.ready(now);
                }
            }
            Event::NotReady { airing, reason, detail } => self.give_up(now, &airing, reason, detail, actions),
            Event::Ended { airing, started, ended, heard, how } => {
                self.finish(
                    now,
                    &airing,
                    &closing::Heard { started, ended, length: Some(heard), how },
                    actions,
                );
            }
            Event::OutputUp => self.sink = Sink::Up,
            Event::OutputClosed => self.sink = Sink::Closed,
            Event::OutputDown => self.sink = Sink::Down,
            Event::AlreadyRecorded(airing) => self.drop_recorded(&airing),
            Event::Stop(who) => self.stop(now, &who, actions),
            Event::Shutdown => {
                self.leaving = true;
                self.cut(now, Reason::Shutdown, actions);
                self.close_orders(now, actions);
            }
        }
    }
}
