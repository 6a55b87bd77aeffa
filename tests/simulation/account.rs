//! The world's own account of what truly sounded, and the invariants that are held against it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Asia::Shanghai;
use dalaba::calendar::quiet;
use dalaba::model::{
    Airing, AiringId, AsRun, Limits, Origin, Outcome, Priority, Reason, Record, SlotId, Timetable,
};
use dalaba::playout::Now;

/// What truly sounded.
#[derive(Debug, Clone)]
pub(crate) struct Sound {
    pub(crate) airing: Airing,
    pub(crate) from: u64,
    pub(crate) until: Option<u64>,
    /// Wall clock at its start.
    pub(crate) wall: DateTime<Utc>,
    planned: Duration,
    /// Time went on without a step until its end.
    steadily: bool,
}

impl Sound {
    pub(crate) fn new(airing: Airing, from: u64, wall: DateTime<Utc>, planned: Duration) -> Self {
        Self { airing, from, until: None, wall, planned, steadily: true }
    }

    fn is_emergency(&self) -> bool {
        self.airing.priority == Priority::Emergency
    }

    fn length(&self) -> Duration {
        Duration::from_millis(self.until.unwrap_or(self.from) - self.from)
    }

    fn wall_end(&self) -> DateTime<Utc> {
        self.wall + TimeDelta::from_std(self.length()).expect("short")
    }
}

pub(crate) struct Account {
    limits: Limits,
    in_step: Option<Duration>,
    pub(crate) sounds: Vec<Sound>,
    pub(crate) stepped: bool,
    on_record: HashSet<AiringId>,
    /// The plan in force, as far as it has not fallen due.
    coming: BTreeMap<AiringId, Airing>,
    /// What fell due by a trusted clock while the box was running, or was found to have fallen due while it was not.
    fallen: HashSet<AiringId>,
    turns: HashMap<SlotId, DateTime<Utc>>,
    emergencies: BTreeMap<AiringId, Option<u64>>,
    broken: Option<String>,
}

/// Longest time that something weaker may sound on while an emergency is ready: the cut itself.
const CUT: u64 = 250;

impl Account {
    pub(crate) fn new(limits: Limits, in_step: Option<Duration>) -> Self {
        Self {
            limits,
            in_step,
            sounds: vec![],
            stepped: false,
            on_record: HashSet::new(),
            coming: BTreeMap::new(),
            fallen: HashSet::new(),
            turns: HashMap::new(),
            emergencies: BTreeMap::new(),
            broken: None,
        }
    }

    fn require(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds && self.broken.is_none() {
            self.broken = Some(what());
        }
    }

    /// Takes in a plan that replaces what was planned for its window and has not fallen due.
    pub(crate) fn planned(&mut self, timetable: &Timetable, wall: DateTime<Utc>) {
        let window = timetable.from..timetable.until;
        self.coming.retain(|_, airing| !window.contains(&airing.due_utc()) || airing.due_utc() <= wall);
        self.coming.extend(timetable.airings.iter().map(|airing| (airing.id.clone(), airing.clone())));
    }

    pub(crate) fn asked(&mut self, airing: Airing) {
        self.fallen.insert(airing.id.clone());
        if airing.priority == Priority::Emergency {
            self.emergencies.insert(airing.id, None);
        }
    }

    pub(crate) fn restarted(&mut self) {
        self.coming.clear();
        self.turns.clear();
        self.emergencies.clear();
    }

    /// Notes what fell due.
    pub(crate) fn time_is(&mut self, now: &Now) {
        if now.trusted {
            let due = self.coming.values().filter(|airing| airing.due_utc() <= now.wall);
            let due: Vec<AiringId> = due.map(|airing| airing.id.clone()).collect();
            for id in due {
                if let Some(airing) = self.coming.remove(&id) {
                    if airing.priority == Priority::Emergency && !self.on_record.contains(&id) {
                        self.emergencies.insert(id.clone(), None);
                    }
                    self.fallen.insert(id);
                }
            }
        }
        if let Some(last) = self.sounds.last_mut().filter(|sound| sound.until.is_none()) {
            let elapsed = now.wall - last.wall;
            let steady = i64::try_from(now.steady.as_millis()).expect("a day")
                - i64::try_from(last.from).expect("a day");
            last.steadily &= (elapsed.num_milliseconds() - steady).abs() < 1_000;
        }
    }

