//! What is written → what is said: runs of one tongue each, ready for an engine. Runs leave this room.

mod clean;
pub mod normalize;
pub mod pinyin;
mod runs;
pub mod said;
pub mod script;

use crate::model::Words;

/// Most characters of one text: about seven minutes of speech, far more than a message should have.
pub const LONGEST_TEXT: usize = 2000;

/// Most changes of tongue in one text. Each run costs a process of its own, so this bounds the work too.
pub const MOST_RUNS: usize = 100;

/// Names a language that can be spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tongue {
    /// 普通话.
    Mandarin,
    /// English.
    English,
}

/// A stretch of text in one tongue, free of control characters, holding at least one letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Run {
    /// What to speak it in.
    pub tongue: Tongue,
    /// What to speak.
    pub text: String,
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
    /// It changes its tongue more than [`MOST_RUNS`] times.
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

/// Turns a written `text` into what is to be said, one run after another.
///
/// `language` is a BCP 47 tag: Mandarin (`zh`, `zh-CN`, `cmn` …) or English (`en`, `en-GB` …). It decides in which
/// tongue digits are read; letters go by their script: Han characters are Mandarin, Latin letters English.
/// Control and invisible characters vanish, blanks are single, web addresses are left out, because nobody wants to
/// hear one. A language or a letter without a voice is refused: silence that is recorded beats the wrong language.
pub fn prepare(text: &str, language: &str) -> Result<Vec<Run>, TextFault> {
    let native = tongue_of(language)?;
    let count = text.chars().count();
    if count > LONGEST_TEXT {
        return Err(TextFault::TooLong(count));
    }
    let runs = runs::split(&clean::clean(text), native)?;
    match runs.len() {
        0 => Err(TextFault::Empty),
        many if many > MOST_RUNS => Err(TextFault::TooMixed(many)),
        _ => Ok(runs),
    }
}

/// Other Chinese languages (`yue`, `nan`) are refused: read in Mandarin they would be in the wrong language.
fn tongue_of(language: &str) -> Result<Tongue, TextFault> {
    let mut parts = language.split(['-', '_']).map(str::to_ascii_lowercase);
    let (primary, extended) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match (primary.as_str(), extended.as_str()) {
        (
            "zh",
            "yue" | "nan" | "wuu" | "hak" | "gan" | "hsn" | "cdo" | "cjy" | "cpx" | "mnp" | "min" | "hk"
            | "mo",
        ) => Err(TextFault::NoVoice(language.to_owned())),
        ("zh" | "cmn", _) => Ok(Tongue::Mandarin),
        ("en", _) => Ok(Tongue::English),
        _ => Err(TextFault::NoVoice(language.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<(Tongue, String)> {
        let runs = prepare(text, "zh").unwrap();
        runs.into_iter().map(|run| (run.tongue, run.text)).collect()
    }

    #[test]
    fn a_chinese_sentence_is_one_mandarin_run() {
        assert_eq!(said("安全带就是生命带！"), [(Tongue::Mandarin, "安全带就是生命带！".to_owned())]);
    }

    #[test]
    fn marks_typed_on_a_latin_keyboard_pause_like_chinese_ones() {
        let expected = [(Tongue::Mandarin, "喝酒不开车，开车不喝酒！3:30".to_owned())];
        assert_eq!(said("喝酒不开车,开车不喝酒!3:30"), expected);
    }

    #[test]
    fn latin_words_go_to_the_english_voice_and_digits_stay_with_the_chinese() {
        let expected = [
            (Tongue::Mandarin, "请拨打 120, ".to_owned()),
            (Tongue::English, "OK? It's fine! ".to_owned()),
            (Tongue::Mandarin, "谢谢".to_owned()),
        ];
        assert_eq!(said("请拨打 120, OK? It's fine! 谢谢"), expected);
    }

    #[test]
    fn digits_of_an_english_message_are_english() {
        let runs = prepare("Call 120 now", "en-GB").unwrap();
        assert_eq!(runs, [Run { tongue: Tongue::English, text: "Call 120 now".to_owned() }]);
    }

    #[test]
    fn control_characters_and_invisible_ones_never_reach_an_engine() {
        let expected = [(Tongue::Mandarin, "安全 带".to_owned())];
        assert_eq!(said("\u{feff}安\u{1}\u{0}全\u{200b}\r\n\u{3000} 带\u{7f}\u{202e}"), expected);
    }

    #[test]
    fn full_width_letters_and_digits_are_read_like_others() {
        let expected = [(Tongue::Mandarin, "2024年".to_owned()), (Tongue::English, "OK".to_owned())];
        assert_eq!(said("２０２４年ＯＫ"), expected);
    }

    /// obplayer #105.
    #[test]
    fn urls_are_not_read_aloud() {
        assert_eq!(said("详见 https://example.com/a?b=1 。"), [(Tongue::Mandarin, "详见 。".to_owned())]);
        assert_eq!(prepare("www.example.com", "zh"), Err(TextFault::Empty));
    }

    /// A failed voice fell back to the wrong language (obplayer).
    #[test]
    fn a_language_or_letter_without_a_voice_is_refused_and_never_read_in_another() {
        assert_eq!(prepare("ياخشىمۇسىز", "ug"), Err(TextFault::NoVoice("ug".to_owned())));
        assert_eq!(prepare("你好", "yue"), Err(TextFault::NoVoice("yue".to_owned())));
        assert_eq!(prepare("你好", "zh-HK"), Err(TextFault::NoVoice("zh-HK".to_owned())));
        assert_eq!(prepare("安全 безопасность", "zh"), Err(TextFault::UnknownScript('б')));
        assert_eq!(prepare("ありがとう", "zh"), Err(TextFault::UnknownScript('あ')));
        assert_eq!(prepare("\u{2a700}村", "zh"), Err(TextFault::UnknownScript('\u{2a700}')));
    }

    #[test]
    fn texts_without_a_sound_or_without_an_end_are_refused() {
        assert_eq!(prepare(" ……!\u{1f600} ", "zh"), Err(TextFault::Empty));
        assert_eq!(prepare(&"安".repeat(2001), "zh"), Err(TextFault::TooLong(2001)));
        assert_eq!(prepare(&"安a".repeat(100), "zh"), Err(TextFault::TooMixed(200)));
        assert!(prepare(&"安".repeat(2000), "zh").is_ok());
    }
}
