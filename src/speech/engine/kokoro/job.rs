//! The child's side: one request in, one message out.

use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use super::model::Voice;
use super::phonemes::{Part, Piece};
use super::{KokoroFault, Pack, RATE, Request, english, priority};
use crate::speech::engine::child::{self, Answer, Sandbox};
use crate::speech::engine::espeak::{Reader, SpeakFault};
use crate::speech::engine::phrases::Phrases;

/// Longest request, bytes: the longest text, twelve bytes a character and as much again for JSON.
const LONGEST_REQUEST: u64 = 512 * 1024;

/// Address space of the child. The model takes 300 MB for a usual sentence and 830 for the longest; the library reserves
/// more than it uses.
const MEMORY: u64 = 2 * 1024 * 1024 * 1024;

/// Samples in one piece of the answer.
const PIECE: usize = 16 * 1024;

/// Speaks the request on standard input, as a child, and answers on standard output.
pub fn answer() -> ExitCode {
    child::answer(speak)
}

fn speak(answer: &mut Answer) -> Result<(), KokoroFault> {
    priority::stand_back();
    let request = read_request()?;
    let voice = Voice::load(Pack::in_folder(request.pack.clone()), &request.voice)?;
    let wants_english =
        request.pieces.iter().flat_map(|piece| &piece.parts).any(|part| matches!(part, Part::English(_)));
    let data = wants_english.then(Reader::data_folder);
    // The library asks the system what the processor can do.
    let processor = [Path::new("/proc/cpuinfo"), Path::new("/sys/devices/system/cpu")];
    let folders = [Some(request.pack.as_path()), data.as_deref()];
    let readable: Vec<&Path> = folders.into_iter().flatten().chain(processor).collect();
    let cpu = Duration::from_secs(request.seconds) * u32::try_from(request.threads).unwrap_or(1);
    let sandbox = Sandbox::enter_with(&readable, cpu, MEMORY);
    // The reader starts a thread of its own here, the model when it likes.
    let mut model = voice.into_model(request.speed, request.threads)?;
    let reader = data.map(|data| Reader::start(&data)).transpose().map_err(unread)?;
    sandbox.seal_but_threads();
    let mut joined = Phrases::new(RATE);
    for piece in &request.pieces {
        joined.push(&model.speak(&symbols(piece, reader.as_ref())?)?);
        joined.pause(Duration::from_millis(piece.pause));
    }
    for piece in joined.join().chunks(PIECE) {
        answer.sound(RATE, piece);
    }
    Ok(())
}

/// Writes out a whole piece, English words included.
fn symbols(piece: &Piece, reader: Option<&Reader>) -> Result<String, KokoroFault> {
    let mut all = String::new();
    for part in &piece.parts {
        match (part, reader) {
            (Part::Sounds(sounds), _) => all.push_str(sounds),
            (Part::English(words), Some(reader)) => {
                all.push_str(&english::from_ipa(&reader.ipa(words).map_err(unread)?));
            }
            (Part::English(_), None) => {}
        }
    }
    Ok(all)
}

#[expect(clippy::needless_pass_by_value, reason = "taken by map_err")]
fn unread(why: SpeakFault) -> KokoroFault {
    KokoroFault::English(why.to_string())
}

fn read_request() -> Result<Request, KokoroFault> {
    let unreadable = |why: String| KokoroFault::Request(why);
    let mut text = String::new();
    let read = io::stdin().lock().take(LONGEST_REQUEST).read_to_string(&mut text);
    read.map_err(|error| unreadable(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))
}
