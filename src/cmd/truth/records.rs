//! `dalaba county records`: what aired at all villages, by their own logs.

use chrono::{DateTime, SecondsFormat, Utc};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Map, Value, json};

use super::super::log::text::{local, outcome, remarks};
use super::super::log::{csv, when};
use super::super::out::{plain, print};
use super::super::table::wide_columns;
use super::super::{Context, Failure};
use super::{Desk, Piece, ZONE, failed, whose, window};
use crate::county::archive;
use crate::county::truth::{Told, Wording, national, wording, xml};
use crate::model::{Lang, Origin, Outcome};

/// Headings of the table for people, with the columns that each takes at least.
const TABLE: [(&str, &str, u16); 7] = [
    ("应播", "due", 19),
    ("站点", "station", 10),
    ("播报条", "message", 12),
    ("结果", "outcome", 12),
    ("开始", "started", 8),
    ("到县", "received", 16),
    ("说明", "remarks", 4),
];

const COLUMNS: [(&str, &str); 23] = [
    ("应播时间（北京时间）", "due (Beijing)"),
    ("站点", "station"),
    ("机器", "site"),
    ("节目单", "playlist"),
    ("播报条", "message"),
    ("播出内容", "text aired"),
    ("签发内容", "text published"),
    ("专项", "campaign"),
    ("编号", "serial"),
    ("性质", "status"),
    ("结果", "outcome"),
    ("国标状态", "national state"),
    ("说明", "remarks"),
    ("开始时间（北京时间）", "started (Beijing)"),
    ("结束时间（北京时间）", "ended (Beijing)"),
    ("播出秒数", "seconds heard"),
    ("播完遍数", "readings heard"),
    ("应播遍数", "readings ordered"),
    ("记录时间（北京时间）", "recorded (Beijing)"),
    ("到县时间（北京时间）", "received (Beijing)"),
    ("迟报", "late"),
    ("校验", "chain"),
    ("播发编号", "airing"),
];

/// A record with what was published of it.
pub(super) type Record = (Told, Option<Wording>);

pub(super) fn arguments(lang: Lang) -> Command {
    let outcomes: Vec<&str> = Outcome::ALL.iter().map(|word| word.as_str()).collect();
    Command::new("records")
        .about(lang.pick("各村的播发记录", "What aired at all villages"))
        .after_help(lang.pick(
            "不写时间就是今天到现在，按应播时间算，都是北京时间。",
            "Today until now, unless told otherwise, by the time at which it was due; all times are Beijing time.",
        ))
        .args(whose(lang))
        .args(when(lang))
        .args(narrowed(lang))
        .arg(
            Arg::new("outcome")
                .long("outcome")
                .value_name(lang.pick("结果", "OUTCOME"))
                .value_parser(PossibleValuesParser::new(outcomes))
                .help(lang.pick("只看这种结果", "This outcome only")),
        )
        .arg(Arg::new("verify").long("verify").action(ArgAction::SetTrue).help(lang.pick(
            "从头到尾核对各村的记录是否完整、没有被改动",
            "Follows every village's log from its first record, and says whether it is whole",
        )))
        .arg(
            Arg::new("format")
                .long("format")
                .value_name("text|csv|json|xml")
                .value_parser(["text", "csv", "json", "xml"])
                .default_value("text")
                .help(lang.pick(
                    "text 给人看，csv 给表格软件，json 给程序，xml 报送上级平台",
                    "text for people, csv for spreadsheets, json for programs, xml for other platforms",
                )),
        )
}

/// The options that narrow what is listed.
pub(super) fn narrowed(lang: Lang) -> [Arg; 2] {
    let option = |id: &'static str, value, help| Arg::new(id).long(id).value_name(value).help(help);
    [
        option("campaign", lang.pick("专项", "CAMPAIGN"), lang.pick("只看这个专项", "This campaign only")),
        option("message", lang.pick("播报条", "MESSAGE"), lang.pick("只看这条播报", "This message only")),
    ]
}

pub(super) fn run(context: &Context, typed: &ArgMatches) -> Result<(), Failure> {
    let desk = Desk::open(context, typed)?;
    let lang = context.lang;
    if typed.get_flag("verify") {
        return verify(&desk, lang);
    }
    let records = gathered(&desk, typed)?;
    print(&match typed.get_one::<String>("format").map(String::as_str) {
        Some("json") => records.iter().map(object).collect(),
        Some("csv") => {
            csv::heading(&COLUMNS, lang)
                + &records.iter().map(|record| csv::line(&cells(record, lang))).collect::<String>()
        }
        Some("xml") => xml(&records, desk.now),
        _ => text(&records, lang),
    })
}

