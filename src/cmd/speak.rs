//! `dalaba speak`: makes the finished clip of a text, plays or keeps it, and explains every syllable.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::out::print;
use super::{Context, Failure, Subcommand, aloud, explain, studio};
use crate::model::{Lang, Profile, Shaping};

/// The row of the command table.
pub(super) const SPEAK: Subcommand = Subcommand { name: "speak", arguments, run };

fn arguments(lang: Lang) -> Command {
    Command::new("speak")
        .about(lang.pick("试听一段文字", "Speaks a text here and now"))
        .arg(
            Arg::new("text")
                .required(true)
                .action(ArgAction::Append)
                .value_name(lang.pick("文字", "TEXT"))
                .help(
                    lang.pick("要念的文字；几段连着念", "What is to be spoken; several are spoken in a row"),
                ),
        )
        .args(voice(lang))
        .args(aloud::wanted(lang))
        .arg(Arg::new("explain").long("explain").action(ArgAction::SetTrue).help(lang.pick(
            "只说明怎么念、为什么这样念；同时写 -o 或 --play 才出声",
            "Explain how it is read and why; sounds only together with -o or --play",
        )))
        .arg(aloud::device(lang))
        .arg(profile(lang))
}

/// Who speaks, and how fast.
fn voice(lang: Lang) -> [Arg; 2] {
    let voice = Arg::new("voice").long("voice").value_name(lang.pick("语音", "VOICE")).help(lang.pick(
        "用哪种语音：espeak，或带声音名，如 kokoro:zf_xiaoxiao；不写就用 station.toml 里的",
        "An engine, or one of its voices: espeak, kokoro:zf_xiaoxiao; that of station.toml, if absent",
    ));
    let rate = Arg::new("rate")
        .long("rate")
        .value_name(lang.pick("语速", "N"))
        .value_parser(value_parser!(i64).range(80..=450))
        .help(lang.pick("语速，平常是 145，越小越慢", "Speed; 145 is ordinary, less is slower"));
    [voice, rate]
}

/// What the clip is made for.
fn profile(lang: Lang) -> Arg {
    Arg::new("profile").long("profile").value_name("horn|off").value_parser(Profile::NAMES).help(lang.pick(
        "处理成高音喇叭用的（horn），或者原声不动（off）；不写就用 station.toml 里的",
        "Made for a horn, or left as it is; as station.toml says, if absent",
    ))
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let texts: Vec<&str> =
        arguments.get_many::<String>("text").into_iter().flatten().map(String::as_str).collect();
    let text = texts.join("\n");
    let output = arguments.get_one::<PathBuf>("output");
    let explained = arguments.get_flag("explain");
    let word = |name: &str| arguments.get_one::<String>(name).map(String::as_str);
    let (mut studio, site) = studio::Studio::open(context)?;
    if let Some(profile) = word("profile").and_then(Profile::named) {
        let house = studio::shaping(site.as_ref());
        studio.workshop = studio.workshop.shaped(Shaping { profile, ..house });
    }
    if explained {
        print(&explain::explain(&text, &studio.reader, context.lang)?)?;
    }
    let plays = arguments.get_flag("play") || output.is_none() && !explained;
    if !plays && output.is_none() {
        return Ok(ExitCode::SUCCESS);
    }
    let voice = studio::chosen(word("voice"), arguments.get_one("rate").copied(), site.as_ref())?;
    let message = studio::message(&text, voice);
    let (clip, voice) = studio.make(&message, None, context.lang)?;
    if let Some(path) = output {
        aloud::save(&clip, path)?;
        let seconds = clip.length().as_secs_f64();
        let path = path.display();
        print(context.lang.pick(
            &format!("{path}：{seconds:.1} 秒，{voice}\n"),
            &format!("{path}: {seconds:.1} s, {voice}\n"),
        ))?;
    }
    if plays {
        aloud::play(&clip, word("device").unwrap_or("default"))?;
    }
    Ok(ExitCode::SUCCESS)
}
