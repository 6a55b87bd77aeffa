//! The front end whole: from what is written to what an engine speaks.

use std::sync::Arc;

use super::normalize::{Options, normalize};
use super::pinyin;
use super::pinyin::lexicon::Lexicon;
use super::said::{Said, Unsaid};
use super::script::{Script, Unit};
use super::{LONGEST_TEXT, MANDARIN, MOST_RUNS, Speech, TextFault, clean, language_of, review, runs};
use crate::config::Finding;
use crate::model::{LexiconEntry, Site};

/// Reads texts by one lexicon. Cheap to make, and shared by all that speak.
#[derive(Clone)]
pub struct Reader {
    lexicon: Arc<Lexicon>,
    options: Options,
}

impl Reader {
    /// Goes by the user's `own` words before those that we ship.
    pub fn new(own: &[LexiconEntry], options: Options) -> Self {
        Self { lexicon: Arc::new(Lexicon::with_own(own)), options }
    }

    /// Goes by what `site` says of speech, and by the user's `own` words.
    pub fn of(site: &Site, own: &[LexiconEntry]) -> Self {
        Self::new(own, Options { remove_erhua: site.remove_erhua })
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

    /// Finds what somebody should know about `text` before it airs, in the order of the text: what cannot be spoken, and
    /// readings that may be wrong.
    pub fn review(&self, text: &str, language: &str) -> Vec<Finding> {
        review::review(self, text, language)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, language: &str) -> Result<Speech, TextFault> {
        Reader::new(&[], Options::default()).prepare(text, language)
    }

    fn pinyin(text: &str) -> String {
        let units = read(text, "zh").unwrap().script.units;
        units.iter().filter_map(Unit::pinyin).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_slogan_is_all_pinyin_with_its_pause() {
        assert_eq!(pinyin("安全带就是生命带!"), "an1 quan2 dai4 jiu4 shi4 sheng1 ming4 dai4 ！");
    }

    #[test]
    fn a_telephone_number_is_read_digit_by_digit_and_letters_by_the_english_voice() {
        assert_eq!(pinyin("请拨打12123"), "qing3 bo1 da3 yao1 er4 yao1 er4 san1");
        let units = read("装ETC", "zh").unwrap().script.units;
        let letters = Unit::Foreign { language: "en".to_owned(), text: "E T C".to_owned() };
        assert_eq!(units.last(), Some(&letters));
    }

    #[test]
    fn braces_and_the_users_own_words_decide_before_all_else() {
        assert_eq!(pinyin("重{zhong4}复"), "zhong4 fu4");
        let own = LexiconEntry {
            word: "乐家店".to_owned(),
            readings: ["lao4", "jia1", "dian4"].map(|reading| reading.parse().unwrap()).to_vec(),
        };
        let reader = Reader::new(&[own], Options::default());
        let units = reader.prepare("乐家店", "zh").unwrap().script.units;
        assert_eq!(units.first().and_then(Unit::pinyin).as_deref(), Some("lao4"));
    }

    #[test]
    fn digits_of_an_english_message_are_english() {
        let units = read("Call 120 now", "en-GB").unwrap().script.units;
        assert_eq!(units, [Unit::Foreign { language: "en-gb".to_owned(), text: "Call 120 now".to_owned() }]);
    }

    /// A failed voice fell back to the wrong language (obplayer).
    #[test]
    fn a_language_or_letter_without_a_voice_is_refused_and_never_read_in_another() {
        assert_eq!(read("ياخشىمۇسىز", "zh").unwrap_err(), TextFault::UnknownScript('ي'));
        assert_eq!(read("你好", "yue").unwrap_err(), TextFault::NoVoice("yue".to_owned()));
        assert_eq!(read("你好", "zh-HK").unwrap_err(), TextFault::NoVoice("zh-hk".to_owned()));
        assert_eq!(read("安全 безопасность", "zh").unwrap_err(), TextFault::UnknownScript('б'));
        assert_eq!(read("安全", "ug").unwrap_err(), TextFault::UnknownScript('安'));
    }

    /// obplayer #105.
    #[test]
    fn addresses_are_not_read_aloud() {
        assert_eq!(pinyin("详见 https://example.com/a?b=1 。"), "xiang2 jian4 。");
        assert_eq!(read("www.example.com", "zh").unwrap_err(), TextFault::Empty);
    }

    #[test]
    fn texts_without_a_sound_or_without_an_end_are_refused() {
        assert_eq!(read(" ……!\u{1f600} ", "zh").unwrap_err(), TextFault::Empty);
        assert_eq!(read(&"安".repeat(2001), "zh").unwrap_err(), TextFault::TooLong(2001));
        assert_eq!(read(&"安aa安".repeat(101), "zh").unwrap_err(), TextFault::TooMixed(101));
        assert!(read(&"安".repeat(2000), "zh").is_ok());
    }
}
