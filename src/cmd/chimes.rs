//! `dalaba chimes`: which sounds there are before messages, and how one sounds.

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Arg, ArgMatches, Command};
use serde_json::json;

use super::out::print;
use super::studio::Studio;
use super::table::columns;
use super::{Context, Failure, Subcommand, aloud, studio};
use crate::clip::recording;
use crate::clip::{CHIMES as IN_PLAYLISTS, SOUNDS, lasts, tone};
use crate::model::{Chime, Lang, Message, Site};

/// The row of the command table.
pub(super) const CHIMES: Subcommand = Subcommand { name: "chimes", arguments, run };

fn arguments(lang: Lang) -> Command {
    let name = Arg::new("name").value_name(lang.pick("名称", "NAME")).help(lang.pick(
        "要听哪一个：自带的名称，或录音文件夹里的文件；不写就全部列出",
        "Which one to hear: a name of ours, or a file of the audio folder; lists ours, if absent",
    ));
    let format = Arg::new("format")
        .long("format")
        .value_name("text|json")
        .value_parser(["text", "json"])
        .default_value("text")
        .help(lang.pick(
            "列出时的格式：text 给人看，json 给程序",
            "Of the list: text for people, json for programs",
        ));
    Command::new("chimes")
        .about(lang.pick("列出、试听提示音", "Lists chimes, and sounds one"))
        .arg(name)
        .args(aloud::wanted(lang))
        .arg(format)
        .arg(aloud::device(lang))
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let word = |name: &str| arguments.get_one::<String>(name).map(String::as_str);
    match word("name") {
        Some(name) => sound(context, name, arguments)?,
        None if word("format") == Some("json") => print(&lines())?,
        None => print(&list(context.lang))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(lang: Lang) -> String {
    let head = ["名称 name", "时长 length", "节目单可用 in playlists", "用处 what for"];
    let rows = SOUNDS.iter().map(|sound| {
        let seconds = seconds(sound.name);
        let length = lang.pick(&format!("{seconds:.1} 秒"), &format!("{seconds:.1} s")).to_owned();
        let may = if may(sound.name) { lang.pick("可以", "yes") } else { lang.pick("不可以", "no") };
        vec![sound.name.to_owned(), length, may.to_owned(), lang.pick(sound.zh, sound.en).to_owned()]
    });
    let table = columns(std::iter::once(head.map(str::to_owned).to_vec()).chain(rows));
    table
        + lang.pick(
            "自己的录音也一样能用：节目单里写 chime = \"文件名\"，最长 30 秒。\n",
            "A recording of your own is as good: write chime = \"FILE\" in the playlist; at most 30 s.\n",
        )
}

/// Writes a line for each sound.
fn lines() -> String {
    let mut lines = String::new();
    for sound in SOUNDS {
        let object = json!({
            "name": sound.name,
            "seconds": seconds(sound.name),
            "in_playlists": may(sound.name),
            "zh": sound.zh,
            "en": sound.en,
        });
        lines.push_str(&object.to_string());
        lines.push('\n');
    }
    lines
}

fn seconds(name: &str) -> f64 {
    lasts(name).unwrap_or_default().as_secs_f64()
}

fn may(name: &str) -> bool {
    IN_PLAYLISTS.contains(&name)
}

/// Sounds a chime as it would on air.
fn sound(context: &Context, name: &str, arguments: &ArgMatches) -> Result<(), Failure> {
    let output = arguments.get_one::<PathBuf>("output");
    let asked = arguments.get_flag("play");
    if name == tone::ALARM && output.is_none() && !asked {
        return Err(alarming());
    }
    let (studio, site) = Studio::open(context)?;
    let (chime, length) = match lasts(name) {
        Some(length) => (Chime::Named(name.to_owned()), length),
        None => (Chime::File(name.into()), file(Path::new(name), site.as_ref())?),
    };
    let nothing = Message { text: None, ..studio::message("", None) };
    let (clip, _) = studio.make(&nothing, Some(&chime), context.lang)?;
    if clip.samples.is_empty() {
        return Err(unusable(name));
    }
    if let Some(path) = output {
        aloud::save(&clip, path)?;
        let (path, seconds) = (path.display(), length.as_secs_f64());
        print(context.lang.pick(
            &format!("{path}：{seconds:.1} 秒，{name}\n"),
            &format!("{path}: {seconds:.1} s, {name}\n"),
        ))?;
    }
    if asked || output.is_none() {
        let device = arguments.get_one::<String>("device").map_or("default", String::as_str);
        aloud::play(&clip, device)?;
    }
    Ok(())
}

/// Measures a chime of the user's own.
fn file(file: &Path, site: Option<&Site>) -> Result<Duration, Failure> {
    let program = env::current_exe()
        .map_err(|error| Failure::because("找不到程序自己", "cannot find myself", error))?;
    let audio = site.map_or_else(|| PathBuf::from("audio"), |site| site.audio.clone());
    recording::measure(&program, &audio, file).map_err(|fault| {
        let (file, words) = (file.display(), fault.words());
        let ours: Vec<&str> = SOUNDS.iter().map(|sound| sound.name).collect();
        Failure::new(
            format!("“{file}”不是自带的提示音（{}），当录音文件用：{}", ours.join("、"), words.zh),
            format!("{file} is no chime of ours ({}); as a recording: {}", ours.join(", "), words.en),
        )
    })
}

fn alarming() -> Failure {
    Failure::new(
        "alarm 是应急播报的声音，接着喇叭放会惊动全村。用 -o 存成文件听；一定要放，写 --play",
        "alarm is the sound of emergencies: over a horn it alarms a whole village. Write it to a file with -o, or add --play to \
         play it nevertheless",
    )
}

fn unusable(name: &str) -> Failure {
    Failure::new(
        format!("“{name}”不能当提示音：最长 30 秒"),
        format!("{name} cannot be used as a chime: at most 30 s"),
    )
}
