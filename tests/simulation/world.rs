//! One box in one village for one day: its clock, its power, its sound device, its disk, and the people around it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::calendar::Almanac;
use dalaba::model::{
    Airing, AiringId, ClipLength, Message, MessageId, Origin, Outcome, Playlist, PlaylistId, Priority,
    Reason, Record, Selection, Site, SlotId, Start, Station, StationId, Status,
};
use dalaba::plan::plan_station;
use dalaba::playout::{Action, Ending, Event, Horizon, Now, Playout, Recovered, Rules, Sounded, judge_clock};
use rand::Rng;
use rand::SeedableRng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use crate::account::{Account, Sound};
use crate::draw;

/// What may go wrong in a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Faults {
    None,
    Power,
    All,
}

/// What happened in how many worlds.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) worlds: u64,
    pub(crate) outcomes: BTreeMap<Outcome, u64>,
    pub(crate) reasons: BTreeMap<Reason, u64>,
    pub(crate) troubles: BTreeMap<&'static str, u64>,
}

impl Tally {
    pub(crate) fn add(&mut self, world: &World) {
        self.worlds += 1;
        for record in &world.disk.log {
            if let Record::Closed(as_run) = record {
                *self.outcomes.entry(as_run.outcome).or_default() += 1;
                if let Some(reason) = as_run.reason {
                    *self.reasons.entry(reason).or_default() += 1;
                }
            }
        }
        for trouble in &world.troubles {
            *self.troubles.entry(trouble).or_default() += 1;
        }
    }

    /// Lists what has to be met for the worlds to prove anything.
    pub(crate) fn seen(&self) -> Vec<(String, u64)> {
        let outcome = |o: &Outcome| (o.to_string(), self.outcomes.get(o).copied().unwrap_or(0));
        let reasons = Reason::ALL
            .iter()
            .filter(|r| !matches!(r, Reason::Holiday | Reason::Expired | Reason::FileMissing));
        let reason = |r: &Reason| (r.to_string(), self.reasons.get(r).copied().unwrap_or(0));
        Outcome::ALL.iter().map(outcome).chain(reasons.map(reason)).collect()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    /// The renderer answers; the number is the run that asked.
    Rendered(u64, AiringId, bool),
    /// The device answers.
    Opened(u64),
    /// The last sample of the sound with this number was heard.
    Drained(u64),
    /// The sound with this number was cut.
    Silenced(u64),
    PowerCut,
    PowerBack,
    Shutdown,
    Step(i64),
    Synchronised(bool),
    OutputLost,
    OutputBack,
    Edited,
    Said(Priority),
    Stopped,
    Minute(u64),
}

/// What survives a power cut.
pub(crate) struct Disk {
    pub(crate) log: Vec<Record>,
    on_air: HashSet<AiringId>,
    closed: BTreeMap<AiringId, DateTime<Utc>>,
    frontier: Option<DateTime<Utc>>,
    seen: Option<DateTime<Utc>>,
    playlists: Vec<Playlist>,
    orderly: bool,
}

impl Disk {
    fn commit(&mut self, record: Record) {
        let airing = record.airing();
        match record {
            Record::OnAir(_) => drop(self.on_air.insert(airing.id.clone())),
            Record::Closed(_) => drop(self.closed.insert(airing.id.clone(), airing.due_utc())),
        }
        self.log.push(record);
    }
}

struct Running {
    playout: Playout,
    horizon: Horizon,
    /// Steady reading at the start.
    boot: u64,
    run: u64,
    /// The playlists by which the time before this run is judged.
    before: Option<Vec<Playlist>>,
    seen: Option<DateTime<Utc>>,
}

struct Playing {
    number: u64,
    sound: usize,
    planned: Duration,
    stuck: bool,
}

pub(crate) struct World {
    rng: ChaCha8Rng,
    faults: Faults,
    loud: bool,
    /// True time, milliseconds since the world began.
    t: u64,
    /// The wall clock minus true time, milliseconds.
    offset: i64,
    synchronised: bool,
    agenda: BinaryHeap<Reverse<(u64, u64, Happening)>>,
    numbers: u64,
    pub(crate) disk: Disk,
    running: Option<Running>,
    playlists: Vec<Playlist>,
    site: Site,
    almanac: Almanac,
    output_works: bool,
    playing: Option<Playing>,
    pub(crate) account: Account,
    pub(crate) troubles: HashSet<&'static str>,
    ready: HashSet<AiringId>,
}

/// The daemon's loops sleep no longer than this.
const LONGEST_SLEEP: Duration = Duration::from_secs(3_600);
const DAY: u64 = 24 * 3_600_000;
const MINUTE: u64 = 60_000;

fn epoch() -> DateTime<Utc> {
    "2026-11-22T16:00:00Z".parse().expect("a time")
}

fn built() -> DateTime<Utc> {
    "2026-11-01T00:00:00Z".parse().expect("a time")
}

impl World {
    pub(crate) fn new(seed: u64, faults: Faults, loud: bool) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let playlists = draw::playlists(&mut rng, faults);
        let station = Station {
            id: StationId::new("赵家庄").expect("an id"),
            zones: vec![],
            output: Selection { kind: "null".to_owned(), options: BTreeMap::new() },
            volume: 100,
            limits: draw::limits(&mut rng, faults),
        };
        let disk = Disk {
            log: vec![],
            on_air: HashSet::new(),
            closed: BTreeMap::new(),
            frontier: None,
            seen: None,
            playlists: playlists.clone(),
            orderly: false,
        };
        let account = Account::new(station.limits.clone());
        let mut world = Self {
            rng,
            faults,
            loud,
            t: 0,
            offset: 0,
            synchronised: true,
            agenda: BinaryHeap::new(),
            numbers: 0,
            disk,
            running: None,
            playlists,
            site: site(station),
            almanac: Almanac::default(),
            output_works: true,
            playing: None,
            account,
            troubles: HashSet::new(),
            ready: HashSet::new(),
        };
        world.draw_troubles();
        world
    }

