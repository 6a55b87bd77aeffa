//! `dalaba county alert cap`: warnings of other offices, shown as they would be aired, and signed if somebody signs.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::arguments::sending;
use super::{Draft, Office};
use crate::cap::{AlertMap, CapFile, Desk, Draft as Drafted, LARGEST, Place, Taken, read_file};
use crate::cmd::out::{plain, print};
use crate::cmd::{Context, Failure};
use crate::config::{Parsed, Severity, Source, parse_alert_map, parse_areas, report};
use crate::model::{Alert, AlertName, Lang, Target, Words};
use crate::speech::text::Reader;
use crate::speech::text::normalize::Options;
use crate::station::{clock, sources};

/// What holds where an office has written no table of its own.
const SHIPPED: &str = include_str!("../../../config/alert-map.toml");

/// The command.
pub(super) fn arguments(lang: Lang) -> Command {
    Command::new("cap")
        .about(lang.pick(
            "收下上级和气象等部门的 CAP 预警：先看会播什么，--by 签发",
            "Takes in CAP warnings of other offices: shows what would be aired, --by signs it",
        ))
        .after_help(lang.pick(
            "优先级照 alert-map.toml，站点照 areas.toml，都在站点配置（--config）旁边。没有 --by 就只是看看，什么都不发。\
             文件里哪条不行、为什么，都会说出来；有一条不行，退出码就是 1。",
            "Priorities come from alert-map.toml and stations from areas.toml, beside the station file (--config). Without --by nothing is \
             sent. What is refused is told with its reason, and the exit code is 1.",
        ))
        .arg(
            Arg::new("files")
                .required(true)
                .action(ArgAction::Append)
                .num_args(1..)
                .value_name(lang.pick("文件", "FILE"))
                .value_parser(value_parser!(PathBuf))
                .help(lang.pick("CAP、Atom 或 EDXL 文件", "CAP, Atom or EDXL files")),
        )
        .arg(
            Arg::new("to")
                .long("to")
                .value_delimiter(',')
                .value_name(lang.pick("站点,zone:区域…", "STATION,zone:ZONE…"))
                .help(lang.pick("播给谁；不写就看预警里的区域", "Whom it is for; its own areas, if absent")),
        )
        .arg(Arg::new("restricted").long("restricted").action(ArgAction::SetTrue).help(
            lang.pick("不公开的（scope 不是 Public）也播", "Airs also what is not for everybody (its scope is not Public)"),
        ))
        .args(sending(lang))
}

/// Shows, and signs, what is in the files.
pub(super) fn run(office: &Office<'_>, typed: &ArgMatches) -> Result<(), Failure> {
    let lang = office.context.lang;
    let map = alert_map(office.context)?;
    let places = table(office.context, "areas.toml", "", parse_areas)?;
    let targets = typed.get_many::<String>("to").into_iter().flatten();
    let to = targets.map(|target| target.parse()).collect::<Result<Vec<Target>, _>>();
    let to =
        to.map_err(|error| Failure::new(format!("名称不行：{error}"), format!("not a name: {error}")))?;
    let mut refused = 0;
    for path in typed.get_many::<PathBuf>("files").into_iter().flatten() {
        let (drafts, told, bad) = take(office, path, (&map, &places, &to), typed)?;
        print(&told)?;
        refused += bad;
        if typed.contains_id("by") {
            for draft in drafts {
                office.issue(&Draft { alert: draft.alert, correction: None }, typed)?;
            }
        }
    }
    if !typed.contains_id("by") {
        print(
            lang.pick("只是看看，什么都没发；要发就写 --by\n", "Only a look: nothing was sent; --by signs\n"),
        )?;
    }
    if refused == 0 {
        return Ok(());
    }
    Err(Failure::new(format!("{refused} 条没有收"), format!("{refused} refused")))
}

/// Reads one file; returns what may be aired, the words for the clerk, and how many warnings were refused.
fn take(
    office: &Office<'_>,
    path: &Path,
    (map, places, to): (&AlertMap, &[Place], &[Target]),
    typed: &ArgMatches,
) -> Result<(Vec<Drafted>, String, usize), Failure> {
    let lang = office.context.lang;
    let issued: Vec<Alert> = office
        .alarms
        .list()
        .map_err(|fault| super::fault(&fault))?
        .into_iter()
        .map(|issued| issued.alert)
        .collect();
    let taken = |name: &AlertName| made_of(name, &issued);
    let restricted = typed.get_flag("restricted");
    let desk = Desk { map, places, to, restricted, now: clock::wall(), taken: &taken };
    let file = match read_file(&read(path)?) {
        Ok(file) => file,
        Err(fault) => {
            let why = fault.words.in_lang(lang);
            let told = format!("{}:{}:{}: {}\n", path.display(), fault.line, fault.column, plain(why));
            return Ok((Vec::new(), told, 1));
        }
    };
    let mut told = remarks(lang, path, &file);
    let (mut drafts, mut refused) = (Vec::new(), 0);
    for alert in &file.alerts {
        let judged = alert.as_ref().map_err(|fault| (Some((fault.line, fault.column)), fault.words.clone()));
        let judged = judged.and_then(|alert| desk.draft(alert).map_err(|why| (None, why)));
        match judged.and_then(|drafts| speakable(drafts).map_err(|why| (None, why))) {
            Ok(good) => {
                told.extend(good.iter().map(|draft| described(lang, draft)));
                drafts.extend(good);
            }
            Err((place, why)) => {
                refused += 1;
                let place = place.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
                let named =
                    alert.as_ref().map(|alert| format!(" {}", alert.name.identifier)).unwrap_or_default();
                told += &plain(&format!("{}{place}:{named} {}", path.display(), why.in_lang(lang)));
                told += "\n";
            }
        }
    }
    Ok((drafts, told, refused))
}

