//! What `speak` and `listen` make clips with: the house's workshop, outside of the daemon.

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;

use super::house::House;
use super::site::warn;
use super::{Context, Failure};
use crate::clip::Workshop;
use crate::clip::recording::Folders;
use crate::config::{FieldKind, KindFields, USUAL_PACE};
use crate::model::{Chime, Clip, Lang, Message, MessageId, Repeat, Selection, Setting, Shaping, Site, Words};
use crate::speech::engine::{EngineFault, FALLBACK, Home, KINDS};
use crate::speech::text::{MANDARIN, Reader};
use crate::station::bundles::campaigns_below;

/// A workshop with its own clips, and what drives it.
pub(super) struct Studio {
    pub(super) workshop: Workshop,
    pub(super) reader: Reader,
    runtime: tokio::runtime::Runtime,
    /// Clips made for one hearing are thrown away after it.
    _clips: tempfile::TempDir,
}

impl Studio {
    /// Opens a workshop that goes by `station.toml` where there is one, and by the defaults where there is none.
    pub(super) fn open(context: &Context) -> Result<(Self, Option<Site>), Failure> {
        let House { site, reader } = House::of(context);
        let clips = tempfile::tempdir()
            .map_err(|error| Failure::because("建不了临时文件夹", "cannot make a temporary folder", error))?;
        let program = env::current_exe()
            .map_err(|error| Failure::because("找不到程序自己", "cannot find myself", error))?;
        let voice = site.as_ref().map_or_else(house_voice, |site| site.voice.clone());
        let own = site.as_ref().map_or_else(|| PathBuf::from("audio"), |site| site.audio.clone());
        let recordings = Folders { own, campaigns: campaigns_below(&context.state) };
        let voices = site
            .as_ref()
            .map_or_else(|| context.state.join("voices"), |site| site.voices_below(&context.state));
        let home = Home { program, voices };
        let folder = clips.path().to_owned();
        let workshop = Workshop::new(&voice, reader.clone(), recordings, folder, home)
            .map_err(|fault| no_voice(&fault))?
            .shaped(shaping(site.as_ref()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::because("无法启动", "cannot start", error))?;
        Ok((Self { workshop, reader, runtime, _clips: clips }, site))
    }

    /// Makes the programme of `message` in its own voice, and returns it with the name of who speaks. People are told when
    /// another voice had to.
    pub(super) fn make(
        &self,
        message: &Message,
        chime: Option<&Chime>,
        lang: Lang,
    ) -> Result<(Clip, String), Failure> {
        let made = self.runtime.block_on(self.workshop.in_own_voice(message, chime));
        let (clip, length, failed) = made.map_err(|fault| {
            Failure::new(
                format!("合成不了：{}", fault.detail.zh),
                format!("cannot be made: {}", fault.detail.en),
            )
        })?;
        let voice = length.voice;
        if let Some(why) = failed {
            let zh = format!("选的语音念不了，这次由 {voice} 念。原因：{}", why.zh);
            let en = format!("the chosen voice cannot speak, so {voice} does; {}", why.en);
            warn(&Words::new(zh, en), lang);
        }
        Ok((clip, voice))
    }
}

/// How the clips of a house are shaped.
pub(super) fn shaping(site: Option<&Site>) -> Shaping {
    site.map_or_else(Shaping::default, Site::common_shaping)
}

/// The voice of a house that has chosen none: the one that is always there, with its defaults.
fn house_voice() -> Selection {
    Selection { kind: FALLBACK.to_owned(), options: BTreeMap::new() }
}

/// Reads what `--voice` and `--rate` ask for, in place of the house's voice.
///
/// `written` is an engine (`espeak`), or an engine and one of its voices (`kokoro:zf_xiaoxiao`).
pub(super) fn chosen(
    written: Option<&str>,
    rate: Option<i64>,
    house: Option<&Site>,
) -> Result<Option<Selection>, Failure> {
    if written.is_none() && rate.is_none() {
        return Ok(None);
    }
    let house = house.map_or_else(house_voice, |site| site.voice.clone());
    let (kind, voice) = match written {
        Some(written) => written.split_once(':').map_or((written, None), |(kind, voice)| (kind, Some(voice))),
        None => (house.kind.as_str(), None),
    };
    let row = KINDS.iter().find(|row| row.fields.name == kind).ok_or_else(|| unknown(kind))?;
    let mut options = if house.kind == kind { house.options.clone() } else { BTreeMap::new() };
    if let Some(voice) = voice {
        options.insert("voice".to_owned(), Setting::Text(one_of(&row.fields, voice)?));
    }
    if let Some(rate) = rate {
        let (key, value) = speed(&row.fields, rate)?;
        options.insert(key.to_owned(), Setting::Integer(value));
    }
    Ok(Some(Selection { kind: kind.to_owned(), options }))
}

/// Returns `voice` if the engine has it.
fn one_of(engine: &KindFields, voice: &str) -> Result<String, Failure> {
    let field = engine.fields.iter().find(|field| field.key == "voice");
    let Some(FieldKind::OneOf(voices)) = field.map(|field| field.kind) else {
        return Err(one_voice(engine.name));
    };
    if voices.contains(&voice) {
        Ok(voice.to_owned())
    } else {
        Err(no_such_voice(engine.name, voice, voices))
    }
}

/// Returns the option that sets the speed of an engine, and its value: words a minute, or percent of the ordinary speed
/// for an engine that counts so. What an engine cannot do is brought to the nearest that it can.
fn speed(engine: &KindFields, rate: i64) -> Result<(&'static str, i64), Failure> {
    let ways = [("words_per_minute", rate), ("speed", (rate * 100 + USUAL_PACE / 2) / USUAL_PACE)];
    let found = ways.into_iter().find_map(|(key, value)| {
        let field = engine.fields.iter().find(|field| field.key == key)?;
        let FieldKind::Integer { min, max } = field.kind else { return None };
        Some((key, value.clamp(min, max)))
    });
    found.ok_or_else(|| no_speed(engine.name))
}

fn unknown(kind: &str) -> Failure {
    let known: Vec<&str> = KINDS.iter().map(|row| row.fields.name).collect();
    Failure::new(
        format!("没有语音引擎“{kind}”；现有：{}", known.join("、")),
        format!("there is no engine {kind}; there are: {}", known.join(", ")),
    )
}

fn no_such_voice(kind: &str, voice: &str, voices: &[&str]) -> Failure {
    Failure::new(
        format!("{kind} 没有声音“{voice}”；现有：{}", voices.join("、")),
        format!("{kind} has no voice {voice}; there are: {}", voices.join(", ")),
    )
}

fn no_speed(kind: &str) -> Failure {
    Failure::new(
        format!("语音引擎 {kind} 不能在这里定语速，去掉 --rate"),
        format!("the speed of the engine {kind} cannot be set here: leave --rate out"),
    )
}

fn one_voice(kind: &str) -> Failure {
    Failure::new(
        format!("语音引擎 {kind} 不能在这里选声音，只写 --voice {kind}"),
        format!("the engine {kind} has no voices to choose here: write --voice {kind}"),
    )
}

/// Describes the message that a text on the command line comes to.
pub(super) fn message(text: &str, voice: Option<Selection>) -> Message {
    Message {
        // The id is ours and has neither blanks nor separators.
        id: MessageId::new("speak").expect("a valid id"),
        text: Some(text.to_owned()),
        audio: None,
        language: MANDARIN.to_owned(),
        voice,
        repeat: Repeat::default(),
    }
}

fn no_voice(fault: &EngineFault) -> Failure {
    let words = fault.words();
    Failure::new(words.zh, words.en)
}
