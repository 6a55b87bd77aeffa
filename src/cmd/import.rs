//! `dalaba import`: takes what the county signed from a file or a stick.

use std::env;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};

use super::out::{plain, print};
use super::site::stations_here;
use super::{Context, Failure, Subcommand};
use crate::model::{Bundle, Lang, Station};
use crate::station::alerts::{self, Arrival, is_alert};
use crate::station::bundles::{Store, Taken};
use crate::station::clock;
use crate::station::control::{ControlReply, Request, call};
use crate::station::memory::Memory;
use crate::trust::{LARGEST_ALERT, Root};

/// The row of the command table.
pub(super) const IMPORT: Subcommand = Subcommand { name: "import", arguments, run };

fn arguments(lang: Lang) -> Command {
    Command::new("import")
        .about(lang.pick("导入县里签发的节目包、警报或根文件", "Takes a bundle, an alert or a root that the county signed"))
        .after_help(lang.pick(
            "第一次先导入根文件，并写上县里念给你的指纹：dalaba import root.json --trust 指纹。\
             以后的节目包只有县里签过名的才收；收不下的，原来的节目照旧。正在运行的 dalaba 会自己换上。",
            "First the root, with the fingerprint that the county tells you: dalaba import root.json --trust DIGITS. After \
             that, only what the county signed is taken; whatever is refused, the programme stays as it was. A running \
             dalaba changes over by itself.",
        ))
        .arg(
            Arg::new("file")
                .required(true)
                .value_name(lang.pick("文件", "FILE"))
                .value_parser(value_parser!(PathBuf))
                .help(lang.pick("节目包、警报或根文件", "The bundle, alert or root")),
        )
        .arg(
            Arg::new("trust")
                .long("trust")
                .value_name(lang.pick("指纹", "DIGITS"))
                .help(lang.pick("第一个根文件的指纹，64 位", "The 64 digits of the first root's fingerprint")),
        )
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let stations = stations_here(context)?;
    // clap demands it.
    let path = arguments.get_one::<PathBuf>("file").cloned().unwrap_or_default();
    if let Some(envelope) = alert_in(&path) {
        return take_alert(context, &envelope, &stations);
    }
    let file = File::open(&path).map_err(|error| {
        let path = path.display();
        Failure::because(format!("打不开 {path}"), format!("cannot open {path}"), error)
    })?;
    let program = env::current_exe()
        .map_err(|error| Failure::because("找不到程序自己", "cannot find myself", error))?;
    let trusted = arguments.get_one::<String>("trust").map(String::as_str);
    let taken = Store::open(&context.state, program)
        .take(file, &stations, trusted, clock::wall())
        .map_err(|fault| refused(&fault.words()))?;
    print(&match &taken {
        Taken::Root(root) => trusts(context.lang, root),
        Taken::Bundle(bundle) => in_force(context.lang, bundle),
        Taken::Held(bundle) => {
            let (campaign, serial) = (&bundle.campaign, bundle.serial);
            match context.lang {
                Lang::Zh => format!("“{campaign}”第 {serial} 号已经在这里了，不用再导入\n"),
                Lang::En => format!("{campaign} number {serial} is here already\n"),
            }
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Reads an alert, if that is what the file holds; whatever cannot be read is for the bundles to complain of.
fn alert_in(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path).ok()?;
    file.take(LARGEST_ALERT as u64 + 1).read_to_end(&mut bytes).ok()?;
    is_alert(&bytes).then_some(bytes)
}

fn take_alert(context: &Context, envelope: &[u8], stations: &[Station]) -> Result<ExitCode, Failure> {
    let arrival = Arrival::now(Memory::open(&context.state).read().seen);
    let held = alerts::Store::open(&context.state).take(envelope, stations, arrival).map_err(|fault| {
        let words = fault.words();
        Failure::new(format!("警报没有收下：{}", words.zh), format!("the alert was not taken: {}", words.en))
    })?;
    let event = plain(&held.alert.event);
    let told = match call(&context.state, &Request::Alerts) {
        Ok(ControlReply::Alerts) => match context.lang {
            Lang::Zh => format!("警报“{event}”已收下，验过签名，马上播\n"),
            Lang::En => format!("The alert {event} was taken, signatures verified; it airs now\n"),
        },
        // The daemon looks by itself now and then, and when it starts.
        _ => match context.lang {
            Lang::Zh => format!("警报“{event}”已收下，验过签名；大喇叭一运行就播\n"),
            Lang::En => {
                format!("The alert {event} was taken, signatures verified; it airs as soon as dalaba runs\n")
            }
        },
    };
    print(&told)?;
    Ok(ExitCode::SUCCESS)
}

fn refused(words: &crate::model::Words) -> Failure {
    Failure::new(
        format!("没有导入，原来的节目照旧：{}", words.zh),
        format!("not taken, the programme stays as it was: {}", words.en),
    )
}

fn trusts(lang: Lang, root: &Root) -> String {
    let (county, version) = (plain(&root.county), root.version);
    match lang {
        Lang::Zh => format!("从现在起听 {county} 的（根文件第 {version} 版）\n"),
        Lang::En => format!("Goes by {county} from now on (root, version {version})\n"),
    }
}

fn in_force(lang: Lang, bundle: &Bundle) -> String {
    let (campaign, serial, count) = (&bundle.campaign, bundle.serial, bundle.files.len());
    match (lang, bundle.withdraws()) {
        (Lang::Zh, true) => format!("“{campaign}”已经撤下（第 {serial} 号）\n"),
        (Lang::En, true) => format!("{campaign} is withdrawn (number {serial})\n"),
        (Lang::Zh, false) => format!("“{campaign}”第 {serial} 号已导入，{count} 个文件，验过签名\n"),
        (Lang::En, false) => {
            format!("{campaign} number {serial} is in force: {count} files, signatures verified\n")
        }
    }
}
