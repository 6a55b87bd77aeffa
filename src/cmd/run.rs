//! `dalaba run`: the daemon itself.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::site::no_site;
use super::{Context, Failure, Subcommand};
use crate::model::Lang;
use crate::station::daemon::{self, DaemonError, Options};
use crate::station::logging;

/// The row of the command table.
pub(super) const RUN: Subcommand = Subcommand { name: "run", arguments, run };

fn arguments(lang: Lang) -> Command {
    Command::new("run").about(lang.pick("按节目单播报，直到退出", "Airs what is due, until it is ended")).arg(
        Arg::new("show").long("show").action(ArgAction::SetTrue).help(lang.pick(
            "在终端显示下一条、正在播的和每条记录（终端里默认显示）",
            "Show what comes next, what is on air and each record (the default in a terminal)",
        )),
    )
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let screen = arguments.get_flag("show") || io::stdout().is_terminal();
    logging::start(screen);
    let options =
        Options { config: context.config.clone(), state: context.state.clone(), lang: context.lang, screen };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::because("无法启动", "cannot start", error))?;
    runtime.block_on(daemon::run(options)).map_err(|error| failure(error, &context.config))?;
    Ok(ExitCode::SUCCESS)
}

fn failure(error: DaemonError, config: &Path) -> Failure {
    match error {
        DaemonError::Lock(error) => {
            let words = error.words();
            Failure::new(words.zh, words.en)
        }
        DaemonError::Site(_) if !config.exists() => no_site(config),
        DaemonError::Site(words) => Failure::new(
            format!("站点配置有错，无法开始：\n{}", words.zh),
            format!("the station file has mistakes, nothing can begin:\n{}", words.en),
        ),
        error => Failure::because("无法运行", "cannot run", error),
    }
}
