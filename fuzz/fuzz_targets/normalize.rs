//! Any text is said without a panic: every Han character is there in its order, and every fault lies inside the text.
#![no_main]

use std::sync::LazyLock;

use dalaba::speech::text::Reader;
use dalaba::speech::text::normalize::{Options, normalize};
use dalaba::speech::text::said::Item;
use libfuzzer_sys::fuzz_target;

static READER: LazyLock<Reader> = LazyLock::new(|| Reader::new(&[], Options::default()));

fuzz_target!(|text: &str| {
    let written: Vec<char> = text.chars().collect();
    let said = normalize(text, &Options::default());
    let places: Vec<usize> = said
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Han(han) => han.source.inspect(|at| assert_eq!(written.get(*at), Some(&han.character))),
            _ => None,
        })
        .collect();
    assert!(places.is_sorted());
    let pause = |item: &Item| matches!(item, Item::Pause(_));
    assert!(!said.items.windows(2).any(|two| two.iter().all(pause)), "{said:?}");
    assert!(!said.items.first().is_some_and(pause), "{said:?}");
    assert!(said.unspeakable.iter().all(|found| found.length > 0 && found.at + found.length <= written.len()));
    assert!(!said.to_string().contains('\n'));
    normalize(text, &Options { remove_erhua: true });
    for language in ["zh", "ru"] {
        let found = READER.review(text, language);
        assert!(found.iter().all(|found| found.at + found.length <= written.len().max(found.at)), "{found:?}");
    }
});
