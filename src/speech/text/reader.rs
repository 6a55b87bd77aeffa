//! The front end whole: from what is written to what an engine speaks.

use super::normalize::{Options, normalize};
use super::pinyin;
use super::pinyin::lexicon::Lexicon;
use super::said::{Said, Unsaid};
use super::script::{Script, Unit};
use super::{LONGEST_TEXT, MANDARIN, MOST_RUNS, Speech, TextFault, clean, language_of, runs};
use crate::model::LexiconEntry;

/// Reads texts by one lexicon. Cheap to make, and shared by all that speak.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    lexicon: Lexicon,
    options: Options,
}

impl Reader {
    /// Goes by the user's `own` words before those that we ship.
    pub fn new(own: &[LexiconEntry], options: Options) -> Self {
        Self { lexicon: Lexicon::with_own(own), options }
    }

    /// Turns a written `text` into what is to be said.
    ///
    /// `language` is a BCP 47 tag: Mandarin (`zh`, `zh-CN`, `cmn` …), English (`en`, `en-GB` …), or any other that an
    /// engine has a voice for. In a Mandarin text Latin letters are English. Control and invisible characters vanish; web
    /// addresses and emoji are left out (`dalaba check` complains of them). A letter of a script without a voice is refused:
    /// silence that is recorded beats the wrong language.
    pub fn prepare(&self, text: &str, language: &str) -> Result<Speech, TextFault> {
        let language = language_of(language)?;
        let count = text.chars().count();
        if count > LONGEST_TEXT {
            return Err(TextFault::TooLong(count));
        }
        let (said, script) = if language == MANDARIN {
            let said = self.said(text);
            refuse_other_scripts(&said, text)?;
            (said.to_string(), self.script(&said))
        } else {
            let units = runs::split(&clean::clean(text), &language)?;
            (units.iter().map(words_of).collect(), Script { units })
        };
        let foreign = script.units.iter().filter(|unit| matches!(unit, Unit::Foreign { .. })).count();
        if foreign > MOST_RUNS {
            return Err(TextFault::TooMixed(foreign));
        }
        if script.units.iter().all(|unit| matches!(unit, Unit::Pause(_))) {
            return Err(TextFault::Empty);
        }
        Ok(Speech { language, said, script })
    }

    /// Returns what a Mandarin text comes to when it is spoken.
    pub fn said(&self, text: &str) -> Said {
        normalize(text, &self.options)
    }

    /// Decides every syllable.
    pub fn script(&self, said: &Said) -> Script {
        pinyin::read(said, &self.lexicon)
    }
}

/// A text is refused if it has letters that nobody here reads; emoji and signs are only left out.
fn refuse_other_scripts(said: &Said, text: &str) -> Result<(), TextFault> {
    let other = said.unspeakable.iter().find(|unspeakable| unspeakable.what == Unsaid::Script);
    match other.and_then(|other| text.chars().nth(other.at)) {
        Some(letter) => Err(TextFault::UnknownScript(letter)),
        None => Ok(()),
    }
}

fn words_of(unit: &Unit) -> &str {
    match unit {
        Unit::Foreign { text, .. } => text,
        Unit::Syllable(_) | Unit::Pause(_) => "",
    }
}
