//! Words said twice: 看看, 看一看, 是不是, 妈妈.

use super::{Phrase, begins, character};

/// Relatives and small things that are called twice; their second syllable is neutral and the first keeps its tone.
const CALLED: &str = "妈爸哥弟姐妹爷奶叔伯姑舅婶嫂姥太公婆宝娃星猩蛐蝈饽蛛";

/// Relatives alone: 爸爸妈妈 are two calls, while 星星点点 is one word.
const FAMILY: &str = "妈爸哥弟姐妹爷奶叔伯姑舅婶嫂姥公婆";

/// Verbs that are said twice to make little of them; the second syllable is neutral.
const LITTLE: &str = "看谢说想试等走听问歇聊坐转量查写读讲谈找数学练动摸尝玩管帮劝商议算念教瞧逛洗擦扫理修晒烤暖躺睡笑挑选\
                      拍揉捏挠哄拦挡拜认催盯催遛溜晾翻换补改议评比猜品";

/// Says in what way a syllable repeats the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Twice {
    /// 妈妈
    Called,
    /// 看看
    Little,
}

/// Tells whether the syllable at a place repeats the one before it so that it is neutral.
pub(super) fn twice(phrase: &Phrase<'_>, at: usize) -> Option<Twice> {
    let own = character(phrase, Some(at))?;
    let before = |back: usize| character(phrase, at.checked_sub(back));
    // Three times is no word; and 说说笑笑 is spoken like any four syllables, as 星星点点 is.
    let thrice = before(2) == Some(own) || character(phrase, Some(at + 1)) == Some(own);
    // 爸爸妈妈 are called one after the other.
    let family = FAMILY.contains(own);
    if before(1) != Some(own) || thrice || (!family && is_among_pairs(phrase, at)) {
        return None;
    }
    if CALLED.contains(own) { Some(Twice::Called) } else { LITTLE.contains(own).then_some(Twice::Little) }
}

/// Tells whether another pair stands in the same word, before or after the one that ends at a place: 家家户户.
fn is_among_pairs(phrase: &Phrase<'_>, at: usize) -> bool {
    let pair = |start: usize| {
        let one = character(phrase, Some(start));
        one.is_some() && one == character(phrase, Some(start + 1))
    };
    !begins(phrase, at + 1) && pair(at + 1) || at >= 3 && !begins(phrase, at - 1) && pair(at - 3)
}

/// Tells whether the 一 at a place stands between a verb said twice: 看一看, but not 一步一步.
pub(super) fn tries(phrase: &Phrase<'_>, at: usize) -> bool {
    let before = |back: usize| character(phrase, at.checked_sub(back));
    before(1).is_some() && before(1) == character(phrase, Some(at + 1)) && before(2) != Some('一')
}

/// Tells whether the 不 at a place asks: 是不是, 好不好, 可不可以.
pub(super) fn asks(phrase: &Phrase<'_>, at: usize) -> bool {
    let verb = character(phrase, at.checked_sub(1)).filter(|verb| *verb != '不');
    verb.is_some() && verb == character(phrase, Some(at + 1))
}
