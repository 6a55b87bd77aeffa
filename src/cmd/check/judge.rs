//! Judges what was found: file by file, then together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::config::{Complaint, Facts, Kinds, RecordingFact, Referred, check_together};
use crate::model::Site;
use crate::station::clock;
use crate::station::kinds::kinds;
use crate::station::sources::{self, Sources};

use super::Findings;
use super::find::{Chosen, Found};

/// Gathers every complaint about what was found.
pub(super) fn judge(found: &Found) -> Findings {
    let kinds = kinds();
    let mut findings = Findings::default();
    for (config, chosen) in &found.sites {
        findings.site(config, chosen, &kinds);
    }
    for path in &found.orphans {
        findings.orphan(path, &kinds);
    }
    for path in &found.holidays {
        findings.holidays(path);
    }
    findings.complaints.sort_by(|a, b| (&a.path, a.span.start).cmp(&(&b.path, b.span.start)));
    findings
}

impl Findings {
    fn add(&mut self, complaints: impl IntoIterator<Item = Complaint>) {
        for complaint in complaints {
            if !self.complaints.contains(&complaint) {
                self.complaints.push(complaint);
            }
        }
    }

    fn site(&mut self, config: &Path, chosen: &Chosen, kinds: &Kinds) {
        let mut read =
            if chosen.whole { sources::load(config, kinds) } else { sources::load_site(config, kinds) };
        for path in &chosen.playlists {
            if !read.playlists.iter().any(|parsed| parsed.path == *path) {
                read.add_playlist(path, kinds);
            }
        }
        self.files += read.playlists.len();
        if chosen.whole {
            self.files += 1 + read.years.len();
        }
        // Without a site that can be read, the names in playlists could not be judged: so its mistakes are told too.
        if chosen.whole || read.site.value.is_none() {
            self.add(read.complaints());
        } else {
            self.add(read.playlists.iter().flat_map(|parsed| parsed.complaints.clone()));
        }
        if let Some(site) = read.site.value.clone() {
            self.together(&site, &read);
        }
        self.texts.append(&mut read.texts);
    }

    fn together(&mut self, site: &Site, read: &Sources) {
        let recordings = recordings(site, read);
        let facts = Facts { almanac: &read.almanac(), recordings: &recordings, now: clock::wall() };
        self.add(check_together(site, &read.playlists, &facts));
    }

    fn orphan(&mut self, path: &Path, kinds: &Kinds) {
        self.files += 1;
        match sources::read(path) {
            Ok(source) => {
                self.add(crate::config::parse_playlist(&source, kinds).complaints);
                self.texts.push(source);
            }
            Err(complaint) => self.add([complaint]),
        }
    }

    fn holidays(&mut self, path: &Path) {
        self.files += 1;
        match sources::read(path) {
            Ok(source) => {
                self.add(sources::read_holidays(&source).err());
                self.texts.push(source);
            }
            Err(complaint) => self.add([complaint]),
        }
    }
}

/// Measures every recording that a playlist names.
fn recordings(site: &Site, read: &Sources) -> BTreeMap<PathBuf, RecordingFact> {
    let references = read.playlists.iter().flat_map(|parsed| &parsed.references);
    let named = references.filter_map(|reference| match &reference.to {
        Referred::Recording(path) => Some(path),
        _ => None,
    });
    named
        .filter(|path| !site.audio.join(path).is_file())
        .map(|path| (path.clone(), missing(site, path)))
        .collect()
}

fn missing(site: &Site, path: &Path) -> RecordingFact {
    use crate::model::Words;
    let folder = site.audio.display();
    let name = path.display();
    RecordingFact::Fault {
        what: Words::new(format!("没有录音 `{name}`"), format!("there is no recording `{name}`")),
        fix: Words::new(
            format!("把它放进 `{folder}`,或改文件名"),
            format!("put it into `{folder}`, or correct the name"),
        ),
    }
}
