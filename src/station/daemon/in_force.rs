//! What is in force: site, playlists, calendars and the user's words as they air now, which is not always as the files stand.
//!
//! A file with a mistake loses only itself: its last good version stays, also over a restart.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Tz;

use crate::calendar::Almanac;
use crate::clip::Workshop;
use crate::clip::recording::Folders;
use crate::config::{
    Complaint, Facts, Parsed, Severity, Source, check_together, parse_lexicon, parse_playlist, parse_site,
    report,
};
use crate::model::{
    Lang, LexiconEntry, Playlist, PlaylistId, Shaping, Site, Station, StationId, Timetable, Words,
};
use crate::plan::plan_station;
use crate::speech::engine::{EngineFault, Home};
use crate::speech::text::Reader;
use crate::station::bundles::{Campaign, Store, campaigns_below};
use crate::station::control::{CampaignReport, ControlReply, FaultyPlaylist};
use crate::station::courier::Standing;
use crate::station::kinds::kinds;
use crate::station::memory::LastGood;
use crate::station::sources::{self, Sources};

/// Everything that the loops go by. Never changed: a reload makes another.
pub(super) struct InForce {
    pub(super) site: Site,
    pub(super) playlists: Vec<Playlist>,
    pub(super) faulty: Vec<FaultyPlaylist>,
    pub(super) workshop: Workshop,
    /// Decides how texts are read, by the user's own words too.
    reader: Reader,
    almanac: Almanac,
    /// The county's campaigns among them.
    pub(super) campaigns: Vec<CampaignReport>,
    /// What the courier goes by: also the campaigns that were withdrawn.
    pub(super) standing: Arc<Standing>,
    /// When a bundle of the county's that is here already comes in force; the files are to be read again then.
    pub(super) changes_at: Option<DateTime<Utc>>,
}

