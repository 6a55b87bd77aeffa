//! Why the voice pack could not speak.

use serde::{Deserialize, Serialize};

use super::model::MOST_SYMBOLS;
use crate::model::Words;
use crate::speech::engine::child::Told;

/// Says why the voice pack could not speak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum KokoroFault {
    /// The pack is not in the folder of voice packs.
    #[error("the voice pack kokoro is not installed in {0}; run: dalaba voices install kokoro")]
    NotInstalled(String),
    /// There is no pack for this kind of processor.
    #[error("there is no voice pack kokoro for the processor {0}")]
    Machine(String),
    /// A file of the pack is missing or cannot be read.
    #[error("{file} of the voice pack cannot be read: {why}; run: dalaba voices install kokoro")]
    File {
        /// Its name in the pack.
        file: String,
        /// What the system says.
        why: String,
    },
    /// A file of the pack is not what it was when it was made.
    #[error("{0} of the voice pack is damaged; run: dalaba voices install kokoro")]
    Damaged(String),
    /// The pack has no such voice.
    #[error("the voice pack kokoro has no voice {0:?}")]
    NoVoice(String),
    /// There is nothing in the text that it could speak: it would make a noise.
    #[error("there is nothing to say")]
    Nothing,
    /// A piece has more symbols than the model takes.
    #[error("{0} symbols in one piece; {MOST_SYMBOLS} are the most")]
    TooLong(usize),
    /// It speaks Mandarin, and English words in between.
    #[error("the voice pack kokoro does not speak the language {0:?}")]
    Language(String),
    /// English words could not be read.
    #[error("English words could not be read: {0}")]
    English(String),
    /// The request on standard input was none.
    #[error("the request cannot be read: {0}")]
    Request(String),
    /// The library or the model failed.
    #[error("ONNX Runtime failed: {0}")]
    Library(String),
}

impl Told for KokoroFault {
    fn told(&self) -> Words {
        let again = "请重新运行 dalaba voices install kokoro";
        let zh = match self {
            Self::NotInstalled(folder) => {
                format!("{folder} 里没有装语音包 kokoro，请运行 dalaba voices install kokoro")
            }
            Self::Machine(machine) => format!("没有适合 {machine} 处理器的语音包 kokoro"),
            Self::File { file, why } => format!("读不了语音包里的 {file}：{why}。{again}"),
            Self::Damaged(file) => format!("语音包里的 {file} 坏了，{again}"),
            Self::NoVoice(voice) => format!("语音包 kokoro 里没有声音 {voice}"),
            Self::Nothing => "文字里没有可以念出来的内容".to_owned(),
            Self::TooLong(symbols) => format!("一口气要念 {symbols} 个音符，最多 {MOST_SYMBOLS} 个"),
            Self::Language(language) => format!("语音包 kokoro 不会说“{language}”这种语言"),
            Self::English(why) => format!("英文单词念不出来：{why}"),
            Self::Request(why) => format!("语音请求读不懂：{why}"),
            Self::Library(why) => format!("ONNX Runtime 出错：{why}"),
        };
        Words::new(zh, self.to_string())
    }
}
