//! How each station is: what it received, what it aired today, and whether anybody would hear it. To be online and to be heard
//! are counted apart.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::known::{Published, Village};
use super::promise::Planned;
use super::told::Told;
use crate::model::{Audible, CampaignId, Serial, Station, StationId, Status, Words, ZoneId};
use crate::wire::{About, StationHealth, Step};

/// After so long without a word a station counts as away: a report is due every minute, and what is wrong must be shown within
/// 100 seconds.
pub const SILENT: TimeDelta = TimeDelta::seconds(100);

/// How far a clock may be off before it is a fault: an announcement that is so late is noticed.
const OFF: TimeDelta = TimeDelta::seconds(30);

/// How a campaign stands at a station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The campaign.
    pub campaign: CampaignId,
    /// The newest bundle that is for this station.
    pub newest: Serial,
    /// The newest that it received.
    pub received: Option<Serial>,
    /// The newest that it verified.
    pub verified: Option<Serial>,
    /// The newest that it put in force.
    pub active: Option<Serial>,
    /// Why it refused the newest.
    pub refused: Option<String>,
}

/// One station.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The station.
    pub station: StationId,
    /// The daemon that runs it.
    pub site: String,
    /// The zones it belongs to.
    pub zones: Vec<ZoneId>,
    /// Campaigns that are for it.
    pub campaigns: Vec<Standing>,
    /// Airings that the county planned here today.
    pub planned: usize,
    /// How many of those were heard to the end.
    pub aired: usize,
    /// Airings heard to the end today, the village's own too.
    pub heard: usize,
    /// What its microphone says of today's airings that were meant.
    pub listened: Listened,
    /// When the last one that is known was heard to the end.
    pub last_aired: Option<DateTime<Utc>>,
    /// When the county last had any word of it.
    pub seen: Option<DateTime<Utc>>,
    /// Whether that is not long ago.
    pub online: bool,
    /// How it says that it is; none if it never did.
    pub health: Option<StationHealth>,
    /// Whether it believes its clock; none if it never said.
    pub clock_trusted: Option<bool>,
    /// How far its clock was ahead of the county's when it last told, the journey included.
    pub clock_off: Option<TimeDelta>,
    /// The program that it runs.
    pub version: String,
    /// Records that wait there.
    pub waiting: i64,
    /// Of today's airings, those whose records came late.
    pub late: usize,
    /// What is wrong, the worst first.
    pub faults: Vec<Fault>,
}

/// What a microphone says of some airings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Listened {
    /// Heard.
    pub yes: usize,
    /// Not heard.
    pub no: usize,
    /// Nobody can say.
    pub unknown: usize,
}

/// What can be wrong with a station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Its token counts no more.
    Revoked,
    /// Other daemons run a station of this name.
    Shared(String),
    /// It has never said a word.
    NeverSeen,
    /// Nothing was heard of it for long.
    Away,
    /// Its output takes no sound.
    Output(String),
    /// Its amplifier cannot be switched, or nothing guards it.
    Amplifier(String),
    /// Its microphone did not hear it several times in a row: nobody else does either.
    NotHeard,
    /// Its microphone is not there.
    Microphone,
    /// Its as-run log cannot be written.
    Journal,
    /// It does not believe its clock.
    ClockUntrusted,
    /// Its clock is off.
    ClockOff,
    /// It refused the newest bundle of a campaign.
    Refused(CampaignId, String),
    /// The newest bundle of a campaign is not in force.
    Behind(CampaignId),
}

/// Sums over stations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Stations.
    pub stations: usize,
    /// Those of which the county had word lately: this says nothing of sound.
    pub online: usize,
    /// Those whose own log says that something was heard to the end today.
    pub heard: usize,
    /// Those with something planned today.
    pub planned: usize,
    /// Of those, the ones that have everything behind them that was planned.
    pub complete: usize,
    /// Those with a microphone.
    pub microphones: usize,
    /// Of those, the ones that it heard today.
    pub listened: usize,
    /// Those with something wrong.
    pub faulty: usize,
}