/// Reads the records asked for, by due time.
pub(super) fn gathered(desk: &Desk, typed: &ArgMatches) -> Result<Vec<Record>, Failure> {
    let word = |id: &str| typed.try_get_one::<String>(id).ok().flatten();
    let (campaign, message, ended) = (word("campaign"), word("message"), word("outcome"));
    let of = |told: &Told, wording: &Option<Wording>| {
        let close = told.entry.close.as_ref();
        let prefix = |campaign: &String| {
            told.entry.playlist.strip_prefix(campaign.as_str()).is_some_and(|rest| rest.starts_with('.'))
        };
        let named = |campaign: &String| wording.as_ref().is_some_and(|one| one.campaign.as_str() == campaign);
        campaign.is_none_or(|campaign| named(campaign) || prefix(campaign))
            && message.is_none_or(|message| *message == told.entry.message)
            && ended.is_none_or(|ended| close.is_some_and(|close| close.outcome.as_str() == ended))
    };
    let mut records: Vec<Record> = Vec::new();
    desk.each(window(typed, desk.now)?, |Piece { spans, told, .. }| {
        for told in told {
            let wording = wording(&told.entry, &desk.published, &spans);
            if of(&told, &wording) {
                records.push((told, wording));
            }
        }
        Ok(())
    })?;
    records.sort_by(|(a, _), (b, _)| {
        (a.entry.due, &a.entry.station, a.entry.seq).cmp(&(b.entry.due, &b.entry.station, b.entry.seq))
    });
    Ok(records)
}

fn verify(desk: &Desk, lang: Lang) -> Result<(), Failure> {
    let mut written = String::new();
    for village in &desk.villages {
        if !desk.wants_village(village) {
            continue;
        }
        let chains = desk.runtime.block_on(archive::chains(&desk.store, village)).map_err(failed)?;
        for chain in chains {
            let (site, through) = (plain(&village.site), chain.through);
            let log: String = chain.epoch.to_string().chars().take(8).collect();
            let state = if chain.broken.is_empty() {
                lang.pick("完整", "whole")
            } else {
                lang.pick("有问题", "not whole")
            };
            let line = match lang {
                Lang::Zh => format!("{site}  记录 {log}  共 {through} 条  {state}\n"),
                Lang::En => format!("{site}  log {log}  {through} records  {state}\n"),
            };
            written.push_str(&line);
            written.extend(chain.broken.iter().map(|broken| format!("  {}\n", broken.words().in_lang(lang))));
        }
    }
    print(&written)
}

fn text(records: &[Record], lang: Lang) -> String {
    if records.is_empty() {
        return lang.pick("没有符合条件的记录\n", "no such records\n").to_owned();
    }
    let lines = records.iter().map(|(told, wording)| {
        let entry = &told.entry;
        let close = entry.close.as_ref();
        let started = close.and_then(|close| close.started);
        let received = told.received.with_timezone(&ZONE).format("%m-%d %H:%M").to_string();
        [
            local(entry.due.to_utc(), ZONE),
            plain(&entry.station),
            plain(&entry.message),
            outcome(entry, lang),
            started.map(|at| at.with_timezone(&ZONE).format("%H:%M:%S").to_string()).unwrap_or_default(),
            if told.late { format!("{received} {}", lang.pick("迟报", "late")) } else { received },
            notes(told, wording.as_ref(), lang),
        ]
    });
    wide_columns(TABLE.map(|(.., width)| width), Some(TABLE.map(|(zh, en, _)| lang.pick(zh, en))), lines)
}

fn notes(told: &Told, wording: Option<&Wording>, lang: Lang) -> String {
    let differs = wording.is_some_and(|wording| !wording.same);
    let more = [
        (!told.whole).then(|| lang.pick("校验不符", "does not fit the chain").to_owned()),
        differs.then(|| lang.pick("与签发的内容不同", "differs from what was published").to_owned()),
        Some(remarks(&told.entry, lang)).filter(|text| !text.is_empty()),
    ];
    more.into_iter().flatten().collect::<Vec<_>>().join(lang.pick("；", "; "))
}

