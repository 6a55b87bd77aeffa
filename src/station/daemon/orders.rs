//! What people ask of the running daemon through the control socket.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, SubsecRound};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::timeout;

use super::alerts::Alerts;
use super::in_force::InForce;
use super::team::Team;
use crate::model::{
    Airing, AiringId, Chime, Message, MessageId, Origin, PlaylistId, Priority, Record, Repeat, SlotId, Start,
    Station, Status, Target, Words, ZoneId,
};
use crate::playout::{Event, Now};
use crate::station::clock;
use crate::station::control::{ControlReply, StopReport};

/// The playlist of everything that people say.
const SAID: &str = "say";
/// An order that could not be carried out for so long has lost its occasion.
const SAID_GRACE: Duration = Duration::from_mins(10);
/// An emergency waits longer than anything else: for an output to come back, for instance.
const EMERGENCY_GRACE: Duration = Duration::from_hours(24);
/// Silence between two readings of what is said.
const SAID_GAP: Duration = Duration::from_secs(2);

/// A person is not kept waiting for longer than this by a slow disk.
const RECORD_LIMIT: Duration = Duration::from_secs(2);

/// What a person wants to be said.
pub(super) struct Saying {
    /// None: only the chime.
    pub(super) text: Option<String>,
    pub(super) stations: Vec<String>,
    pub(super) priority: Priority,
    pub(super) repeat: u32,
    pub(super) status: Status,
    /// What sounds first.
    pub(super) chime: Option<Chime>,
    /// What the record says where there is no text.
    pub(super) label: &'static str,
    pub(super) who: String,
}

impl Saying {
    /// Makes the sound that tells whoever put a stick in whether it was taken.
    pub(super) fn chime(good: bool, who: String) -> Self {
        let (chime, label) =
            if good { ("four-rising", "U盘收下-") } else { ("four-falling", "U盘没收下-") };
        Self {
            text: None,
            stations: vec!["*".to_owned()],
            priority: Priority::Routine,
            repeat: 1,
            status: Status::Actual,
            chime: Some(Chime::Named(chime.to_owned())),
            label,
            who,
        }
    }
}

/// Puts a text on the one road.
pub(super) fn say(saying: &Saying, name: &str, in_force: &InForce, team: &Team, now: &Now) -> ControlReply {
    let stations = match addressed(&saying.stations, in_force) {
        Ok(stations) => stations,
        Err(words) => return words.into(),
    };
    let Ok(id) = MessageId::new(name) else {
        return Words::new("内部错误：编号不合法", "internal error: unusable name").into();
    };
    let message = Arc::new(Message {
        id,
        text: saying.text.clone(),
        audio: None,
        language: "zh".to_owned(),
        voice: None,
        repeat: Repeat { times: saying.repeat, gap: SAID_GAP },
        volume: None,
    });
    // Ids are read and typed by people; milliseconds tell them apart.
    let due = now.wall.trunc_subsecs(3).with_timezone(&in_force.site.time_zone).fixed_offset();
    let mut airings = Vec::new();
    for station in stations {
        let airing = airing(saying, station, &message, due);
        airings.push(airing.id.to_string());
        team.tell(&station.id, Event::Said(airing));
    }
    ControlReply::Said { airings }
}

