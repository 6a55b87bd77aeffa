//! From what was typed, and what was prepared, to the alert that is signed.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, SubsecRound, TimeDelta, Utc};
use chrono_tz::Asia;
use clap::ArgMatches;

use super::super::{Context, Failure};
use super::intake::alert_map;
use crate::cap::Verdict;
use crate::config::{Source, length, parse_alerts};
use crate::county::alarms::takes_back;
use crate::model::{Alert, AlertKind, Lang, Prepared, Priority, Status, Target};
use crate::station::{clock, sources};
use crate::trust::Root;

/// What ships with the program, where the office has no file of its own.
const SHIPPED: &str = include_str!("../../../config/alerts.toml");

/// How long an alert is in force unless somebody says otherwise.
const LIFE: Duration = Duration::from_hours(2);

/// From one airing of an emergency to the next: ISO 7240-16 asks for a silence of 30 s at the most.
const EMERGENCY_REPEAT: u32 = 30;

const SHORTEST: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_hours(31 * 24);

/// An alert to be signed, and the words that would take it back.
pub(super) struct Draft {
    pub(super) alert: Alert,
    pub(super) correction: Option<String>,
}

/// Drafts a new alert.
pub(super) fn new(context: &Context, root: &Root, typed: &ArgMatches) -> Result<Draft, Failure> {
    let prepared = match text(typed, "prepared") {
        Some(event) => Some(filled(&find(context, event)?, typed)?),
        None => None,
    };
    let targets = typed.get_many::<String>("to").into_iter().flatten();
    let target = targets.map(|target| target.parse::<Target>()).collect::<Result<Vec<_>, _>>();
    let sent = clock::wall().trunc_subsecs(0);
    let status = status(typed).unwrap_or_default();
    let said = text(typed, "text").map(str::to_owned).or(prepared.as_ref().map(|found| words(found, status)));
    let event =
        text(typed, "event").map(str::to_owned).or(prepared.as_ref().map(|found| found.event.clone()));
    let missing = || {
        Failure::new(
            "要写 --event 和 --text，或者用备好的警报",
            "give --event and --text, or name a prepared alert",
        )
    };
    let judged = judged(context, typed)?;
    let of_prepared = prepared.as_ref().map(|found| found.priority);
    let priority = judged.and_then(|found| found.priority).or(of_prepared).unwrap_or(Priority::Important);
    let life = lasting(typed, "expires")?.or(prepared.as_ref().map(|found| found.expires)).unwrap_or(LIFE);
    let repeat = judged.and_then(|found| found.repeat_every);
    let repeat = repeat.or(prepared.as_ref().and_then(|found| found.repeat));
    let alert = Alert {
        identifier: identifier(sent)?,
        sender: sender(&root.county),
        sent: civil(sent),
        status,
        msg_type: AlertKind::Alert,
        references: Vec::new(),
        event: event.ok_or_else(missing)?,
        urgency: text(typed, "urgency").unwrap_or_default().to_owned(),
        severity: text(typed, "severity").unwrap_or_default().to_owned(),
        certainty: text(typed, "certainty").unwrap_or_default().to_owned(),
        priority,
        language: prepared.as_ref().map_or("zh", |found| &found.language).to_owned(),
        text: said.ok_or_else(missing)?,
        expires: after(sent, life),
        repeat_every: repeating(typed, priority, repeat.map(seconds))?,
        target: target
            .map_err(|error| Failure::new(format!("名称不行：{error}"), format!("not a name: {error}")))?,
    };
    let correction = text(typed, "correction").map(str::to_owned).or(prepared.map(|found| found.correction));
    let correction = correction.unwrap_or_else(|| mistaken(&alert.event));
    Ok(Draft { alert, correction: Some(correction) })
}