    fn draw_troubles(&mut self) {
        let (power, rest) = match self.faults {
            Faults::None => (0, 0),
            Faults::Power => (self.rng.random_range(2..40), 0),
            Faults::All => (self.rng.random_range(0..5), 1),
        };
        for _ in 0..power {
            let at = self.rng.random_range(0..DAY);
            let off = if self.rng.random_bool(0.5) { 20_000 } else { 4 * 3_600_000 };
            let off = self.rng.random_range(1_000..off);
            let end = if self.rng.random_bool(0.2) { Happening::Shutdown } else { Happening::PowerCut };
            self.later(at, end);
            self.later(at + off, Happening::PowerBack);
        }
        for _ in 0..rest * self.rng.random_range(0..6) {
            let at = self.rng.random_range(0..DAY);
            let for_ms = self.rng.random_range(1_000..1_800_000);
            self.draw_trouble(at, for_ms);
        }
    }

    fn draw_trouble(&mut self, at: u64, for_ms: u64) {
        match self.rng.random_range(0..7) {
            0 => {
                let to_1970 = -(epoch().timestamp_millis() + i64::try_from(at).expect("a day"));
                let steps = [3_600_000, -3_600_000, to_1970, 40_000, -40_000];
                let step = *steps.choose(&mut self.rng).expect("not empty");
                let synchronised = self.rng.random_bool(0.5) && step != to_1970;
                if !synchronised {
                    self.later(at, Happening::Synchronised(false));
                }
                self.later(at, Happening::Step(step));
                self.later(at + for_ms, Happening::Step(-step));
                self.later(at + for_ms, Happening::Synchronised(true));
            }
            1 | 2 => {
                self.later(at, Happening::OutputLost);
                self.later(at + for_ms, Happening::OutputBack);
            }
            3 => {
                // Just after a busy moment, when something waits.
                let busy = at - at % (30 * MINUTE) + self.rng.random_range(0..20_000);
                self.later(busy, Happening::Edited);
            }
            4 | 5 => {
                let priority = *Priority::ALL.choose(&mut self.rng).expect("not empty");
                self.later(at, Happening::Said(priority));
                let again = self.rng.random_range(0..20_000);
                self.later(at + again, Happening::Said(Priority::Emergency));
            }
            _ => self.later(at, Happening::Stopped),
        }
    }

    fn later(&mut self, at: u64, happening: Happening) {
        self.numbers += 1;
        self.agenda.push(Reverse((at, self.numbers, happening)));
    }