/// Waits until the log has every order of `answer`, so that what was answered for outlives a power cut; but not long,
/// because a disk that hangs silences nobody.
pub(super) async fn wait_for_records(answer: &ControlReply, mut records: broadcast::Receiver<Record>) {
    let ControlReply::Said { airings } = answer else { return };
    let mut missing: HashSet<&str> = airings.iter().map(String::as_str).collect();
    let all = async {
        while !missing.is_empty() {
            match records.recv().await {
                Ok(record) => {
                    if let Some(airing) = record.airing() {
                        missing.remove(airing.id.as_str());
                    }
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    };
    if timeout(RECORD_LIMIT, all).await.is_err() {
        tracing::warn!("an order was answered before its record was on the disk");
    }
}

fn airing(saying: &Saying, station: &Station, message: &Arc<Message>, due: DateTime<FixedOffset>) -> Airing {
    // The name is ours and has neither blanks nor separators.
    let playlist = PlaylistId::new(SAID).expect("a valid id");
    let id = AiringId::new(&station.id, &playlist, &message.id, &due);
    let emergency = saying.priority == Priority::Emergency;
    Airing {
        slot: SlotId::of_said(&id),
        id,
        station: station.id.clone(),
        playlist,
        message: Arc::clone(message),
        position: 0,
        due,
        priority: saying.priority,
        status: saying.status,
        start: Start::Soft,
        grace: if emergency { EMERGENCY_GRACE } else { SAID_GRACE },
        gap: Duration::ZERO,
        chime: saying.chime.clone(),
        origin: Origin::Said(saying.who.clone()),
    }
}

/// Stops what is on air and what waits.
pub(super) fn stop(
    stations: &[String],
    who: &str,
    in_force: &InForce,
    (team, alerts): (&Team, &Alerts),
) -> ControlReply {
    let everywhere = ["*".to_owned()];
    let asked = if stations.is_empty() { &everywhere[..] } else { stations };
    match addressed(asked, in_force) {
        Err(words) => words.into(),
        Ok(stations) => {
            let stop = |station: &Station| {
                let shown = team.notices(&station.id).and_then(|notices| notices.shown);
                let cut =
                    shown.as_ref().and_then(|shown| Some(shown.view.on_air.as_ref()?.airing.id.to_string()));
                let cleared = shown.map(|shown| shown.view.waiting).unwrap_or_default();
                team.tell(&station.id, Event::Stop(who.to_owned()));
                let cleared = cleared.iter().map(ToString::to_string).collect();
                let silenced = alerts.sounding_at(station, clock::wall());
                StopReport { station: station.id.to_string(), cut, cleared, silenced }
            };
            ControlReply::Stopped { stations: stations.into_iter().map(stop).collect() }
        }
    }
}

/// Finds the stations that are meant, each once, in the order of `station.toml`.
fn addressed<'a>(names: &[String], in_force: &'a InForce) -> Result<Vec<&'a Station>, Words> {
    let mut targets = Vec::new();
    for name in names {
        targets.push(target(name, in_force)?);
    }
    let stations = in_force.site.stations.iter();
    Ok(stations.filter(|station| targets.iter().any(|target| target.includes(station))).collect())
}

fn target(name: &str, in_force: &InForce) -> Result<Target, Words> {
    let stations = &in_force.site.stations;
    if name == "*" {
        return Ok(Target::All);
    }
    if let Some(zone) = name.strip_prefix("zone:") {
        let known = stations.iter().flat_map(|station| &station.zones).find(|id| id.as_str() == zone);
        return known
            .cloned()
            .map(Target::Zone)
            .ok_or_else(|| unknown("区域", "zone", zone, &zones(in_force)));
    }
    let known = stations.iter().find(|station| station.id.as_str() == name);
    let ids: Vec<&str> = stations.iter().map(|station| station.id.as_str()).collect();
    known
        .map(|station| Target::Station(station.id.clone()))
        .ok_or_else(|| unknown("站点", "station", name, &ids))
}

fn zones(in_force: &InForce) -> Vec<&str> {
    let mut zones: Vec<&str> =
        in_force.site.stations.iter().flat_map(|station| &station.zones).map(ZoneId::as_str).collect();
    zones.sort_unstable();
    zones.dedup();
    zones
}

fn unknown(zh: &str, en: &str, name: &str, known: &[&str]) -> Words {
    let list = known.join("、");
    Words::new(
        format!("没有叫“{name}”的{zh}；现有：{list}"),
        format!("there is no {en} called {name}; there are: {}", known.join(", ")),
    )
}
