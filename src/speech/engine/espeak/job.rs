//! The child's side: one request in, one run of speech out.

use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;

use super::ffi::{self, Library};
use super::{LIMIT, MOST_SAMPLES, Request, SpeakFault};
use crate::speech::engine::child::{self, Answer, Sandbox};

/// Longest request, bytes: the longest text in the longest JSON escapes, and room.
const LONGEST_REQUEST: u64 = 64 * 1024;

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
    let (rate, sound) = prepare(library, &data, &request)?.speak(&request.text, MOST_SAMPLES)?;
    for piece in sound.chunks(PIECE) {
        let samples: Vec<f32> = piece.iter().map(|sample| f32::from(*sample) / 32_768.0).collect();
        answer.sound(rate, &samples);
    }
    Ok(())
}

fn read_request() -> Result<Request, SpeakFault> {
    let mut text = String::new();
    let read = io::stdin().lock().take(LONGEST_REQUEST).read_to_string(&mut text);
    read.map_err(|error| SpeakFault::Request(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| SpeakFault::Request(error.to_string()))
}

/// The library does not fail when a voice's dictionary is missing: it spells. So we look ourselves.
fn prepare(library: Library, data: &Path, request: &Request) -> Result<Library, SpeakFault> {
    if !data.join(&request.dictionary).is_file() {
        return Err(SpeakFault::NoVoice(request.voice.clone()));
    }
    library.choose(&request.voice)?.set_speed(request.words_per_minute)?.set_pitch(request.pitch)
}
