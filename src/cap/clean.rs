//! Written text → text that can be spoken: markup, addresses and ornaments are taken out, lines joined, and what is too long is
//! cut at the end of a sentence.

use super::read::is_han;

/// Tags after which a new sentence begins.
const BREAKS: [&str; 8] = ["br", "p", "div", "li", "tr", "ul", "h1", "h2"];

/// How addresses begin.
const ADDRESSES: [&str; 3] = ["http://", "https://", "www."];

/// Marks that end a sentence.
pub(super) const ENDS: [char; 8] = ['。', '！', '？', '；', '!', '?', ';', '.'];

/// Takes out of a text what nobody should hear.
pub(super) fn clean(text: &str) -> String {
    let text = if text.contains('&') { unescaped(text) } else { text.to_owned() };
    let text = compared(&without_tags(&text));
    joined(&without_ornaments(&without_addresses(&text)))
}

/// Signs of comparison, and how they are read. Without its sign, "below 5 ℃" would be "5 ℃".
const SIGNS: [(char, &str, &str); 8] = [
    ('<', "低于", " below "),
    ('‹', "低于", " below "),
    ('＜', "低于", " below "),
    ('≤', "不高于", " at most "),
    ('>', "高于", " above "),
    ('›', "高于", " above "),
    ('＞', "高于", " above "),
    ('≥', "不低于", " at least "),
];

/// Writes signs of comparison before a number as words, in the language of what stands before them.
fn compared(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let mut behind = &rest[first.len_utf8()..];
        let mut sign = first;
        if let (Some(tail), '<' | '>') = (behind.strip_prefix('='), first) {
            behind = tail;
            sign = if first == '<' { '≤' } else { '≥' };
        }
        let number = behind.trim_start_matches([' ', '-', '−', '+', '零', '负']);
        let before_a_number = number.starts_with(|c: char| c.is_numeric());
        match SIGNS.iter().find(|(known, ..)| *known == sign) {
            Some((_, zh, en)) if before_a_number && !is_bracket(first, behind) => {
                let last = out.chars().rev().find(|c| c.is_alphabetic());
                out.push_str(if last.map_or_else(|| text.chars().any(is_han), is_han) { zh } else { en });
                rest = behind;
            }
            Some(_) if matches!(first, '<' | '>' | '‹' | '›') => {
                out.push(' ');
                rest = &rest[first.len_utf8()..];
            }
            _ => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    out
}

/// Some senders escape twice: what the XML reader leaves then is HTML.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let name: String =
            after.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '#').take(8).collect();
        if let (Some(character), Some(behind)) = (entity(&name), after[name.len()..].strip_prefix(';')) {
            out.push(character);
            rest = behind;
        } else {
            out.push('&');
            rest = after;
        }
    }
    out + rest
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            return char::from_u32(code.ok()?).filter(|character| !character.is_control());
        }
    })
}

/// Tells whether what opens before `behind` is closed again: the name of a document, such as `＜2026年预案＞`.
fn is_bracket(opens: char, behind: &str) -> bool {
    let closes = match opens {
        '<' => '>',
        '‹' => '›',
        '＜' => '＞',
        _ => return false,
    };
    let sentence = behind.split(|c| c == '，' || ENDS.contains(&c)).next().unwrap_or_default();
    sentence.split_once(closes).is_some_and(|(_, after)| !after.trim_start().starts_with(char::is_numeric))
}

fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let is_tag = after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        match after.split_once('>') {
            Some((tag, behind)) if is_tag => {
                let name = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next();
                if name.is_some_and(|name| BREAKS.contains(&name.to_ascii_lowercase().as_str())) {
                    out.push_str("，\n");
                }
                rest = behind;
            }
            _ => {
                // No tag: a sign of comparison, or nothing.
                out.push('<');
                rest = after;
            }
        }
    }
    out + rest
}

fn without_addresses(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let begins = ADDRESSES
            .iter()
            .any(|start| rest.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)));
        if begins {
            let end = rest.find(|c: char| !c.is_ascii_graphic() || "<>\"'".contains(c)).unwrap_or(rest.len());
            let address = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')']);
            rest = &rest[address.len()..];
            forget_pointer(&mut out);
            // What led there may have been a sentence of its own.
            if out.trim_end().chars().next_back().is_none_or(|last| ENDS.contains(&last)) {
                rest = rest.trim_start_matches(|c: char| c == ' ' || ENDS.contains(&c));
            }
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

/// What points to an address, without which it points to nothing. Longest first.
const POINTERS: [&str; 22] = [
    "更多信息请访问",
    "更多信息请看",
    "详细信息请访问",
    "详细情况请看",
    "详情请登录",
    "详情请点击",
    "详情请访问",
    "详情请查看",
    "详情请看",
    "详情请见",
    "详情点击",
    "详情见",
    "请登录",
    "请点击",
    "请访问",
    "网址",
    "for more information, visit",
    "for more information visit",
    "for details, see",
    "for details see",
    "visit",
    "see",
];

