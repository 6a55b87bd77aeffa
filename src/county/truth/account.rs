//! The account of a village (编播对账): everything that the county planned there and everything that its log tells, each once, and
//! what became of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use super::known::Village;
use super::promise::Planned;
use super::told::Told;
use crate::model::{AiringId, CampaignId, Origin, Serial, Status, Words};

/// How long after the end of its grace an airing's record may still be on its way: it may be long, and the network slow.
const ON_ITS_WAY: TimeDelta = TimeDelta::minutes(15);

/// Where an airing belongs in the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The county planned it.
    Planned,
    /// The county's playlist, but not in the plan: of an older bundle, or of one that nobody acknowledged.
    Unplanned,
    /// Recorded once more, in another log of the village: it had lost its memory.
    Again,
    /// The village's own playlist.
    Local,
    /// A person at the village asked for it.
    Manual,
    /// An alert asked for it.
    Alert,
    /// A drill or a test, whoever planned it: it never counts as done.
    Practice,
}

/// What became of an airing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// Its log says that it was heard to the end.
    Heard,
    /// Its log says that it was not, and why.
    NotHeard,
    /// Its log says that it began or waits, and nothing of an end.
    Open,
    /// Its time, and that of the record's journey, is not over.
    Waiting,
    /// There is no record, and the village's log has not come that far: nobody knows.
    NotReported,
    /// There is no record, though the village's log has come further: it was not planned there, or the log lost it.
    NotRecorded,
}

/// One airing of the account.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its name.
    pub airing: AiringId,
    /// The station.
    pub station: String,
    /// The playlist.
    pub playlist: String,
    /// The message.
    pub message: String,
    /// When its slot began.
    pub due: DateTime<FixedOffset>,
    /// Whether it was meant.
    pub status: Status,
    /// Where it belongs.
    pub place: Place,
    /// Whether the county planned it, a drill also.
    pub planned: bool,
    /// What became of it.
    pub fate: Fate,
    /// The bundle by which it was planned.
    pub by: Option<(CampaignId, Serial)>,
    /// What the log tells.
    pub told: Option<Told>,
}

/// Sums of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<(Place, Fate), usize>);

/// The account of a village, or of several.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Account {
    /// Every airing, by due instant.
    pub lines: Vec<Line>,
}

/// Holds the plan of one village against what its log tells; both are of the same stations and the same time. `campaigns` are
/// all that the county ever published.
pub fn account(
    village: &Village,
    plan: &[Planned],
    told: Vec<Told>,
    campaigns: &BTreeSet<CampaignId>,
    now: DateTime<Utc>,
) -> Account {
    let mut records: BTreeMap<AiringId, Vec<Told>> = BTreeMap::new();
    for told in told {
        records.entry(told.entry.airing.clone()).or_default().push(told);
    }
    let mut lines = Vec::new();
    for planned in plan {
        // Where a village has told twice of one airing, what was heard counts; the other is listed apart.
        let mine = records.get_mut(&planned.airing.id).filter(|mine| !mine.is_empty()).map(|mine| {
            let heard = mine.iter().position(Told::is_completed).unwrap_or_default();
            mine.remove(heard)
        });
        lines.push(promised(village, planned, mine, now));
    }
    let again: BTreeSet<&AiringId> = plan.iter().map(|planned| &planned.airing.id).collect();
    for (airing, rest) in &records {
        let mut known = again.contains(airing);
        for told in rest {
            lines.push(unpromised(told.clone(), campaigns, known));
            known = true;
        }
    }
    lines.sort_by(|a, b| (a.due, &a.station, &a.airing).cmp(&(b.due, &b.station, &b.airing)));
    Account { lines }
}

fn promised(village: &Village, planned: &Planned, told: Option<Told>, now: DateTime<Utc>) -> Line {
    let airing = &planned.airing;
    let over = airing.due_utc() + airing.grace + ON_ITS_WAY;
    let fate = match &told {
        Some(told) => fate(told),
        None if over > now => Fate::Waiting,
        None if village.told_until().is_some_and(|until| until > over) => Fate::NotRecorded,
        None => Fate::NotReported,
    };
    Line {
        airing: airing.id.clone(),
        station: airing.station.to_string(),
        playlist: airing.playlist.to_string(),
        message: airing.message_id().to_string(),
        due: airing.due,
        status: airing.status,
        place: if airing.status == Status::Actual { Place::Planned } else { Place::Practice },
        planned: true,
        fate,
        by: Some((planned.campaign.clone(), planned.serial)),
        told,
    }
}

fn unpromised(told: Told, campaigns: &BTreeSet<CampaignId>, known: bool) -> Line {
    let entry = &told.entry;
    let of_county = campaigns.iter().any(|campaign| {
        entry.playlist.strip_prefix(campaign.as_str()).is_some_and(|rest| rest.starts_with('.'))
    });
    let scheduled = entry.origin == Origin::Schedule;
    let place = if !told.is_meant() {
        Place::Practice
    } else if known {
        Place::Again
    } else if told.is_alert() {
        Place::Alert
    } else if !scheduled {
        Place::Manual
    } else if of_county {
        Place::Unplanned
    } else {
        Place::Local
    };
    Line {
        airing: entry.airing.clone(),
        station: entry.station.clone(),
        playlist: entry.playlist.clone(),
        message: entry.message.clone(),
        due: entry.due,
        status: entry.status,
        place,
        planned: false,
        fate: fate(&told),
        by: None,
        told: Some(told),
    }
}

fn fate(told: &Told) -> Fate {
    match &told.entry.close {
        None => Fate::Open,
        Some(_) if told.is_completed() => Fate::Heard,
        Some(_) => Fate::NotHeard,
    }
}

impl Line {
    /// Says what became of it, and why, as far as anybody knows; `seen` is when the village was last heard of.
    pub fn words(&self, seen: Option<&str>) -> Words {
        let recorded = || {
            let close = self.told.as_ref()?.entry.close.as_ref()?;
            let how = close.outcome.words();
            let Some(why) = close.reason.map(crate::model::Reason::words) else { return Some(how) };
            Some(Words::new(format!("{}（{}）", how.zh, why.zh), format!("{} ({})", how.en, why.en)))
        };
        match self.fate {
            Fate::Heard | Fate::NotHeard => recorded().unwrap_or_else(|| Words::new("", "")),
            Fate::Open => Words::new("开播了，还没有结果", "begun, no end recorded yet"),
            Fate::Waiting => Words::new("还没到时间", "its time is not over"),
            Fate::NotReported => seen.map_or_else(
                || Words::new("还没有记录：从未联系过", "no record yet: never seen"),
                |seen| {
                    Words::new(
                        format!("还没有记录：最后联系 {seen}"),
                        format!("no record yet: last seen {seen}"),
                    )
                },
            ),
            Fate::NotRecorded => {
                Words::new("没有记录，虽然后来的记录都到了", "no record, though later ones have arrived")
            }
        }
    }
}

impl Account {
    /// Adds up.
    pub fn tally(&self) -> Tally {
        let mut tally = BTreeMap::new();
        for line in &self.lines {
            *tally.entry((line.place, line.fate)).or_default() += 1;
        }
        Tally(tally)
    }
}

impl Tally {
    /// Counts airings of a place, whatever became of them.
    pub fn of(&self, place: Place) -> usize {
        self.0.iter().filter(|((at, _), _)| *at == place).map(|(_, count)| count).sum()
    }

    /// Counts airings of a place that met one fate.
    pub fn with(&self, place: Place, fate: Fate) -> usize {
        self.0.get(&(place, fate)).copied().unwrap_or_default()
    }
}
