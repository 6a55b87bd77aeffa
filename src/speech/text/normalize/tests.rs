use super::*;

fn said(text: &str) -> String {
    normalize(text, &Options::default()).to_string()
}

#[test]
fn a_plain_sentence_stays_as_it_is() {
    assert_eq!(said("安全带就是生命带！"), "安全带就是生命带！");
}

#[test]
fn hundred_thousand_characters_take_no_more_than_a_blink() {
    for unit in [
        "安", "1", "-", "1-", "a", "{", "1,000,", ".", "https://", "a.", "1:2:", "😀", "1.", " ", "/", "A1",
        "*", "@a.", "一", "1 ",
    ] {
        let _ = normalize(&unit.repeat(100_000 / unit.len()), &Options::default());
    }
}
