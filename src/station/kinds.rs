//! Gathers what the files may name: the outputs, amplifiers, engines and chimes of this program.

use crate::config::Kinds;
use crate::{amplifier, clip, output, speech};

/// Lists every kind that this program has, for the reading of files.
pub fn kinds() -> Kinds {
    Kinds {
        outputs: output::KINDS.iter().map(|kind| kind.fields).collect(),
        amplifiers: amplifier::KINDS.iter().map(|kind| kind.fields).collect(),
        engines: speech::engine::KINDS.iter().map(|kind| kind.fields).collect(),
        chimes: clip::CHIMES.to_vec(),
    }
}
