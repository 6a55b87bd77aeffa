//! `dalaba county reconcile` (编播对账): what the county planned against what villages aired.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat, Utc};
use clap::{ArgMatches, Command};
use serde_json::json;

use super::super::log::text::local;
use super::super::log::{csv, format, when};
use super::super::out::{plain, print};
use super::super::table::columns;
use super::super::{Context, Failure};
use super::{Desk, Piece, ZONE, whose, window};
use crate::county::truth::{Account, Fate, Line, Place, Tally, account};
use crate::model::{CampaignId, Lang, Status, Words};

const COLUMNS: [(&str, &str); 10] = [
    ("应播时间（北京时间）", "due (Beijing)"),
    ("站点", "station"),
    ("节目单", "playlist"),
    ("播报条", "message"),
    ("归类", "place"),
    ("性质", "status"),
    ("播没播", "fate"),
    ("说明", "remarks"),
    ("专项与编号", "campaign and serial"),
    ("播发编号", "airing"),
];

/// The places of what was not planned, in the order in which they are listed.
const APART: [Place; 6] =
    [Place::Unplanned, Place::Again, Place::Alert, Place::Manual, Place::Local, Place::Practice];

pub(super) fn arguments(lang: Lang) -> Command {
    Command::new("reconcile")
        .about(lang.pick("编播对账：县里计划的，各村播了没有", "Compares what the county planned with what villages aired"))
        .after_help(lang.pick(
            "计划按各村自己回执起用的节目包算。没有记录的不算播了，也不算没播：写明最后联系的时间。演练和测试另列。",
            "The plan is that of the bundles that each village acknowledged. What has no record is neither played nor not: \
             when the village was last seen is said. Drills and tests are listed apart.",
        ))
        .args(whose(lang))
        .args(when(lang))
        .arg(format(lang))
}

pub(super) fn run(context: &Context, typed: &ArgMatches) -> Result<(), Failure> {
    let desk = Desk::open(context, typed)?;
    let (from, until) = window(typed, desk.now)?;
    let campaigns: BTreeSet<CampaignId> =
        desk.published.iter().map(|published| published.bundle.campaign.clone()).collect();
    let seen: BTreeMap<&str, String> = desk
        .villages
        .iter()
        .flat_map(|village| {
            let seen = village.last_seen().map(|seen| local(seen, ZONE));
            village.stations.iter().filter_map(move |(id, _)| Some((id.as_str(), seen.clone()?)))
        })
        .collect();
    let mut all = Account::default();
    desk.each((from, until), |Piece { village, plan, told, .. }| {
        all.lines.extend(account(village, &plan, told, &campaigns, desk.now).lines);
        Ok(())
    })?;
    all.lines.sort_by(|a, b| (a.due, &a.station).cmp(&(b.due, &b.station)));
    let lang = context.lang;
    let why = |line: &Line| line.words(seen.get(line.station.as_str()).map(String::as_str));
    print(&match typed.get_one::<String>("format").map(String::as_str) {
        Some("json") => all.lines.iter().map(|line| object(line, &why(line))).collect(),
        Some("csv") => {
            let lines = all.lines.iter().map(|line| csv::line(&cells(line, &why(line), lang)));
            csv::heading(&COLUMNS, lang) + &lines.collect::<String>()
        }
        _ => text(&all, &why, (from, until), lang),
    })
}

fn text(
    all: &Account,
    why: &dyn Fn(&Line) -> Words,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    lang: Lang,
) -> String {
    let tally = all.tally();
    let amiss: Vec<&Line> =
        all.lines.iter().filter(|line| line.place == Place::Planned && line.fate != Fate::Heard).collect();
    let (from, until) = (local(from, ZONE), local(until, ZONE));
    let mut written = match lang {
        Lang::Zh => format!("{from} 到 {until}（北京时间）\n"),
        Lang::En => format!("{from} to {until} (Beijing time)\n"),
    };
    written += &sums(&tally, lang);
    written += &list(lang.pick("计划了没有播完的：", "Planned and not heard to the end:"), &amiss, why, lang);
    for place in APART {
        let lines: Vec<&Line> = all.lines.iter().filter(|line| line.place == place).collect();
        written +=
            &list(&format!("{}{}", name(place).in_lang(lang), lang.pick("：", ":")), &lines, why, lang);
    }
    written
}

