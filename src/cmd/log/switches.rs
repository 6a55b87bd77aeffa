//! `dalaba log switches`: when amplifiers were switched, and why.

use std::process::ExitCode;

use chrono::SecondsFormat;
use clap::{Arg, ArgMatches, Command};
use serde_json::json;

use super::super::out::{plain, print};
use super::super::table::{columns, date_and_time};
use super::super::{Context, Failure, zone};
use super::{asked, failure, format, when};
use crate::model::{Lang, Switched};
use crate::station::journal::{Reader, SwitchFact};

/// Builds the arguments.
pub(super) fn arguments(lang: Lang) -> Command {
    let amplifier = Arg::new("amplifier").long("amplifier").value_name(lang.pick("功放", "NAME"));
    Command::new("switches")
        .about(lang.pick("功放什么时候开关的、为了什么", "When amplifiers were switched, and why"))
        .args(when(lang))
        .arg(amplifier.help(lang.pick("只看这台功放", "This amplifier only")))
        .arg(format(lang).value_parser(["text", "json"]))
}

/// Writes every switch in the time asked for.
pub(super) fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let zone = zone::zone(context);
    let (from, until) = asked::when(arguments, zone)?;
    let amplifier = arguments.get_one::<String>("amplifier");
    let reader = Reader::open(&context.state).map_err(failure)?;
    let wanted = |fact: &SwitchFact| {
        until.is_none_or(|until| fact.switched.at < until)
            && amplifier.is_none_or(|name| *name == fact.switched.amplifier)
    };
    let as_json = arguments.get_one::<String>("format").is_some_and(|format| format == "json");
    let mut after = 0;
    loop {
        let page = reader.switches(from, after).map_err(failure)?;
        let Some(last) = page.last() else { return Ok(ExitCode::SUCCESS) };
        after = last.seq;
        let facts: Vec<SwitchFact> = page.into_iter().filter(wanted).collect();
        if as_json {
            print(&facts.iter().map(line).collect::<String>())?;
        } else {
            print(&columns(facts.iter().map(|fact| row(&fact.switched, context.lang, zone))))?;
        }
    }
}

fn row(switched: &Switched, lang: Lang, zone: chrono_tz::Tz) -> Vec<String> {
    let Switched { amplifier, at, switch, cause, airing, fault } = switched;
    let (switch, cause) = (switch.words(), cause.words());
    let airing = airing.as_ref().map(ToString::to_string).unwrap_or_default();
    let fault = fault.as_ref().map(|fault| format!("{}{fault}", lang.pick("失败：", "failed: ")));
    let cells = [
        date_and_time(&at.with_timezone(&zone)),
        amplifier.clone(),
        switch.in_lang(lang).to_owned(),
        cause.in_lang(lang).to_owned(),
        airing,
        fault.unwrap_or_default(),
    ];
    cells.iter().map(|cell| plain(cell)).collect()
}

fn line(SwitchFact { seq, switched }: &SwitchFact) -> String {
    let Switched { amplifier, at, switch, cause, airing, fault } = switched;
    let line = json!({
        "seq": seq, "at": at.to_rfc3339_opts(SecondsFormat::Millis, true), "amplifier": amplifier, "switch": switch,
        "cause": cause, "airing": airing, "ok": fault.is_none(), "fault": fault,
    });
    format!("{line}\n")
}