/// Judges one station of a village. `plan` is what the county planned here for today until now; `told` what its log tells of
/// today; a day begins at `today`.
pub fn row(
    village: &Village,
    station: &(StationId, Vec<ZoneId>),
    published: &[Published],
    (plan, told): (&[Planned], &[Told]),
    (today, now): (DateTime<Utc>, DateTime<Utc>),
) -> Row {
    let state = village.state.as_ref();
    let mine = |health: &&StationHealth| health.id == station.0.as_str();
    let health = state.and_then(|state| state.health.stations.iter().find(mine)).cloned();
    let told: Vec<&Told> = told.iter().filter(|told| told.entry.station == station.0.as_str()).collect();
    let planned: Vec<_> = plan.iter().filter(|planned| planned.airing.status == Status::Actual).collect();
    let aired = |planned: &&&Planned| {
        told.iter().any(|told| told.entry.airing == planned.airing.id && told.is_heard())
    };
    let by_log =
        told.iter().filter(|told| told.is_completed()).filter_map(|told| told.entry.close.as_ref()?.ended);
    let seen = village.last_seen();
    let mut row = Row {
        station: station.0.clone(),
        site: village.site.clone(),
        zones: station.1.clone(),
        campaigns: standings(village, station, published, now),
        planned: planned.len(),
        aired: planned.iter().filter(aired).count(),
        heard: told.iter().filter(|told| told.is_heard() && told.entry.due.to_utc() >= today).count(),
        listened: listened(&told, today),
        last_aired: by_log.chain(health.as_ref().and_then(|health| health.last_completed)).max(),
        seen,
        online: !village.revoked && seen.is_some_and(|seen| now - seen <= SILENT),
        clock_trusted: state.map(|state| state.health.clock_trusted),
        clock_off: state.map(|state| state.health.at - state.received),
        version: state.map(|state| state.health.version.clone()).unwrap_or_default(),
        waiting: village.waiting(),
        late: told.iter().filter(|told| told.late).count(),
        faults: Vec::new(),
        health,
    };
    row.faults = faults(village, &row);
    row
}

/// Finds stations of one name that several daemons run, but for revoked ones: what is meant for one sounds at all of them, and
/// their records cannot be told apart by it.
pub fn find_shared(rows: &mut [Row]) {
    let counts = |row: &Row| !row.faults.contains(&Fault::Revoked);
    let mut sites: BTreeMap<StationId, Vec<String>> = BTreeMap::new();
    for row in rows.iter().filter(|row| counts(row)) {
        sites.entry(row.station.clone()).or_default().push(row.site.clone());
    }
    for row in rows.iter_mut().filter(|row| counts(row)) {
        let others = sites.get(&row.station).into_iter().flatten().filter(|site| **site != row.site);
        let others: Vec<&str> = others.map(String::as_str).collect();
        if !others.is_empty() {
            row.faults.insert(0, Fault::Shared(others.join(", ")));
        }
    }
}

fn listened(told: &[&Told], today: DateTime<Utc>) -> Listened {
    let meant = told.iter().filter(|told| told.is_meant() && told.entry.due.to_utc() >= today);
    let verdicts: Vec<Audible> = meant.filter_map(|told| Some(told.entry.verdict.as_ref()?.heard)).collect();
    let count = |word: Audible| verdicts.iter().filter(|heard| **heard == word).count();
    Listened { yes: count(Audible::Yes), no: count(Audible::No), unknown: count(Audible::Unknown) }
}

/// Finds how every campaign stands that has something for the station.
fn standings(
    village: &Village,
    station: &(StationId, Vec<ZoneId>),
    published: &[Published],
    now: DateTime<Utc>,
) -> Vec<Standing> {
    let (id, zones) = station.clone();
    let station = Station::bare(id, zones);
    let mut newest: BTreeMap<&CampaignId, &Published> = BTreeMap::new();
    let meant = |one: &&Published| one.bundle.target.iter().any(|target| target.includes(&station));
    for one in published.iter().filter(meant) {
        let held = newest.entry(&one.bundle.campaign).or_insert(one);
        if one.bundle.serial > held.bundle.serial {
            *held = one;
        }
    }
    // What was withdrawn and has expired is behind everybody.
    let over = |one: &&Published| one.bundle.withdraws() && one.bundle.expires <= now;
    newest.into_values().filter(|one| !over(one)).map(|one| standing(village, one)).collect()
}

fn standing(village: &Village, newest: &Published) -> Standing {
    let (campaign, serial) = (&newest.bundle.campaign, newest.bundle.serial);
    let steps = village.steps.iter().filter_map(|step| match &step.receipt.about {
        About::Bundle { campaign: of, serial, .. } if of == campaign => Some((&step.receipt, *serial)),
        _ => None,
    });
    let steps: Vec<_> = steps.collect();
    // A later step says that the earlier ones were done.
    let reached = |least: Step| {
        let done = |(receipt, _): &&(&crate::wire::Receipt, Serial)| {
            receipt.step != Step::Refused && receipt.step >= least
        };
        let by_health = village.state.iter().flat_map(|state| &state.health.campaigns);
        let by_health = by_health.filter(|held| held.campaign == *campaign).map(|held| held.serial);
        steps.iter().filter(done).map(|(_, serial)| *serial).chain(by_health).max()
    };
    let refused =
        |(receipt, of): &&(&crate::wire::Receipt, Serial)| receipt.step == Step::Refused && *of == serial;
    let active = reached(Step::Active);
    let why = steps.iter().filter(refused).max_by_key(|(receipt, _)| receipt.at);
    Standing {
        campaign: campaign.clone(),
        newest: serial,
        received: reached(Step::Received),
        verified: reached(Step::Verified),
        active,
        refused: why.filter(|_| active < Some(serial)).map(|(receipt, _)| receipt.reason.clone()),
    }
}

