//! What somebody should know about a text before it airs: all that cannot be spoken, each with its place and a fix.

use super::normalize::is_seen;
use super::pinyin::{Doubt, doubtful};
use super::said::{Item, Said, Unsaid, Unspeakable};
use super::{MANDARIN, Reader, TextFault, language_of};
use crate::config::{Finding, Severity};
use crate::model::Words;

/// Longest quotation, in characters.
const LONGEST_QUOTE: usize = 30;

/// Reviews one text in the language of the tag `language`; findings come in the order of the text.
///
/// What is left out and may be missed is a mistake; an ornament that is left out, and a reading that may be wrong, are
/// warnings.
pub(super) fn review(reader: &Reader, text: &str, language: &str) -> Vec<Finding> {
    let said = reader.said(text);
    let mandarin = language_of(language).is_ok_and(|language| language == MANDARIN);
    let mut findings = Vec::new();
    unspeakable(text, &said, mandarin, &mut findings);
    nothing(text, &said, mandarin, &mut findings);
    if mandarin {
        findings.extend(doubtful(&reader.script(&said)).iter().map(unsure));
    }
    findings.extend(reader.prepare(text, language).err().and_then(|fault| refused(text, &fault, mandarin)));
    findings.sort_by_key(|finding| finding.at);
    findings
}

/// Complains of what makes the whole text fail at airtime, unless it is complained of already.
fn refused(text: &str, fault: &TextFault, mandarin: bool) -> Option<Finding> {
    let (at, fix) = match fault {
        TextFault::UnknownScript(letter) if !mandarin => (
            text.chars().position(|c| c == *letter),
            Words::new("分成两条消息，一条一种语言", "make two messages of it, each in one language"),
        ),
        TextFault::NoVoice(_) => (
            None,
            Words::new(
                "改 `language`；这种话没有语音，请录好音写在 `audio` 里",
                "correct `language`, or name a recording in `audio`: no voice has this language",
            ),
        ),
        TextFault::TooMixed(_) => (None, Words::new("拆成几条消息", "make several messages of it")),
        TextFault::UnknownScript(_) | TextFault::Empty | TextFault::TooLong(_) => return None,
    };
    let length = if at.is_some() { 1 } else { text.chars().count() };
    Some(Finding { at: at.unwrap_or_default(), length, severity: Severity::Error, what: fault.words(), fix })
}

/// Warns of a reading that may be wrong, with what to write to be sure.
fn unsure(doubt: &Doubt) -> Finding {
    let (character, read) = (doubt.character, doubt.read);
    if doubt.others.is_empty() {
        return unknown(doubt);
    }
    let others: Vec<String> = doubt.others.iter().map(|other| format!("{character}{{{other}}}")).collect();
    let percent = doubt.probability * 100.0;
    let what = Words::new(
        format!("“{character}”念 {read}，只有 {percent:.0}% 的把握"),
        format!("{character} is read {read}, only {percent:.0} % sure"),
    );
    let (zh, en) = (others.join("、"), others.join(", "));
    let fix = Words::new(
        format!("念得对就写 `{character}{{{read}}}`；不对就写 {zh}"),
        format!("write `{character}{{{read}}}` if that is right, or else {en}"),
    );
    Finding { at: doubt.source, length: 1, severity: Severity::Warning, what, fix }
}

/// Complains of a character that no dictionary here has: people would hear another word.
fn unknown(doubt: &Doubt) -> Finding {
    let (character, read) = (doubt.character, doubt.read);
    let what = Words::new(
        format!("不知道“{character}”怎么念，会念成 {read}（某）"),
        format!("nobody here knows how to read {character}; {read} is read for it"),
    );
    let fix = Words::new(
        format!("在它后面写上拼音，例如 `{character}{{ma3}}`；常用的写进 lexicon.toml"),
        format!("write its pinyin behind it, as in `{character}{{ma3}}`, or add its word to lexicon.toml"),
    );
    Finding { at: doubt.source, length: 1, severity: Severity::Error, what, fix }
}

/// Finds what has no sound. Other languages have letters and signs of their own: those are left to their voices.
fn unspeakable(text: &str, said: &Said, mandarin: bool, findings: &mut Vec<Finding>) {
    let concerns = |found: &&Unspeakable| mandarin || matches!(found.what, Unsaid::Emoji | Unsaid::Address);
    for found in said.unspeakable.iter().filter(concerns) {
        let severity = if found.what == Unsaid::Emoji { Severity::Warning } else { Severity::Error };
        let (what, fix) = words(found.what, &quote(text, found));
        findings.push(Finding { at: found.at, length: found.length, severity, what, fix });
    }
}

