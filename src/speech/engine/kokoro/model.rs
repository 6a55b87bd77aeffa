//! The model: symbols in, samples out. The library is loaded while the process runs, because it is part of the pack.

use std::collections::HashMap;

use ort::session::Session;
use ort::session::builder::SessionBuilder;
use ort::value::Tensor;
use serde::Deserialize;

use super::{KokoroFault, MANIFEST, Pack};

/// Most symbols that the model takes at a time; each number of them has a style of its own.
pub(super) const MOST_SYMBOLS: usize = 510;

/// Numbers in one style.
const STYLE: usize = 256;

/// The loaded library, and what the model is going to need.
pub(super) struct Voice {
    alphabet: HashMap<char, i64>,
    styles: Vec<f32>,
    pack: Pack,
}

/// A voice that is ready to speak.
pub(super) struct Model {
    session: Session,
    voice: Voice,
    speed: f32,
}

#[derive(Deserialize)]
struct Vocabulary {
    vocab: HashMap<char, i64>,
}

impl Voice {
    /// Reads the alphabet and a voice, and runs the library's first code: its file is looked through before.
    pub(super) fn load(pack: Pack, name: &str) -> Result<Self, KokoroFault> {
        let voice = format!("voices/{name}.bin");
        if !MANIFEST.has(&voice) {
            return Err(KokoroFault::NoVoice(name.to_owned()));
        }
        let styles = pack.contents(&voice)?;
        let (styles, _) = styles.as_chunks();
        let styles = styles.iter().map(|four| f32::from_le_bytes(*four)).collect();
        let alphabet: Vocabulary = serde_json::from_slice(&pack.contents("vocab.json")?)
            .map_err(|_| KokoroFault::Damaged("vocab.json".to_owned()))?;
        let _ = ort::init_from(pack.library()?).map_err(failed)?.with_telemetry(false).commit();
        Ok(Self { alphabet: alphabet.vocab, styles, pack })
    }

    /// Loads the model; its threads are started here. `speed` is in percent.
    pub(super) fn into_model(self, speed: u8, threads: usize) -> Result<Model, KokoroFault> {
        let file = self.pack.verified("model.onnx")?;
        let session =
            builder(threads).and_then(|mut builder| builder.commit_from_file(file)).map_err(failed)?;
        Ok(Model { session, voice: self, speed: f32::from(speed) / 100.0 })
    }
}

fn builder(threads: usize) -> ort::Result<SessionBuilder> {
    // A thread that has nothing to do sleeps: others have work for the core.
    Ok(Session::builder()?
        .with_intra_threads(threads)?
        .with_intra_op_spinning(false)?
        .with_memory_pattern(false)?)
}

impl Model {
    /// Speaks `symbols`; those that the model does not know are left out. The sound has silence at its ends.
    pub(super) fn speak(&mut self, symbols: &str) -> Result<Vec<f32>, KokoroFault> {
        let known: Vec<i64> =
            symbols.chars().filter_map(|symbol| self.voice.alphabet.get(&symbol).copied()).collect();
        // Without a symbol the model makes a noise all the same.
        let Some(last) = known.len().checked_sub(1) else { return Err(KokoroFault::Nothing) };
        let style =
            self.voice.styles.chunks_exact(STYLE).nth(last).ok_or(KokoroFault::TooLong(known.len()))?;
        let tokens: Vec<i64> = std::iter::once(0).chain(known).chain([0]).collect();
        self.run(tokens, style.to_vec()).map_err(failed)
    }

    fn run(&mut self, tokens: Vec<i64>, style: Vec<f32>) -> ort::Result<Vec<f32>> {
        let tokens = Tensor::from_array(([1, tokens.len()], tokens))?;
        let style = Tensor::from_array(([1, STYLE], style))?;
        let speed = Tensor::from_array(([1], vec![self.speed]))?;
        let outputs =
            self.session.run(ort::inputs!["tokens" => tokens, "style" => style, "speed" => speed])?;
        let (_, samples) = outputs["audio"].try_extract_tensor::<f32>()?;
        Ok(samples.to_vec())
    }
}

fn failed(error: impl std::fmt::Display) -> KokoroFault {
    KokoroFault::Library(error.to_string())
}
