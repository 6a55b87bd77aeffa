//! A Mandarin syllable in pinyin.

use std::fmt;
use std::str::FromStr;

/// Every syllable of Mandarin without its tone, sorted; `v` stands for ü.
const BASES: &[&str] = &[
    "a", "ai", "an", "ang", "ao", "ba", "bai", "ban", "bang", "bao", "bei", "ben", "beng", "bi", "bian",
    "biang", "biao", "bie", "bin", "bing", "bo", "bong", "bu", "ca", "cai", "can", "cang", "cao", "ce",
    "cei", "cen", "ceng", "cha", "chai", "chan", "chang", "chao", "che", "chen", "cheng", "chi", "chong",
    "chou", "chu", "chua", "chuai", "chuan", "chuang", "chui", "chun", "chuo", "ci", "cong", "cou", "cu",
    "cuan", "cui", "cun", "cuo", "da", "dai", "dan", "dang", "dao", "de", "dei", "den", "deng", "di", "dia",
    "dian", "diao", "die", "din", "ding", "diu", "dong", "dou", "du", "duan", "dui", "dun", "duo", "e", "ei",
    "en", "eng", "er", "fa", "fan", "fang", "fei", "fen", "feng", "fiao", "fo", "fou", "fu", "ga", "gai",
    "gan", "gang", "gao", "ge", "gei", "gen", "geng", "gong", "gou", "gu", "gua", "guai", "guan", "guang",
    "gui", "gun", "guo", "ha", "hai", "han", "hang", "hao", "he", "hei", "hen", "heng", "hm", "hng", "hong",
    "hou", "hu", "hua", "huai", "huan", "huang", "hui", "hun", "huo", "ji", "jia", "jian", "jiang", "jiao",
    "jie", "jin", "jing", "jiong", "jiu", "ju", "juan", "jue", "jun", "ka", "kai", "kan", "kang", "kao",
    "ke", "kei", "ken", "keng", "kong", "kou", "ku", "kua", "kuai", "kuan", "kuang", "kui", "kun", "kuo",
    "la", "lai", "lan", "lang", "lao", "le", "lei", "len", "leng", "li", "lia", "lian", "liang", "liao",
    "lie", "lin", "ling", "liu", "lo", "long", "lou", "lu", "luan", "lun", "luo", "lv", "lve", "m", "ma",
    "mai", "man", "mang", "mao", "me", "mei", "men", "meng", "mi", "mian", "miao", "mie", "min", "ming",
    "miu", "mo", "mou", "mu", "n", "na", "nai", "nan", "nang", "nao", "ne", "nei", "nen", "neng", "ng", "ni",
    "nia", "nian", "niang", "niao", "nie", "nin", "ning", "niu", "nong", "nou", "nu", "nuan", "nun", "nuo",
    "nv", "nve", "o", "ou", "pa", "pai", "pan", "pang", "pao", "pei", "pen", "peng", "pi", "pian", "piao",
    "pie", "pin", "ping", "po", "pou", "pu", "qi", "qia", "qian", "qiang", "qiao", "qie", "qin", "qing",
    "qiong", "qiu", "qu", "quan", "que", "qun", "ran", "rang", "rao", "re", "ren", "reng", "ri", "rong",
    "rou", "ru", "rua", "ruan", "rui", "run", "ruo", "sa", "sai", "san", "sang", "sao", "se", "sen", "seng",
    "sha", "shai", "shan", "shang", "shao", "she", "shei", "shen", "sheng", "shi", "shou", "shu", "shua",
    "shuai", "shuan", "shuang", "shui", "shun", "shuo", "si", "song", "sou", "su", "suan", "sui", "sun",
    "suo", "ta", "tai", "tan", "tang", "tao", "te", "tei", "teng", "ti", "tian", "tiao", "tie", "ting",
    "tong", "tou", "tu", "tuan", "tui", "tun", "tuo", "wa", "wai", "wan", "wang", "wei", "wen", "weng", "wo",
    "wong", "wu", "xi", "xia", "xian", "xiang", "xiao", "xie", "xin", "xing", "xiong", "xiu", "xu", "xuan",
    "xue", "xun", "ya", "yan", "yang", "yao", "ye", "yi", "yin", "ying", "yo", "yong", "you", "yu", "yuan",
    "yue", "yun", "za", "zai", "zan", "zang", "zao", "ze", "zei", "zen", "zeng", "zha", "zhai", "zhan",
    "zhang", "zhao", "zhe", "zhei", "zhen", "zheng", "zhi", "zhong", "zhou", "zhu", "zhua", "zhuai", "zhuan",
    "zhuang", "zhui", "zhun", "zhuo", "zi", "zong", "zou", "zu", "zuan", "zui", "zun", "zuo",
];