/// Drafts what updates or cancels `before`.
pub(super) fn successor(
    context: &Context,
    before: &Alert,
    kind: AlertKind,
    typed: &ArgMatches,
) -> Result<Draft, Failure> {
    let sent = clock::wall().trunc_subsecs(0);
    if before.expires <= sent {
        return Err(Failure::new("这条警报已经过期，不用再管", "this alert is over by itself"));
    }
    let said = match text(typed, "text") {
        Some(text) => text.to_owned(),
        None if kind == AlertKind::Cancel => all_clear(context, before, typed),
        None => before.text.clone(),
    };
    let mut alert = takes_back(before, &said);
    (alert.identifier, alert.sent, alert.msg_type) = (identifier(sent)?, civil(sent), kind);
    alert.priority = judged(context, typed)?.and_then(|found| found.priority).unwrap_or(before.priority);
    if kind == AlertKind::Cancel {
        return Ok(Draft { alert, correction: None });
    }
    if let Some(event) = text(typed, "event") {
        event.clone_into(&mut alert.event);
    }
    alert.status = status(typed).unwrap_or(before.status);
    // An alert and what replaces it are of one kind: a drill does not turn into the real thing by a slip of the hand.
    if alert.status != before.status {
        return Err(Failure::new(
            "更新不能把演练变成实播，也不能反过来；请另发一条",
            "an update cannot turn a drill into the real thing, or the other way round: issue a new alert",
        ));
    }
    if let Some(life) = lasting(typed, "expires")? {
        alert.expires = after(sent, life);
    }
    alert.repeat_every = repeating(typed, alert.priority, before.repeat_every)?;
    let correction = text(typed, "correction").map_or_else(|| mistaken(&alert.event), str::to_owned);
    Ok(Draft { alert, correction: Some(correction) })
}

/// What is said to take back an alert with which no correction was signed.
pub(super) fn default_correction(context: &Context, wrong: &Alert) -> Result<String, Failure> {
    let prepared = prepared(context)?.into_iter().find(|found| found.event == wrong.event);
    let ready = prepared.and_then(|found| found.filled(&BTreeMap::new()).ok());
    Ok(ready.map_or_else(|| mistaken(&wrong.event), |found| found.correction))
}

fn mistaken(event: &str) -> String {
    format!("更正：刚才播的“{event}”是误发，请大家放心。")
}

/// The prepared all-clear if its places can be filled, else a plain one: a clerk in a hurry is not sent back.
fn all_clear(context: &Context, before: &Alert, typed: &ArgMatches) -> String {
    let prepared =
        prepared(context).unwrap_or_default().into_iter().find(|found| found.event == before.event);
    let ready = prepared.and_then(|found| {
        filled(&Prepared { text: String::new(), correction: String::new(), drill: None, ..found }, typed).ok()
    });
    ready.map_or_else(|| format!("“{}”已经解除。", before.event), |found| found.clear)
}

fn words(prepared: &Prepared, status: Status) -> String {
    let drill = prepared.drill.clone().filter(|_| status != Status::Actual);
    drill.unwrap_or_else(|| prepared.text.clone())
}

fn find(context: &Context, event: &str) -> Result<Prepared, Failure> {
    let all = prepared(context)?;
    let known: Vec<String> = all.iter().map(|found| found.event.clone()).collect();
    all.into_iter().find(|found| found.event == event).ok_or_else(|| {
        Failure::new(
            format!("没有备好“{event}”；有：{}", known.join("、")),
            format!("no alert {event} is prepared; there are: {}", known.join(", ")),
        )
    })
}

/// Reads the office's own file, beside its station file, or what ships.
fn prepared(context: &Context) -> Result<Vec<Prepared>, Failure> {
    let path = context.config.with_file_name("alerts.toml");
    let source = if path.exists() {
        sources::read(&path).map_err(|complaint| {
            Failure::new(complaint.line(None, Lang::Zh), complaint.line(None, Lang::En))
        })?
    } else {
        Source { path: "alerts.toml".into(), text: SHIPPED.to_owned() }
    };
    let parsed = parse_alerts(&source);
    parsed.value.ok_or_else(|| {
        let path = source.path.display();
        Failure::new(
            format!("{path} 有错误，请先 dalaba check {path}"),
            format!("{path} has mistakes: dalaba check {path}"),
        )
    })
}

