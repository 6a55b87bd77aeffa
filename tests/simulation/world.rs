//! One box in one village for one day: its clock, its power, its sound device, its disk, and the people around it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::calendar::Almanac;
use dalaba::model::{
    Airing, AiringId, Message, MessageId, Origin, Playlist, PlaylistId, Priority, Reason, Selection, Site,
    SlotId, Start, Station, StationId, Status,
};
use dalaba::plan::plan_station;
use dalaba::playout::{Ending, Event, Horizon, Now, Playout, judge_clock};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::account::Account;
use crate::deed::length_of;
use crate::draw;
use crate::power::Disk;

/// What may go wrong in a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Faults {
    None,
    Power,
    All,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Happening {
    /// The renderer answers; the number is the run that asked.
    Rendered(u64, AiringId, bool),
    /// The device answers.
    Opened(u64),
    /// The first sample of the sound with this number is heard.
    Begun(u64),
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

pub(crate) struct Running {
    pub(crate) playout: Playout,
    pub(crate) horizon: Horizon,
    /// Steady reading at the start.
    pub(crate) boot: u64,
    pub(crate) run: u64,
    /// The playlists by which the time before this run is judged.
    pub(crate) before: Option<Vec<Playlist>>,
    pub(crate) seen: Option<DateTime<Utc>>,
}

pub(crate) struct Playing {
    pub(crate) number: u64,
    pub(crate) airing: Airing,
    /// Where the account has the sound, once it has begun.
    pub(crate) sound: Option<usize>,
    /// What the wall clock was off when the sound was ordered.
    pub(crate) offset: i64,
    /// Ordered to be silent: what has not begun will not.
    pub(crate) cut: bool,
    pub(crate) planned: Duration,
    pub(crate) stuck: bool,
}

pub(crate) struct World {
    pub(crate) rng: ChaCha8Rng,
    pub(crate) faults: Faults,
    pub(crate) loud: bool,
    /// True time, milliseconds since the world began.
    pub(crate) t: u64,
    /// The wall clock minus true time, milliseconds.
    pub(crate) offset: i64,
    pub(crate) synchronised: bool,
    pub(crate) agenda: BinaryHeap<Reverse<(u64, u64, Happening)>>,
    pub(crate) numbers: u64,
    pub(crate) disk: Disk,
    pub(crate) running: Option<Running>,
    pub(crate) playlists: Vec<Playlist>,
    pub(crate) site: Site,
    /// How long after its group the station starts.
    pub(crate) in_step: Option<Duration>,
    pub(crate) almanac: Almanac,
    pub(crate) output_works: bool,
    pub(crate) playing: Option<Playing>,
    pub(crate) account: Account,
    pub(crate) troubles: HashSet<&'static str>,
    pub(crate) ready: HashSet<AiringId>,
}

/// The daemon's loops sleep no longer than this.
const LONGEST_SLEEP: Duration = Duration::from_hours(1);
pub(crate) const DAY: u64 = 24 * 3_600_000;
pub(crate) const MINUTE: u64 = 60_000;

pub(crate) fn epoch() -> DateTime<Utc> {
    "2026-11-22T16:00:00Z".parse().expect("a time")
}

pub(crate) fn built() -> DateTime<Utc> {
    "2026-11-01T00:00:00Z".parse().expect("a time")
}

impl World {
    pub(crate) fn new(seed: u64, faults: Faults, loud: bool) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let playlists = draw::playlists(&mut rng, faults);
        let station = Station {
            id: StationId::new("赵家庄").expect("an id"),
            zones: vec![],
            group: None,
            output: Selection { kind: "null".to_owned(), options: BTreeMap::new() },
            amplifier: None,
            volume: 100,
            limits: draw::limits(&mut rng, faults),
            monitor: None,
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
        let in_step = draw::in_step(&mut rng, faults);
        let account = Account::new(station.limits.clone(), in_step);
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
            in_step,
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

    pub(crate) fn later(&mut self, at: u64, happening: Happening) {
        self.numbers += 1;
        self.agenda.push(Reverse((at, self.numbers, happening)));
    }

    pub(crate) fn wall(&self) -> DateTime<Utc> {
        epoch() + TimeDelta::milliseconds(i64::try_from(self.t).expect("a day") + self.offset)
    }

    pub(crate) fn now(&self, seen: Option<DateTime<Utc>>) -> Now {
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

    pub(crate) fn next_moment(&self) -> Option<u64> {
        let agenda = self.agenda.peek().map(|Reverse((at, _, _))| *at);
        let wake = self.running.as_ref().and_then(|running| {
            let wait = running.playout.next_wake(&self.now(running.seen)).unwrap_or(LONGEST_SLEEP);
            Some(self.t + u64::try_from(wait.min(LONGEST_SLEEP).as_millis()).ok()?.max(1))
        });
        agenda.into_iter().chain(wake).min()
    }

    pub(crate) fn happen(&mut self, happening: Happening) {
        if self.loud {
            println!("{} {happening:?}", self.wall());
        }
        match happening {
            Happening::Rendered(run, airing, works) => self.rendered(run, airing, works),
            Happening::Opened(run) if self.run() == Some(run) => {
                self.tell(if self.output_works { Event::OutputUp } else { Event::OutputDown });
            }
            Happening::Begun(number) => self.begin(number),
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

    pub(crate) fn run(&self) -> Option<u64> {
        self.running.as_ref().map(|running| running.run)
    }

    pub(crate) fn rendered(&mut self, run: u64, airing: AiringId, works: bool) {
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

    pub(crate) fn say(&mut self, priority: Priority) {
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
            grace: Duration::from_mins(10),
            gap: Duration::ZERO,
            chime: None,
            origin: Origin::Said("王主任".to_owned()),
        };
        if self.running.is_some() {
            self.account.asked(airing.clone());
        }
        self.tell(Event::Said(airing));
    }

    pub(crate) fn edit(&mut self) {
        self.playlists = draw::playlists(&mut self.rng, self.faults);
        let Some(running) = &mut self.running else { return };
        self.disk.playlists.clone_from(&self.playlists);
        let seen = running.seen;
        let now = self.now(seen);
        let Some(running) = &mut self.running else { return };
        running.horizon.replan(&now);
        let (station, from) = (&self.site.stations[0], running.playout.frontier(&now));
        let zone = self.site.time_zone;
        let still = plan_station(station, zone, &self.playlists, &self.almanac, from, now.wall);
        self.tell(Event::StillPlanned(still));
    }

    pub(crate) fn remember(&mut self) {
        let Some(running) = &self.running else { return };
        let now = self.now(running.seen);
        if now.trusted {
            self.disk.seen = running.seen;
            self.disk.frontier = Some(running.playout.frontier(&now));
        }
        let run = running.run;
        self.later(self.t + MINUTE, Happening::Minute(run));
    }

    pub(crate) fn tell(&mut self, event: Event) {
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
        let waits = self.playing.as_ref().and_then(|playing| playing.sound);
        self.account.check_emergencies(self.t, waits, &self.ready, self.output_works);
    }

    pub(crate) fn plan_ahead(&mut self) {
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
    /// Holds the day's account against the invariants.
    pub(crate) fn verdict(&self) -> Result<(), String> {
        if self.faults == Faults::None {
            self.account.starts_on_time()?;
        }
        self.account.verdict(&self.disk.log, self.now(self.disk.seen).wall)
    }
}

fn said_message() -> Arc<Message> {
    Arc::new(Message {
        id: MessageId::new("1").expect("an id"),
        text: Some("请注意".to_owned()),
        audio: None,
        language: "zh".to_owned(),
        voice: None,
        repeat: dalaba::model::Repeat::default(),
    })
}

fn site(station: Station) -> Site {
    Site {
        time_zone: chrono_tz::Asia::Shanghai,
        broadcasts: "broadcasts".into(),
        audio: "audio".into(),
        holidays: "holidays".into(),
        voices: None,
        lexicon: "lexicon.toml".into(),
        remove_erhua: false,
        voice: Selection { kind: "espeak".to_owned(), options: BTreeMap::new() },
        stations: vec![station],
        calendars: vec![],
    }
}
