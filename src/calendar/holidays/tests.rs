//! Holiday files, the shipped ones and wrong ones.

use proptest::prelude::*;

use super::*;

const GOOD: &str = r#"
year = 2026
announced = true
source = "通知"
work = ["2026-02-28", 2026-02-14]
[[rest]]
name = "春节"
from = "2026-02-15"
until = "2026-02-23"
[[rest]]
name = "元旦"
from = 2025-12-31
until = 2026-01-01
"#;

#[test]
fn every_built_in_year_is_read() {
    let years: Vec<(i32, bool, usize, usize)> =
        builtin().iter().map(|y| (y.year, y.announced, y.rest.len(), y.work.len())).collect();
    assert_eq!(years, [(2024, true, 28, 8), (2025, true, 28, 5), (2026, true, 33, 6), (2027, false, 13, 0)]);
}

#[test]
fn dates_may_be_texts_or_tomls_own_and_come_out_sorted() {
    let year = parse(GOOD).unwrap();
    assert_eq!(year.work, ["2026-02-14".parse().unwrap(), "2026-02-28".parse().unwrap()]);
    assert_eq!(year.rest.len(), 11);
    assert_eq!(year.rest[0], ("2025-12-31".parse().unwrap(), "元旦".to_owned()));
}

#[test]
fn each_mistake_is_underlined() {
    for (wrong, right, underlined) in [
        ("yeer = 2026", "year = 2026", "yeer"),
        ("year = \"2026\"", "year = 2026", "\"2026\""),
        ("announced = 1", "announced = true", "1"),
        ("source = 3", "source = \"通知\"", "3"),
        ("[\"2026-02-28\", \"2026-02-30\"]", "[\"2026-02-28\", 2026-02-14]", "\"2026-02-30\""),
        ("[\"2026-02-28\", \"2026-02-13\"]", "[\"2026-02-28\", 2026-02-14]", "\"2026-02-13\""),
        ("[\"2026-02-28\", \"2026-02-28\"]", "[\"2026-02-28\", 2026-02-14]", "\"2026-02-28\""),
        ("[\"2026-02-28\", 2027-03-06]", "[\"2026-02-28\", 2026-02-14]", "2027-03-06"),
        ("until = \"2026-02-14\"", "until = \"2026-02-23\"", "\"2026-02-14\""),
        ("nane = \"春节\"", "name = \"春节\"", "nane"),
    ] {
        let text = GOOD.replacen(right, wrong, 1);
        assert_ne!(text, GOOD);
        let fault = parse(&text).expect_err(wrong);
        assert_eq!(&text[fault.range], underlined, "{wrong}");
    }
}

#[test]
fn a_day_that_is_off_and_on_is_refused() {
    let text = GOOD.replace("2026-02-23", "2026-02-28");
    assert!(parse(&text).unwrap_err().what.en.contains("2026-02-28 is written twice"));
}

#[test]
fn a_file_beyond_the_limit_is_refused_unread() {
    assert!(parse(&"#".repeat(64 * 1024 + 1)).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_and_every_range_can_be_cut(text in "\\PC{0,80}") {
        for text in [text.clone(), format!("{GOOD}{text}"), format!("{text}{GOOD}")] {
            if let Err(fault) = parse(&text) {
                prop_assert!(text.get(fault.range).is_some());
            }
        }
    }
}
