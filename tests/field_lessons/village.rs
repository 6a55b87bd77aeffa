//! A village of one station: the real planner, horizon and playout; the player and the clocks are played here.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::calendar::Almanac;
use dalaba::config::{Source, parse_playlist, parse_site};
use dalaba::model::{
    Airing, AiringId, AsRun, ClipLength, Outcome, Playlist, Reason, Record, Site, Timetable,
};
use dalaba::plan::plan_station;
use dalaba::playout::{Action, Ending, Event, Horizon, Now, Playout, Recovered, Rules, judge_clock};
use dalaba::station::kinds::kinds;

/// The longest that a player needs to confirm a cut.
const CUT: Duration = Duration::from_millis(200);

/// Reads a time of 2026-11-23 as the village's clock shows it.
pub(crate) fn time(text: &str) -> DateTime<Utc> {
    instant(&format!("2026-11-23T{text}+08:00"))
}

/// Reads an instant written with its offset.
pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).expect("an instant").to_utc()
}

/// Writes an instant as the village's clock shows it.
fn shown(at: DateTime<Utc>) -> String {
    at.with_timezone(&chrono_tz::Asia::Shanghai).format("%H:%M:%S").to_string()
}

/// Reads a playlist for all stations: messages named by the seconds that they last, such as `9秒`, and schedules.
pub(crate) fn playlist(name: &str, priority: &str, messages: &[&str], schedules: &str) -> Playlist {
    let message = |id: &&str| format!("[[message]]\nid = \"{id}\"\ntext = \"{id}\"\n");
    let messages: String = messages.iter().map(message).collect();
    let text =
        format!("title = \"{name}\"\nstations = [\"*\"]\npriority = \"{priority}\"\n{messages}{schedules}");
    let parsed = parse_playlist(&Source { path: format!("{name}.toml").into(), text }, &kinds());
    parsed.value.unwrap_or_else(|| panic!("{:?}", parsed.complaints))
}

/// How an airing ended and why.
pub(crate) type End = (Outcome, Option<Reason>);

/// What sounds.
struct Playing {
    airing: AiringId,
    from: DateTime<Utc>,
    steady: Duration,
    length: Duration,
}

/// The station, its clocks and its player.
pub(crate) struct Village {
    site: Site,
    playlists: Vec<Playlist>,
    almanac: Almanac,
    playout: Playout,
    horizon: Horizon,
    wall: DateTime<Utc>,
    steady: Duration,
    seen: Option<DateTime<Utc>>,
    synchronised: bool,
    playing: Option<Playing>,
    /// A player that never says that it ended.
    pub(crate) player_hangs: bool,
    /// What began to sound, and when.
    pub(crate) heard: Vec<(String, String)>,
    closed: Vec<AsRun>,
}

impl Village {
    /// Switches a box on for the first time at `wall`, with a clock that is kept right.
    pub(crate) fn at(wall: DateTime<Utc>, limits: &str, playlists: Vec<Playlist>) -> Self {
        Self::after_a_stop(wall, (wall, Recovered::default()), true, limits, playlists)
    }

    /// Switches a box on at `wall`, which has aired everything up to an instant and remembers what is `recovered`.
    pub(crate) fn after_a_stop(
        wall: DateTime<Utc>,
        (frontier, recovered): (DateTime<Utc>, Recovered),
        synchronised: bool,
        limits: &str,
        playlists: Vec<Playlist>,
    ) -> Self {
        let text = format!("{limits}\n[[station]]\nid = \"赵家庄\"\noutput = {{ kind = \"null\" }}\n");
        let site = parse_site(&Source { path: "station.toml".into(), text }, &kinds()).value;
        let site = site.expect("a station file without mistakes");
        let rules = Rules { limits: site.stations[0].limits.clone(), zone: site.time_zone, in_step: None };
        let seen = Some(frontier);
        let trusted = judge_clock(wall, seen, instant("2026-11-01T00:00:00Z"), synchronised).is_trusted();
        let now = Now { wall, steady: Duration::ZERO, trusted };
        let mut village = Self {
            site,
            playlists,
            almanac: Almanac::new(Almanac::builtin_years(), Vec::new()),
            playout: Playout::new(rules, recovered, now),
            horizon: Horizon::new(frontier),
            wall,
            steady: Duration::ZERO,
            seen,
            synchronised,
            playing: None,
            player_hangs: false,
            heard: Vec::new(),
            closed: Vec::new(),
        };
        village.tell(Event::Tick);
        village
    }

    fn now(&self) -> Now {
        let released = instant("2026-11-01T00:00:00Z");
        let trusted = judge_clock(self.wall, self.seen, released, self.synchronised).is_trusted();
        Now { wall: self.wall, steady: self.steady, trusted }
    }