/// Says why there is nothing that could be put in force.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoadError {
    /// The station file has mistakes, and no good version of it is known. Holds the complaints, as people read them.
    #[error("the station file cannot be used")]
    Site(Words),
    /// The folder of the good versions cannot be used.
    #[error("the folder of the good versions cannot be used")]
    State(#[from] io::Error),
    /// The voice cannot be used.
    #[error("the voice cannot be used")]
    Voice(#[from] EngineFault),
}

/// What was found while reading.
pub(super) struct Reading {
    pub(super) in_force: InForce,
    /// Files in force as they stand on disk.
    read: usize,
    complaints: Vec<Complaint>,
    sources: Sources,
}

/// Where the files are.
#[derive(Debug, Clone)]
pub(super) struct Files {
    pub(super) config: PathBuf,
    pub(super) clips: PathBuf,
    /// The state folder.
    pub(super) state: PathBuf,
    pub(super) good: LastGood,
}

impl InForce {
    /// Finds a station by id.
    pub(super) fn station(&self, id: &StationId) -> Option<&Station> {
        self.site.stations.iter().find(|station| station.id == *id)
    }

    /// Plans one station in a window.
    pub(super) fn timetable(
        &self,
        station: &Station,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Timetable {
        plan_station(station, self.site.time_zone, &self.playlists, &self.almanac, from, until)
    }

    /// Makes the clip of every message ahead, one after the other, so that a slow board starts on time.
    ///
    /// What cannot be made is told when it is due, and may be mended until then.
    pub(super) async fn render_ahead(&self) {
        self.workshop.prepare_tones().await;
        // Stations with equal wishes share their clips.
        let wishes: HashSet<Shaping> = self.site.stations.iter().map(|station| station.shaping).collect();
        for workshop in wishes.into_iter().map(|wish| self.workshop.shaped(wish)) {
            for message in self.playlists.iter().flat_map(|playlist| &playlist.messages) {
                if let Err(fault) = workshop.prepare(message, None).await {
                    tracing::warn!(message = %message.id, "{fault}");
                }
            }
        }
    }

    /// Writes an instant as people of this site read it.
    pub(super) fn civil(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        civil(at, self.site.time_zone)
    }
}

fn civil(at: DateTime<Utc>, zone: Tz) -> DateTime<FixedOffset> {
    at.with_timezone(&zone).fixed_offset()
}

impl Reading {
    /// Adds what cannot be spoken. Not at the start: there sound comes first, and the files were checked before.
    #[must_use]
    pub(super) fn with_texts_reviewed(mut self) -> Self {
        self.complaints
            .extend(self.sources.review_texts(&|text, language| self.in_force.reader.review(text, language)));
        self
    }

    /// Says what was read and what was found wrong, as an answer to a reload.
    pub(super) fn reply(&self) -> ControlReply {
        let mistakes =
            self.complaints.iter().filter(|complaint| complaint.severity == Severity::Error).count();
        let say = |lang| report(&self.complaints, &self.sources.texts, lang, false);
        ControlReply::Reloaded { read: self.read, mistakes, zh: say(Lang::Zh), en: say(Lang::En) }
    }

    /// Writes every complaint into the log, one line each.
    pub(super) fn log(&self) {
        for complaint in &self.complaints {
            let source = self.sources.texts.iter().find(|source| source.path == complaint.path);
            let line = complaint.line(source, Lang::default());
            match complaint.severity {
                Severity::Error => tracing::error!("{line}"),
                Severity::Warning => tracing::warn!("{line}"),
            }
        }
    }
}

impl Files {
    /// Reads everything and keeps what is good. To be called off the loops: it reads and writes files.
    pub(super) fn read(&self, now: DateTime<Utc>) -> Result<Reading, LoadError> {
        let mut sources = sources::load(&self.config, &kinds());
        let from_disk = sources.site.value.is_some();
        let site = self.site(&mut sources)?;
        let store = self.store()?;
        sources.campaigns = store.in_force(now);
        let (mut playlists, faulty) = self.playlists(&site, &sources)?;
        let words = sources.with_county_words(self.words(&site, &sources)?);
        let almanac = sources.almanac();
        let facts = Facts { almanac: &almanac, recordings: &BTreeMap::new(), now };
        let mut complaints = sources.complaints();
        complaints.extend(check_together(&site, &sources.playlists, &facts));
        let reader = Reader::of(&site, &words);
        let workshop = self.workshop(&site, &reader)?.with_rendered(sources.rendered());
        let read = usize::from(from_disk) + playlists.len()
            - faulty.iter().filter(|f| f.in_force_since.is_some()).count();
        playlists.extend(sources.county_playlists());
        let changes_at = store.next_change(now);
        let campaigns =
            sources.campaigns.iter().filter(|found| !found.bundle.withdraws()).map(told).collect();
        let standing = Arc::new(standing(&site, &sources.campaigns, &store));
        let in_force =
            InForce { site, playlists, faulty, workshop, reader, almanac, campaigns, standing, changes_at };
        Ok(Reading { in_force, read, complaints, sources })
    }

    /// Reads what was in force when the last run ended, at `then`: by that, the time since is judged. None if nothing is known.
    pub(super) fn before(&self, then: DateTime<Utc>) -> Option<InForce> {
        let mut sources = Sources::of(self.good_site()?, Vec::new());
        sources.campaigns = self.store().ok()?.in_force(then);
        let site = sources.site.value.clone()?;
        let copies = self.good.playlists().ok()?;
        let own = copies.into_iter().filter_map(|(id, text)| Self::copy(&site, &id, text));
        let playlists = own.chain(sources.county_playlists()).collect();
        let reader = Reader::of(&site, &sources.with_county_words(self.good_words(&site)));
        let workshop = self.workshop(&site, &reader).ok()?.with_rendered(sources.rendered());
        let almanac = sources.almanac();
        let (faulty, campaigns) = (Vec::new(), Vec::new());
        let (standing, changes_at) = (Arc::default(), None);
        Some(InForce { site, playlists, faulty, workshop, reader, almanac, campaigns, standing, changes_at })
    }

    fn workshop(&self, site: &Site, reader: &Reader) -> Result<Workshop, LoadError> {
        let home = Home { program: env::current_exe()?, voices: site.voices_below(&self.state) };
        let recordings = Folders { own: site.audio.clone(), campaigns: campaigns_below(&self.state) };
        Ok(Workshop::new(&site.voice, reader.clone(), recordings, self.clips.clone(), home)?)
    }

    pub(super) fn store(&self) -> io::Result<Store> {
        Ok(Store::open(&self.state, env::current_exe()?))
    }

    /// Returns the site on disk, or the last good one, to which `sources` is changed then.
    fn site(&self, sources: &mut Sources) -> Result<Site, LoadError> {
        if let Some(site) = sources.site.value.clone() {
            let source = sources.texts.iter().find(|source| source.path == self.config);
            if let Some(source) = source {
                report_unkept(&source.path, self.good.store_station(&source.text));
            }
            return Ok(site);
        }
        let copy = self.good_site();
        let Some((copy, site)) = copy.and_then(|copy| Some((copy.clone(), copy.value?))) else {
            let say = |lang| report(&sources.complaints(), &sources.texts, lang, false);
            return Err(LoadError::Site(Words::new(say(Lang::Zh), say(Lang::En))));
        };
        let broken = sources.complaints();
        let texts = std::mem::take(&mut sources.texts);
        *sources = Sources::of(copy, texts);
        sources.complaints.extend(broken);
        for path in sources::toml_files(&site.broadcasts).unwrap_or_default() {
            sources.add_playlist(&path, &kinds());
        }
        Ok(site)
    }

    fn good_site(&self) -> Option<Parsed<Site>> {
        let text = self.good.station()?;
        Some(parse_site(&Source { path: self.config.clone(), text }, &kinds()))
    }

    /// Takes each playlist as it stands, or its last good version; a file that is gone is forgotten.
    fn playlists(
        &self,
        site: &Site,
        sources: &Sources,
    ) -> Result<(Vec<Playlist>, Vec<FaultyPlaylist>), LoadError> {
        let (mut playlists, mut faulty) = (Vec::new(), Vec::new());
        let mut present = BTreeSet::new();
        for parsed in &sources.playlists {
            let Some(id) = id_of(&parsed.path) else { continue };
            present.insert(id.clone());
            if let Some(playlist) = &parsed.value {
                if let Some(source) = sources.texts.iter().find(|source| source.path == parsed.path) {
                    report_unkept(&source.path, self.good.store_playlist(&id, &source.text));
                }
                playlists.push(playlist.clone());
            } else {
                let copy = self.good.playlist(&id).and_then(|text| Self::copy(site, &id, text));
                let since = copy.as_ref().and_then(|_| self.good.kept_since(&id));
                faulty.push(fault(&id, &parsed.complaints, since.map(|at| civil(at, site.time_zone))));
                playlists.extend(copy);
            }
        }
        let folder_is_there = sources::toml_files(&site.broadcasts).is_ok();
        for (id, text) in self.good.playlists()? {
            match (present.contains(&id), folder_is_there) {
                (true, _) => {}
                (false, true) => self.good.remove_playlist(&id)?,
                // A folder that cannot be read, a stick that was pulled out: what was good stays.
                (false, false) => playlists.extend(Self::copy(site, &id, text)),
            }
        }
        Ok((playlists, faulty))
    }

    /// Takes the user's words as they stand, or their last good version; a file that is gone is forgotten.
    fn words(&self, site: &Site, sources: &Sources) -> Result<Vec<LexiconEntry>, LoadError> {
        if let Some(parsed) = &sources.lexicon {
            let Some(words) = &parsed.value else { return Ok(self.good_words(site)) };
            if let Some(source) = sources.texts.iter().find(|source| source.path == parsed.path) {
                report_unkept(&source.path, self.good.store_lexicon(&source.text));
            }
            return Ok(words.clone());
        }
        // A folder that is gone is a stick that was pulled out: what was good stays.
        if site.lexicon.parent().is_some_and(Path::is_dir) {
            self.good.remove_lexicon()?;
        }
        Ok(self.good_words(site))
    }

    fn good_words(&self, site: &Site) -> Vec<LexiconEntry> {
        let text = self.good.lexicon();
        let parsed = text.map(|text| parse_lexicon(&Source { path: site.lexicon.clone(), text }));
        parsed.and_then(|parsed| parsed.value).unwrap_or_default()
    }

    fn copy(site: &Site, id: &PlaylistId, text: String) -> Option<Playlist> {
        let path = site.broadcasts.join(format!("{id}.toml"));
        parse_playlist(&Source { path, text }, &kinds()).value
    }
}

/// What is good airs, also when the disk has no room for its copy.
fn report_unkept(path: &Path, stored: io::Result<()>) {
    if let Err(error) = stored {
        let path = path.display();
        tracing::error!(%path, %error, "in force, but no copy could be kept: should the file break, an older one airs");
    }
}

fn told(campaign: &Campaign) -> CampaignReport {
    CampaignReport { name: campaign.bundle.campaign.to_string(), serial: campaign.bundle.serial.0 }
}

/// A campaign that airs an older bundle, because the newer one is damaged or is for later, counts as not in force.
fn standing(site: &Site, campaigns: &[Campaign], store: &Store) -> Standing {
    let held = |campaign: &Campaign| {
        let id = &campaign.bundle.campaign;
        let held = store.held(id).filter(|held| held.serial == campaign.bundle.serial)?;
        Some((id.clone(), held))
    };
    Standing { stations: site.stations.clone(), campaigns: campaigns.iter().filter_map(held).collect() }
}

fn id_of(path: &Path) -> Option<PlaylistId> {
    PlaylistId::new(path.file_stem()?.to_str()?).ok()
}

fn fault(
    id: &PlaylistId,
    complaints: &[Complaint],
    in_force_since: Option<DateTime<FixedOffset>>,
) -> FaultyPlaylist {
    let first = complaints.iter().find(|complaint| complaint.severity == Severity::Error);
    let words = first.map_or_else(|| Words::new("读不出来", "it cannot be read"), |first| first.what.clone());
    FaultyPlaylist { name: id.to_string(), zh: words.zh, en: words.en, in_force_since }
}
