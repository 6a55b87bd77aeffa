//! One station's loop: the only one that touches its playout. Everything that happens at the station comes in through
//! one channel; what playout asks for is carried out here, in order.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Mutex, mpsc, watch};
use tokio::time::sleep;

use super::board::{Board, Shown};
use super::hearing::Hearing;
use super::in_force::InForce;
use super::ledger::{Ledger, Saved};
use super::mouth::Mouth;
use super::power::Power;
use super::timekeeper::Timekeeper;
use crate::clip::Workshop;
use crate::model::{Airing, AiringId, Clip, Outcome, Priority, Record, Station};
use crate::playout::{Action, Ending, Event, Horizon, Now, Playout, Recovered, Rules};
use crate::station::alerts::{Held, Pace, Past};
use crate::station::ear::EarEvent;
use crate::station::player::{How, PlayerEvent};

/// The longest sleep; nothing in the house is planned further ahead than this without another look.
const LONGEST_SLEEP: Duration = Duration::from_hours(1);

/// What reaches a station's loop.
#[derive(Debug)]
pub(super) enum Input {
    /// Something for playout.
    Event(Event),
    /// The clock stepped, or its trust changed, or the machine slept: look again.
    LookAgain,
    /// Told by the station's ear.
    Ear(EarEvent),
    /// Told by the player with this number.
    Player(u64, PlayerEvent),
    /// These alerts are in force now.
    Alerts(Vec<(Arc<Held>, Past)>),
    /// The clip of an airing that is on record is loaded, and is to be heard from this instant on.
    Loaded(Box<Airing>, Sound, Option<DateTime<Utc>>),
}

/// A clip that is to sound, and how much of it is a chime.
#[derive(Debug)]
pub(super) struct Sound {
    pub(super) clip: Arc<Clip>,
    pub(super) chime: Duration,
}

/// What a station's loop is made of.
pub(super) struct Worker {
    pub(super) station: Station,
    pub(super) playout: Playout,
    pub(super) horizon: Horizon,
    /// The playlists by which the time before this run is judged, until that is done.
    pub(super) before: Option<Arc<InForce>>,
    pub(super) in_force: watch::Receiver<Arc<InForce>>,
    pub(super) time: Arc<Timekeeper>,
    pub(super) ledger: Ledger,
    pub(super) workshop: Workshop,
    pub(super) mouth: Mouth,
    /// Who listens to it, if somebody does.
    pub(super) hearing: Option<Hearing>,
    /// Its amplifier, if it has one to switch.
    pub(super) power: Option<Power>,
    pub(super) alerts: Pace,
    pub(super) inbox: mpsc::UnboundedReceiver<Input>,
    pub(super) outbox: mpsc::UnboundedSender<Input>,
    pub(super) board: Arc<Board>,
    /// Whose turn it is to have a clip made.
    pub(super) turns: Arc<Mutex<()>>,
    /// The airing whose clip is on its way from the cache to the player.
    pub(super) loading: Option<AiringId>,
    /// What the last airing wishes of the volume, and how strong it is.
    pub(super) wishes: (Option<u8>, Priority),
    pub(super) leaving: bool,
}

impl Worker {
    /// Builds the playout of `station` from what the log remembers.
    pub(super) fn playout(station: &Station, in_force: &InForce, recovered: Recovered, now: Now) -> Playout {
        Playout::new(rules(station, in_force), recovered, now)
    }

    /// Runs until the station was shut down and is silent.
    pub(super) async fn run(mut self) {
        let mut input = Input::LookAgain;
        loop {
            let now = self.time.now();
            self.plan_ahead(&now).await;
            self.take(&now, input).await;
            if !self.leaving {
                self.say_alerts(&now).await;
            }
            self.show(&now);
            if self.leaving && self.playout.is_silent() {
                self.mouth.quit();
                self.hear_out().await;
                return;
            }
            input = match self.next_input(&now).await {
                Some(input) => input,
                None => return,
            };
        }
    }

    async fn next_input(&mut self, now: &Now) -> Option<Input> {
        let wakes = [self.playout.next_wake(now), self.alerts.next_wake(now)];
        let wait = wakes.into_iter().flatten().fold(LONGEST_SLEEP, Duration::min);
        self.board.promise(now.steady + wait);
        tokio::select! {
            biased;
            input = self.inbox.recv() => input,
            changed = self.in_force.changed() => {
                changed.ok()?;
                Some(self.take_over())
            }
            () = sleep(wait) => Some(Input::LookAgain),
        }
    }

