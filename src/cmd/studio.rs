//! What `speak` and `listen` make clips with: the house's workshop, outside of the daemon.

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;

use super::house::House;
use super::{Context, Failure};
use crate::clip::recording::Folders;
use crate::clip::{RenderFault, Workshop};
use crate::model::{Message, MessageId, Repeat, Selection, Setting, Site};
use crate::speech::engine::{EngineFault, FALLBACK, Home, KINDS};
use crate::speech::text::{MANDARIN, Reader};
use crate::station::bundles::campaigns_below;

/// Words a minute of ordinary speech, as espeak counts.
const ORDINARY: i64 = 160;

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
        let workshop =
            Workshop::new(&voice, reader.clone(), recordings, folder, home).map_err(|fault| no_voice(&fault))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::because("无法启动", "cannot start", error))?;
        Ok((Self { workshop, reader, runtime, _clips: clips }, site))
    }

    /// Does `work` to its end.
    pub(super) fn wait<T>(&self, work: impl Future<Output = Result<T, RenderFault>>) -> Result<T, Failure> {
        self.runtime.block_on(work).map_err(|fault| {
            Failure::new(
                format!("合成不了：{}", fault.detail.zh),
                format!("cannot be made: {}", fault.detail.en),
            )
        })
    }
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
    let has = |key: &str| row.fields.fields.iter().any(|field| field.key == key);
    if let Some(voice) = voice {
        if !has("voice") {
            return Err(one_voice(kind));
        }
        options.insert("voice".to_owned(), Setting::Text(voice.to_owned()));
    }
    if let Some(rate) = rate {
        // Percent of the ordinary speed for an engine that counts so.
        let (key, value) =
            if has("speed") { ("speed", rate * 100 / ORDINARY) } else { ("words_per_minute", rate) };
        options.insert(key.to_owned(), Setting::Integer(value));
    }
    Ok(Some(Selection { kind: kind.to_owned(), options }))
}

fn unknown(kind: &str) -> Failure {
    let known: Vec<&str> = KINDS.iter().map(|row| row.fields.name).collect();
    Failure::new(
        format!("没有语音引擎“{kind}”；现有：{}", known.join("、")),
        format!("there is no engine {kind}; there are: {}", known.join(", ")),
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
