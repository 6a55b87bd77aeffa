//! Finds what is to be checked, and the site to which each playlist belongs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use toml::de::DeTable;

use crate::config::without_dots;
use crate::station::sources;

/// How deep folders are searched, and how far up from a playlist its station file is looked for.
const DEEPEST: usize = 16;

/// Lists what is to be checked.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Station files, each with what belongs to it.
    pub(super) sites: BTreeMap<PathBuf, Chosen>,
    /// Playlists for which there is no station file.
    pub(super) orphans: BTreeSet<PathBuf>,
    /// Holiday files.
    pub(super) holidays: BTreeSet<PathBuf>,
    /// Lexicons.
    pub(super) lexicons: BTreeSet<PathBuf>,
    /// Prepared alerts.
    pub(super) alerts: BTreeSet<PathBuf>,
}

/// Says what of one site is to be checked.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    /// The station file itself with all that it names; else only the playlists below.
    pub(super) whole: bool,
    /// Playlists that were asked for.
    pub(super) playlists: BTreeSet<PathBuf>,
}

/// Tells files apart by their content.
enum FileKind {
    Station,
    Holidays,
    Lexicon,
    Alerts,
    Playlist,
    Other,
}

/// Finds everything under `paths`; the station file in use when there are none.
pub(super) fn find(paths: &[PathBuf], config: &Path) -> Found {
    let mut found = Found::default();
    if paths.is_empty() {
        found.site(config);
    }
    for path in paths.iter().map(|path| without_dots(path)) {
        let path = path.as_path();
        if path.is_dir() {
            found.folder(path, config, 0);
        } else {
            found.file(path, config, true);
        }
    }
    found
}

impl Found {
    fn site(&mut self, path: &Path) {
        self.sites.entry(without_dots(path)).or_default().whole = true;
    }

    fn folder(&mut self, folder: &Path, config: &Path, depth: usize) {
        for path in sources::toml_files(folder).unwrap_or_default() {
            self.file(&path, config, false);
        }
        if depth >= DEEPEST {
            return;
        }
        for child in folders(folder) {
            self.folder(&child, config, depth + 1);
        }
    }

    /// Files whose kind cannot be told are playlists when somebody names them, and somebody else's in a folder.
    fn file(&mut self, path: &Path, config: &Path, named: bool) {
        let path = &without_dots(path);
        match kind(path) {
            FileKind::Station => self.site(path),
            FileKind::Holidays => {
                self.holidays.insert(path.to_owned());
            }
            FileKind::Lexicon => {
                self.lexicons.insert(path.to_owned());
            }
            FileKind::Alerts => {
                self.alerts.insert(path.to_owned());
            }
            FileKind::Other if !named => {}
            FileKind::Playlist | FileKind::Other => match site_of(path, config) {
                Some(site) => {
                    self.sites.entry(site).or_default().playlists.insert(path.to_owned());
                }
                None => {
                    self.orphans.insert(path.to_owned());
                }
            },
        }
    }
}

/// Lists the folders in a folder; hidden ones and links are passed over, because links can go in circles.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let hidden = |path: &Path| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    let mut folders: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .filter(|path| !hidden(path) && path.file_name().is_none_or(|name| name != "target"))
        .collect();
    folders.sort();
    folders
}

fn kind(path: &Path) -> FileKind {
    if path.file_name().is_some_and(|name| name == "station.toml") {
        return FileKind::Station;
    }
    if path.file_name().is_some_and(|name| name == "lexicon.toml") {
        return FileKind::Lexicon;
    }
    if path.file_name().is_some_and(|name| name == "alerts.toml") {
        return FileKind::Alerts;
    }
    let Ok(source) = sources::read(path) else { return FileKind::Other };
    let (table, _) = DeTable::parse_recoverable(&source.text);
    let holds = |key: &str| table.get_ref().contains_key(key);
    if holds("station") && !holds("message") {
        FileKind::Station
    } else if holds("year") && holds("rest") {
        FileKind::Holidays
    } else if holds("word") && !holds("message") {
        FileKind::Lexicon
    } else if holds("alert") && !holds("message") {
        FileKind::Alerts
    } else if holds("message") || holds("schedule") {
        FileKind::Playlist
    } else {
        FileKind::Other
    }
}

/// Finds the station file of a playlist: beside it, in a `config` folder beside it, or so in a folder above; else the
/// one in use.
fn site_of(playlist: &Path, config: &Path) -> Option<PathBuf> {
    let mut folder = playlist.parent().map(Path::to_owned).unwrap_or_default();
    for _ in 0..DEEPEST {
        let near = ["station.toml", "config/station.toml"].map(|name| folder.join(name));
        if let Some(site) = near.into_iter().find(|site| site.is_file()) {
            return Some(site);
        }
        // Above where one stands, the way up is written with dots.
        match folder.components().next_back() {
            Some(Component::Normal(_)) => drop(folder.pop()),
            Some(Component::RootDir | Component::Prefix(_)) => break,
            _ => folder.push(".."),
        }
    }
    config.is_file().then(|| config.to_owned())
}
