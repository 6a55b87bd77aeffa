//! Thirty days without a county, in accelerated time: the real planner, playout, bundle store and as-run log, a power cut every
//! night; then the real daemon, whose courier delivers all of it to the real server.

use std::collections::btree_map::OccupiedEntry;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Asia::Shanghai;
use dalaba::calendar::Almanac;
use dalaba::county::keyring::Keyring;
use dalaba::county::press::{Order, Press};
use dalaba::county::store::{Address, Store, StoredFact};
use dalaba::model::{AiringId, CampaignId, ClipLength, Playlist, Station, Target};
use dalaba::plan::plan_station;
use dalaba::playout::{Action, Ending, Event, Horizon, Now, Playout, Rules};
use dalaba::station::journal::{Journal, RunStart};
use dalaba::station::kinds::kinds;
use dalaba::station::{bundles, clock, sources};
use tokio::runtime::Builder;

use super::county::{County, SOON};
use super::daemon::House;
use super::poll;

const DAYS: i64 = 30;

/// Airings of a day: two windows of the village's own with two messages, three of the county's with three.
const A_DAY: usize = 13;

/// The loops of a daemon sleep no longer.
const LONGEST: Duration = Duration::from_hours(1);

const OWN: &str = "title = \"日常\"\nstations = [\"*\"]\n\
    [[message]]\nid = \"甲\"\ntext = \"一停、二看、三通过\"\n[[message]]\nid = \"乙\"\ntext = \"喝酒不开车\"\n\
    [[schedule]]\nat = [\"07:00\", \"18:30\"]\n";

const COUNTYS: &str = "title = \"春运\"\nstations = [\"*\"]\n\
    [[message]]\nid = \"甲\"\ntext = \"安全带就是生命带！\"\nrepeat = 2\n\
    [[message]]\nid = \"乙\"\ntext = \"请佩戴安全头盔！\"\n[[message]]\nid = \"丙\"\ntext = \"三轮车禁止载人\"\n\
    [[schedule]]\nat = [\"08:00\", \"12:00\", \"18:00\"]\ngrace = \"10m\"\n";

/// A village in the time of its own.
struct Village {
    station: Station,
    playlists: Vec<Playlist>,
    journal: Journal,
    playout: Playout,
    horizon: Horizon,
    began: DateTime<Utc>,
    at: DateTime<Utc>,
    agenda: BTreeMap<(DateTime<Utc>, usize), Event>,
    events: usize,
    planned: BTreeSet<AiringId>,
    sounded: Vec<AiringId>,
}

impl Village {
    fn switch_on(house: &House, at: DateTime<Utc>) -> Self {
        let state = house.state();
        let store = bundles::Store::open(&state, env!("CARGO_BIN_EXE_dalaba").into());
        let mut found = sources::load(&house.config(), &kinds());
        found.campaigns = store.in_force(at);
        assert_eq!(found.campaigns.len(), 1, "the county's campaign plays on, also when it has expired");
        let mut playlists: Vec<Playlist> =
            found.playlists.iter().filter_map(|playlist| playlist.value.clone()).collect();
        playlists.extend(found.county_playlists());
        assert_eq!(playlists.len(), 2);
        let station = found.site.value.clone().unwrap().stations.remove(0);
        let start = RunStart {
            at,
            version: "0.1.0".to_owned(),
            boot: at.to_rfc3339(),
            steady: Duration::ZERO,
            clock_trusted: true,
        };
        let (journal, _) = Journal::open(&state, &start).unwrap();
        let recovered = journal.remembered(&station.id, at - TimeDelta::days(2)).unwrap();
        let rules = Rules { limits: station.limits.clone(), zone: Shanghai, in_step: None };
        let now = Now { wall: at, steady: Duration::ZERO, trusted: true };
        let playout = Playout::new(rules, recovered, now);
        let (horizon, agenda) = (Horizon::new(at), BTreeMap::new());
        let (planned, sounded) = (BTreeSet::new(), Vec::new());
        Self {
            station,
            playlists,
            journal,
            playout,
            horizon,
            began: at,
            at,
            agenda,
            events: 0,
            planned,
            sounded,
        }
    }

    fn now(&self) -> Now {
        let steady = (self.at - self.began).to_std().unwrap();
        Now { wall: self.at, steady, trusted: true }
    }

    /// Lives until the power is cut at `end`.
    fn live(&mut self, end: DateTime<Utc>) {
        self.tell(Event::Tick);
        loop {
            let sleep = self.playout.next_wake(&self.now()).unwrap_or(LONGEST).min(LONGEST);
            let wake = self.at + TimeDelta::from_std(sleep.max(Duration::from_millis(1))).unwrap();
            let happens = self.agenda.keys().next().map_or(wake, |(at, _)| *at);
            self.at = wake.min(happens);
            if self.at >= end {
                return;
            }
            let due = self.agenda.first_entry().filter(|entry| entry.key().0 <= self.at);
            let event = due.map_or(Event::Tick, OccupiedEntry::remove);
            self.tell(event);
        }
    }

    fn tell(&mut self, event: Event) {
        while let Some((from, until)) = self.horizon.next_window(&self.now()) {
            let almanac = Almanac::default();
            let timetable = plan_station(&self.station, Shanghai, &self.playlists, &almanac, from, until);
            self.horizon.reached(timetable.until);
            self.planned.extend(timetable.airings.iter().map(|airing| airing.id.clone()));
            let actions = self.playout.handle(self.now(), Event::Timetable(timetable));
            self.carry_out(actions);
        }
        let actions = self.playout.handle(self.now(), event);
        self.carry_out(actions);
    }

