//! The demo county of `make run`, as it is shipped.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, Duration, Timelike, Utc};
use dalaba::model::{Limits, Playlist, Site};
use dalaba::plan::plan;
use dalaba::station::kinds::kinds;
use dalaba::station::sources::{self, Sources};

const SLOGANS: [&str; 2] = ["安全带就是生命带!", "骑乘电动车请佩戴安全头盔!"];

fn county(file: &str) -> (Site, Vec<Playlist>, Sources) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/demo").join(file);
    let sources = sources::load(&path, &kinds());
    assert!(sources.complaints().is_empty(), "{:?}", sources.complaints());
    let playlists = sources.playlists.iter().map(|parsed| parsed.value.clone().unwrap()).collect();
    (sources.site.value.clone().unwrap(), playlists, sources)
}

#[test]
fn in_any_minute_of_any_year_every_village_says_both_slogans_and_plays_the_recording() {
    let (site, playlists, sources) = county("station.toml");
    let almanac = sources.almanac();
    let first: DateTime<Utc> = "2026-01-01T00:00:17Z".parse().unwrap();
    for minute in (0..3 * 366 * 24 * 60).step_by(20_011).map(|n| first + Duration::minutes(n)) {
        let timetable = plan(&site, &playlists, &almanac, minute, minute + Duration::minutes(1));
        let mut starts = BTreeSet::new();
        for station in &site.stations {
            let here: Vec<_> = timetable.airings.iter().filter(|a| a.station == station.id).collect();
            for slogan in SLOGANS {
                let says = |text: &Option<String>| text.as_deref() == Some(slogan);
                assert!(here.iter().any(|a| says(&a.message.text) && a.message.audio.is_none()), "{minute}");
            }
            assert!(here.iter().any(|a| a.message.audio.as_deref() == Some(Path::new("helmet.mp3"))));
            starts.extend(here.iter().map(|airing| airing.due.second()));
        }
        assert_eq!(starts.len(), 6, "each village at its own seconds: {starts:?}");
    }
}

#[test]
fn nothing_keeps_the_demo_silent() {
    let (site, _, _) = county("station.toml");
    assert!(
        site.stations.iter().all(|station| station.limits == Limits::default() && station.volume.usual > 0)
    );
}

#[test]
fn without_a_card_the_county_is_the_same_but_for_one_output_which_is_a_recording() {
    let (card, playlists, _) = county("station.toml");
    let (mut none, same, _) = county("station-no-card.toml");
    assert_eq!(playlists, same);
    assert_eq!(none.stations[0].output.kind, "file");
    none.stations[0].output = card.stations[0].output.clone();
    assert_eq!(none, card);
    assert_eq!(card.stations[0].output.kind, "device");
    assert_eq!(card.stations.len(), 3);
    for station in &card.stations[1..] {
        let path = Path::new(station.output.text("path").unwrap());
        assert!(path.ends_with(format!("target/demo/{}.wav", station.id)), "{}", path.display());
    }
}
