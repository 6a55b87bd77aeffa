//! `dalaba check`: says everything that is wrong with the files, before they go on air.

mod find;
mod judge;
mod languages;
mod trim;

use std::collections::BTreeSet;
use std::env;
use std::io::{IsTerminal, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::config::{Complaint, Severity, Source, report};
use crate::model::Lang;

use super::{Context, Failure, Subcommand, out};

/// Checks the files named, or the site in use.
pub(super) const CHECK: Subcommand = Subcommand { name: "check", arguments, run };

fn arguments(lang: Lang) -> Command {
    Command::new("check")
        .about(lang.pick("检查站点配置和节目单", "Check the station file and playlists"))
        .after_help(lang.pick(
            "有错误时退出码为 1，只有警告时为 0。",
            "The exit code is 1 with mistakes, 0 with warnings alone.",
        ))
        .arg(
            Arg::new("path")
                .value_name(lang.pick("文件或文件夹", "PATH"))
                .action(ArgAction::Append)
                .value_parser(clap::value_parser!(PathBuf))
                .help(lang.pick(
                    "要检查的文件或文件夹；不写就检查正在使用的站点配置和它的节目单",
                    "Files or folders; the station file in use and its playlists, if none is given",
                )),
        )
        .arg(Arg::new("trim").long("trim").action(ArgAction::SetTrue).help(lang.pick(
            "给首尾长时间没有声音的录音另存一份剪好的，原文件不动",
            "Write a trimmed copy beside each recording that is silent for long at its ends; originals stay",
        )))
}

/// Holds what came of a check.
#[derive(Debug, Default)]
struct Findings {
    /// Every complaint, each once.
    complaints: Vec<Complaint>,
    /// The texts that they cite.
    texts: Vec<Source>,
    /// The files that were checked.
    files: BTreeSet<PathBuf>,
    /// Recordings that are silent for long at an end.
    silent: BTreeSet<trim::Named>,
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let paths: Vec<PathBuf> =
        arguments.get_many("path").map(|paths| paths.cloned().collect()).unwrap_or_default();
    let findings = judge::judge(&find::find(&paths, &context.config));
    let colour = stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let shown = report(&findings.complaints, &findings.texts, context.lang, colour);
    out::print(&format!("{shown}{}\n", summary(&findings, context.lang)))?;
    if arguments.get_flag("trim") {
        out::print(&trim::trim(findings.silent.iter().cloned(), context.lang)?)?;
    }
    let failed = findings.complaints.iter().any(|complaint| complaint.severity == Severity::Error);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn summary(findings: &Findings, lang: Lang) -> String {
    let count =
        |severity| findings.complaints.iter().filter(|complaint| complaint.severity == severity).count();
    let (files, errors, warnings) = (findings.files.len(), count(Severity::Error), count(Severity::Warning));
    match (lang, errors + warnings) {
        (Lang::Zh, 0) => format!("检查了 {files} 个文件，没有发现问题"),
        (Lang::Zh, _) => format!("检查了 {files} 个文件：{errors} 处错误，{warnings} 处警告"),
        (Lang::En, 0) => format!("checked {}: no complaints", many(files, "file")),
        (Lang::En, _) => {
            format!(
                "checked {}: {}, {}",
                many(files, "file"),
                many(errors, "error"),
                many(warnings, "warning")
            )
        }
    }
}

fn many(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
