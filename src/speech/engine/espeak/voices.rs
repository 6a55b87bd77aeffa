//! Which languages the library has a voice for, told by its folder: no start of the library.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use super::ffi;
use super::phrases::voice_of;

/// The first language of each voice; none if there is no folder of voices to look into.
static NAMES: LazyLock<Option<BTreeSet<String>>> = LazyLock::new(|| {
    let folder = ffi::data_folder().join("lang");
    folder.is_dir().then(|| names(&folder))
});

/// Tells whether there is a voice of exactly this language. Where the library's data is missing altogether nobody can
/// tell, and the answer is yes.
pub(super) fn speaks(language: &str) -> bool {
    let Some(names) = &*NAMES else { return true };
    let voice = voice_of(&language.to_ascii_lowercase().replace('_', "-"));
    let plain = voice.dictionary.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    plain && names.contains(&voice.name) && ffi::data_folder().join(&voice.dictionary).is_file()
}

/// Reads the names from the files of voices in `folder`, and in the folders of families there.
fn names(folder: &Path) -> BTreeSet<String> {
    let family =
        |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let files =
        family(folder).flat_map(|path| if path.is_dir() { family(&path).collect() } else { vec![path] });
    files.filter_map(|path| first_language(&fs::read(path).ok()?)).collect()
}

/// Reads `gd` from a line `language gd 5`; comments and names in other encodings stand around it.
fn first_language(file: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(file);
    let words = text.lines().find_map(|line| line.trim_start().strip_prefix("language "))?;
    words.split_whitespace().next().map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_without_a_voice_of_its_own_has_none() {
        for language in ["zh", "zh-CN", "en-GB", "ru", "fr-FR", "vi"] {
            assert!(speaks(language), "{language}");
        }
        for language in ["ii", "bo", "za", "xx", "../en", "ru-RU-x"] {
            assert!(!speaks(language), "{language}");
        }
    }

    #[test]
    fn the_first_language_of_a_file_counts() {
        assert_eq!(first_language(b"name \xff\nlanguage en-US 2\nlanguage en 3\n").as_deref(), Some("en-us"));
        assert_eq!(first_language(b"gender male\n"), None);
    }
}