fn filled(prepared: &Prepared, typed: &ArgMatches) -> Result<Prepared, Failure> {
    let mut words = BTreeMap::new();
    for pair in typed.get_many::<String>("set").into_iter().flatten() {
        let (place, word) = pair.split_once('=').ok_or_else(|| {
            Failure::new(
                format!("--set 要写成 地点=河东镇，不是 {pair}"),
                format!("--set takes PLACE=WORDS, not {pair}"),
            )
        })?;
        words.insert(place.trim().to_owned(), word.trim().to_owned());
    }
    prepared.filled(&words).map_err(|open| {
        let list = open.iter().map(|place| format!("--set {place}=…")).collect::<Vec<_>>().join(" ");
        Failure::new(format!("还要填：{list}"), format!("still open: {list}"))
    })
}

fn text<'a>(typed: &'a ArgMatches, id: &str) -> Option<&'a str> {
    typed.try_get_one::<String>(id).ok().flatten().map(String::as_str)
}

fn status(typed: &ArgMatches) -> Option<Status> {
    text(typed, "status")?.parse().ok()
}

/// What was typed as a priority, or what the table says of the words of CAP that were typed: the very table that CAP files
/// are held against. None if nothing was typed that says how strong it is.
fn judged(context: &Context, typed: &ArgMatches) -> Result<Option<Verdict>, Failure> {
    if let Some(priority) = text(typed, "priority").and_then(|word| word.parse().ok()) {
        return Ok(Some(Verdict { priority: Some(priority), repeat_every: None }));
    }
    let [severity, urgency, certainty] = ["severity", "urgency", "certainty"].map(|id| text(typed, id));
    if severity.or(urgency).or(certainty).is_none() {
        return Ok(None);
    }
    let verdict = alert_map(context)?.judge_words(severity, urgency, certainty).map_err(|word| {
        Failure::new(format!("CAP 里没有“{word}”这个词"), format!("{word} is no word of CAP's"))
    })?;
    if verdict.priority.is_none() {
        return Err(Failure::new(
            "照 alert-map.toml，这样的不播；确实要播，写 --priority",
            "by alert-map.toml such a warning is not aired; --priority airs it nevertheless",
        ));
    }
    Ok(Some(verdict))
}

fn lasting(typed: &ArgMatches, id: &str) -> Result<Option<Duration>, Failure> {
    let Some(written) = text(typed, id) else { return Ok(None) };
    length(written, SHORTEST, LONGEST).map(Some).map_err(|words| Failure::new(words.zh, words.en))
}

fn repeating(typed: &ArgMatches, priority: Priority, usual: Option<u32>) -> Result<Option<u32>, Failure> {
    if matches!(text(typed, "repeat"), Some("once" | "一遍")) {
        return Ok(None);
    }
    let emergency = (priority == Priority::Emergency).then_some(EMERGENCY_REPEAT);
    Ok(lasting(typed, "repeat")?.map(seconds).or(usual).or(emergency))
}

fn seconds(length: Duration) -> u32 {
    u32::try_from(length.as_secs()).unwrap_or(u32::MAX)
}

fn after(sent: DateTime<Utc>, life: Duration) -> DateTime<Utc> {
    let life = TimeDelta::from_std(life).unwrap_or(TimeDelta::zero());
    sent.checked_add_signed(life).unwrap_or(sent)
}

fn civil(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&Asia::Shanghai).fixed_offset()
}

/// Names an alert by its time, and by chance: two offices, or two clerks, never give one name.
fn identifier(sent: DateTime<Utc>) -> Result<String, Failure> {
    let mut chance = [0; 3];
    getrandom::fill(&mut chance)
        .map_err(|error| Failure::because("没有随机数", "there are no random numbers", error))?;
    Ok(format!("{}-{}", civil(sent).format("%Y%m%d-%H%M%S"), data_encoding::HEXLOWER.encode(&chance)))
}

/// CAP lets no blank, comma, `<` or `&` stand in a sender's name.
fn sender(county: &str) -> String {
    let fine = |c: &char| !c.is_whitespace() && !c.is_control() && !matches!(c, ',' | '<' | '&');
    let name: String = county.chars().filter(fine).take(60).collect();
    if name.is_empty() { "county".to_owned() } else { name }
}