/// Finds what was made of a warning here; its parts bear its name with something behind it.
fn made_of(name: &AlertName, issued: &[Alert]) -> Option<Taken> {
    let is_part = |rest: &str| {
        rest.is_empty() || rest == ".end" || rest.strip_prefix('.').is_some_and(|n| n.parse::<u16>().is_ok())
    };
    let of = |alert: &&Alert| {
        alert.sender == name.sender
            && alert.sent == name.sent
            && alert.identifier.strip_prefix(&name.identifier).is_some_and(is_part)
    };
    let alerts: Vec<Alert> = issued.iter().filter(of).cloned().collect();
    (!alerts.is_empty()).then_some(Taken { alerts })
}

/// Refuses what no voice here can say, before it is signed.
fn speakable(drafts: Vec<Drafted>) -> Result<Vec<Drafted>, Words> {
    let reader = Reader::new(&[], Options::default());
    for Drafted { alert, .. } in &drafts {
        let findings = reader.review(&alert.text, &alert.language);
        if let Some(worst) = findings.into_iter().find(|finding| finding.severity == Severity::Error) {
            return Err(worst.what);
        }
    }
    Ok(drafts)
}

fn remarks(lang: Lang, path: &Path, file: &CapFile) -> String {
    let all = file.remarks.iter().chain(file.alerts.iter().flatten().flat_map(|alert| &alert.remarks));
    let mut told = String::new();
    for remark in all {
        let words = plain(remark.words.in_lang(lang));
        // Writing to a String cannot fail.
        let _ = writeln!(told, "{}:{}:{}: ({words})", path.display(), remark.line, remark.column);
    }
    for link in &file.links {
        let head = lang.pick("只有链接，请另取", "only a link, to be fetched");
        let _ = writeln!(told, "{}: {head}: {}", path.display(), plain(&link.href));
    }
    told
}

fn described(lang: Lang, draft: &Drafted) -> String {
    let alert = &draft.alert;
    let target: Vec<String> = alert.target.iter().map(ToString::to_string).collect();
    let until = alert.expires.with_timezone(&chrono_tz::Asia::Shanghai).format("%Y-%m-%d %H:%M");
    let (priority, target) = (alert.priority.words(), target.join(" "));
    let (priority, status) = (priority.in_lang(lang), alert.status.as_str());
    let head = format!("{} {} {:?} [{priority}] {status}", alert.sender, alert.identifier, alert.msg_type);
    let mut told = plain(&head) + "\n";
    let line = |zh, en, text: &str| format!("  {}: {}\n", lang.pick(zh, en), plain(text));
    told += &line("播给", "for", &target);
    told += &line("到", "until", &until.to_string());
    told += &line("播", "said", &alert.text);
    for note in &draft.notes {
        told += &line("说明", "why", note.in_lang(lang));
    }
    told
}

/// Reads no more than a warning may have, and one byte to tell that there was more.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let most = LARGEST as u64 + 1;
    File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)).map_err(|error| {
        let path = path.display();
        Failure::because(format!("读不了 {path}"), format!("cannot read {path}"), error)
    })?;
    Ok(bytes)
}

/// Reads the one table that says how strong a warning is, whoever sent it.
pub(super) fn alert_map(context: &Context) -> Result<AlertMap, Failure> {
    table(context, "alert-map.toml", SHIPPED, parse_alert_map)
}

/// Reads a file beside the station file; one with mistakes stops everything.
fn table<T>(
    context: &Context,
    name: &str,
    shipped: &str,
    parse: fn(&Source) -> Parsed<T>,
) -> Result<T, Failure> {
    let path = context.config.with_file_name(name);
    let source = if path.exists() {
        sources::read(&path)
            .map_err(|complaint| Failure::new(complaint.what.zh.clone(), complaint.what.en.clone()))?
    } else {
        Source { path: name.into(), text: shipped.to_owned() }
    };
    let Parsed { value, complaints, .. } = parse(&source);
    if let Some(value) = value {
        return Ok(value);
    }
    print(&report(&complaints, &[source], context.lang, false))?;
    Err(Failure::new(format!("{name} 有错误"), format!("{name} has mistakes")))
}
