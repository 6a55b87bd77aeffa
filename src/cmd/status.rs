//! `dalaba status`: how the running daemon and its stations are.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};

use super::ask::{ask, beside_the_point};
use super::out::print;
use super::{Context, Failure, Subcommand, status_text};
use crate::model::Lang;
use crate::station::control::{ControlReply, Request, StatusReport};

/// Exit code when the daemon runs, but something needs a person. 1 means that it could not be asked.
const DEGRADED: u8 = 3;

/// The row of the command table.
pub(super) const STATUS: Subcommand = Subcommand { name: "status", arguments, run };

fn arguments(lang: Lang) -> Command {
    let format = Arg::new("format")
        .long("format")
        .value_name("text|json")
        .default_value("text")
        .value_parser(["text", "json"])
        .help(lang.pick("输出格式", "How it is written"));
    Command::new("status")
        .about(
            lang.pick("现在的情况：在播什么、下一条、有没有故障", "How everything is: on air, next, faults"),
        )
        .after_help(lang.pick(
            "退出码：0 一切正常；1 问不到（没有运行或没有权限）；3 有故障要处理",
            "Exit code: 0 all is well; 1 the daemon cannot be asked; 3 something needs a person",
        ))
        .arg(format)
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let reply = ask(context, &Request::Status)?;
    let ControlReply::Status(report) = reply else { return Err(beside_the_point(&reply)) };
    let json = arguments.get_one::<String>("format").is_some_and(|format| format == "json");
    print(&if json { as_json(&report)? } else { status_text::write(context.lang, &report) })?;
    Ok(if report.faults().is_empty() { ExitCode::SUCCESS } else { ExitCode::from(DEGRADED) })
}

fn as_json(report: &StatusReport) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(report)
        .map_err(|error| Failure::because("写不出 JSON", "cannot write JSON", error))?;
    Ok(text + "\n")
}
