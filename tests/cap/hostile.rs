//! Limits, entities and mutations: whatever the bytes, there is an answer, and none that passes a limit.

use std::fmt::Write as _;

use dalaba::cap::{DEEPEST, LARGEST, MOST_ALERTS, MOST_ATTRIBUTES, MOST_ELEMENTS, read_file};
use proptest::prelude::*;

const GOOD: &str = include_str!("../data/cap/china/rainstorm.cap");

fn refused(xml: &str, reason: &str) {
    let fault = read_file(xml.as_bytes()).unwrap_err();
    assert!(fault.words.en.contains(reason), "{fault}");
}

fn with(description: &str) -> String {
    GOOD.replacen("<headline>", &format!("{description}<headline>"), 1)
}

#[test]
fn nothing_passes_a_limit() {
    refused(&with(&" ".repeat(LARGEST)), "1 MiB");
    let deep = |levels: usize| "<x>".repeat(levels) + &"</x>".repeat(levels);
    assert!(read_file(with(&deep(DEEPEST - 2)).as_bytes()).is_ok());
    refused(&with(&deep(DEEPEST - 1)), "deep");
    refused(&with(&"<x/>".repeat(MOST_ELEMENTS)), "elements");
    let attributes = (0..=MOST_ATTRIBUTES).fold(String::new(), |mut all, n| {
        write!(all, " a{n}=''").unwrap();
        all
    });
    refused(&with(&format!("<x{attributes}/>")), "attributes");
    let many = "<alert xmlns='urn:oasis:names:tc:emergency:cap:1.2'/>".repeat(MOST_ALERTS + 1);
    refused(&format!("<feed xmlns='http://www.w3.org/2005/Atom'><entry>{many}</entry></feed>"), "warnings");
}

#[test]
fn no_entity_is_expanded_and_no_document_type_is_read() {
    let bomb = "<!DOCTYPE a [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><alert>&b;</alert>";
    refused(bomb, "DOCTYPE");
    refused(&with("&nbsp;"), "entity");
    refused(&with("&#0;"), "entity");
    refused(&GOOD.replace("<alert xmlns=", "<alert a='&b;' xmlns="), "well-formed");
}

#[test]
fn what_is_no_xml_is_refused() {
    for broken in [
        "",
        "<",
        "<a",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a/>x",
        "x<a/>",
        "<a b='<'/>",
        "<a b='1' b='2'/>",
        "<x:a/>",
        "<a>]]></a>",
        "<a><!-- -- --></a>",
        " <?xml version='1.0'?><a/>",
        "<1/>",
        "<a>&</a>",
        "<![CDATA[a]]><a/>",
    ] {
        assert!(read_file(broken.as_bytes()).is_err(), "{broken}");
    }
}

#[test]
fn every_cut_of_a_warning_is_refused() {
    for end in 0..GOOD.trim_end().len() {
        assert!(read_file(&GOOD.as_bytes()[..end]).is_err(), "{end}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_warning_with_any_bytes_in_any_place_is_answered(
        at in 0..GOOD.len(), length in 0..40_usize, bytes in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let mut changed = GOOD.as_bytes().to_vec();
        changed.splice(at..(at + length).min(GOOD.len()), bytes);
        if let Err(fault) = read_file(&changed) {
            prop_assert!(fault.line >= 1 && fault.column >= 1 && !fault.words.zh.is_empty());
        }
    }
}
