//! `dalaba county stations`: how every station is.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use clap::{ArgMatches, Command};
use serde_json::{Map, Value, json};

use super::super::log::csv;
use super::super::log::format;
use super::super::log::text::local;
use super::super::out::{plain, print};
use super::super::table::wide_columns;
use super::super::{Context, Failure};
use super::{Desk, Piece, ZONE, whose};
use crate::calendar::civil::midnight;
use crate::county::truth::{Listened, Row, Standing, Summary, find_shared, row, summary};
use crate::model::{Lang, Serial};

/// Headings of the table for people, with the columns that each takes at least.
const TABLE: [(&str, &str, u16); 11] = [
    ("站点", "station", 10),
    ("专项", "campaigns", 12),
    ("今天播完", "aired today", 8),
    ("话筒听到", "microphone", 8),
    ("最近播完", "last aired", 11),
    ("最后联系", "last seen", 11),
    ("时钟", "clock", 8),
    ("音量", "volume", 4),
    ("版本", "version", 6),
    ("待传", "waiting", 4),
    ("问题", "faults", 4),
];

const COLUMNS: [(&str, &str); 24] = [
    ("站点", "station"),
    ("机器", "site"),
    ("区域", "zones"),
    ("收到", "received"),
    ("验过", "verified"),
    ("起用", "active"),
    ("最新", "newest"),
    ("今天应播", "planned today"),
    ("今天播完", "aired today"),
    ("今天播完（含村里）", "heard today, own too"),
    ("今天听到", "heard by microphone today"),
    ("今天没听到", "not heard today"),
    ("今天听不准", "not known today"),
    ("最近播完（北京时间）", "last aired (Beijing)"),
    ("麦克风最近听到（北京时间）", "microphone last heard (Beijing)"),
    ("最后联系（北京时间）", "last seen (Beijing)"),
    ("在线", "online"),
    ("时钟可信", "clock trusted"),
    ("时钟快几秒", "clock ahead, seconds"),
    ("音量", "volume"),
    ("输出正常", "output ok"),
    ("版本", "version"),
    ("待传记录", "records waiting"),
    ("问题", "faults"),
];

pub(super) fn arguments(lang: Lang) -> Command {
    Command::new("stations")
        .about(lang.pick("各站点：收到、起用、播了多少、是否在线", "Every station: what it has, what it aired, how it is"))
        .after_help(lang.pick(
            "“在线”只是说联系得上；播没播，看“今天播完”：那是站点自己的播发记录，不是县里猜的。",
            "Online says only that there was word of it. Whether it sounds, \"aired today\" says: by the station's own log.",
        ))
        .args(whose(lang))
        .arg(format(lang))
}

pub(super) fn run(context: &Context, typed: &ArgMatches) -> Result<(), Failure> {
    let desk = Desk::open(context, typed)?;
    let (today, now) = (midnight(desk.now.with_timezone(&ZONE).date_naive(), ZONE), desk.now);
    let mut rows = Vec::new();
    // An instant after midnight there is still a window.
    desk.each(
        (today, now.max(today + TimeDelta::milliseconds(1))),
        |Piece { village, plan, told, .. }| {
            for station in village.stations.iter().filter(|station| desk.wants(station)) {
                let mine = |planned: &&crate::county::truth::Planned| planned.airing.station == station.0;
                let plan: Vec<_> = plan.iter().filter(mine).cloned().collect();
                rows.push(row(village, station, &desk.published, (&plan, &told), (today, now)));
            }
            Ok(())
        },
    )?;
    find_shared(&mut rows);
    let lang = context.lang;
    print(&match typed.get_one::<String>("format").map(String::as_str) {
        Some("json") => rows.iter().map(object).collect(),
        Some("csv") => {
            csv::heading(&COLUMNS, lang)
                + &rows.iter().map(|row| csv::line(&cells(row, lang))).collect::<String>()
        }
        _ => text(&rows, &summary(&rows, today), now, lang),
    })
}

