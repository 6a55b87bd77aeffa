//! `render`, hidden: the child of our own that speaks or decodes one thing behind walls.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};

use super::{Context, Failure};
use crate::model::Lang;
use crate::speech::engine::child::{Job, SUBCOMMAND};
use crate::speech::engine::speak_as_child;

/// Builds the arguments.
pub(super) fn arguments(lang: Lang) -> Command {
    let job = Arg::new("job").required(true).value_parser(Job::ALL.map(Job::as_str));
    Command::new(SUBCOMMAND)
        .hide(true)
        .about(lang.pick("(内部使用)合成一段语音或解码一段录音", "(internal) speaks or decodes one thing"))
        .arg(job)
}

/// Does the one job that it was started for.
pub(super) fn run(_: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    match arguments.get_one::<String>("job").map(String::as_str) {
        Some("speak") => Ok(speak_as_child()),
        _ => Err(Failure::new("", "")),
    }
}
