//! `dalaba listen`: plays the messages of a playlist on this machine, as they will sound.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};

use super::out::print;
use super::{Context, Failure, Subcommand, aloud, studio};
use crate::config::{Parsed, parse_playlist, report};
use crate::model::{Chime, Lang, Message, MessageId, Playlist, Schedule};
use crate::station::kinds::kinds;
use crate::station::sources;

/// The row of the command table.
pub(super) const LISTEN: Subcommand = Subcommand { name: "listen", arguments, run };

fn arguments(lang: Lang) -> Command {
    Command::new("listen")
        .about(lang.pick("试听节目单", "Plays a playlist's messages here"))
        .arg(
            Arg::new("playlist")
                .required(true)
                .value_name(lang.pick("节目单", "PLAYLIST"))
                .help(lang.pick("节目单的名称或文件", "A playlist, by name or file")),
        )
        .arg(
            Arg::new("message")
                .value_name(lang.pick("播报条", "MESSAGE"))
                .help(lang.pick("只听这一条；不写就全听", "Only this message; all, if absent")),
        )
        .arg(
            Arg::new("output")
                .short('o')
                .long("output")
                .value_name(lang.pick("文件夹", "FOLDER"))
                .value_parser(value_parser!(PathBuf))
                .help(lang.pick(
                    "不放出来，每条存成一个 WAV 文件",
                    "Write a WAV file of each into this folder instead",
                )),
        )
        .arg(aloud::device(lang))
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let word = |name: &str| arguments.get_one::<String>(name).map(String::as_str);
    let (studio, site) = studio::Studio::open(context)?;
    let folder = site.map_or_else(|| PathBuf::from("broadcasts"), |site| site.broadcasts);
    let playlist = read(word("playlist").unwrap_or_default(), &folder)?;
    let output = arguments.get_one::<PathBuf>("output");
    if let Some(folder) = output {
        fs::create_dir_all(folder).map_err(|error| {
            let folder = folder.display();
            Failure::because(
                format!("建不了文件夹 {folder}"),
                format!("cannot make the folder {folder}"),
                error,
            )
        })?;
    }
    for message in wanted(&playlist, word("message"))? {
        let chime = chime_before(&playlist, &message.id);
        let (clip, voice) = studio.make(message, chime, context.lang)?;
        let (id, seconds) = (&message.id, clip.length().as_secs_f64());
        print(context.lang.pick(
            &format!("{id}：{seconds:.1} 秒，{voice}\n"),
            &format!("{id}: {seconds:.1} s, {voice}\n"),
        ))?;
        match output {
            Some(folder) => aloud::save(&clip, &folder.join(format!("{id}.wav")))?,
            None => aloud::play(&clip, word("device").unwrap_or("default"))?,
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads a playlist by its file, or by its name in `folder`.
fn read(written: &str, folder: &Path) -> Result<Playlist, Failure> {
    let as_file = Path::new(written);
    let path = if as_file.is_file() { as_file.to_owned() } else { folder.join(format!("{written}.toml")) };
    let (parsed, texts) = match sources::read(&path) {
        Ok(source) => (parse_playlist(&source, &kinds()), vec![source]),
        Err(complaint) => (Parsed::refused(*complaint), Vec::new()),
    };
    parsed.value.ok_or_else(|| {
        let say = |lang| report(&parsed.complaints, &texts, lang, false);
        Failure::new(
            format!("节目单用不了：\n{}", say(Lang::Zh)),
            format!("the playlist cannot be used:\n{}", say(Lang::En)),
        )
    })
}

/// Finds the messages that are to be heard, in the order written.
fn wanted<'a>(playlist: &'a Playlist, id: Option<&str>) -> Result<Vec<&'a Message>, Failure> {
    let messages = &playlist.messages;
    let found: Vec<&Message> = messages
        .iter()
        .map(AsRef::as_ref)
        .filter(|message: &&Message| id.is_none_or(|id| id == message.id.as_str()))
        .collect();
    if found.is_empty() {
        let known: Vec<&str> = messages.iter().map(|message| message.id.as_str()).collect();
        return Err(Failure::new(
            format!("节目单里没有播报条“{}”；现有：{}", id.unwrap_or_default(), known.join("、")),
            format!(
                "the playlist has no message {}; there are: {}",
                id.unwrap_or_default(),
                known.join(", ")
            ),
        ));
    }
    Ok(found)
}

/// Returns the chime of the first schedule that airs the message.
fn chime_before<'a>(playlist: &'a Playlist, id: &MessageId) -> Option<&'a Chime> {
    let airs = |schedule: &&Schedule| schedule.messages.contains(id);
    playlist.schedules.iter().find(airs)?.chime.as_ref()
}
