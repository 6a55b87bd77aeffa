//! `dalaba stop`: ends what is on air and clears what waits; the plan goes on.

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::ask::{ask, beside_the_point};
use super::out::{plain, print};
use super::{Context, Failure, Subcommand};
use crate::model::Lang;
use crate::station::control::{ControlReply, Request, StopReport};

/// The row of the command table.
pub(super) const STOP: Subcommand = Subcommand { name: "stop", arguments, run };

fn arguments(lang: Lang) -> Command {
    Command::new("stop")
        .about(lang.pick(
            "停掉正在播的和正在排队的；以后的计划照常",
            "Stops what is on air and what waits; the plan goes on",
        ))
        .arg(
            Arg::new("station")
                .long("station")
                .short('s')
                .action(ArgAction::Append)
                .value_name(lang.pick("站点", "STATION"))
                .help(lang.pick(
                    "只停这些：站点名或 zone:区域名；可写多次；不写就全停",
                    "Only these: a station or zone:NAME; may be given again; all without it",
                )),
        )
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let reply = ask(context, &Request::Stop { stations: super::stations(arguments) })?;
    let ControlReply::Stopped { stations } = reply else { return Err(beside_the_point(&reply)) };
    let lines: String = stations.iter().map(|report| line(context.lang, report)).collect();
    print(&lines)?;
    Ok(ExitCode::SUCCESS)
}

fn line(lang: Lang, StopReport { station, cut, cleared, silenced }: &StopReport) -> String {
    let waiting = cleared.len();
    let mut line = match (lang, cut) {
        (Lang::Zh, Some(airing)) => format!("{station}：已停播 {airing}，清空排队 {waiting} 条\n"),
        (Lang::Zh, None) => format!("{station}：没有在播，清空排队 {waiting} 条\n"),
        (Lang::En, Some(airing)) => format!("{station}: stopped {airing}; {waiting} waiting cleared\n"),
        (Lang::En, None) => format!("{station}: nothing was on air; {waiting} waiting cleared\n"),
    };
    for event in silenced {
        let event = plain(event);
        line += &match lang {
            Lang::Zh => format!("{station}：警报“{event}”不再播，重启以后也不播\n"),
            Lang::En => format!("{station}: the alert {event} is silenced for good, also after a restart\n"),
        };
    }
    line
}
