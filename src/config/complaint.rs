//! What is wrong with a file, where, and what to write instead.

use std::ops::Range;
use std::path::PathBuf;

use crate::model::{Lang, Words};

/// Most complaints of one file: after that many, more of them help nobody.
pub(super) const MOST_COMPLAINTS: usize = 100;

/// Holds a file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Where it lies, as people are to see it in complaints.
    pub path: PathBuf,
    /// What it says.
    pub text: String,
}

impl Source {
    /// Returns the line and the column of a byte, both counted from 1; columns are characters, as editors count.
    pub fn position(&self, byte: usize) -> (usize, usize) {
        let before = &self.text[..floor(&self.text, byte)];
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
    }

    /// Returns the bytes of the line in which `byte` stands, without its end.
    pub(super) fn line_at(&self, byte: usize) -> Range<usize> {
        let byte = floor(&self.text, byte);
        let start = self.text[..byte].rfind('\n').map_or(0, |newline| newline + 1);
        let end = self.text[byte..].find('\n').map_or(self.text.len(), |newline| byte + newline);
        start..end
    }
}

/// Returns the last character boundary at or before `byte`.
pub(super) fn floor(text: &str, byte: usize) -> usize {
    let byte = byte.min(text.len());
    (0..=byte).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Tells a mistake from a matter of judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// 错误: the file is refused.
    Error,
    /// 警告: the file is used; somebody should look.
    Warning,
}

impl Severity {
    /// Returns the word for it.
    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Error => lang.pick("错误", "error"),
            Self::Warning => lang.pick("警告", "warning"),
        }
    }
}

/// States one thing that is wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// How bad it is.
    pub severity: Severity,
    /// The file.
    pub path: PathBuf,
    /// The bytes of the file that are meant; empty at 0 when the whole file is.
    pub span: Range<usize>,
    /// What is wrong.
    pub what: Words,
    /// What to write or do instead.
    pub fix: Words,
}

impl Complaint {
    /// Writes the complaint on one line, for logs.
    pub fn line(&self, source: Option<&Source>, lang: Lang) -> String {
        let (line, column) = source.map_or((1, 1), |source| source.position(self.span.start));
        let (path, severity) = (self.path.display(), self.severity.name(lang));
        let (what, fix) = (self.what.in_lang(lang), self.fix.in_lang(lang));
        match lang {
            Lang::Zh => format!("{path}:{line}:{column}: {severity}：{what}（修改：{fix}）"),
            Lang::En => format!("{path}:{line}:{column}: {severity}: {what} (fix: {fix})"),
        }
    }
}

/// Tells whether any complaint is a mistake.
pub fn any_error(complaints: &[Complaint]) -> bool {
    complaints.iter().any(|complaint| complaint.severity == Severity::Error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_for_the_log_stands_on_one_line_with_its_place() {
        let source = Source { path: "春运.toml".into(), text: "a = 1\n题 = \"春运\"\n".into() };
        let start = source.text.find("\"春运\"").unwrap();
        let complaint = Complaint {
            severity: Severity::Warning,
            path: source.path.clone(),
            span: start..start + 8,
            what: Words::new("不对", "wrong"),
            fix: Words::new("改", "change"),
        };
        assert_eq!(complaint.line(Some(&source), Lang::Zh), "春运.toml:2:5: 警告：不对（修改：改）");
        assert_eq!(complaint.line(None, Lang::En), "春运.toml:1:1: warning: wrong (fix: change)");
        assert_eq!(source.position(usize::MAX), (3, 1));
    }
}
