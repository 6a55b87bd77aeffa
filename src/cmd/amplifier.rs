//! `dalaba amplifier off`: switches the amplifiers off while no daemon runs.
//!
//! There is no `on`: what a person may hear from the horns goes the one road that everything goes, through the daemon.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::{ArgMatches, Command};

use super::out::print;
use super::site::stations_here;
use super::{Context, Failure, Subcommand};
use crate::amplifier::guard::{Clocks, switch_off};
use crate::amplifier::{Setup, files_below, name_of};
use crate::model::Lang;
use crate::station::clock;
use crate::station::lock::StateLock;

/// The row of the command table.
pub(super) const AMPLIFIER: Subcommand = Subcommand { name: "amplifier", arguments, run };

fn arguments(lang: Lang) -> Command {
    Command::new("amplifier")
        .about(lang.pick("功放：程序不在时关掉", "Amplifiers: switches them off while no daemon runs"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(Command::new("off").about(lang.pick(
            "关掉所有功放。程序在运行时不用它：请用 dalaba stop",
            "Switches every amplifier off. Not while the daemon runs: use dalaba stop",
        )))
}

/// Exits 1 when one could not be switched off.
fn run(context: &Context, _: &ArgMatches) -> Result<ExitCode, Failure> {
    let stations = stations_here(context)?;
    let amplifiers: BTreeMap<&str, _> = stations
        .iter()
        .filter_map(|station| station.amplifier.as_ref().map(|one| (name_of(station, one), one)))
        .collect();
    let lock = StateLock::take(&context.state);
    let _lock = lock.map_err(|error| {
        let words = error.words();
        Failure::new(words.zh, words.en)
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::because("系统出错", "the system refused", error))?;
    let clocks = Clocks { wall: clock::wall, steady: clock::steady };
    let mut all_off = true;
    for (name, selection) in amplifiers {
        let (amplifier, folder) = (name.to_owned(), files_below(&context.state));
        let setup = Setup { amplifier, selection: selection.clone(), folder };
        let line = match runtime.block_on(switch_off(setup, clocks)) {
            Ok(()) => context.lang.pick("关\n", "off\n").to_owned(),
            Err(fault) => {
                all_off = false;
                format!("{}\n", fault.words().in_lang(context.lang))
            }
        };
        print(&format!("{name}  {line}"))?;
    }
    Ok(if all_off { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