    fn carry_out(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Prepare(airing) => {
                    let reading = Duration::from_secs(8);
                    let (chime, voice) = (Duration::from_secs(1), "sim".to_owned());
                    let length = ClipLength { message: reading, reading, chime, voice };
                    self.later(Duration::from_secs(2), Event::Ready { airing: airing.id, length });
                }
                Action::Warm => self.later(Duration::from_millis(200), Event::OutputUp),
                Action::Record(record) => drop(self.journal.commit(&record).unwrap()),
                Action::Play { airing, at, chime, .. } => {
                    let start = at.unwrap_or(self.at);
                    let ahead = (start - self.at).to_std().unwrap_or_default();
                    let heard = Duration::from_secs(8 + u64::from(chime));
                    let (started, ended) = (Some(start), start + TimeDelta::from_std(heard).unwrap());
                    let (airing, how) = (airing.id, Ending::Drained);
                    self.sounded.push(airing.clone());
                    self.later(ahead + heard, Event::Ended { airing, started, ended, heard, how });
                }
                Action::Cut(_) | Action::Abandon => panic!("nothing is cut in a quiet month: {action:?}"),
            }
        }
    }

    fn later(&mut self, after: Duration, event: Event) {
        self.events += 1;
        self.agenda.insert((self.at + TimeDelta::from_std(after).unwrap(), self.events), event);
    }
}

/// Lets the village take the county's campaign, as a stick would bring it on the first day, with an end in mid-month.
fn take_campaign(county: &County, house: &House, now: DateTime<Utc>) {
    let folder = county.path("campaign");
    std::fs::write(folder.join("broadcasts/春运.toml"), COUNTYS).unwrap();
    let ring = Keyring::new(county.path("keys"));
    let press = Press::new(county.path("published"));
    let (campaign, target) = (CampaignId::new("春运").unwrap(), vec![Target::All]);
    let expires = now + TimeDelta::days(DAYS / 2);
    let order = Order { campaign, target, issued: now, not_before: now, expires };
    let bundle = press.draft(&folder, order).unwrap();
    let secret = ring.unlock("王", "一二三四五六七八").unwrap();
    let envelope = press.sign(&bundle, &ring.root().unwrap().unwrap(), &[secret]).unwrap();
    let file = county.path("month.dalaba");
    press.publish(&bundle, &envelope, &folder, &file, &mut |_| {}).unwrap();
    let stations = sources::load(&house.config(), &kinds()).site.value.unwrap().stations;
    let store = bundles::Store::open(&house.state(), env!("CARGO_BIN_EXE_dalaba").into());
    store.take(File::open(file).unwrap(), &stations, None, now).unwrap();
}

/// Returns all of the one log that the county has of a site, once it is at least so long.
fn delivered(database: &str, site: &str, least: i64) -> Vec<StoredFact> {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let store = runtime.block_on(Store::open(&Address::from_str(database).unwrap())).unwrap();
    let log = poll::until("all records at the county", SOON * 2, || {
        let logs = runtime.block_on(store.logs(site)).unwrap();
        assert!(logs.len() <= 1, "{logs:?}");
        logs.into_iter().find(|log| log.through >= least)
    });
    runtime.block_on(store.facts(site, &log.epoch, 0, u32::MAX)).unwrap()
}

#[test]
fn thirty_days_without_a_county_air_whole_and_each_record_arrives_late_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("county.db").to_str().unwrap().to_owned();
    let mut county = County::open(&database, std::slice::from_ref(&database));
    let house = House::of(&["赵家庄"]);
    house.write("broadcasts/日常.toml", OWN);
    let address = format!("https://127.0.0.1:{}", county.port());
    let enrolled = house.dalaba(&["enrol", &county.code("赵家庄"), "--county", &address]);
    assert!(enrolled.status.success(), "{enrolled:?}");
    county.kill(0);

    let today = clock::wall().with_timezone(&Shanghai).date_naive();
    let night = |day: i64| {
        let date = today - TimeDelta::days(DAYS + 2 - day);
        Shanghai.from_local_datetime(&date.and_hms_opt(2, 0, 0).unwrap()).unwrap().to_utc()
    };
    take_campaign(&county, &house, night(0));
    let (mut planned, mut sounded) = (BTreeSet::new(), Vec::new());
    for day in 0..DAYS {
        let mut village = Village::switch_on(&house, night(day));
        village.live(night(day + 1));
        assert_eq!(village.sounded.len(), A_DAY, "day {day}");
        planned.append(&mut village.planned);
        sounded.append(&mut village.sounded);
    }
    assert_eq!(sounded.len(), planned.len());
    assert_eq!(sounded.iter().cloned().collect::<BTreeSet<_>>(), planned, "every airing sounded, once");

    let records = dalaba::station::journal::Reader::open(&house.state()).unwrap().newest().unwrap();
    let running = house.start();
    county.start(0);
    let facts = delivered(&database, "赵家庄", records);
    running.end("TERM");
    house.verified();
    let month = &facts[..usize::try_from(records).unwrap()];
    assert!(month.iter().all(|stored| stored.late), "all of it comes late, and says so");
    let text = |stored: &StoredFact, name: &str| {
        stored.fact.values.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned()
    };
    let mut closed: BTreeMap<String, usize> = BTreeMap::new();
    for stored in facts.iter().filter(|stored| text(stored, "kind") == "closed") {
        *closed.entry(text(stored, "airing")).or_default() += 1;
    }
    for airing in &planned {
        assert_eq!(closed.get(airing.as_str()), Some(&1), "{airing}");
    }
    let whole = month.iter().filter(|stored| text(stored, "outcome") == "completed").count();
    assert_eq!(whole, planned.len(), "every one was heard to its end");
    println!("{} airings in {DAYS} days, {records} records, each at the county once", planned.len());
}