/// Takes back the words that led to an address.
fn forget_pointer(out: &mut String) {
    let told = out.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '：' | ':' | '（' | '('));
    let pointer = POINTERS.iter().find(|pointer| {
        let start = told.len().checked_sub(pointer.len());
        let ends =
            start.and_then(|start| told.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(pointer));
        // "see" is not the end of "oversee".
        let within_a_word =
            start.is_some_and(|start| told[..start].ends_with(|c: char| c.is_ascii_alphabetic()));
        ends && !(within_a_word && pointer.is_ascii())
    });
    if let Some(pointer) = pointer {
        out.truncate(told.len() - pointer.len());
    }
}

/// The stars and dots of telegrams, bullets, and characters that nobody sees.
fn without_ornaments(text: &str) -> String {
    let text = text.replace("...", "，").replace("……", "，").replace('…', "，");
    let shown = |character: char| match character {
        '\n' | '\t' | '*' | '#' | '_' | '|' | '~' | '★' | '☆' | '●' | '○' | '■' | '□' | '◆' | '◇' | '▲'
        | '►' | '•' | '※' => Some(' '),
        '[' | ']' | '【' | '】' | '〔' | '〕' => Some('，'),
        '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}'
        | '\u{feff}'
        | '\u{ad}' => None,
        character if character.is_control() => None,
        character => Some(character),
    };
    text.chars().filter_map(shown).collect()
}

/// Joins lines and blanks: none between Chinese characters, one between words, and no mark after another.
fn joined(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    for character in text.chars() {
        if character.is_whitespace() {
            blank = true;
            continue;
        }
        let last = out.chars().next_back();
        let is_pause = matches!(character, '，' | ',');
        let after_mark =
            last.is_none_or(|last| matches!(last, '，' | ',' | '：' | ':' | '、') || ENDS.contains(&last));
        if !(is_pause && after_mark) {
            let is_end = ENDS.contains(&character) && matches!(last, Some('，' | ','));
            if is_end {
                out.pop();
            }
            let chinese = |c: char| {
                is_han(c)
                    || matches!(c, '，' | '。' | '！' | '？' | '；' | '：' | '、' | '（' | '）' | '“' | '”')
            };
            let between = last.is_some_and(|last| !chinese(last)) && !chinese(character);
            if blank && between && !is_pause && !ENDS.contains(&character) {
                out.push(' ');
            }
            out.push(character);
        }
        blank = false;
    }
    let spoken = out.trim_end_matches(['，', ',', ' ']);
    if spoken.chars().any(char::is_alphanumeric) { spoken.to_owned() } else { String::new() }
}

/// Returns as many whole sentences of `text` as `most` characters hold.
pub(super) fn sentences(text: &str, most: usize) -> &str {
    if text.chars().count() <= most {
        return text;
    }
    let mut end = 0;
    for (at, character) in text.char_indices().take(most) {
        let next = text[at + character.len_utf8()..].chars().next();
        // A point inside of a number or an abbreviation ends nothing.
        let ends = ENDS.contains(&character) && (character != '.' || next.is_none_or(char::is_whitespace));
        if ends {
            end = at + character.len_utf8();
        }
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_addresses_and_ornaments_are_not_spoken() {
        for (written, spoken) in [
            ("雨量&lt;br /&gt;请防范", "雨量，请防范"),
            ("<b>暴雨</b><p>请防范</p>", "暴雨，请防范"),
            ("详情请看http://example.cn/yj?id=1&amp;t=2。请防范", "请防范"),
            ("see www.ready.gov. Leave now", "Leave now"),
            ("...BLIZZARD WARNING...\n* WHAT...Snow", "BLIZZARD WARNING，WHAT，Snow"),
            ("预计 未来\n  3 小时", "预计未来3小时"),
            ("有雨。详情请看 http://example.cn/yj。", "有雨。"),
            ("Rain. For details, see: https://x.example/a. Leave", "Rain. Leave"),
            ("They oversee www.x.example roads", "They oversee roads"),
            ("气温<5℃，A & B", "气温低于5℃，A & B"),
            ("气温‹5℃", "气温低于5℃"),
            ("气温&lt;-5℃，能见度<=50米", "气温低于-5℃，能见度不高于50米"),
            ("雨量>100毫米，风力≥8级", "雨量高于100毫米，风力不低于8级"),
            ("wind > 80 km/h, visibility<50 m", "wind above 80 km/h, visibility below 50 m"),
            ("甲 > 乙 < 丙", "甲乙丙"),
            ("按‹2026年预案›转移", "按2026年预案转移"),
            ("★注意★\u{200b}", "注意"),
            ("暴雨红色预警[Ⅰ级/特别重大]", "暴雨红色预警，Ⅰ级/特别重大"),
            ("&#27880;&#x610f;&bad;&#0;", "注意&bad;& 0;"),
            ("。，", ""),
            ("***", ""),
        ] {
            assert_eq!(clean(written), spoken, "{written}");
        }
    }

    #[test]
    fn a_long_text_is_cut_after_a_sentence() {
        assert_eq!(sentences("一句。两句。三句", 6), "一句。两句。");
        assert_eq!(sentences("一句。两句", 4), "一句。");
        assert_eq!(sentences("没有句号的长句子", 4), "");
        assert_eq!(sentences("Rain of 3.5 mm. Leave now.", 20), "Rain of 3.5 mm.");
        assert_eq!(sentences("短", 4), "短");
    }
}
