//! `amplifier-guard`, hidden: the child of our own that guards one amplifier.

use std::process::ExitCode;

use clap::{ArgMatches, Command};

use super::{Context, Failure, Subcommand};
use crate::amplifier::guard::{Clocks, SUBCOMMAND, guard};
use crate::model::Lang;
use crate::station::clock;

/// The row of this subcommand.
pub(super) const AMPLIFIER_GUARD: Subcommand = Subcommand { name: SUBCOMMAND, arguments, run };

fn arguments(lang: Lang) -> Command {
    Command::new(SUBCOMMAND).hide(true).about(lang.pick(
        "（内部使用）看守一台功放：程序死了就关掉它",
        "(internal) guards an amplifier: switches it off when the daemon dies",
    ))
}

fn run(_: &Context, _: &ArgMatches) -> Result<ExitCode, Failure> {
    let clocks = Clocks { wall: clock::wall, steady: clock::steady };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ended = runtime.and_then(|runtime| runtime.block_on(guard(clocks)));
    ended.map_err(|error| Failure::because("看守进程出错", "the guard failed", error))?;
    Ok(ExitCode::SUCCESS)
}
