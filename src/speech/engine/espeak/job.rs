//! The child's side: one request in, one message out.

use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use super::ffi::{self, Library};
use super::phrases::Voice;
use super::{LIMIT, MOST_SAMPLES, Request, SpeakFault};
use crate::speech::engine::child::{self, Answer, Sandbox};
use crate::speech::engine::phrases::Phrases;

/// Longest request, bytes: the longest text, every character a phrase of its own, and room.
const LONGEST_REQUEST: u64 = 512 * 1024;

/// Samples in one piece of the answer.
const PIECE: usize = 16 * 1024;

/// Speaks the request on standard input, as a child, and answers on standard output.
pub fn answer() -> ExitCode {
    child::answer(speak)
}

fn speak(answer: &mut Answer) -> Result<(), SpeakFault> {
    let data = ffi::data_folder();
    let sandbox = Sandbox::enter(&[&data], LIMIT);
    // The library starts a thread of its own here; from the seal on none can be started.
    let library = Library::start(&data)?;
    sandbox.seal();
    let request = read_request()?;
    let rate = library.rate();
    for piece in speak_all(&library, &data, &request)?.chunks(PIECE) {
        answer.sound(rate, piece);
    }
    Ok(())
}

/// Speaks phrase after phrase. What the library keeps from one to the next is the same each time, because the process is
/// fresh and their order is.
fn speak_all(library: &Library, data: &Path, request: &Request) -> Result<Vec<f32>, SpeakFault> {
    let mut joined = Phrases::new(library.rate());
    let mut chosen = None;
    for phrase in &request.phrases {
        let voice = request.voices.get(phrase.voice).ok_or_else(|| unreadable(&"no such voice"))?;
        if chosen != Some(voice) {
            choose(library, data, voice, request)?;
            chosen = Some(voice);
        }
        let sound = library.speak(&phrase.text, MOST_SAMPLES.saturating_sub(joined.len()))?;
        let samples: Vec<f32> = sound.iter().map(|sample| f32::from(*sample) / 32_768.0).collect();
        joined.push(&samples);
        joined.pause(Duration::from_millis(phrase.pause));
    }
    Ok(joined.join())
}

fn read_request() -> Result<Request, SpeakFault> {
    let mut text = String::new();
    let read = io::stdin().lock().take(LONGEST_REQUEST).read_to_string(&mut text);
    read.map_err(|error| unreadable(&error))?;
    serde_json::from_str(&text).map_err(|error| unreadable(&error))
}

fn unreadable(why: &dyn ToString) -> SpeakFault {
    SpeakFault::Request(why.to_string())
}

/// The library does not fail when a voice's dictionary is missing: it spells. So we look ourselves.
fn choose(library: &Library, data: &Path, voice: &Voice, request: &Request) -> Result<(), SpeakFault> {
    // A language tag is a message's own; it must not lead out of the library's folder.
    let plain = voice.dictionary.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !plain || !data.join(&voice.dictionary).is_file() {
        return Err(SpeakFault::NoVoice(voice.name.clone()));
    }
    library.choose(&voice.name)?;
    library.set_speed(request.words_per_minute)?;
    library.set_pitch(request.pitch)
}