fn sums(tally: &Tally, lang: Lang) -> String {
    let of = |fate| tally.with(Place::Planned, fate);
    let planned = tally.of(Place::Planned);
    let (heard, not, open) = (of(Fate::Heard), of(Fate::NotHeard), of(Fate::Open));
    let (waiting, unknown, lost) = (of(Fate::Waiting), of(Fate::NotReported), of(Fate::NotRecorded));
    let planned_sum = match lang {
        Lang::Zh => format!(
            "计划 {planned} 次 = 播完 {heard} + 没播完 {not} + 还没有结果 {open} + 没到时间 {waiting} + 还没有记录 {unknown} + 漏了记录 {lost}\n"
        ),
        Lang::En => format!(
            "{planned} planned = {heard} heard + {not} not heard + {open} without an end + {waiting} to come + \
             {unknown} without a record yet + {lost} left out of the log\n"
        ),
    };
    let apart = APART.map(|place| format!("{} {}", name(place).in_lang(lang), tally.of(place)));
    format!("{planned_sum}{}{}\n", lang.pick("另外：", "besides: "), apart.join(lang.pick("，", ", ")))
}

fn list(title: &str, lines: &[&Line], why: &dyn Fn(&Line) -> Words, lang: Lang) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let cells = |line: &&Line| {
        let mark = match line.status {
            Status::Actual => "",
            Status::Drill => lang.pick("【演练】", "[drill] "),
            Status::Test => lang.pick("【测试】", "[test] "),
        };
        let detail =
            line.told.as_ref().and_then(|told| told.entry.close.as_ref()).map(|close| plain(&close.detail));
        vec![
            format!("  {}", local(line.due.to_utc(), ZONE)),
            plain(&line.station),
            plain(&line.message),
            format!("{mark}{}", plain(why(line).in_lang(lang))),
            detail.unwrap_or_default(),
        ]
    };
    format!("\n{title}\n{}", columns(lines.iter().map(cells)))
}

fn name(place: Place) -> Words {
    match place {
        Place::Planned => Words::new("计划内", "planned"),
        Place::Unplanned => Words::new("县里的但不在计划内", "the county's, but not planned"),
        Place::Again => Words::new("重复记录", "recorded again"),
        Place::Local => Words::new("村里自己的", "the village's own"),
        Place::Manual => Words::new("人工播的", "said by a person"),
        Place::Alert => Words::new("应急信息", "alerts"),
        Place::Practice => Words::new("演练和测试", "drills and tests"),
    }
}

/// The word of a place in JSON.
const fn place(place: Place) -> &'static str {
    match place {
        Place::Planned => "planned",
        Place::Unplanned => "unplanned",
        Place::Again => "again",
        Place::Local => "local",
        Place::Manual => "manual",
        Place::Alert => "alert",
        Place::Practice => "practice",
    }
}

/// The word of a fate in JSON.
const fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Heard => "heard",
        Fate::NotHeard => "not_heard",
        Fate::Open => "open",
        Fate::Waiting => "waiting",
        Fate::NotReported => "not_reported",
        Fate::NotRecorded => "not_recorded",
    }
}

fn cells(line: &Line, why: &Words, lang: Lang) -> [String; COLUMNS.len()] {
    let by = line.by.as_ref().map(|(campaign, serial)| format!("{campaign} {serial}"));
    let heard = match line.fate {
        Fate::Heard => lang.pick("播完", "heard"),
        Fate::NotHeard => lang.pick("没播完", "not heard"),
        Fate::Open | Fate::Waiting => lang.pick("还没有结果", "no end yet"),
        Fate::NotReported | Fate::NotRecorded => lang.pick("没有记录", "no record"),
    };
    [
        local(line.due.to_utc(), ZONE),
        line.station.clone(),
        line.playlist.clone(),
        line.message.clone(),
        name(line.place).in_lang(lang).to_owned(),
        line.status.as_str().to_owned(),
        heard.to_owned(),
        why.in_lang(lang).to_owned(),
        by.unwrap_or_default(),
        line.airing.to_string(),
    ]
}

fn object(line: &Line, why: &Words) -> String {
    let close = line.told.as_ref().and_then(|told| told.entry.close.as_ref());
    let written = json!({
        "airing": line.airing, "station": line.station, "playlist": line.playlist, "message": line.message,
        "due": line.due.to_rfc3339_opts(SecondsFormat::AutoSi, false), "place": place(line.place),
        "planned": line.planned, "status": line.status, "fate": fate(line.fate),
        "campaign": line.by.as_ref().map(|by| &by.0), "serial": line.by.as_ref().map(|by| by.1),
        "outcome": close.map(|close| close.outcome), "reason": close.and_then(|close| close.reason),
        "late": line.told.as_ref().map(|told| told.late), "words": why.en,
    });
    format!("{written}\n")
}