    fn wall(&self) -> DateTime<Utc> {
        epoch() + TimeDelta::milliseconds(i64::try_from(self.t).expect("a day") + self.offset)
    }

    fn now(&self, seen: Option<DateTime<Utc>>) -> Now {
        let wall = self.wall();
        let trusted = judge_clock(wall, seen, built(), self.synchronised).is_trusted();
        Now { wall, steady: Duration::from_millis(self.t), trusted }
    }

    /// Lets a day go by with its troubles, then enough calm for everything to be closed.
    pub(crate) fn live_one_day(&mut self) {
        self.switch_on();
        let end = DAY + 7 * 3_600_000;
        self.later(DAY, Happening::PowerBack);
        self.later(DAY, Happening::OutputBack);
        while let Some(at) = self.next_moment().filter(|at| *at <= end) {
            self.t = at;
            match self.agenda.peek() {
                Some(Reverse((due, _, _))) if *due <= at => {
                    let Some(Reverse((_, _, happening))) = self.agenda.pop() else { continue };
                    self.happen(happening);
                }
                _ => self.tell(Event::Tick),
            }
        }
        self.t = end;
        self.offset = 0;
        self.synchronised = true;
        self.tell(Event::Tick);
    }

    fn next_moment(&self) -> Option<u64> {
        let agenda = self.agenda.peek().map(|Reverse((at, _, _))| *at);
        let wake = self.running.as_ref().and_then(|running| {
            let wait = running.playout.next_wake(&self.now(running.seen)).unwrap_or(LONGEST_SLEEP);
            Some(self.t + u64::try_from(wait.min(LONGEST_SLEEP).as_millis()).ok()?.max(1))
        });
        agenda.into_iter().chain(wake).min()
    }

    fn happen(&mut self, happening: Happening) {
        if self.loud {
            println!("{} {happening:?}", self.wall());
        }
        match happening {
            Happening::Rendered(run, airing, works) => self.rendered(run, airing, works),
            Happening::Opened(run) if self.run() == Some(run) => {
                self.tell(if self.output_works { Event::OutputUp } else { Event::OutputDown });
            }
            Happening::Drained(number) => self.sound_ends(number, Ending::Drained),
            Happening::Silenced(number) => self.sound_ends(number, Ending::Stopped),
            Happening::PowerCut => self.power_cut(),
            Happening::PowerBack => self.switch_on(),
            Happening::Shutdown => self.shut_down(),
            Happening::Step(by) => {
                self.offset += by;
                self.account.stepped = true;
                self.tell(Event::Tick);
            }
            Happening::Synchronised(yes) => {
                self.synchronised = yes;
                // Overlapping troubles must not leave a clock that the network calls right and that is wrong.
                if yes && self.offset.abs() > 3_600_000 {
                    self.offset = 0;
                }
                self.tell(Event::Tick);
            }
            Happening::OutputLost => self.lose_output(),
            Happening::OutputBack => {
                self.output_works = true;
                self.tell(Event::OutputUp);
            }
            Happening::Edited => self.edit(),
            Happening::Said(priority) => self.say(priority),
            Happening::Stopped => self.tell(Event::Stop("王主任".to_owned())),
            Happening::Minute(run) if self.run() == Some(run) => {
                self.remember();
                self.tell(Event::Tick);
            }
            Happening::Opened(_) | Happening::Minute(_) => {}
        }
    }

    fn run(&self) -> Option<u64> {
        self.running.as_ref().map(|running| running.run)
    }

    fn rendered(&mut self, run: u64, airing: AiringId, works: bool) {
        if self.run() != Some(run) {
            return;
        }
        if works {
            self.ready.insert(airing.clone());
            let length = length_of(&airing);
            self.tell(Event::Ready { airing, length });
        } else {
            let detail = "planted".to_owned();
            self.tell(Event::NotReady { airing, reason: Reason::RenderFailed, detail });
        }
    }

