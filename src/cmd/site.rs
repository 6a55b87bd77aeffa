//! What `plan`, `next` and `why` go by: the site, its playlists that are fit to air, and its calendars.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::{Context, Failure};
use crate::calendar::Almanac;
use crate::model::{Lang, Playlist, Site, Station, Words};
use crate::station::bundles::Store;
use crate::station::clock;
use crate::station::kinds::kinds;
use crate::station::sources::{self, Sources};

/// A site as it would air now.
pub(super) struct Loaded {
    pub(super) site: Site,
    pub(super) playlists: Vec<Playlist>,
    pub(super) almanac: Almanac,
}

/// Reads the site in use. Playlists and holiday files with mistakes are left out, and named on standard error.
pub(super) fn load(context: &Context) -> Result<Loaded, Failure> {
    if !context.config.exists() {
        return Err(no_site(&context.config));
    }
    let mut read = sources::load(&context.config, &kinds());
    let Some(site) = read.site.value.clone() else {
        return Err(faulty_site(&context.config));
    };
    warn_of_mistakes(&read, context.lang);
    // Without the program's own name nothing could be decoded, but nothing is decoded to plan.
    read.campaigns = Store::open(&context.state, PathBuf::new()).in_force(clock::wall());
    let almanac = read.almanac();
    let county: Vec<Playlist> = read.county_playlists().collect();
    let own = read.playlists.into_iter().filter_map(|parsed| parsed.value);
    let playlists = own.chain(county).collect();
    Ok(Loaded { site, playlists, almanac })
}

/// Reads which stations there are. Needs the station file only.
pub(super) fn stations_here(context: &Context) -> Result<Vec<Station>, Failure> {
    if !context.config.exists() {
        return Err(no_site(&context.config));
    }
    let site = sources::load_site(&context.config, &kinds()).site.value;
    site.map(|site| site.stations).ok_or_else(|| faulty_site(&context.config))
}

fn faulty_site(file: &Path) -> Failure {
    let file = file.display();
    Failure::new(
        format!("{file} 有错误，请用 dalaba check 查看"),
        format!("{file} has mistakes: see dalaba check"),
    )
}

/// Says how to begin where there is no station file.
pub(super) fn no_site(file: &Path) -> Failure {
    let file = file.display();
    Failure::new(
        format!("没有找到站点配置 {file}；请用 --config 指定，或先用 make run 试听演示"),
        format!("there is no station file {file}: name yours with --config, or hear the demo with make run"),
    )
}

impl Loaded {
    /// Keeps only the stations named; all, if none is.
    pub(super) fn keep(&mut self, named: &[String]) -> Result<(), Failure> {
        for name in named {
            self.station(name)?;
        }
        if !named.is_empty() {
            self.site.stations.retain(|station| named.iter().any(|name| *name == station.id.as_str()));
        }
        Ok(())
    }

    /// Finds a station by its id.
    pub(super) fn station(&self, name: &str) -> Result<&Station, Failure> {
        let stations = &self.site.stations;
        stations.iter().find(|station| station.id.as_str() == name).ok_or_else(|| {
            let known: Vec<&str> = stations.iter().map(|station| station.id.as_str()).collect();
            Failure::new(
                format!("没有站点“{name}”；已有：{}", known.join("、")),
                format!("there is no station {name}; there are: {}", known.join(", ")),
            )
        })
    }

    /// Warns on standard error when days in `[from, until)` depend on holidays that are not known.
    pub(super) fn warn_of_doubts(&self, from: DateTime<Utc>, until: DateTime<Utc>, lang: Lang) {
        let civil = |at: DateTime<Utc>| at.with_timezone(&self.site.time_zone).date_naive();
        let (first, last) = (civil(from), civil(until));
        let schedules = self.playlists.iter().flat_map(|playlist| &playlist.schedules);
        let mut doubts: Vec<_> =
            schedules.flat_map(|schedule| self.almanac.doubts(schedule.days, first, last)).collect();
        doubts.sort_unstable();
        doubts.dedup();
        for doubt in doubts {
            warn(&doubt.words(), lang);
        }
    }
}

fn warn_of_mistakes(read: &Sources, lang: Lang) {
    let broken: Vec<String> = read
        .playlists
        .iter()
        .filter(|parsed| parsed.value.is_none())
        .map(|parsed| parsed.path.display().to_string())
        .chain(
            read.lexicon
                .iter()
                .filter(|parsed| parsed.value.is_none())
                .map(|parsed| parsed.path.display().to_string()),
        )
        .chain(read.complaints.iter().map(|complaint| complaint.path.display().to_string()))
        .collect();
    if !broken.is_empty() {
        let words = Words::new(
            format!("这些文件有错误，没有算进来，请用 dalaba check 查看：{}", broken.join("、")),
            format!("these files have mistakes and are left out, see dalaba check: {}", broken.join(", ")),
        );
        warn(&words, lang);
    }
}

/// Tells people something beside the answer, where it cannot spoil JSON or a calendar file.
pub(super) fn warn(words: &Words, lang: Lang) {
    // When nobody can be told, the answer still counts.
    let _ = writeln!(io::stderr(), "{}{}", lang.pick("注意：", "note: "), words.in_lang(lang));
}
