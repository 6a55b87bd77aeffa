//! 儿化: a 儿 that is only the end of the syllable before it, as in 一点儿, and not a child, as in 儿童.

use super::{Phrase, begins, character};
use crate::speech::text::script::Why;

/// Characters before which 儿 is a child or a son, when it stands alone or begins a word: 儿童, 儿媳妇, 儿科.
const CHILD_BEFORE: &str = "童子女媳孙科歌戏郎孺保";

/// Characters after which 儿 is a syllable of its own: kinds of children and of sons.
///
/// 女儿 婴儿 幼儿 少儿 孤儿 胎儿 患儿 产儿 (早产儿) 健儿 宠儿 弃儿 男儿 生儿 (新生儿) 血儿 (混血儿) 侄儿 妻儿 乞儿 育儿 托儿
/// 小儿 (小儿科) 病儿 残儿 寄儿 养儿 无儿 有儿 亲儿 孙儿 孪儿 畸儿 低能儿 流浪儿 弄潮儿 … and names of places: 哈儿.
const CHILD_AFTER: &str = "女婴幼少孤胎患产健宠弃男生血侄妻乞育托小病残寄养无亲孙孪畸能浪潮哈我吾";

/// Gives every 儿 that is no syllable of its own to the syllable before it.
pub(super) fn join(phrase: &mut Phrase<'_>) {
    for at in 1..phrase.len() {
        if is_ending(phrase, at) {
            phrase[at - 1].erhua = true;
            phrase[at].silent = true;
        }
    }
}

fn is_ending(phrase: &Phrase<'_>, at: usize) -> bool {
    let (own, host) = (&phrase[at], &phrase[at - 1]);
    if own.character != '儿' || own.citation.base() != "er" || own.why == Why::Override || host.silent {
        return false;
    }
    // Nothing curls twice.
    if matches!(host.citation.base(), "er" | "r") || CHILD_AFTER.contains(host.character) {
        return false;
    }
    if !begins(phrase, at) {
        return true;
    }
    let alone = begins(phrase, at + 1);
    let child = character(phrase, Some(at + 1)).is_some_and(|next| CHILD_BEFORE.contains(next));
    alone && !child
}
