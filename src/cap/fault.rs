//! Why a file, or one warning in it, is refused, and where.

use std::fmt;

use crate::model::Words;

/// Says what is wrong and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line, from 1; of the text as decoded.
    pub line: usize,
    /// Column, in characters from 1.
    pub column: usize,
    /// What is wrong.
    pub words: Words,
}

impl Fault {
    /// Places a fault at byte `at` of `text`.
    pub(super) fn new(text: &str, at: usize, words: Words) -> Self {
        let before = text.get(..at.min(text.len())).unwrap_or_default();
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { line, column, words }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.words)
    }
}

impl std::error::Error for Fault {}

/// Something wrong at a byte of the text; it becomes a [`Fault`] where the text is known.
#[derive(Debug, Clone)]
pub(super) struct At {
    pub(super) at: usize,
    pub(super) words: Words,
}

impl At {
    pub(super) fn new(at: usize, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { at, words: Words::new(zh, en) }
    }

    pub(super) fn in_text(self, text: &str) -> Fault {
        Fault::new(text, self.at, self.words)
    }
}