/// The four tones and the neutral one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tone {
    /// 阴平, high and level.
    First = 1,
    /// 阳平, rising.
    Second,
    /// 上声, low.
    Third,
    /// 去声, falling.
    Fourth,
    /// 轻声, neutral.
    Neutral,
}

impl Tone {
    /// Every tone, in the order of its digit.
    pub const ALL: [Self; 5] = [Self::First, Self::Second, Self::Third, Self::Fourth, Self::Neutral];

    /// Returns the tone of a digit 1 to 5.
    pub fn from_digit(digit: u32) -> Option<Self> {
        let place = usize::try_from(digit.checked_sub(1)?).ok()?;
        Self::ALL.get(place).copied()
    }
}

/// One syllable with its tone, such as `xing2`; always one that Mandarin has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Syllable {
    /// Place in [`BASES`].
    base: u16,
    tone: Tone,
}

/// Says that a text is no syllable of Mandarin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no syllable in pinyin with a tone from 1 to 5")]
pub struct NoSyllable(pub String);

impl Syllable {
    /// Returns the syllable `base` (letters a to z, `v` for ü) in `tone`.
    pub fn new(base: &str, tone: Tone) -> Option<Self> {
        let place = BASES.binary_search(&base).ok()?;
        Some(Self { base: u16::try_from(place).ok()?, tone })
    }

    /// Returns the letters without the tone, `v` for ü.
    pub fn base(self) -> &'static str {
        BASES[usize::from(self.base)]
    }

    /// Returns the tone.
    pub fn tone(self) -> Tone {
        self.tone
    }

    /// Returns the same syllable in another tone.
    #[must_use]
    pub fn with_tone(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }
}

impl fmt::Display for Syllable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.base(), self.tone as u8)
    }
}

/// Reads `xing2`, `lv4`, `lü4`, `lu:4`, and the way that dictionaries print it: `xíng`, `lǜ`; without any tone it is
/// neutral only if it says so (`de5`).
impl FromStr for Syllable {
    type Err = NoSyllable;

    fn from_str(text: &str) -> Result<Self, NoSyllable> {
        let fault = || NoSyllable(text.to_owned());
        let mut tone = None;
        let mut base = String::new();
        for character in text.trim().to_lowercase().chars() {
            let found = match character {
                '1'..='5' => character.to_digit(10).and_then(Tone::from_digit),
                ':' if base.ends_with('u') => {
                    base.pop();
                    base.push('v');
                    continue;
                }
                other => {
                    let (letter, mark) = plain(other);
                    base.push(letter);
                    if mark.is_none() {
                        continue;
                    }
                    mark
                }
            };
            if tone.is_some() {
                return Err(fault());
            }
            tone = found;
        }
        tone.and_then(|tone| Self::new(&base, tone)).ok_or_else(fault)
    }
}

/// Takes the tone mark off a letter.
fn plain(letter: char) -> (char, Option<Tone>) {
    const MARKED: [(char, &str); 6] =
        [('a', "āáǎà"), ('e', "ēéěè"), ('i', "īíǐì"), ('o', "ōóǒò"), ('u', "ūúǔù"), ('v', "ǖǘǚǜ")];
    if letter == 'ü' {
        return ('v', None);
    }
    let found = MARKED.iter().find_map(|(plain, marked)| {
        let tone = marked.chars().position(|mark| mark == letter)?;
        Some((*plain, Tone::ALL.get(tone).copied()))
    });
    found.unwrap_or((letter, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_syllables_are_sorted_so_that_each_can_be_found() {
        assert!(BASES.is_sorted());
        assert_eq!(BASES.len(), 425);
    }

    #[test]
    fn a_syllable_is_read_however_people_write_it() {
        for (written, read) in [
            ("xing2", "xing2"),
            ("lv4", "lv4"),
            ("lu:4", "lv4"),
            ("lü4", "lv4"),
            ("xíng", "xing2"),
            ("lǜ", "lv4"),
            ("De5", "de5"),
        ] {
            assert_eq!(written.parse::<Syllable>().unwrap().to_string(), read);
        }
    }

    #[test]
    fn what_is_no_syllable_is_refused() {
        for text in ["", "x", "xing", "xing6", "xing0", "xíng2", "hello1", "2", "行", "xing22", "r5"] {
            assert_eq!(text.parse::<Syllable>(), Err(NoSyllable(text.to_owned())));
        }
    }
}
