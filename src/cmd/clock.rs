//! `dalaba clock accept`: a person vouches for a wall clock that looks wrong.

use std::process::ExitCode;

use clap::{ArgMatches, Command};

use super::ask::{ask, beside_the_point};
use super::out::print;
use super::{Context, Failure, Subcommand};
use crate::model::Lang;
use crate::station::control::{ControlReply, Request};

/// The row of the command table.
pub(super) const CLOCK: Subcommand = Subcommand { name: "clock", arguments, run };

fn arguments(lang: Lang) -> Command {
    Command::new("clock")
        .about(lang.pick("时钟是否可信", "Whether the clock is trusted"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(Command::new("accept").about(lang.pick(
            "确认现在的时间是对的，恢复日常播发",
            "Vouches for the present time, so that routine airings go on",
        )))
}

/// `accept` is the only word that the parser lets through.
fn run(context: &Context, _: &ArgMatches) -> Result<ExitCode, Failure> {
    let reply = ask(context, &Request::ClockAccept)?;
    let ControlReply::ClockAccepted = reply else { return Err(beside_the_point(&reply)) };
    print(context.lang.pick("已确认现在的时间\n", "The present time is trusted now\n"))?;
    Ok(ExitCode::SUCCESS)
}