fn text(rows: &[Row], sums: &Summary, now: DateTime<Utc>, lang: Lang) -> String {
    let Summary { stations, online, heard, planned, complete, microphones, listened, faulty } = sums;
    let at = local(now, ZONE);
    let head = match lang {
        Lang::Zh => format!(
            "{at}（北京时间）\n在线 {online}/{stations}；今天播出过声音 {heard}/{stations}；应播的都播完 {complete}/{planned}；\
             麦克风今天听到 {listened}/{microphones}；有问题 {faulty}\n\n"
        ),
        Lang::En => format!(
            "{at} (Beijing time)\nonline {online}/{stations}; sounded today {heard}/{stations}; everything planned aired \
             {complete}/{planned}; heard by a microphone today {listened}/{microphones}; with faults {faulty}\n\n"
        ),
    };
    let lines = rows.iter().map(|row| {
        let time = |at: Option<DateTime<Utc>>| {
            at.map(|at| at.with_timezone(&ZONE).format("%m-%d %H:%M").to_string())
        };
        [
            plain(row.station.as_str()),
            plain(&row.campaigns.iter().map(|one| standing(one, lang)).collect::<Vec<_>>().join(" ")),
            format!("{}/{}", row.aired, row.planned),
            microphone(row),
            time(row.last_aired).unwrap_or_else(|| "-".to_owned()),
            time(row.seen).unwrap_or_else(|| "-".to_owned()),
            clock(row, lang),
            row.health.as_ref().map_or_else(|| "-".to_owned(), |health| format!("{}%", health.volume)),
            plain(&row.version),
            waiting(row, lang),
            plain(&faults(row, lang)),
        ]
    });
    let headings = TABLE.map(|(zh, en, _)| lang.pick(zh, en));
    head + &wide_columns(TABLE.map(|(.., width)| width), Some(headings), lines)
}

/// Writes `春运 7`, and how far it came where that is not all the way.
fn standing(one: &Standing, lang: Lang) -> String {
    let (campaign, newest) = (&one.campaign, one.newest);
    if one.active == Some(newest) {
        return format!("{campaign} {newest}");
    }
    let number = |serial: Option<Serial>| serial.map_or_else(|| "-".to_owned(), |serial| serial.to_string());
    let (received, verified, active) = (number(one.received), number(one.verified), number(one.active));
    match lang {
        Lang::Zh => format!("{campaign} {active}（最新 {newest}，收到 {received}，验过 {verified}）"),
        Lang::En => {
            format!("{campaign} {active} (newest {newest}, received {received}, verified {verified})")
        }
    }
}

/// Writes how many of those that were judged today were heard.
fn microphone(row: &Row) -> String {
    let Listened { yes, no, unknown } = row.listened;
    match yes + no + unknown {
        0 => "-".to_owned(),
        all => format!("{yes}/{all}"),
    }
}

fn clock(row: &Row, lang: Lang) -> String {
    let off = row.clock_off.map_or(0, |off| off.num_seconds());
    match row.clock_trusted {
        None => "-".to_owned(),
        Some(false) => lang.pick("不可信", "untrusted").to_owned(),
        Some(true) if off.abs() <= 2 => lang.pick("准", "right").to_owned(),
        Some(true) => format!("{off:+} {}", lang.pick("秒", "s")),
    }
}

fn waiting(row: &Row, lang: Lang) -> String {
    match (row.waiting, row.late) {
        (waiting, 0) => waiting.to_string(),
        (waiting, late) => format!("{waiting}（{}{late}）", lang.pick("迟报 ", "late ")),
    }
}

fn faults(row: &Row, lang: Lang) -> String {
    let words: Vec<String> = row.faults.iter().map(|fault| fault.words().in_lang(lang).to_owned()).collect();
    words.join(lang.pick("；", "; "))
}