    fn say(&mut self, priority: Priority) {
        let due = self.wall().with_timezone(&self.site.time_zone).fixed_offset();
        let station = self.site.stations[0].id.clone();
        let playlist = PlaylistId::new("say").expect("an id");
        let message = said_message();
        let id = AiringId::new(&station, &playlist, &message.id, &due);
        let airing = Airing {
            slot: SlotId::of_said(&id),
            id,
            station,
            playlist,
            message,
            position: 0,
            due,
            priority,
            status: Status::Actual,
            start: Start::Soft,
            grace: Duration::from_secs(600),
            gap: Duration::ZERO,
            chime: None,
            origin: Origin::Said("王主任".to_owned()),
        };
        if self.running.is_some() {
            self.account.asked(airing.clone());
        }
        self.tell(Event::Said(airing));
    }

    fn edit(&mut self) {
        self.playlists = draw::playlists(&mut self.rng, self.faults);
        let Some(running) = &mut self.running else { return };
        self.disk.playlists.clone_from(&self.playlists);
        let seen = running.seen;
        let now = self.now(seen);
        let Some(running) = &mut self.running else { return };
        running.horizon.replan(now.wall);
        let (station, from) = (&self.site.stations[0], running.playout.frontier(&now));
        let zone = self.site.time_zone;
        let still = plan_station(station, zone, &self.playlists, &self.almanac, from, now.wall);
        self.tell(Event::StillPlanned(still));
    }

    fn remember(&mut self) {
        let Some(running) = &self.running else { return };
        let now = self.now(running.seen);
        if now.trusted {
            self.disk.seen = running.seen;
            self.disk.frontier = Some(running.playout.frontier(&now));
        }
        let run = running.run;
        self.later(self.t + MINUTE, Happening::Minute(run));
    }

    fn power_cut(&mut self) {
        if self.running.take().is_some() {
            self.troubles.insert("a power cut");
            if let Some(playing) = self.playing.take() {
                self.account.cut_off(playing.sound, self.t);
            }
            self.disk.orderly = false;
            // Half the boxes have no clock of their own: they wake up where they were last seen, or in 1970.
            match self.rng.random_range(0..4) {
                _ if self.faults != Faults::All => {}
                0 => self.boot_in_the_past(-(self.wall().timestamp_millis())),
                1 => self.boot_in_the_past(-1_800_000),
                _ => {}
            }
        }
    }

    fn boot_in_the_past(&mut self, by: i64) {
        self.offset += by;
        self.synchronised = false;
        self.account.stepped = true;
        let after = self.rng.random_range(30_000..1_500_000);
        self.later(self.t + after, Happening::Step(-by));
        self.later(self.t + after, Happening::Synchronised(true));
    }

    fn shut_down(&mut self) {
        self.tell(Event::Shutdown);
        let Some(playing) = self.playing.as_ref().map(|playing| playing.number) else {
            return self.leave();
        };
        self.sound_ends(playing, Ending::Stopped);
        self.leave();
    }

    fn leave(&mut self) {
        self.remember();
        let open = self.playing.is_some();
        if self.running.take().is_some() {
            self.disk.orderly = !open;
        }
    }

    /// Starts the daemon as the real one does: closes what was open, reads what was done, looks again from the
    /// frontier on.
    fn switch_on(&mut self) {
        if self.running.is_some() {
            return;
        }
        let now = self.now(self.disk.seen);
        self.close_open_records(now.wall);
        let down = (!self.disk.log.is_empty()).then_some(if self.disk.orderly {
            Reason::Shutdown
        } else {
            Reason::PowerOff
        });
        let recovered = Recovered { closed: self.disk.closed.clone(), sounded: self.sounded(), down };
        let rules = Rules { limits: self.site.stations[0].limits.clone(), zone: self.site.time_zone };
        self.numbers += 1;
        let run = self.numbers;
        let before = std::mem::replace(&mut self.disk.playlists, self.playlists.clone());
        self.running = Some(Running {
            playout: Playout::new(rules, recovered, now),
            horizon: Horizon::new(self.disk.frontier.unwrap_or(now.wall)),
            boot: self.t,
            run,
            before: Some(before),
            seen: self.disk.seen,
        });
        self.account.restarted();
        self.ready.clear();
        self.later(self.t + MINUTE, Happening::Minute(run));
        self.tell(Event::Tick);
    }

