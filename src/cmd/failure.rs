//! What stops a subcommand, told once, at the edge.

use std::error::Error;
use std::fmt::Write as _;

use crate::model::{Lang, Words};

/// Says in both languages why a subcommand could not do its work, with the error that caused it.
#[derive(Debug)]
pub struct Failure {
    words: Words,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    /// States a failure that has no deeper cause.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { words: Words::new(zh, en), source: None }
    }

    /// States what could not be done because of `source`.
    pub fn because(
        zh: impl Into<String>,
        en: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self { words: Words::new(zh, en), source: Some(source.into()) }
    }

    /// Writes the failure and the whole chain of its causes on one line.
    pub fn report(&self, lang: Lang) -> String {
        let mut line = self.words.in_lang(lang).to_owned();
        let mut cause = self.source.as_deref().map(|source| source as &dyn Error);
        while let Some(error) = cause {
            // Writing to a String cannot fail.
            let _ = write!(line, ": {error}");
            cause = error.source();
        }
        line
    }
}
