//! One file a subcommand. An exit code leaves this room; what people read goes to the terminal on the way.

mod alert;
mod aloud;
mod ask;
mod bar;
mod check;
mod chimes;
mod clock;
mod county;
mod county_ingest;
mod county_server;
mod enrol;
mod explain;
mod export;
mod failure;
mod house;
mod import;
mod keys;
mod listen;
mod log;
mod moment;
mod next;
mod normalize;
mod out;
mod pinyin;
mod plan;
mod publish;
mod reload;
mod render;
mod run;
mod say;
mod schema;
mod site;
mod speak;
mod status;
mod status_text;
mod stick;
mod stop;
mod studio;
mod table;
mod truth;
mod voices;
mod why;
mod zone;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgMatches, Command};

use crate::model::Lang;

pub use failure::Failure;

/// Carries what every subcommand is told: the options that stand before or after any of them.
#[derive(Debug, Clone)]
pub struct Context {
    /// The language on screen.
    pub lang: Lang,
    /// The `station.toml` in use.
    pub config: PathBuf,
    /// The folder of the as-run log, clips, clock memory and control socket.
    pub state: PathBuf,
}

/// Describes one subcommand; [`SUBCOMMANDS`] lists them.
pub struct Subcommand {
    /// The word typed.
    pub name: &'static str,
    /// Builds the arguments, with help in the language asked for. The command must bear `name`.
    pub arguments: fn(Lang) -> Command,
    /// Does the work.
    pub run: fn(&Context, &ArgMatches) -> Result<ExitCode, Failure>,
}

/// Every subcommand, in the order of the help page.
pub const SUBCOMMANDS: &[Subcommand] = &[
    check::CHECK,
    plan::PLAN,
    next::NEXT,
    run::RUN,
    status::STATUS,
    say::SAY,
    stop::STOP,
    reload::RELOAD,
    clock::CLOCK,
    log::LOG,
    why::WHY,
    speak::SPEAK,
    listen::LISTEN,
    normalize::NORMALIZE,
    voices::VOICES,
    chimes::CHIMES,
    pinyin::PINYIN,
    enrol::ENROL,
    import::IMPORT,
    stick::STICK,
    export::EXPORT,
    keys::KEYS,
    county::COUNTY,
    schema::SCHEMA,
    render::RENDER,
];

/// Reads every `--station` typed.
fn stations(arguments: &ArgMatches) -> Vec<String> {
    arguments.get_many::<String>("station").map(|typed| typed.cloned().collect()).unwrap_or_default()
}