    fn close_open_records(&mut self, at: DateTime<Utc>) {
        let closed = &self.disk.closed;
        let open: Vec<Airing> = self
            .disk
            .log
            .iter()
            .filter_map(|record| match record {
                Record::OnAir(on_air) if !closed.contains_key(&on_air.airing.id) => {
                    Some(on_air.airing.clone())
                }
                _ => None,
            })
            .collect();
        for airing in open {
            self.disk.commit(Record::Closed(crate::account::power_off(airing, at)));
        }
    }

    fn sounded(&self) -> Vec<Sounded> {
        let on_air = self.disk.log.iter().filter_map(|record| match record {
            Record::OnAir(on_air) => {
                let planned = TimeDelta::from_std(on_air.planned).expect("short");
                Some(Sounded { from: on_air.at, until: on_air.at + planned })
            }
            Record::Closed(_) => None,
        });
        on_air.collect()
    }

    fn lose_output(&mut self) {
        self.output_works = false;
        self.troubles.insert("a lost output");
        match self.playing.as_ref().map(|playing| playing.number) {
            Some(number) => self.sound_ends(number, Ending::Lost("planted".to_owned())),
            None => self.tell(Event::OutputDown),
        }
    }

    fn sound_ends(&mut self, number: u64, how: Ending) {
        let Some(playing) = self.playing.take_if(|playing| playing.number == number && !playing.stuck) else {
            return;
        };
        let heard = self.account.end(playing.sound, self.t).min(playing.planned);
        let airing = self.account.sounds[playing.sound].airing.id.clone();
        let started = Some(self.account.sounds[playing.sound].wall);
        self.tell(Event::Ended { airing, started, ended: self.wall(), heard, how });
    }

    /// Hands an event to playout, plans what has to be planned, and does what it asks.
    fn tell(&mut self, event: Event) {
        self.plan_ahead();
        let Some(running) = &mut self.running else { return };
        let wall = epoch() + TimeDelta::milliseconds(i64::try_from(self.t).expect("a day") + self.offset);
        let trusted = judge_clock(wall, running.seen, built(), self.synchronised).is_trusted();
        let now = Now { wall, steady: Duration::from_millis(self.t), trusted };
        if trusted {
            let keep = running.seen.filter(|_| !self.synchronised);
            running.seen = Some(keep.map_or(wall, |seen| seen.max(wall)));
        }
        let actions = running.playout.handle(now, event);
        self.account.time_is(&now);
        self.carry_out_all(&now, actions);
        let waits = self.playing.as_ref().map(|playing| playing.sound);
        self.account.check_emergencies(self.t, waits, &self.ready, self.output_works);
    }

    fn plan_ahead(&mut self) {
        loop {
            let Some(running) = &self.running else { return };
            let now = self.now(running.seen);
            let Some(running) = &mut self.running else { return };
            let Some((from, until)) = running.horizon.next_window(&now) else { return };
            let began =
                now.wall - TimeDelta::milliseconds(i64::try_from(self.t - running.boot).expect("a day"));
            let past = running.before.as_ref().filter(|_| from < began && until <= now.wall);
            let playlists = past.unwrap_or(&self.playlists);
            let zone = self.site.time_zone;
            let timetable = plan_station(&self.site.stations[0], zone, playlists, &self.almanac, from, until);
            running.horizon.reached(timetable.until);
            self.account.planned(&timetable, now.wall);
            let actions = running.playout.handle(now, Event::Timetable(timetable));
            self.carry_out_all(&now, actions);
        }
    }

    /// Does what playout asks, in order. What the log has already it refuses, and what it refuses must not sound.
    fn carry_out_all(&mut self, now: &Now, actions: Vec<Action>) {
        let mut refused: Option<AiringId> = None;
        for action in actions {
            match &action {
                Action::Record(record) if self.log_has(record) => {
                    let id = record.airing().id.clone();
                    let more = self
                        .running
                        .as_mut()
                        .map(|running| running.playout.handle(*now, Event::AlreadyRecorded(id.clone())));
                    refused = Some(id);
                    self.carry_out_all(now, more.unwrap_or_default());
                }
                Action::Play { airing, .. } if refused.as_ref() == Some(&airing.id) => {}
                _ => self.carry_out(now, action),
            }
        }
    }

