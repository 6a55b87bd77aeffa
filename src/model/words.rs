//! Text that people read, in both of our languages at once.

use std::fmt;

/// Names the language in which people are spoken to on screen; what the horns say has its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Lang {
    /// 简体中文, the language of the people who run the stations, and so the default.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Reads a language tag or POSIX locale (`zh`, `zh_CN.UTF-8`, `en-GB`).
    ///
    /// Returns `None` for an empty tag and for `C` and `POSIX`, which name no language. Any language that is not
    /// Chinese gets English, the more widely read of the two.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let language = tag.split(['_', '-', '.', '@']).next().unwrap_or_default();
        match language.to_ascii_lowercase().as_str() {
            "" | "c" | "posix" => None,
            "zh" | "cn" => Some(Self::Zh),
            _ => Some(Self::En),
        }
    }

    /// Picks one of two ready texts.
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// Holds one statement in both languages, so that no text can be written in only one of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Words {
    /// The statement in 简体中文.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

impl Words {
    /// Joins the two wordings of one statement.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// Returns the wording in `lang`.
    pub fn in_lang(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }
}

impl fmt::Display for Words {
    /// Writes both wordings, for logs that either reader may open.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.zh, self.en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_names_its_language_and_the_c_locale_names_none() {
        assert_eq!(Lang::from_tag("zh_CN.UTF-8"), Some(Lang::Zh));
        assert_eq!(Lang::from_tag("en-GB"), Some(Lang::En));
        assert_eq!(Lang::from_tag("de_DE"), Some(Lang::En));
        assert_eq!(Lang::from_tag("C.UTF-8"), None);
        assert_eq!(Lang::from_tag(""), None);
    }
}