    pub(crate) fn recorded(&mut self, record: &Record) {
        let id = record.airing().id.clone();
        match record {
            Record::Ordered(_) | Record::Monitored(_) => {}
            Record::OnAir(_) => {
                self.emergencies.remove(&id);
                let fresh = self.on_record.insert(id.clone());
                self.require(fresh, || format!("{id} went on air twice"));
            }
            Record::Closed(as_run) => {
                self.emergencies.remove(&id);
                self.on_record.insert(id);
                self.check_truth(as_run);
            }
        }
    }

    /// The record must say what truly happened.
    fn check_truth(&mut self, as_run: &AsRun) {
        let id = &as_run.airing.id;
        let heard: Duration = self.sounds.iter().filter(|s| s.airing.id == *id).map(Sound::length).sum();
        let planned = self.sounds.iter().find(|s| s.airing.id == *id).map(|s| s.planned);
        let done = matches!(as_run.outcome, Outcome::Completed | Outcome::CompletedLate);
        let whole = planned.is_some_and(|planned| heard + Duration::from_millis(60) >= planned);
        self.require(!done || whole, || format!("{id} is called completed after {heard:?} of {planned:?}"));
        let said = as_run.heard.unwrap_or(heard);
        let honest = said.abs_diff(heard) < Duration::from_millis(60);
        self.require(honest, || format!("{id} sounded for {heard:?}, its record says {said:?}"));
        let explained = as_run.reason.is_some() || done;
        self.require(explained, || format!("{id} is {} without a reason", as_run.outcome));
    }

    /// Notes the beginning of a sound, and holds the rules of beginning against it.
    pub(crate) fn begin(&mut self, sound: Sound, stepped: bool) -> usize {
        let id = sound.airing.id.clone();
        let again = self.sounds.iter().any(|s| s.airing.id == id);
        self.require(!again, || format!("{id} sounded twice"));
        let on_record = self.on_record.contains(&id);
        self.require(on_record, || format!("{id} sounded before its record was on disk"));
        let overlaps = self.sounds.iter().any(|s| s.until.is_none_or(|until| until > sound.from));
        self.require(!overlaps, || format!("two sounds at once: {id}"));
        let turn = self.turns.get(&sound.airing.slot).copied().unwrap_or(sound.airing.due_utc());
        let turn = turn.max(self.first(&sound.airing));
        let late = sound.wall > turn + sound.airing.grace && sound.airing.origin == Origin::Schedule;
        self.require(!late || stepped, || format!("{id} started at {} after its grace ({turn})", sound.wall));
        let early = sound.wall < self.first(&sound.airing) && sound.airing.origin == Origin::Schedule;
        self.require(!early || stepped, || format!("{id} started at {} before it was due", sound.wall));
        self.sounds.push(sound);
        self.sounds.len() - 1
    }

    /// Returns when the first airing of the slot may begin at the earliest.
    fn first(&self, airing: &Airing) -> DateTime<Utc> {
        let staggered = airing.priority != Priority::Emergency && airing.origin == Origin::Schedule;
        let after = self.in_step.filter(|_| staggered).unwrap_or_default();
        airing.due_utc() + TimeDelta::from_std(after).expect("short")
    }

    /// Notes the end of a sound and returns how long it was heard.
    pub(crate) fn end(&mut self, sound: usize, t: u64) -> Duration {
        self.cut_off(sound, t);
        let sound = &self.sounds[sound];
        self.turns.insert(sound.airing.slot.clone(), sound.wall_end());
        sound.length()
    }

    pub(crate) fn cut_off(&mut self, sound: usize, t: u64) {
        self.sounds[sound].until = Some(t);
    }

    /// No emergency waits behind anything weaker.
    pub(crate) fn check_emergencies(
        &mut self,
        t: u64,
        playing: Option<usize>,
        ready: &HashSet<AiringId>,
        output: bool,
    ) {
        for (id, since) in &mut self.emergencies {
            if ready.contains(id) && output {
                since.get_or_insert(t);
            }
        }
        let Some(sound) = playing.map(|playing| &self.sounds[playing]).filter(|sound| !sound.is_emergency())
        else {
            return;
        };
        let name = sound.airing.id.clone();
        let waits = self.emergencies.iter().find(|(_, since)| since.is_some_and(|since| since + CUT < t));
        if let Some((id, _)) = waits.map(|(id, since)| (id.clone(), *since)) {
            self.require(false, || format!("emergency {id} waits behind {name}"));
        }
    }

