//! English in a Mandarin message: names of letters, and words from IPA to the model's alphabet.

/// The names of the letters in the model's alphabet, in which some capitals stand for diphthongs (`A` for ei, `I` for ai).
const LETTERS: [&str; 26] = [
    "ˈA",
    "bˈi",
    "sˈi",
    "dˈi",
    "ˈi",
    "ˈɛf",
    "ʤˈi",
    "ˈAʧ",
    "ˈI",
    "ʤˈA",
    "kˈA",
    "ˈɛl",
    "ˈɛm",
    "ˈɛn",
    "ˈO",
    "pˈi",
    "kjˈu",
    "ˈɑɹ",
    "ˈɛs",
    "tˈi",
    "jˈu",
    "vˈi",
    "dˈʌbᵊlju",
    "ˈɛks",
    "wˈI",
    "zˈi",
];

/// Returns how a letter that stands alone is called; none if `word` is no single Latin letter.
pub(super) fn letter(word: &str) -> Option<&'static str> {
    let mut letters = word.chars();
    let (letter, more) = (letters.next()?.to_ascii_lowercase(), letters.next());
    let place = u32::from(letter).checked_sub(u32::from('a'))?;
    if more.is_some() { None } else { LETTERS.get(usize::try_from(place).ok()?).copied() }
}

/// What libespeak-ng writes in American English, and what stands for it in the model's alphabet. Longer ones come first.
const SOUNDS: [(&str, &str); 16] = [
    ("aɪ", "I"),
    ("aʊ", "W"),
    ("eɪ", "A"),
    ("oʊ", "O"),
    ("ɔɪ", "Y"),
    ("dʒ", "ʤ"),
    ("tʃ", "ʧ"),
    ("ɜːɹ", "ɜɹ"),
    ("ɜː", "ɜɹ"),
    ("ɚ", "əɹ"),
    ("ɐ", "ə"),
    ("r", "ɹ"),
    ("g", "ɡ"),
    ("ɾ", "T"),
    ("ʔ", "t"),
    ("ː", ""),
];

/// Writes IPA in the model's alphabet.
pub(super) fn from_ipa(ipa: &str) -> String {
    let flat = ipa.split_whitespace().collect::<Vec<_>>().join(" ");
    SOUNDS.iter().fold(flat, |text, (written, meant)| text.replace(written, meant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_letters_have_names_and_words_do_not() {
        assert_eq!((letter("E"), letter("t"), letter("W")), (Some("ˈi"), Some("tˈi"), Some("dˈʌbᵊlju")));
        for word in ["OK", "", "安", "3", "[", "`", "~"] {
            assert_eq!(letter(word), None, "{word}");
        }
    }

    #[test]
    fn diphthongs_and_affricates_are_one_symbol_in_the_models_alphabet() {
        assert_eq!(from_ipa("oʊkˈeɪ"), "OkˈA");
        assert_eq!(from_ipa("wˈaɪfaɪ\n tʃˈɑːɹdʒ"), "wˈIfI ʧˈɑɹʤ");
    }
}
