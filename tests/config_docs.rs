//! `docs/config.md` says of every key what the tables of keys say: compared row by row.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use dalaba::config::{Field, FieldKind, ListOf, tables, warning_tables};
use dalaba::station::kinds::kinds;

/// Says what may stand after a key, in Chinese and in English.
fn kind_words(kind: &FieldKind) -> (String, String) {
    let (zh, en) = match kind {
        FieldKind::Text { longest } => {
            return (format!("文字，最多 {longest} 字"), format!("text, at most {longest} characters"));
        }
        FieldKind::Integer { min, max } => {
            return (format!("整数 {min} 到 {max}"), format!("whole number, {min} to {max}"));
        }
        FieldKind::OneOf(words) => return (listed(words, "、"), listed(words, ", ")),
        FieldKind::List(ListOf { kind: FieldKind::Table(_), .. }) => ("表，见下", "tables, see below"),
        FieldKind::List(of) => {
            let (zh, en) = kind_words(&of.kind);
            return (format!("列表：{zh}"), format!("list: {en}"));
        }
        FieldKind::Flag => ("`true` 或 `false`", "`true` or `false`"),
        FieldKind::Length { .. } => ("时长", "length of time"),
        FieldKind::Path => ("路径", "path"),
        FieldKind::Recording => ("录音", "recording"),
        FieldKind::Chime => ("提示音", "chime"),
        FieldKind::Language => ("语言代码", "language tag"),
        FieldKind::TimeZone => ("时区", "time zone"),
        FieldKind::Cron => ("定时表达式", "cron expression"),
        FieldKind::Name => ("设备等的名称", "name of a thing in the system"),
        FieldKind::Pinyin => ("拼音", "pinyin"),
        FieldKind::Id | FieldKind::Calendar => ("名称", "id"),
        FieldKind::Target => ("站点", "target"),
        FieldKind::Date => ("日期", "date"),
        FieldKind::SolarDate => ("公历日期", "solar date"),
        FieldKind::LunarDate => ("农历日期", "lunar date"),
        FieldKind::Time => ("时刻", "time of day"),
        FieldKind::Days => {
            ("星期的列表，或 `workdays`、`restdays`", "list of weekdays, `workdays` or `restdays`")
        }
        FieldKind::Table(_) => ("表，见下", "table, see below"),
        FieldKind::Output | FieldKind::Amplifier => ("带 `kind` 的表，见下", "table with `kind`, see below"),
        FieldKind::Engine => ("带 `engine` 的表，见下", "table with `engine`, see below"),
    };
    (zh.into(), en.into())
}

fn listed(words: &[&str], joint: &str) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(joint)
}

/// Writes the rows of a table of keys as the page has them.
fn rows(fields: &[Field]) -> String {
    if fields.is_empty() {
        return "没有别的项。 No other keys.\n".into();
    }
    let mut rows =
        String::from("| 项 key | 写什么 type | 不写时 default | 意思 meaning |\n|---|---|---|---|\n");
    for field in fields {
        let default = match (field.default, field.required) {
            (Some(default), _) => format!("`{default}`"),
            (None, true) => "**必须写 required**".into(),
            (None, false) => "—".into(),
        };
        let (kind_zh, kind_en) = kind_words(&field.kind);
        let Field { key, zh, en, .. } = field;
        writeln!(rows, "| `{key}` | {kind_zh}<br>{kind_en} | {default} | {zh}<br>{en} |").unwrap();
    }
    rows
}

/// Puts `rows` between the two marks of `name`.
fn with_rows(page: &str, name: &str, rows: &str) -> String {
    let (open, close) = (format!("<!-- keys: {name} -->\n"), "<!-- end -->");
    let (before, rest) = page.split_once(&open).unwrap_or_else(|| panic!("the page has no place for {name}"));
    let (_, after) = rest.split_once(close).unwrap();
    format!("{before}{open}{rows}{close}{after}")
}

#[test]
fn the_page_has_every_key_with_its_unit_default_and_meaning_and_no_other() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/config.md");
    let page = fs::read_to_string(&path).unwrap();
    let kinds = kinds();
    let mut sections: Vec<(String, &[Field])> = vec![
        ("playlist".into(), tables::PLAYLIST),
        ("message".into(), tables::MESSAGE),
        ("schedule".into(), tables::SCHEDULE),
        ("station.toml".into(), tables::SITE),
        ("limits".into(), tables::LIMITS),
        ("quiet_hours".into(), tables::QUIET_HOURS),
        ("station".into(), tables::STATION),
        ("volume_by_priority".into(), tables::VOLUME_BY_PRIORITY),
        ("volume_hours".into(), tables::VOLUME_HOURS),
        ("mixer".into(), tables::MIXER),
        ("monitor".into(), tables::MONITOR),
        ("group".into(), tables::GROUP),
        ("calendar".into(), tables::CALENDAR),
        ("lexicon.toml".into(), tables::LEXICON),
        ("word".into(), tables::WORD),
        ("alerts.toml".into(), tables::ALERTS),
        ("alert".into(), tables::ALERT),
        ("alert-map.toml".into(), warning_tables::ALERT_MAP),
        ("rule".into(), warning_tables::RULE),
        ("areas.toml".into(), warning_tables::AREAS),
        ("place".into(), warning_tables::PLACE),
    ];
    sections.extend(kinds.outputs.iter().map(|kind| (format!("output {}", kind.name), kind.fields)));
    sections.extend(kinds.amplifiers.iter().map(|kind| (format!("amplifier {}", kind.name), kind.fields)));
    sections.extend(kinds.engines.iter().map(|kind| (format!("voice {}", kind.name), kind.fields)));
    assert_eq!(page.matches("<!-- keys: ").count(), sections.len(), "a section that nothing fills");
    let expected =
        sections.iter().fold(page.clone(), |page, (name, fields)| with_rows(&page, name, &rows(fields)));
    if std::env::var_os("DALABA_BLESS").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    let differing = page.lines().zip(expected.lines()).find(|(found, wanted)| found != wanted);
    assert_eq!(differing, None, "DALABA_BLESS=1 writes the tables anew");
    assert_eq!(page.len(), expected.len());
    for chime in kinds.chimes {
        assert!(page.contains(&format!("`\"{chime}\"`")), "{chime}");
    }
}

#[test]
fn the_examples_on_the_page_are_read_without_complaint() {
    use dalaba::config::{
        Source, parse_alert_map, parse_alerts, parse_areas, parse_lexicon, parse_playlist, parse_site,
    };
    let page = fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/config.md")).unwrap();
    let examples: Vec<&str> =
        page.split("```toml\n").skip(1).map(|rest| rest.split_once("```").unwrap().0).collect();
    assert!(examples.len() >= 2);
    for text in examples {
        let source = Source { path: "例子.toml".into(), text: text.to_owned() };
        let complaints = if text.contains("[[station]]") {
            parse_site(&source, &kinds()).complaints
        } else if text.contains("[[alert]]") {
            parse_alerts(&source).complaints
        } else if text.contains("[[word]]") {
            parse_lexicon(&source).complaints
        } else if text.contains("[[rule]]") {
            parse_alert_map(&source).complaints
        } else if text.contains("[[place]]") {
            parse_areas(&source).complaints
        } else {
            parse_playlist(&source, &kinds()).complaints
        };
        assert_eq!(complaints, [], "{text}");
    }
}