    fn log_has(&self, record: &Record) -> bool {
        let id = &record.airing().id;
        let had_on_air = matches!(record, Record::OnAir(_)) && self.disk.on_air.contains(id);
        had_on_air || self.disk.closed.contains_key(id)
    }

    fn carry_out(&mut self, now: &Now, action: Action) {
        if self.loud {
            println!("{}   {}", self.wall(), describe(&action));
        }
        match action {
            Action::Prepare(airing) => self.render(airing.id),
            Action::Warm => {
                let Some(run) = self.run() else { return };
                let after = self.rng.random_range(5..1_500);
                self.later(self.t + after, Happening::Opened(run));
            }
            Action::Record(record) => {
                self.account.recorded(&record);
                self.disk.commit(record);
            }
            Action::Play { airing, chime } => self.play(now, airing, chime),
            Action::Cut(_) => {
                if let Some(playing) = &self.playing {
                    let number = playing.number;
                    self.later(self.t + 200, Happening::Silenced(number));
                }
            }
            Action::Abandon => {
                if let Some(playing) = self.playing.take() {
                    // What hangs is the player; its device fell silent at the clip's end.
                    let sound = &self.account.sounds[playing.sound];
                    let end = sound.from + u64::try_from(playing.planned.as_millis()).expect("short");
                    self.account.end(playing.sound, end.min(self.t));
                }
            }
        }
    }

    fn render(&mut self, airing: AiringId) {
        let Some(run) = self.run() else { return };
        let fails = self.faults == Faults::All && self.rng.random_bool(0.03);
        let lost = self.faults == Faults::All && self.rng.random_bool(0.005);
        let after = self.rng.random_range(20..3_000);
        if !lost {
            self.later(self.t + after, Happening::Rendered(run, airing, !fails));
        }
    }

    fn play(&mut self, now: &Now, airing: Airing, chime: bool) {
        let length = length_of(&airing.id);
        let planned = length.message + if chime { length.chime } else { Duration::ZERO };
        assert!(
            self.playing.is_none(),
            "two sounds at once: {} was started while another was on air",
            airing.id
        );
        self.numbers += 1;
        let number = self.numbers;
        let stuck = self.faults == Faults::All && self.rng.random_bool(0.002);
        let sound = self.account.begin(Sound::new(airing, self.t, now.wall, planned));
        self.playing = Some(Playing { number, sound, planned, stuck });
        self.later(self.t + u64::try_from(planned.as_millis()).expect("short"), Happening::Drained(number));
    }

    /// Holds the day's account against the invariants.
    pub(crate) fn verdict(&self) -> Result<(), String> {
        self.account.verdict(&self.disk.log, self.now(self.disk.seen).wall)
    }
}

/// Gives each airing a clip whose length follows from its name, so that no table has to be kept.
fn length_of(airing: &AiringId) -> ClipLength {
    let sum: u64 = airing.as_str().bytes().map(u64::from).sum();
    let reading = Duration::from_millis(1_000 + sum * 37 % 20_000);
    ClipLength { message: reading, reading, chime: Duration::from_millis(1_200), voice: "sim".to_owned() }
}

fn said_message() -> Arc<Message> {
    Arc::new(Message {
        id: MessageId::new("1").expect("an id"),
        text: Some("请注意".to_owned()),
        audio: None,
        language: "zh".to_owned(),
        repeat: dalaba::model::Repeat::default(),
    })
}

fn site(station: Station) -> Site {
    Site {
        time_zone: chrono_tz::Asia::Shanghai,
        broadcasts: "broadcasts".into(),
        audio: "audio".into(),
        holidays: "holidays".into(),
        voice: Selection { kind: "espeak".to_owned(), options: BTreeMap::new() },
        stations: vec![station],
        calendars: vec![],
    }
}

fn describe(action: &Action) -> String {
    match action {
        Action::Prepare(airing) => format!("prepare {}", airing.id),
        Action::Record(Record::OnAir(on_air)) => format!("on air {}", on_air.airing.id),
        Action::Record(Record::Closed(as_run)) => {
            format!("closed {} {} {:?}", as_run.airing.id, as_run.outcome, as_run.reason)
        }
        Action::Play { airing, .. } => format!("play {}", airing.id),
        other => format!("{other:?}"),
    }
}
