//! `dalaba reload`: has the daemon read its files again.

use std::process::ExitCode;

use clap::{ArgMatches, Command};

use super::ask::{ask, beside_the_point};
use super::out::print;
use super::{Context, Failure, Subcommand};
use crate::model::Lang;
use crate::station::control::{ControlReply, Request};

/// The row of the command table.
pub(super) const RELOAD: Subcommand = Subcommand { name: "reload", arguments, run };

fn arguments(lang: Lang) -> Command {
    Command::new("reload").about(lang.pick(
        "重新读入配置、节目单和录音（文件有改动时会自动读入）",
        "Reads configuration, playlists and recordings again (changed files are read by themselves)",
    ))
}

/// Exits 1 when a file has a mistake, as `dalaba check` does.
fn run(context: &Context, _: &ArgMatches) -> Result<ExitCode, Failure> {
    let reply = ask(context, &Request::Reload)?;
    let ControlReply::Reloaded { read, mistakes, zh, en } = reply else {
        return Err(beside_the_point(&reply));
    };
    let summary = match context.lang {
        Lang::Zh => format!("已重新读入：{read} 个文件有效，{mistakes} 处错误要改\n"),
        Lang::En => format!("Read again: {read} files in force, {mistakes} mistakes to mend\n"),
    };
    print(&format!("{}{summary}", context.lang.pick(&zh, &en)))?;
    Ok(if mistakes == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