    /// Puts changed playlists and limits in force, from now on, and takes back what waits and is no longer planned.
    fn take_over(&mut self) -> Input {
        // Read anew: the loop may have slept for an hour, and what is new is not held to the time before it came.
        let now = self.time.now();
        let in_force = Arc::clone(&self.in_force.borrow_and_update());
        if let Some(station) = in_force.station(&self.station.id) {
            self.station = station.clone();
        }
        self.workshop = in_force.workshop.shaped(self.station.shaping);
        self.playout.obey(rules(&self.station, &in_force));
        self.mouth.volume(self.percent(&now));
        self.horizon.replan(&now);
        let still = in_force.timetable(&self.station, self.playout.frontier(&now), now.wall);
        Input::Event(Event::StillPlanned(still))
    }

    /// Hands playout the next pieces of the plan.
    async fn plan_ahead(&mut self, now: &Now) {
        while let Some((from, until)) = self.horizon.next_window(now) {
            let past = until <= now.wall;
            if !past {
                self.before = None;
            }
            let in_force = self.before.clone().unwrap_or_else(|| Arc::clone(&self.in_force.borrow()));
            let timetable = in_force.timetable(&self.station, from, until);
            self.horizon.reached(timetable.until);
            self.step(now, Event::Timetable(timetable)).await;
        }
    }

    async fn take(&mut self, now: &Now, input: Input) {
        match input {
            Input::Event(event @ Event::Stop(_)) => self.stop_alerts(now, event).await,
            Input::Alerts(in_force) => self.follow_alerts(now, &in_force).await,
            Input::Event(event) => {
                self.leaving |= event == Event::Shutdown;
                self.step(now, event).await;
            }
            Input::LookAgain => self.step(now, Event::Tick).await,
            Input::Loaded(airing, sound, at) => {
                // One that was cut meanwhile has been answered for.
                if self.loading.take_if(|loading| *loading == airing.id).is_some() {
                    if let Some(hearing) = &self.hearing {
                        hearing.sent(&airing, &sound.clip, sound.chime);
                    }
                    self.mouth.volume_of_next(self.percent(now));
                    self.mouth.play(airing.id, sound.clip, at);
                }
            }
            Input::Ear(event) => self.overhear(now, event).await,
            Input::Player(number, event) if self.mouth.is(number) => self.hear(now, event).await,
            Input::Player(..) => {}
        }
    }

    async fn hear(&mut self, now: &Now, event: PlayerEvent) {
        match event {
            PlayerEvent::Started { at, .. } => self.board.started(at),
            PlayerEvent::Ended { airing, started, ended, heard, how } => {
                if let Some(hearing) = &self.hearing {
                    hearing.ended(&airing, started, heard, now);
                }
                let how = match how {
                    How::Drained => Ending::Drained,
                    How::Stopped => Ending::Stopped,
                    How::Lost(words) => Ending::Lost(words.to_string()),
                    How::Absent(words) => Ending::Absent(words.to_string()),
                };
                self.step(now, Event::Ended { airing, started, ended, heard, how }).await;
            }
            PlayerEvent::Up => {
                self.board.output_up();
                self.step(now, Event::OutputUp).await;
            }
            PlayerEvent::Closed => self.step(now, Event::OutputClosed).await,
            PlayerEvent::Down(words) => {
                tracing::warn!(station = %self.station.id, "{words}");
                self.board.output_down(&words, now.wall);
                self.step(now, Event::OutputDown).await;
            }
            PlayerEvent::Quit => {}
        }
    }

    pub(super) async fn step(&mut self, now: &Now, event: Event) {
        let mut actions = VecDeque::from(self.playout.handle(*now, event));
        let mut known: HashSet<AiringId> = HashSet::new();
        while let Some(action) = actions.pop_front() {
            let Action::Record(first) = action else {
                self.perform(action, &known);
                continue;
            };
            // A village that was without power for a month has thousands of them: one wait for the disk will do.
            let mut records = vec![first];
            while let Some(Action::Record(_)) = actions.front() {
                if let Some(Action::Record(record)) = actions.pop_front() {
                    records.push(record);
                }
            }
            for airing in self.record(now, records).await {
                actions.extend(self.playout.handle(*now, Event::AlreadyRecorded(airing.clone())));
                self.alerts.closed(&airing, now);
                known.insert(airing);
            }
        }
    }

    fn perform(&mut self, action: Action, known: &HashSet<AiringId>) {
        match action {
            Action::Prepare(airing) => self.prepare(airing),
            Action::Warm => {
                self.mouth.warm();
                if let Some(hearing) = &self.hearing {
                    hearing.open();
                }
            }
            Action::Play { airing, at, chime, voice } if !known.contains(&airing.id) => {
                self.loading = Some(airing.id.clone());
                self.wishes = (airing.message.volume, airing.priority);
                self.mouth.rank(airing.priority);
                self.play(airing, at, chime, voice);
            }
            // A record is committed where it is found; what the log has from before must not sound again.
            Action::Play { .. } | Action::Record(_) => {}
            Action::Cut(airing) => self.cut(airing),
            Action::Abandon => {
                tracing::error!(station = %self.station.id, "the player hangs in its output and was given up");
                self.mouth.replace(&self.station);
                self.board.follow(self.mouth.gauge());
            }
        }
    }

