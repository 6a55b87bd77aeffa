//! How a text is read, and why: what `dalaba speak --explain` shows.

use super::Failure;
use crate::model::Lang;
use crate::speech::text::Reader;
use crate::speech::text::script::{Script, Spoken, Unit, Why};

/// Explains `text` line by line: as written, as said, word by word, and each character whose reading was chosen.
pub(super) fn explain(text: &str, reader: &Reader, lang: Lang) -> Result<String, Failure> {
    let said = reader.said(text);
    let script = reader.script(&said);
    let mut lines = vec![
        format!("{}{}", lang.pick("写的：", "written: "), text.escape_debug()),
        format!("{}{said}", lang.pick("念作：", "said:    ")),
        format!("{}{}", lang.pick("分词：", "words:   "), words(&script)),
        format!("{}{}", lang.pick("拼音：", "pinyin:  "), pinyin(&script)),
    ];
    let chosen = script.units.iter().filter_map(|unit| match unit {
        Unit::Syllable(spoken) if spoken.why != Why::Only => Some(spoken),
        _ => None,
    });
    lines.extend(chosen.map(|spoken| reason(spoken, lang)));
    reader.prepare(text, crate::speech::text::MANDARIN).map_err(|fault| {
        let words = fault.words();
        Failure::new(words.zh, words.en)
    })?;
    Ok(lines.join("\n") + "\n")
}

fn words(script: &Script) -> String {
    let mut words = String::new();
    for unit in &script.units {
        let begins = !matches!(unit, Unit::Syllable(Spoken { begins_word: false, .. }) | Unit::Pause(_));
        if begins && !words.is_empty() {
            words.push(' ');
        }
        match unit {
            Unit::Syllable(spoken) => words.push(spoken.character),
            Unit::Foreign { text, .. } => words.push_str(text),
            Unit::Pause(pause) => words.push(pause.mark()),
        }
    }
    words
}

fn pinyin(script: &Script) -> String {
    let units: Vec<String> = script.units.iter().filter_map(Unit::pinyin).collect();
    units.join(" ")
}

fn reason(spoken: &Spoken, lang: Lang) -> String {
    let why = match spoken.why {
        Why::Only => lang.pick("只有这一个音", "its only reading").to_owned(),
        Why::Override => lang.pick("文字里用花括号写明", "written in braces").to_owned(),
        Why::OwnLexicon => lang.pick("自己的词库", "your own lexicon").to_owned(),
        Why::Lexicon => lang.pick("自带的词库", "the shipped lexicon").to_owned(),
        Why::Phrase => lang.pick("词典里的词", "a phrase of the dictionary").to_owned(),
        Why::Model(probability) => {
            let percent = probability * 100.0;
            let (zh, en) =
                (format!("模型判断，{percent:.1}% 的把握"), format!("the model, {percent:.1} % sure"));
            lang.pick(&zh, &en).to_owned()
        }
        Why::Commonest => lang.pick("最常用的音", "its commonest reading").to_owned(),
    };
    let change = if spoken.spoken == spoken.citation {
        String::new()
    } else {
        format!("{}{}", lang.pick("，这里变调读 ", ", spoken here "), spoken.spoken)
    };
    format!("  {} {}  {why}{change}", spoken.character, spoken.citation)
}