/// Finds a text of which nothing is left.
fn nothing(text: &str, said: &Said, mandarin: bool, findings: &mut Vec<Finding>) {
    let speaks = |item: &Item| !matches!(item, Item::Pause(_));
    let foreign = !mandarin && said.unspeakable.iter().any(|found| found.what == Unsaid::Script);
    let sounds = foreign || said.items.iter().any(speaks);
    if !sounds {
        findings.push(Finding {
            at: 0,
            length: text.chars().count(),
            severity: Severity::Error,
            what: Words::new("这条文字里没有能念出声的内容", "nothing in this text can be spoken"),
            fix: Words::new("写上要念的话", "write what is to be said"),
        });
    }
}

/// Cites what was found without characters that nobody sees or that a terminal obeys.
fn quote(text: &str, found: &Unspeakable) -> String {
    let meant = text.chars().skip(found.at).take(found.length).filter(|c| is_seen(*c));
    let mut quote: String = meant.clone().take(LONGEST_QUOTE).collect();
    if meant.count() > LONGEST_QUOTE {
        quote.push('…');
    }
    quote
}

fn words(what: Unsaid, quote: &str) -> (Words, Words) {
    match what {
        Unsaid::Emoji => (
            Words::new(
                format!("图案 `{quote}` 念不出来，会跳过"),
                format!("the picture `{quote}` has no sound and is left out"),
            ),
            Words::new("删去它；有意思要说的，写成字", "remove it, or write in words what it means"),
        ),
        Unsaid::Address => (
            Words::new(
                format!("网址或邮箱 `{quote}` 不会念：听的人记不住"),
                format!("the address `{quote}` is not read out: nobody could remember it"),
            ),
            Words::new("改成一句话，例如“请到村委会咨询”", "say in words where to go or whom to ask"),
        ),
        Unsaid::Script => (
            Words::new(
                format!("没有会念“{quote}”这种文字的语音"),
                format!("no voice reads the letters `{quote}`"),
            ),
            Words::new("改用汉字", "write it in Chinese characters"),
        ),
        Unsaid::Sign => (
            Words::new(
                format!("不知道符号 `{quote}` 怎么念"),
                format!("nobody knows how to say the sign `{quote}`"),
            ),
            Words::new("写成汉字，或者删去", "write it in words, or remove it"),
        ),
        Unsaid::Reading => (
            Words::new(
                format!("`{quote}` 不是前面那个字的读音"),
                format!("`{quote}` holds no reading of the character before it"),
            ),
            Words::new(
                "花括号里写拼音和声调，一个字一个，例如 `重{chong2}复`、`银行{yin2 hang2}`",
                "write pinyin with its tone, one syllable a character, as in `重{chong2}复` or `银行{yin2 hang2}`",
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, language: &str) -> Vec<(usize, usize, Severity)> {
        let reader = Reader::new(&[], crate::speech::text::normalize::Options::default());
        review(&reader, text, language).into_iter().map(|f| (f.at, f.length, f.severity)).collect()
    }

    #[test]
    fn what_would_be_missed_is_a_mistake_and_an_ornament_a_warning() {
        assert_eq!(found("请注意😀", "zh"), [(3, 1, Severity::Warning)]);
        assert_eq!(found("详见www.a.cn。", "zh"), [(2, 8, Severity::Error)]);
        assert_eq!(found("你好мир", "zh"), [(2, 3, Severity::Error)]);
        assert_eq!(found("安全^第一", "zh"), [(2, 1, Severity::Error)]);
        assert_eq!(found("重{chong}复", "zh"), [(1, 7, Severity::Error)]);
        assert_eq!(found("重{chong2}复，拨打12123！", "zh"), []);
    }

    #[test]
    fn a_text_without_a_sound_is_a_mistake_as_a_whole() {
        assert_eq!(found("……！", "zh"), [(0, 3, Severity::Error)]);
    }

    #[test]
    fn a_text_in_a_language_or_letters_without_a_voice_is_a_mistake_where_it_stands() {
        assert_eq!(found("你好", "yue"), [(0, 2, Severity::Error)]);
        assert_eq!(found("Внимание 安全", "ru"), [(9, 1, Severity::Error)]);
        assert_eq!(found(&"安aa安".repeat(101), "zh"), [(0, 404, Severity::Error)]);
    }

    #[test]
    fn a_character_that_no_dictionary_has_is_a_mistake() {
        assert_eq!(found("村民\u{3130a}某", "zh"), [(2, 1, Severity::Error)]);
        assert_eq!(found("村民\u{3130a}{ma3}某", "zh"), []);
    }

    #[test]
    fn letters_of_another_language_are_left_to_its_voice() {
        assert_eq!(found("Ваня 😀", "ru"), [(5, 1, Severity::Warning)]);
        assert_eq!(found("Buckle up", "en"), []);
    }
}