    /// Lets the loop do its work until the wall clock shows `until`: it wakes whenever it asked to, and when a sound
    /// has ended.
    pub(crate) fn live_until(&mut self, until: DateTime<Utc>) {
        while self.wall < until {
            let left = (until - self.wall).to_std().expect("ahead");
            let wake = self.playout.next_wake(&self.now()).unwrap_or(left);
            let end = self.playing.as_ref().filter(|_| !self.player_hangs);
            let end = end.map_or(left, |playing| {
                playing.length.saturating_sub(self.steady.saturating_sub(playing.steady))
            });
            // The planner looks again at least every hour.
            let step = wake.min(end).min(left).min(Duration::from_hours(1));
            self.freeze(step.max(Duration::from_millis(1)));
            self.end_what_is_over();
            self.tell(Event::Tick);
        }
    }

    /// Lets time go by in which the loop gets no chance to decide anything.
    pub(crate) fn freeze(&mut self, time: Duration) {
        self.wall += TimeDelta::from_std(time).expect("short");
        self.steady += time;
    }

    /// A time service sets the clock.
    pub(crate) fn synchronise(&mut self, wall: DateTime<Utc>) {
        self.wall = wall;
        self.synchronised = true;
        self.tell(Event::Tick);
    }

    /// Somebody saves a playlist: everything from now on is planned anew.
    pub(crate) fn reload(&mut self) {
        self.horizon.replan(&self.now());
        self.tell(Event::Tick);
    }

    /// Returns the plan of a window.
    pub(crate) fn plan(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Timetable {
        let station = &self.site.stations[0];
        plan_station(station, self.site.time_zone, &self.playlists, &self.almanac, from, until)
    }

    /// Hands an event to playout, plans what has to be planned, and does what it asks.
    pub(crate) fn tell(&mut self, event: Event) {
        let now = self.now();
        if now.trusted {
            self.seen = Some(now.wall);
        }
        let mut events = Vec::new();
        while let Some((from, until)) = self.horizon.next_window(&now) {
            let timetable = self.plan(from, until);
            self.horizon.reached(timetable.until);
            events.push(Event::Timetable(timetable));
        }
        events.push(event);
        for event in events {
            for action in self.playout.handle(now, event) {
                self.carry_out(action);
            }
        }
    }

    fn carry_out(&mut self, action: Action) {
        match action {
            Action::Prepare(airing) => {
                let length = length_of(&airing);
                self.tell(Event::Ready { airing: airing.id, length });
            }
            Action::Warm => self.tell(Event::OutputUp),
            Action::Record(Record::Closed(as_run)) => self.closed.push(as_run),
            Action::Record(Record::OnAir(_) | Record::Ordered(_) | Record::Monitored(_)) => {}
            Action::Play { airing, at, .. } => {
                if let Some(ahead) = at.and_then(|at| (at - self.wall).to_std().ok()) {
                    self.freeze(ahead);
                }
                self.play(airing);
            }
            Action::Cut(_) => {
                self.freeze(CUT);
                self.end(Ending::Stopped);
            }
            Action::Abandon => self.playing = None,
        }
    }

    fn play(&mut self, airing: Airing) {
        assert!(self.playing.is_none(), "two sounds at once: {}", airing.id);
        self.heard.push((airing.message.id.to_string(), shown(self.wall)));
        let length = length_of(&airing).message;
        self.playing = Some(Playing { airing: airing.id, from: self.wall, steady: self.steady, length });
    }

    fn end_what_is_over(&mut self) {
        let over = |playing: &Playing| self.steady.saturating_sub(playing.steady) >= playing.length;
        if !self.player_hangs && self.playing.as_ref().is_some_and(over) {
            self.end(Ending::Drained);
        }
    }

    fn end(&mut self, how: Ending) {
        let Some(Playing { airing, from, steady, length }) = self.playing.take() else { return };
        let heard = self.steady.saturating_sub(steady).min(length);
        self.tell(Event::Ended { airing, started: Some(from), ended: self.wall, heard, how });
    }

    /// Returns how each airing ended, by message and due instant.
    pub(crate) fn ends(&self) -> BTreeMap<(String, DateTime<Utc>), End> {
        let mut ends = BTreeMap::new();
        for as_run in &self.closed {
            let key = (as_run.airing.message.id.to_string(), as_run.airing.due_utc());
            let before = ends.insert(key, (as_run.outcome, as_run.reason));
            assert!(before.is_none(), "{} was closed twice", as_run.airing.id);
        }
        ends
    }

    /// Returns how the airing of `message` due at the time `due` of the day ended.
    pub(crate) fn end_of(&self, message: &str, due: &str) -> Option<End> {
        self.ends().get(&(message.to_owned(), time(due))).copied()
    }

    /// Counts the airings that ended so.
    pub(crate) fn ends_with(&self, outcome: Outcome, reason: Reason) -> usize {
        self.ends().values().filter(|end| **end == (outcome, Some(reason))).count()
    }

    /// Reads the wall clock.
    pub(crate) fn clock(&self) -> DateTime<Utc> {
        self.wall
    }
}

/// Each message lasts as many seconds as its name says.
fn length_of(airing: &Airing) -> ClipLength {
    let name = airing.message.id.as_str();
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    let reading = Duration::from_secs(digits.parse().expect("a message named by its seconds"));
    ClipLength { message: reading, reading, chime: Duration::ZERO, voice: "test".to_owned() }
}