fn cells((told, wording): &Record, lang: Lang) -> [String; COLUMNS.len()] {
    let entry = &told.entry;
    let close = entry.close.as_ref();
    let wording = wording.as_ref();
    let time = |at: Option<DateTime<Utc>>| at.map(|at| local(at, ZONE)).unwrap_or_default();
    let seconds = |length: std::time::Duration| format!("{}.{:03}", length.as_secs(), length.subsec_millis());
    [
        local(entry.due.to_utc(), ZONE),
        entry.station.clone(),
        told.site.clone(),
        entry.playlist.clone(),
        entry.message.clone(),
        entry.text.clone().or_else(|| entry.audio.clone()).unwrap_or_default(),
        wording.and_then(|wording| wording.text.clone()).unwrap_or_default(),
        wording.map(|wording| wording.campaign.to_string()).unwrap_or_default(),
        wording.map(|wording| wording.serial.to_string()).unwrap_or_default(),
        entry.status.as_str().to_owned(),
        outcome(entry, lang),
        national::of(Some(entry)).code().to_string(),
        remarks(entry, lang),
        time(close.and_then(|close| close.started)),
        time(close.and_then(|close| close.ended)),
        close.and_then(|close| close.heard).map(seconds).unwrap_or_default(),
        close.and_then(|close| close.readings).map(|times| times.to_string()).unwrap_or_default(),
        entry.times.to_string(),
        time(close.map(|close| close.at)),
        time(Some(told.received)),
        if told.late { lang.pick("迟报", "late") } else { "" }.to_owned(),
        if told.whole { lang.pick("相符", "whole") } else { lang.pick("不符", "broken") }.to_owned(),
        entry.airing.to_string(),
    ]
}

fn object((told, wording): &Record) -> String {
    let utc = |at: Option<DateTime<Utc>>| at.map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true));
    let entry = &told.entry;
    let close = entry.close.as_ref();
    let said_by = if let Origin::Said(who) = &entry.origin { Some(who) } else { None };
    let origin = if told.is_alert() {
        "alert"
    } else if entry.origin == Origin::Schedule {
        "schedule"
    } else {
        "said"
    };
    let mut line = Map::new();
    let mut put = |key: &str, value: Value| drop(line.insert(key.to_owned(), value));
    put("airing", json!(entry.airing));
    put("site", json!(told.site));
    put("station", json!(entry.station));
    put("playlist", json!(entry.playlist));
    put("message", json!(entry.message));
    put("due", json!(entry.due.to_rfc3339_opts(SecondsFormat::AutoSi, false)));
    put("state", json!(entry.state()));
    put("outcome", json!(close.map(|close| close.outcome)));
    put("reason", json!(close.and_then(|close| close.reason)));
    put("detail", json!(close.map(|close| &close.detail)));
    put("national_state", json!(national::of(Some(entry)).code()));
    put("on_air", json!(utc(entry.on_air)));
    put("started", json!(utc(close.and_then(|close| close.started))));
    put("ended", json!(utc(close.and_then(|close| close.ended))));
    let heard = close.and_then(|close| close.heard).and_then(|heard| u64::try_from(heard.as_millis()).ok());
    put("heard_ms", json!(heard));
    put("readings", json!(close.and_then(|close| close.readings)));
    put("times", json!(entry.times));
    put("reported", json!(utc(close.map(|close| close.at))));
    put("received", json!(utc(Some(told.received))));
    put("late", json!(told.late));
    put("whole", json!(told.whole));
    put("text", json!(entry.text));
    put("audio", json!(entry.audio));
    put("published_text", json!(wording.as_ref().and_then(|wording| wording.text.as_ref())));
    put("campaign", json!(wording.as_ref().map(|wording| &wording.campaign)));
    put("serial", json!(wording.as_ref().map(|wording| wording.serial)));
    put("same_text", json!(wording.as_ref().map(|wording| wording.same)));
    put("voice", json!(entry.voice));
    put("priority", json!(entry.priority));
    put("status", json!(entry.status));
    put("origin", json!(origin));
    put("said_by", json!(said_by));
    put("log", json!(told.epoch));
    put("seq", json!(entry.seq));
    put("hash", json!(told.hash));
    format!("{}\n", Value::Object(line))
}
