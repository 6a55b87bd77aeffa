//! What is written → what is said: every syllable decided, with its pauses, ready for an engine. Speech leaves this
//! room.

mod clean;
pub mod normalize;
pub mod pinyin;
mod reader;
mod review;
mod runs;
pub mod said;
pub mod script;

use crate::model::Words;
use script::Script;

pub use reader::Reader;

/// Most characters of one text: about seven minutes of speech, far more than a message should have.
pub const LONGEST_TEXT: usize = 2000;

/// Most changes of language in one text. An engine takes a new breath for each, so this bounds the work too.
pub const MOST_RUNS: usize = 100;

/// The tag of Mandarin.
pub const MANDARIN: &str = "zh";

/// The tag of English.
pub const ENGLISH: &str = "en";

/// What is to be spoken, with all that an engine may want to know.
#[derive(Debug, Clone, PartialEq)]
pub struct Speech {
    /// Language of the message, a BCP 47 tag in lower case.
    pub language: String,
    /// The said text: what people read, and what an engine gets that decides its own syllables.
    pub said: String,
    /// Every syllable and pause.
    pub script: Script,
}

/// Says why a text cannot be spoken as it is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    /// Nothing in it has a sound.
    #[error("there is nothing to say")]
    Empty,
    /// It has more than [`LONGEST_TEXT`] characters.
    #[error("the text has {0} characters; {LONGEST_TEXT} are allowed")]
    TooLong(usize),
    /// It changes its language more than [`MOST_RUNS`] times.
    #[error("the text changes between Chinese and English {0} times; {MOST_RUNS} are allowed")]
    TooMixed(usize),
    /// Its language is one that nobody here speaks; another would be the wrong one.
    #[error("no voice speaks the language {0:?}")]
    NoVoice(String),
    /// It holds a letter of a script that nobody here reads.
    #[error("no voice reads the letter {0:?}")]
    UnknownScript(char),
}
impl TextFault {
    /// Says the fault in both languages.
    pub fn words(&self) -> Words {
        let zh = match self {
            Self::Empty => "文字里没有可以念出来的内容".to_owned(),
            Self::TooLong(count) => format!("文字有 {count} 个字，最多 {LONGEST_TEXT} 个字"),
            Self::TooMixed(count) => format!("中英文来回切换了 {count} 次，最多 {MOST_RUNS} 次"),
            Self::NoVoice(language) => format!("没有会说“{language}”这种语言的语音"),
            Self::UnknownScript(letter) => format!("没有会念“{letter}”这种文字的语音"),
        };
        Words::new(zh, self.to_string())
    }
}

/// Tells whether texts in the language of this tag can be read at all, if a voice has it.
pub fn reads(language: &str) -> bool {
    language_of(language).is_ok()
}

/// Other Chinese languages (`yue`, `nan`) are refused: read in Mandarin they would be in the wrong language.
fn language_of(tag: &str) -> Result<String, TextFault> {
    let tag = tag.to_ascii_lowercase().replace('_', "-");
    let mut parts = tag.split('-');
    let (primary, extended) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match (primary, extended) {
        (
            "zh",
            "yue" | "nan" | "wuu" | "hak" | "gan" | "hsn" | "cdo" | "cjy" | "cpx" | "mnp" | "min" | "hk"
            | "mo",
        )
        | ("yue" | "nan" | "wuu" | "hak" | "gan" | "hsn" | "cdo" | "cjy" | "cpx" | "mnp", _) => {
            Err(TextFault::NoVoice(tag))
        }
        ("zh" | "cmn", _) => Ok(MANDARIN.to_owned()),
        _ => Ok(tag),
    }
}