fn cells(row: &Row, lang: Lang) -> [String; COLUMNS.len()] {
    let time = |at: Option<DateTime<Utc>>| at.map(|at| local(at, ZONE)).unwrap_or_default();
    let yes = |is: Option<bool>| is.map(|is| if is { lang.pick("是", "yes") } else { lang.pick("否", "no") });
    let yes = |is| yes(is).unwrap_or_default().to_owned();
    let serials = |of: &dyn Fn(&Standing) -> Option<Serial>| {
        let written = row.campaigns.iter().filter_map(|one| Some(format!("{}={}", one.campaign, of(one)?)));
        written.collect::<Vec<_>>().join(";")
    };
    let health = row.health.as_ref();
    // Without a microphone there is nothing to count.
    let listens = health.is_some_and(|health| !matches!(health.monitor.as_str(), "" | "none"));
    let listened = |count: usize| if listens || count > 0 { count.to_string() } else { String::new() };
    [
        row.station.to_string(),
        row.site.clone(),
        row.zones.iter().map(ToString::to_string).collect::<Vec<_>>().join(";"),
        serials(&|one| one.received),
        serials(&|one| one.verified),
        serials(&|one| one.active),
        serials(&|one| Some(one.newest)),
        row.planned.to_string(),
        row.aired.to_string(),
        row.heard.to_string(),
        listened(row.listened.yes),
        listened(row.listened.no),
        listened(row.listened.unknown),
        time(row.last_aired),
        time(health.and_then(|health| health.last_heard)),
        time(row.seen),
        yes(Some(row.online)),
        yes(row.clock_trusted),
        row.clock_off.map(|off| off.num_seconds().to_string()).unwrap_or_default(),
        health.map(|health| health.volume.to_string()).unwrap_or_default(),
        yes(health.map(|health| health.output_ok)),
        row.version.clone(),
        row.waiting.to_string(),
        faults(row, lang),
    ]
}

fn object(row: &Row) -> String {
    let utc = |at: Option<DateTime<Utc>>| at.map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true));
    let campaigns: Vec<Value> = row.campaigns.iter().map(|one| json!({
        "campaign": one.campaign, "newest": one.newest, "received": one.received, "verified": one.verified,
        "active": one.active, "refused": one.refused,
    })).collect();
    let health = row.health.as_ref();
    let mut line = Map::new();
    let mut put = |key: &str, value: Value| drop(line.insert(key.to_owned(), value));
    put("station", json!(row.station));
    put("site", json!(row.site));
    put("zones", json!(row.zones));
    put("campaigns", json!(campaigns));
    put("planned_today", json!(row.planned));
    put("aired_today", json!(row.aired));
    put("heard_today", json!(row.heard));
    let Listened { yes, no, unknown } = row.listened;
    put("microphone_today", json!({ "yes": yes, "no": no, "unknown": unknown }));
    put("last_aired", json!(utc(row.last_aired)));
    put("microphone", json!(health.map(|health| &health.monitor)));
    put("microphone_heard", json!(utc(health.and_then(|health| health.last_heard))));
    put("last_seen", json!(utc(row.seen)));
    put("online", json!(row.online));
    put("clock_trusted", json!(row.clock_trusted));
    put("clock_ahead_ms", json!(row.clock_off.map(|off| off.num_milliseconds())));
    put("volume", json!(health.map(|health| health.volume)));
    put("output_ok", json!(health.map(|health| health.output_ok)));
    put("output_detail", json!(health.map(|health| &health.output_detail)));
    put("amplifier_fault", json!(health.map(|health| &health.amplifier_fault)));
    put("version", json!(row.version));
    put("records_waiting", json!(row.waiting));
    put("records_late", json!(row.late));
    put("faults", json!(row.faults.iter().map(|fault| fault.words().en).collect::<Vec<_>>()));
    format!("{}\n", Value::Object(line))
}
