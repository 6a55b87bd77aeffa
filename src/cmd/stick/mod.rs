//! `dalaba stick`: what systemd runs when somebody puts a stick into a box. All of it is taken in that is signed for this
//! village; what happened goes back onto the stick.

mod back;
mod receipt;

use std::env;
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};

use self::receipt::Line;
use super::import::told;
use super::out::print;
use super::site::stations_here;
use super::{Context, Failure, Subcommand};
use crate::model::{Lang, Station, Words};
use crate::station::alerts::{self, AlertFault, Arrival};
use crate::station::bundles::{Store, TakeFault, Taken};
use crate::station::clock;
use crate::station::control::{ControlReply, Request, call};
use crate::station::memory::Memory;
use crate::station::stick::{FOLDER, Kind, OnStick, look};
use crate::trust::{AlertRefusal, LARGEST_ALERT, RootFault};

/// The row of the command table.
pub(super) const STICK: Subcommand = Subcommand { name: "stick", arguments, run };

fn arguments(lang: Lang) -> Command {
    Command::new("stick")
        .about(lang.pick("收下 U 盘上的节目，把播发记录写回 U 盘", "Takes what is on a stick, and writes the as-run log onto it"))
        .after_help(lang.pick(
            "插上 U 盘时由系统自动运行。看 U 盘最外层和 dalaba 文件夹里的节目包、根文件和警报；收下了响上行四音，有收不下的响下行四音；\
             回执、播发记录和运行情况写进 U 盘的 dalaba 文件夹。U 盘上没有这些文件、也没有 dalaba 文件夹时，什么也不写。",
            "Runs by itself when a stick is put in. Bundles, roots and alerts are looked for at the top of the stick and in its \
             folder dalaba; four rising tones sound when all were taken, four falling ones when something was refused; a receipt, \
             the as-run log and the state of things are written into the folder dalaba. A stick that has neither such files nor \
             that folder is left alone.",
        ))
        .arg(
            Arg::new("mount")
                .required(true)
                .value_name(lang.pick("文件夹", "FOLDER"))
                .value_parser(value_parser!(PathBuf))
                .help(lang.pick("U 盘挂载在哪里", "Where the stick is mounted")),
        )
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let stations = stations_here(context)?;
    // clap demands it.
    let mount = arguments.get_one::<PathBuf>("mount").cloned().unwrap_or_default();
    let found = look(&mount);
    if found.is_empty() && !mount.join(FOLDER).is_dir() {
        print(context.lang.pick("U 盘上没有大喇叭的东西\n", "Nothing of ours is on the stick\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let lines = take_all(context, &stations, found)?;
    let good = lines.iter().all(|line| line.good);
    if !lines.is_empty() {
        chime(context, good);
    }
    let receipt = receipt::Receipt { at: clock::wall(), stations: &stations, lines: &lines };
    let written = back::write(context, &mount, &receipt);
    print(&receipt.text(context.lang, super::zone::zone(context)))?;
    written?;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn take_all(context: &Context, stations: &[Station], found: Vec<OnStick>) -> Result<Vec<Line>, Failure> {
    let program = env::current_exe()
        .map_err(|error| Failure::because("找不到程序自己", "cannot find myself", error))?;
    let store = Store::open(&context.state, program);
    Ok(found.into_iter().map(|on_stick| take(context, &store, stations, on_stick)).collect())
}

fn take(context: &Context, store: &Store, stations: &[Station], on_stick: OnStick) -> Line {
    let OnStick { name, kind, file } = on_stick;
    let taken = if kind == Kind::Alert {
        alert(context, stations, file)
    } else {
        // No root is trusted because it lay on a stick: the first one somebody brings who knows its digits.
        match store.take(file, stations, None, clock::wall()) {
            Ok(taken) => Ok(words(&taken)),
            Err(TakeFault::Root(RootFault::NotNext { held, found })) if found <= held => {
                Ok(Words::new("根文件已经在这里了", "this root is here already"))
            }
            Err(fault) => Err(fault.words()),
        }
    };
    match taken {
        Ok(words) => Line { file: name, good: true, words },
        Err(words) => {
            tracing::warn!(file = name, "{words}");
            Line { file: name, good: false, words }
        }
    }
}

fn words(taken: &Taken) -> Words {
    Words::new(told(Lang::Zh, taken).trim_end(), told(Lang::En, taken).trim_end())
}

fn alert(context: &Context, stations: &[Station], file: impl Read) -> Result<Words, Words> {
    let mut bytes = Vec::new();
    let read = file.take(LARGEST_ALERT as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| TakeFault::Read(error).words())?;
    let arrival = Arrival::now(Memory::open(&context.state).read().seen);
    match alerts::Store::open(&context.state).take(&bytes, stations, arrival) {
        Ok(held) => {
            // Where the daemon does not run it looks when it starts.
            let _ = call(&context.state, &Request::Alerts);
            let event = super::out::plain(&held.alert.event);
            Ok(Words::new(
                format!("警报“{event}”已收下，验过签名"),
                format!("the alert {event} was taken, signatures verified"),
            ))
        }
        Err(AlertFault::Refused(AlertRefusal::Replayed)) => {
            Ok(Words::new("这个警报以前收到过，不再播", "this alert came before and is not aired again"))
        }
        Err(fault) => Err(fault.words()),
    }
}

/// Lets whoever put the stick in hear how it went. A daemon that does not run cannot sound; the receipt tells all the same.
fn chime(context: &Context, good: bool) {
    match call(&context.state, &Request::Chime { good }) {
        Ok(ControlReply::Said { .. }) => {}
        Ok(reply) => tracing::warn!(?reply, "the chime does not sound"),
        Err(error) => tracing::warn!(%error, "the chime does not sound"),
    }
}
