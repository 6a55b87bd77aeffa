//! Any text comes to a script with one unit an item, and to doubts about characters that are in it.
#![no_main]

use dalaba::speech::text::normalize::{Options, normalize};
use dalaba::speech::text::pinyin::{DOUBTFUL, doubtful, lexicon::Lexicon, read};
use dalaba::speech::text::said::Item;
use dalaba::speech::text::script::Unit;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let said = normalize(text, &Options::default());
    let script = read(&said, &Lexicon::shipped());
    assert_eq!(script.units.len(), said.items.len());
    for (unit, item) in script.units.iter().zip(&said.items) {
        match (unit, item) {
            (Unit::Syllable(spoken), Item::Han(han)) => {
                assert_eq!((spoken.character, spoken.source), (han.character, han.source));
                assert!(han.reading.is_none_or(|reading| reading == spoken.citation));
            }
            (Unit::Foreign { .. }, Item::Foreign { .. }) | (Unit::Pause(_), Item::Pause(_)) => {}
            pair => panic!("{pair:?}"),
        }
    }
    for doubt in doubtful(&script) {
        assert_eq!(text.chars().nth(doubt.source), Some(doubt.character));
        assert!(doubt.probability < DOUBTFUL && !doubt.others.contains(&doubt.read));
    }
});