    /// Commits records and returns the airings that the log has from before.
    async fn record(&mut self, now: &Now, records: Vec<Record>) -> Vec<AiringId> {
        for record in &records {
            let Record::Closed(as_run) = record else { continue };
            self.alerts.closed(&as_run.airing.id, now);
            if matches!(as_run.outcome, Outcome::Completed | Outcome::CompletedLate) {
                self.board.completed(as_run);
            }
            let (airing, reason) = (&as_run.airing.id, as_run.reason.map_or("", |reason| reason.as_str()));
            tracing::info!(%airing, outcome = %as_run.outcome, reason, detail = as_run.detail, "closed");
        }
        let id = |record: &Record| record.airing().map(|airing| airing.id.clone());
        let airings: Vec<Option<AiringId>> = records.iter().map(id).collect();
        let saved = self.ledger.commit(records).await;
        let known = airings.into_iter().zip(saved).filter(|(_, saved)| *saved == Saved::KnownBefore);
        known.filter_map(|(id, _)| id).collect()
    }

    /// Renders and checks a clip beside the loop.
    ///
    /// One at a time: many airings of one message make its clip once and then find it. Emergencies do not queue.
    fn prepare(&self, airing: Airing) {
        let (workshop, outbox, turns) = (self.workshop.clone(), self.outbox.clone(), Arc::clone(&self.turns));
        tokio::spawn(async move {
            let urgent = airing.priority == Priority::Emergency;
            let _turn = if urgent { None } else { Some(turns.lock().await) };
            let event = match workshop.prepare(&airing.message, airing.chime.as_ref()).await {
                Ok(length) => Event::Ready { airing: airing.id, length },
                Err(fault) => Event::NotReady {
                    airing: airing.id,
                    reason: fault.reason,
                    detail: fault.detail.to_string(),
                },
            };
            // The loop may have ended meanwhile.
            let _ = outbox.send(Input::Event(event));
        });
    }

    /// Cuts what sounds; what has not begun yet will not.
    fn cut(&mut self, airing: AiringId) {
        if self.loading.take_if(|loading| *loading == airing).is_none() {
            self.mouth.stop();
            return;
        }
        let ended = self.time.now().wall;
        let how = Ending::Stopped;
        let event = Event::Ended { airing, started: None, ended, heard: Duration::ZERO, how };
        // We hold the other end ourselves.
        let _ = self.outbox.send(Input::Event(event));
    }

    /// Loads the clip and lets it sound.
    fn play(&self, airing: Airing, at: Option<DateTime<Utc>>, chime: bool, voice: String) {
        let (workshop, outbox, time) = (self.workshop.clone(), self.outbox.clone(), Arc::clone(&self.time));
        tokio::spawn(async move {
            let chime = airing.chime.as_ref().filter(|_| chime);
            let input = match workshop.programme(&airing.message, chime, Some(&voice)).await {
                Ok((clip, length)) => {
                    let sound = Sound { clip: Arc::new(clip), chime: length.chime };
                    Input::Loaded(Box::new(airing), sound, at)
                }
                Err(fault) => Input::Event(Event::Ended {
                    airing: airing.id,
                    started: None,
                    ended: time.now().wall,
                    heard: Duration::ZERO,
                    how: Ending::NoClip(fault.reason, fault.detail.to_string()),
                }),
            };
            // The loop may have ended meanwhile.
            let _ = outbox.send(input);
        });
    }

    /// Returns the volume of the last airing, if it begins now.
    fn percent(&self, now: &Now) -> u8 {
        let zone = self.in_force.borrow().site.time_zone;
        let (message, priority) = self.wishes;
        self.station.volume.percent(message, now.wall.with_timezone(&zone).time(), priority)
    }

    fn show(&mut self, now: &Now) {
        let view = self.playout.view(now);
        self.power(now, view.on_air.as_ref());
        let frontier = now.trusted.then(|| self.playout.frontier(now));
        self.board.show(Shown { view, frontier });
    }
}

fn rules(station: &Station, in_force: &InForce) -> Rules {
    let in_step = station.group.as_ref().map(|group| group.after);
    Rules { limits: station.limits.clone(), zone: in_force.site.time_zone, in_step }
}
