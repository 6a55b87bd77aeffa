//! `dalaba log`: what really aired, when, and how it ended; `dalaba log verify`: whether the log is whole.

pub(super) mod asked;
pub(super) mod csv;
mod follow;
mod json;
mod reconcile;
mod switches;
pub(super) mod text;
mod verify;

use std::process::ExitCode;

use chrono_tz::Tz;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};

use super::out::is_read;
use super::{Context, Failure, Subcommand, zone};
use crate::model::{Lang, Outcome, Reason};
use crate::station::journal::{Entry, Filter, JournalError, Reader};

/// The row of the command table.
pub(super) const LOG: Subcommand = Subcommand { name: "log", arguments, run };

/// Entries that are written at once: enough to align columns over, few enough to begin at once.
const BATCH: usize = 512;

fn arguments(lang: Lang) -> Command {
    Command::new("log")
        .about(lang.pick(
            "播发记录：播了什么、什么时候播的、结果如何",
            "The as-run log: what aired, when, and how it ended",
        ))
        .args(when(lang))
        .args(what(lang))
        .args(how(lang))
        .subcommand(reconcile::arguments(lang))
        .subcommand(switches::arguments(lang))
        .subcommand(verify::arguments(lang))
}

fn option(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

/// The options that say when.
pub(super) fn when(lang: Lang) -> [Arg; 3] {
    let day = lang.pick(
        "只看这一天应播的：2026-11-23、今天、昨天",
        "Due on this day only: 2026-11-23, today, yesterday",
    );
    let from = lang.pick(
        "从何时起（含）：2026-11-23、“2026-11-23 06:30”、06:30",
        "From this time on: 2026-11-23, \"2026-11-23 06:30\", 06:30",
    );
    let until =
        lang.pick("到何时为止（不含），只写日期则含当天", "Before this time; a date includes that day");
    [
        option("day", lang.pick("日期", "DAY"), day).conflicts_with_all(["from", "until"]),
        option("from", lang.pick("时间", "TIME"), from),
        option("until", lang.pick("时间", "TIME"), until),
    ]
}

fn what(lang: Lang) -> [Arg; 5] {
    let words = |all: Vec<&'static str>| clap::builder::PossibleValuesParser::new(all);
    let outcomes = words(Outcome::ALL.iter().map(|word| word.as_str()).collect());
    let reasons = words(Reason::ALL.iter().map(|word| word.as_str()).collect());
    [
        option("station", lang.pick("站点", "STATION"), lang.pick("只看这个站点", "This station only")),
        option(
            "playlist",
            lang.pick("节目单", "PLAYLIST"),
            lang.pick("只看这个节目单", "This playlist only"),
        ),
        option("message", lang.pick("播报条", "MESSAGE"), lang.pick("只看这条播报", "This message only")),
        option("outcome", lang.pick("结果", "OUTCOME"), lang.pick("只看这种结果", "This outcome only"))
            .value_parser(outcomes),
        option("reason", lang.pick("原因", "REASON"), lang.pick("只看这种原因", "This reason only"))
            .value_parser(reasons),
    ]
}

/// The option that says how it is written.
pub(super) fn format(lang: Lang) -> Arg {
    let help = lang.pick(
        "text 给人看，csv 给表格软件，json 给程序",
        "text for people, csv for spreadsheets, json for programs",
    );
    option("format", "text|json|csv", help).value_parser(["text", "json", "csv"]).default_value("text")
}

fn how(lang: Lang) -> [Arg; 2] {
    let follow = lang.pick("不退出，有新记录就接着显示", "Stays, and shows new records as they come");
    [format(lang), Arg::new("follow").long("follow").short('f').action(ArgAction::SetTrue).help(follow)]
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    if let Some((name, inner)) = arguments.subcommand() {
        nothing_before(name, arguments)?;
        return match name {
            "verify" => verify::run(context, inner),
            "switches" => switches::run(context, inner),
            _ => reconcile::run(context, inner),
        };
    }
    let zone = zone::zone(context);
    let filter = asked::filter(arguments, zone)?;
    let format = Format::new(arguments.get_one::<String>("format").map(String::as_str), context.lang, zone);
    let mut page = Page { format, begun: false };
    if arguments.get_flag("follow") {
        follow::follow(&context.state, filter, &mut page)?;
    } else {
        let reader = Reader::open(&context.state).map_err(failure)?;
        show(&reader, &filter, &mut page)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Refuses options before `verify` or `reconcile`: they would not count there.
fn nothing_before(name: &str, arguments: &ArgMatches) -> Result<(), Failure> {
    let everywhere = ["config", "state", "lang"];
    let typed = |id: &&str| arguments.value_source(id) == Some(ValueSource::CommandLine);
    let ids = arguments.ids().map(clap::Id::as_str);
    match ids.filter(|id| !everywhere.contains(id)).find(typed) {
        None => Ok(()),
        Some(id) => {
            Err(Failure::new(format!("--{id} 要写在 {name} 后面"), format!("--{id} belongs after {name}")))
        }
    }
}

/// Writes what passes `filter`; returns the number of the last record written, or none if nobody reads any more.
fn show(reader: &Reader, filter: &Filter, page: &mut Page) -> Result<Option<i64>, Failure> {
    let mut entries = reader.query(filter);
    let mut last = filter.after;
    loop {
        let batch: Vec<Entry> = entries.by_ref().take(BATCH).collect::<Result<_, _>>().map_err(failure)?;
        if batch.is_empty() && page.begun {
            return Ok(Some(last));
        }
        if !page.write(&batch)? {
            return Ok(None);
        }
        last = batch.last().map_or(last, |entry| entry.seq);
    }
}

/// How entries are written.
enum Format {
    Text(Lang, Tz),
    Csv(Lang, Tz),
    Json,
}

impl Format {
    fn new(word: Option<&str>, lang: Lang, zone: Tz) -> Self {
        match word {
            Some("json") => Self::Json,
            Some("csv") => Self::Csv(lang, zone),
            _ => Self::Text(lang, zone),
        }
    }
}

/// Writes batches of entries, the heading before the first.
struct Page {
    format: Format,
    begun: bool,
}

impl Page {
    /// Writes a batch; returns false if nobody reads any more (`dalaba log | head`).
    fn write(&mut self, entries: &[Entry]) -> Result<bool, Failure> {
        let first = !self.begun;
        self.begun = true;
        let written = match self.format {
            Format::Text(lang, zone) => text::write(entries, first, lang, zone),
            Format::Csv(lang, zone) => csv::write(entries, first, lang, zone),
            Format::Json => json::write(entries),
        };
        is_read(&written)
    }
}

/// Says in both languages why the log cannot be read.
pub(super) fn failure(error: JournalError) -> Failure {
    match error {
        JournalError::Absent(folder) => Failure::new(
            format!("{} 里还没有播发记录；大喇叭运行过吗？也可用 --state 指定文件夹", folder.display()),
            format!(
                "no as-run log in {} yet; has the daemon run? --state names another folder",
                folder.display()
            ),
        ),
        JournalError::Newer { .. } => Failure::because(
            "播发记录是更新版本的程序写的，请用新版 dalaba",
            "the log is newer than this program",
            error,
        ),
        JournalError::Damaged(_) | JournalError::Unreadable { .. } => Failure::because(
            "播发记录损坏；运行 dalaba log verify 可看到从哪里开始",
            "the as-run log is damaged; dalaba log verify says from where on",
            error,
        ),
        error => Failure::because("读不了播发记录", "cannot read the as-run log", error),
    }
}
