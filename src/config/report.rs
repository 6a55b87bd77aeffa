//! Shows complaints to people: the cited line, the word underlined, and the fix.

use std::path::Path;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet, normalize_untrusted_str};

use crate::model::Lang;

use super::complaint::{Complaint, Severity, Source, floor};

/// Width on which long lines are cut, in columns of a terminal.
const WIDTH: usize = 120;

/// Shows all complaints, one below the other, each with the line that it is about.
///
/// A complaint about a file that is not among `sources` (because it could not be read) names the file only.
pub fn report(complaints: &[Complaint], sources: &[Source], lang: Lang, colour: bool) -> String {
    let find = |path: &Path| sources.iter().find(|source| source.path == path);
    let shown = complaints.iter().map(|complaint| match find(&complaint.path) {
        Some(source) => cited(complaint, source, lang, colour),
        None => named(complaint, lang, colour),
    });
    shown.map(|shown| shown + "\n\n").collect()
}

fn renderer(colour: bool) -> Renderer {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(WIDTH)
}

fn level(complaint: &Complaint, lang: Lang) -> Level<'static> {
    let level = match complaint.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    level.with_name(Some(complaint.severity.name(lang)))
}

fn fix_level(lang: Lang) -> Level<'static> {
    Level::HELP.with_name(Some(lang.pick("修改", "fix")))
}

fn cited(complaint: &Complaint, source: &Source, lang: Lang, colour: bool) -> String {
    let line = source.line_at(complaint.span.start);
    let start = floor(&source.text, complaint.span.start);
    // One line is enough to find the place; an underline over several says less, not more.
    let end = floor(&source.text, complaint.span.end.clamp(start, line.end));
    let (number, _) = source.position(start);
    let snippet = Snippet::source(&source.text[line.clone()])
        .line_start(number)
        .path(complaint.path.display().to_string())
        .annotation(AnnotationKind::Primary.span(start - line.start..end - line.start));
    let group = level(complaint, lang)
        .primary_title(complaint.what.in_lang(lang))
        .element(snippet)
        .element(fix_level(lang).message(normalize_untrusted_str(complaint.fix.in_lang(lang))));
    renderer(colour).render(&[group])
}

fn named(complaint: &Complaint, lang: Lang, colour: bool) -> String {
    let title = format!("{}: {}", complaint.path.display(), complaint.what.in_lang(lang));
    let group = level(complaint, lang)
        .primary_title(title)
        .element(fix_level(lang).message(normalize_untrusted_str(complaint.fix.in_lang(lang))));
    renderer(colour).render(&[group])
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use crate::model::Words;

    use super::*;

    fn shown(text: &str, word: &str) -> String {
        let source = Source { path: "春运.toml".into(), text: text.into() };
        let start = text.find(word).unwrap();
        let complaint = Complaint {
            severity: Severity::Error,
            path: source.path.clone(),
            span: start..start + word.len(),
            what: Words::new("不对", "wrong"),
            fix: Words::new("改", "change"),
        };
        report(&[complaint], &[source], Lang::Zh, false)
    }

    /// Finds the columns that the underline covers, and the columns of `word` in the cited line.
    fn columns(shown: &str, word: &str) -> ((usize, usize), (usize, usize)) {
        let lines: Vec<&str> = shown.lines().collect();
        let under = lines.iter().find(|line| line.contains('^')).unwrap();
        let cited = lines.iter().find(|line| line.contains(word)).unwrap();
        let first = under.find('^').unwrap();
        let carets = under.matches('^').count();
        let before = &cited[..cited.find(word).unwrap()];
        ((under[..first].width(), carets), (before.width(), word.width()))
    }

    #[test]
    fn the_underline_stands_right_under_chinese_text() {
        for (text, word) in [
            ("text = \"安全带就是生命带！\" # 注意：这里\nx = 1\n", "就是"),
            ("id = \"头盔\"\nmessages = [\"安全带\", \"投盔\"]\n", "\"投盔\""),
            ("title ＝ \"春运\"\n", "＝"),
            ("title = \"𠮷野 → ｱｲｳ\", bad\n", "bad"),
        ] {
            let shown = shown(text, word);
            let (underline, cited) = columns(&shown, word);
            assert_eq!(underline, cited, "\n{shown}");
        }
    }

    #[test]
    fn line_and_column_are_counted_as_editors_count() {
        let shown = shown("a = 1\nmessages = [\"安全带\", \"投盔\"]\n", "\"投盔\"");
        assert!(shown.contains("春运.toml:2:20"), "{shown}");
        assert!(shown.starts_with("错误: 不对"), "{shown}");
        assert!(shown.contains("= 修改: 改"), "{shown}");
    }

    #[test]
    fn a_very_long_line_is_cut_around_the_word() {
        let text = format!("text = \"{}\", bad, \"{}\"\n", "安".repeat(1500), "全".repeat(1500));
        let shown = shown(&text, "bad");
        assert!(shown.lines().all(|line| line.width() <= 2 * WIDTH), "{shown}");
        let (underline, cited) = columns(&shown, "bad");
        assert_eq!(underline, cited, "\n{shown}");
    }
}
