//! Files are hostile: whatever their bytes, reading them never panics and every complaint can be shown.

use dalaba::config::{Kinds, Parsed, Source, any_error, parse_lexicon, parse_playlist, parse_site, report};
use dalaba::model::Lang;
use dalaba::station::kinds::kinds;
use proptest::prelude::*;

const PLAYLIST: &str = include_str!("../broadcasts/日常.toml");
const LEXICON: &str = include_str!("../config/lexicon.toml");
const SITE: &str = include_str!("../config/station.toml");
/// Pieces that break files in ways that matter: quotes, brackets, full-width signs, dates, floods.
const PIECES: [&str; 24] = [
    "\"",
    "'",
    "\"\"\"",
    "“",
    "”",
    "＝",
    "：",
    "，",
    "[",
    "]]",
    "［［",
    "{",
    "=",
    "\n",
    "\r",
    "\u{0}",
    "\\u00",
    "# ",
    "25:00",
    "2024-02-30",
    "9223372036854775808",
    "\u{202e}",
    "[[message]]\n",
    "🚜",
];

/// Holds what must be true of every answer.
fn sound<T>(source: &Source, parsed: &Parsed<T>) -> Result<(), TestCaseError> {
    prop_assert_eq!(parsed.value.is_some(), !any_error(&parsed.complaints));
    prop_assert!(parsed.complaints.len() <= 100);
    for complaint in &parsed.complaints {
        let (start, end) = (complaint.span.start, complaint.span.end);
        prop_assert!(start <= end && end <= source.text.len(), "{:?}", complaint);
        prop_assert!(source.text.get(start..end).is_some(), "{:?}", complaint);
        prop_assert!(!complaint.what.zh.is_empty() && !complaint.fix.en.is_empty());
    }
    for lang in [Lang::Zh, Lang::En] {
        let shown = report(&parsed.complaints, std::slice::from_ref(source), lang, true);
        prop_assert_eq!(shown.is_empty(), parsed.complaints.is_empty());
    }
    Ok(())
}

fn read_both(text: String, kinds: &Kinds) -> Result<(), TestCaseError> {
    let source = Source { path: "春运.toml".into(), text };
    sound(&source, &parse_playlist(&source, kinds))?;
    sound(&source, &parse_lexicon(&source))?;
    sound(&source, &parse_site(&source, kinds))
}

/// Puts a piece, or nothing, in the place of some characters of a good file.
fn broken(good: &'static str) -> impl Strategy<Value = String> {
    let cuts = prop::collection::vec((any::<prop::sample::Index>(), 0..12_usize, 0..PIECES.len() + 1), 1..6);
    cuts.prop_map(move |cuts| {
        let mut text: Vec<char> = good.chars().collect();
        for (at, length, piece) in cuts {
            let start = at.index(text.len() + 1);
            let end = (start + length).min(text.len());
            text.splice(start..end, PIECES.get(piece).copied().unwrap_or_default().chars());
        }
        text.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn a_playlist_broken_anywhere_is_answered(text in broken(PLAYLIST)) {
        read_both(text, &kinds())?;
    }

    #[test]
    fn a_station_file_broken_anywhere_is_answered(text in broken(SITE)) {
        read_both(text, &kinds())?;
    }

    #[test]
    fn a_lexicon_broken_anywhere_is_answered(text in broken(LEXICON)) {
        read_both(text, &kinds())?;
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read_both(String::from_utf8_lossy(&bytes).into_owned(), &kinds())?;
    }
}

#[test]
fn a_flood_of_mistakes_is_answered_in_bounds() {
    let floods = [
        "x = 1\n".repeat(3_000),
        "= ＝\n".repeat(3_000),
        "[[message]]\n".repeat(3_000),
        format!("title = {}", "[".repeat(30_000)),
        format!("stations = [{}]", "\"赵家庄\",".repeat(3_000)),
        format!("title = \"{}\"", "安".repeat(300_000)),
        format!("a{} = 1", ".a".repeat(30_000)),
    ];
    for text in floods {
        read_both(text, &kinds()).unwrap();
    }
}

#[test]
fn the_shipped_files_are_read() {
    let source = Source { path: "日常.toml".into(), text: PLAYLIST.into() };
    let playlist = parse_playlist(&source, &kinds()).value.unwrap();
    assert_eq!((playlist.id.as_str(), playlist.messages.len(), playlist.schedules.len()), ("日常", 6, 4));
    let source = Source { path: "config/station.toml".into(), text: SITE.into() };
    let site = parse_site(&source, &kinds()).value.unwrap();
    assert_eq!(site.broadcasts, std::path::PathBuf::from("broadcasts"));
    assert_eq!(site.stations[0].limits.minutes_per_hour, Some(15));
    assert_eq!(site.stations[0].volume.usual, 80);
    assert_eq!(site.voice.integer("words_per_minute"), Some(145));
}

#[test]
fn a_station_says_how_loud_each_priority_and_hour_may_be() {
    use dalaba::model::{Mixer, Priority};
    let text = "[[station]]\nid = \"赵家庄\"\noutput = { kind = \"null\" }\nvolume = 60\n\
        volume_by_priority = { routine = 40, emergency = 90 }\n\
        volume_hours = [{ from = \"21:00\", until = \"07:00\", volume = 20 }]\n\
        mixer = { card = \"hw:CARD=Device\", control = \"PCM\" }\n";
    let read = |text: &str| parse_site(&Source { path: "station.toml".into(), text: text.into() }, &kinds());
    let station = read(text).value.unwrap().stations.remove(0);
    let noon = chrono::NaiveTime::from_hms_opt(12, 0, 0).unwrap();
    let night = chrono::NaiveTime::from_hms_opt(23, 0, 0).unwrap();
    let percent = |time, priority| station.volume.percent(None, time, priority);
    assert_eq!(percent(noon, Priority::Routine), 40);
    assert_eq!(percent(noon, Priority::Urgent), 60);
    assert_eq!(percent(night, Priority::Urgent), 20);
    assert_eq!(percent(night, Priority::Emergency), 90);
    assert_eq!(station.mixer, Some(Mixer { card: "hw:CARD=Device".into(), control: "PCM".into() }));
    for (wrong, en) in [
        (text.replace("\"07:00\"", "\"21:00\""), "it begins and ends at the same time"),
        (text.replace("emergency = 90", "emergency = 101"), "out of range"),
        (text.replace("routine = 40", "rutine = 40"), "rutine"),
    ] {
        let complaints = read(&wrong).complaints;
        assert!(complaints.iter().any(|complaint| complaint.what.en.contains(en)), "{en}: {complaints:?}");
    }
}
