//! Gathers what the files may name: the outputs, engines and chimes of this program.

use crate::config::Kinds;
use crate::{output, speech};

/// Names of our own chimes.
const CHIMES: [&str; 3] = ["four-rising", "four-falling", "bell"];

/// Lists every kind that this program has, for the reading of files.
pub fn kinds() -> Kinds {
    Kinds {
        outputs: output::KINDS.iter().map(|kind| kind.fields).collect(),
        engines: speech::engine::KINDS.iter().map(|kind| kind.fields).collect(),
        chimes: CHIMES.to_vec(),
    }
}
