//! Parse the words typed, run the command, turn the error into an exit code.

mod chinese;

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::cmd::{Context, SUBCOMMANDS};
use crate::model::Lang;

/// Exit code of a command that was typed wrong.
const MISTYPED: u8 = 2;

/// Runs the command in `words`, the first of which is the program's own name.
pub fn run(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = words.into_iter().collect();
    let lang = language(&words);
    match program(lang).try_get_matches_from(words) {
        Ok(matches) => dispatch(lang, &matches),
        Err(error) => {
            tell(&error, lang);
            if error.use_stderr() { ExitCode::from(MISTYPED) } else { ExitCode::SUCCESS }
        }
    }
}

/// Tells what the parser has to say: a help page, or what was mistyped.
fn tell(error: &clap::Error, lang: Lang) {
    // A closed pipe is no reason to fail twice.
    let _ = match (lang, error.use_stderr()) {
        (Lang::En, _) => error.print(),
        (Lang::Zh, true) => io::stderr().write_all(chinese::told(error).as_bytes()),
        (Lang::Zh, false) => io::stdout().write_all(chinese::told(error).as_bytes()),
    };
}

#[expect(clippy::print_stderr, reason = "the edge: the one place where a failure is told")]
fn dispatch(lang: Lang, matches: &ArgMatches) -> ExitCode {
    let Some((name, arguments)) = matches.subcommand() else { return ExitCode::from(MISTYPED) };
    let Some(subcommand) = SUBCOMMANDS.iter().find(|s| s.name == name) else {
        return ExitCode::from(MISTYPED);
    };
    match (subcommand.run)(&context(lang, innermost(arguments)), arguments) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("dalaba {name}: {}", failure.report(lang));
            ExitCode::FAILURE
        }
    }
}

/// Builds the whole command line in `lang`.
pub fn program(lang: Lang) -> Command {
    let mut program = Command::new("dalaba")
        .version(env!("CARGO_PKG_VERSION"))
        .about(lang.pick(
            "大喇叭：按时播报安全提示，并留下播发记录",
            "dalaba: airs safety messages on time, and can prove it",
        ))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .args(global_arguments(lang));
    for subcommand in SUBCOMMANDS {
        program = program.subcommand((subcommand.arguments)(lang));
    }
    program
}

fn global_arguments(lang: Lang) -> [Arg; 3] {
    let config = Arg::new("config")
        .long("config")
        .value_name(lang.pick("文件", "FILE"))
        .global(true)
        .env("DALABA_CONFIG")
        .value_parser(clap::value_parser!(PathBuf))
        .help(lang.pick("站点配置文件", "The station file"));
    let state = Arg::new("state")
        .long("state")
        .value_name(lang.pick("文件夹", "DIR"))
        .global(true)
        .env("STATE_DIRECTORY")
        .value_parser(clap::value_parser!(PathBuf))
        .help(lang.pick("播发记录等状态所在的文件夹", "Folder of the as-run log and other state"));
    let language = Arg::new("lang")
        .long("lang")
        .value_name("zh|en")
        .global(true)
        .action(ArgAction::Set)
        .value_parser(["zh", "en"])
        .help(lang.pick("界面语言，默认随系统", "Language on screen; the system's by default"));
    let everywhere = lang.pick("通用选项", "Options of every command");
    [config, state, language].map(|argument| argument.help_heading(everywhere.to_owned()))
}

/// Returns the arguments of the last word typed: those of all words before it have come down to them.
fn innermost(matches: &ArgMatches) -> &ArgMatches {
    matches.subcommand().map_or(matches, |(_, inner)| innermost(inner))
}

fn context(lang: Lang, matches: &ArgMatches) -> Context {
    let config = matches.get_one::<PathBuf>("config").cloned().unwrap_or_else(default_config);
    let state = matches.get_one::<PathBuf>("state").cloned().unwrap_or_else(default_state);
    Context { lang, config, state }
}

/// The station file of the folder one stands in, else the installed one.
fn default_config() -> PathBuf {
    let here = PathBuf::from("config/station.toml");
    if here.exists() { here } else { PathBuf::from("/etc/dalaba/config/station.toml") }
}

/// The installed state folder when there is one, else one in the user's home, as the XDG rules say.
fn default_state() -> PathBuf {
    let installed = PathBuf::from("/var/lib/dalaba");
    if installed.exists() {
        return installed;
    }
    let home = || env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
    let base = env::var_os("XDG_STATE_HOME").map(PathBuf::from).or_else(home);
    base.unwrap_or_else(|| PathBuf::from(".")).join("dalaba")
}

/// Finds the language before the command line is parsed, because the parser's own words are in it.
fn language(words: &[OsString]) -> Lang {
    let typed = words.iter().filter_map(|word| word.to_str());
    let after_flag = typed.clone().skip_while(|word| *word != "--lang").nth(1);
    let with_equals = typed.clone().find_map(|word| word.strip_prefix("--lang="));
    let asked = with_equals.or(after_flag).and_then(Lang::from_tag);
    let variables = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let locale = || variables.iter().find_map(|name| Lang::from_tag(&env::var(name).ok()?));
    asked.or_else(locale).unwrap_or_default()
}