fn faults(village: &Village, row: &Row) -> Vec<Fault> {
    let state = village.state.as_ref();
    let output = row.health.as_ref().filter(|health| !health.output_ok);
    let amplifier = row.health.as_ref().filter(|health| !health.amplifier_fault.is_empty());
    let microphone = |word: &str| row.health.as_ref().is_some_and(|health| health.monitor == word);
    let off = row.clock_off.is_some_and(|off| off.abs() > OFF);
    let first = [
        village.revoked.then_some(Fault::Revoked),
        row.seen.is_none().then_some(Fault::NeverSeen),
        (row.seen.is_some() && !row.online && !village.revoked).then_some(Fault::Away),
        output.map(|health| Fault::Output(health.output_detail.clone())),
        amplifier.map(|health| Fault::Amplifier(health.amplifier_fault.clone())),
        microphone("fault").then_some(Fault::NotHeard),
        microphone("absent").then_some(Fault::Microphone),
        state.is_some_and(|state| !state.health.journal_ok).then_some(Fault::Journal),
        (row.clock_trusted == Some(false)).then_some(Fault::ClockUntrusted),
        (row.clock_trusted == Some(true) && off).then_some(Fault::ClockOff),
    ];
    let campaigns = row.campaigns.iter().filter_map(|standing| match &standing.refused {
        Some(why) => Some(Fault::Refused(standing.campaign.clone(), why.clone())),
        None => (standing.active < Some(standing.newest)).then(|| Fault::Behind(standing.campaign.clone())),
    });
    first.into_iter().flatten().chain(campaigns).collect()
}

impl Fault {
    /// Says it to people.
    pub fn words(&self) -> Words {
        match self {
            Self::Revoked => Words::new("已停用", "revoked"),
            Self::Shared(sites) => Words::new(
                format!("和 {sites} 重名：各自改名，再登记"),
                format!("{sites} has a station of this name too: rename one and enrol it again"),
            ),
            Self::NeverSeen => Words::new("从未联系过", "never seen"),
            Self::Away => Words::new("失联", "away"),
            Self::Output(why) => Words::new(format!("音频输出故障 {why}"), format!("output: {why}")),
            Self::Amplifier(why) => Words::new(format!("功放故障 {why}"), format!("amplifier: {why}")),
            Self::NotHeard => Words::new("话筒连续听不到", "not heard by its microphone"),
            Self::Microphone => Words::new("监听设备用不了", "its microphone cannot be used"),
            Self::Journal => Words::new("播发记录写不进", "the as-run log cannot be written"),
            Self::ClockUntrusted => Words::new("时钟不可信", "clock not trusted"),
            Self::ClockOff => Words::new("时钟不准", "clock off"),
            Self::Refused(campaign, why) => {
                Words::new(format!("拒收 {campaign}：{why}"), format!("refused {campaign}: {why}"))
            }
            Self::Behind(campaign) => {
                Words::new(format!("{campaign} 不是最新"), format!("{campaign} is not the newest"))
            }
        }
    }
}

/// Adds up; `today` is when the day began.
pub fn summary(rows: &[Row], today: DateTime<Utc>) -> Summary {
    let count = |is: &dyn Fn(&&Row) -> bool| rows.iter().filter(is).count();
    let listens = |row: &&Row| {
        row.health.as_ref().is_some_and(|health| !matches!(health.monitor.as_str(), "" | "none"))
    };
    let listened = |row: &&Row| {
        let at = row.health.as_ref().and_then(|health| health.last_heard);
        listens(row) && (row.listened.yes > 0 || at.is_some_and(|at| at >= today))
    };
    Summary {
        stations: rows.len(),
        online: count(&|row| row.online),
        heard: count(&|row| row.heard > 0),
        planned: count(&|row| row.planned > 0),
        complete: count(&|row| row.planned > 0 && row.aired == row.planned),
        microphones: count(&listens),
        listened: count(&listened),
        faulty: count(&|row| !row.faults.is_empty()),
    }
}