    /// Holds every start of a day on which nothing hinders any against the instant at which it was due, to the
    /// millisecond: the first of a slot on its due instant, the others a gap after the end of the one before.
    pub(crate) fn starts_on_time(&self) -> Result<(), String> {
        // Nothing can be ready at the instant at which the box is switched on.
        let later = |sound: &Sound| sound.airing.due_utc() > crate::world::epoch();
        for (n, sound) in self.sounds.iter().enumerate().filter(|(_, sound)| later(sound)) {
            let before = self.sounds[..n].iter().rfind(|before| before.airing.slot == sound.airing.slot);
            let gap = sound.airing.gap.max(Duration::from_secs(u64::from(self.in_step.is_some())));
            let due = before.map_or_else(|| self.first(&sound.airing), |before| before.wall_end() + gap);
            if sound.wall != due {
                return Err(format!("{} started at {} and not at {due}", sound.airing.id, sound.wall));
            }
        }
        Ok(())
    }

    /// Holds the whole day against the invariants.
    pub(crate) fn verdict(&self, log: &[Record], end: DateTime<Utc>) -> Result<(), String> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        self.closed_once(log, end)?;
        self.quiet_hours_kept()?;
        if self.stepped { Ok(()) } else { self.noise_limits_kept() }
    }

    fn closed_once(&self, log: &[Record], end: DateTime<Utc>) -> Result<(), String> {
        let mut closed: HashMap<&AiringId, u32> = HashMap::new();
        for record in log {
            if let Record::Closed(as_run) = record {
                *closed.entry(&as_run.airing.id).or_default() += 1;
            }
        }
        if let Some((id, times)) = closed.iter().find(|(_, times)| **times > 1) {
            return Err(format!("{id} was closed {times} times"));
        }
        let settled = end - TimeDelta::hours(2);
        let due_before = |id: &AiringId| {
            let due = id.as_str().rsplit('@').next().and_then(|due| DateTime::parse_from_rfc3339(due).ok());
            due.is_some_and(|due| due < settled)
        };
        match self.fallen.iter().find(|id| due_before(id) && !closed.contains_key(id)) {
            Some(id) => Err(format!("{id} fell due and was never closed")),
            None => Ok(()),
        }
    }

    fn quiet_hours_kept(&self) -> Result<(), String> {
        for sound in self.sounds.iter().filter(|sound| !sound.is_emergency() && sound.steadily) {
            let ends_in_quiet = quiet::next_quiet(&self.limits, Shanghai, sound.wall)
                .is_some_and(|next| next < sound.wall_end() - TimeDelta::seconds(1));
            if quiet::is_quiet(&self.limits, Shanghai, sound.wall) || ends_in_quiet {
                return Err(format!("{} sounded in quiet hours", sound.airing.id));
            }
        }
        Ok(())
    }

    fn noise_limits_kept(&self) -> Result<(), String> {
        let over = |limit: Option<u32>, used: Duration| {
            limit.is_some_and(|minutes| used > Duration::from_secs(u64::from(minutes) * 60 + 1))
        };
        let day = |sound: &Sound| -> NaiveDate { sound.wall.with_timezone(&Shanghai).date_naive() };
        for (n, sound) in self.sounds.iter().enumerate().filter(|(_, sound)| !sound.is_emergency()) {
            let Some(end) = sound.until else { continue };
            let window = end.saturating_sub(3_600_000);
            let until_now = &self.sounds[..=n];
            let in_hour = |s: &Sound| s.until.unwrap_or(s.from).saturating_sub(s.from.max(window));
            let hour: u64 = until_now.iter().map(in_hour).sum();
            let today: Duration = until_now.iter().filter(|s| day(s) == day(sound)).map(Sound::length).sum();
            let hour = Duration::from_millis(hour);
            if over(self.limits.minutes_per_hour, hour) || over(self.limits.minutes_per_day, today) {
                return Err(format!(
                    "{} broke the noise limit: {hour:?} an hour, {today:?} a day",
                    sound.airing.id
                ));
            }
        }
        Ok(())
    }
}

/// What the journal writes at the next start for an airing that was on air, or ordered, when the power went.
pub(crate) fn power_off(airing: Airing, at: DateTime<Utc>, sounded: bool) -> AsRun {
    AsRun {
        airing,
        at,
        outcome: if sounded { Outcome::Partial } else { Outcome::Missed },
        reason: Some(Reason::PowerOff),
        detail: String::new(),
        started: None,
        ended: None,
        heard: if sounded { None } else { Some(Duration::ZERO) },
        readings: 0,
        voice: String::new(),
    }
}
