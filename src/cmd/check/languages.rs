//! Finds messages in a language that nobody here speaks.

use crate::config::{Complaint, Parsed, Severity};
use crate::model::{Message, Playlist, Selection, Words};
use crate::speech::engine;
use crate::speech::text;

/// Complains of each text whose language the voice lacks that would speak it: its own, or the house's.
///
/// Where a playlist is checked without its station, the house's voice is unknown and taken for the default.
pub(super) fn languages(parsed: &Parsed<Playlist>, house: Option<&Selection>) -> Vec<Complaint> {
    let messages = parsed.value.iter().flat_map(|playlist| &playlist.messages).enumerate();
    let unspoken = messages.filter(|(_, message)| message.text.is_some() && !is_spoken(message, house));
    unspoken.map(|(at, message)| complaint(parsed, &format!("message.{at}"), message)).collect()
}

/// Languages that the text room itself refuses are complained of with the text.
fn is_spoken(message: &Message, house: Option<&Selection>) -> bool {
    let kind = message.voice.as_ref().or(house).map_or(engine::FALLBACK, |voice| voice.kind.as_str());
    !text::reads(&message.language) || engine::speaks(kind, &message.language)
}

fn complaint(parsed: &Parsed<Playlist>, place: &str, message: &Message) -> Complaint {
    let span = |key: &str| parsed.places.get(&format!("{place}.{key}")).cloned();
    let language = &message.language;
    Complaint {
        severity: Severity::Error,
        path: parsed.path.clone(),
        span: span("language").or_else(|| span("text")).unwrap_or_default(),
        what: Words::new(
            format!("没有会说“{language}”这种语言的语音，这条消息播不出来"),
            format!("no voice speaks the language {language:?}, and no other is taken for it"),
        ),
        fix: Words::new(
            "改 `language`；这种语言没有语音的，录好音写在 `audio` 里，或给它配一个 `command` 语音",
            "correct `language`; where there is no voice, name a recording in `audio` or give it a `command` voice",
        ),
    }
}
