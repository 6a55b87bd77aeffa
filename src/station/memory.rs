//! What has to survive a power cut besides the as-run log: the latest time ever seen, how far
//! each station's plan is closed, and the last good copies of the
//! files that people write.
//!
//! Every file is written beside itself, brought to the disk and moved into place: a power cut leaves the old or the
//! new one, never a half.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::disk::{replace, sync};
use crate::model::{Digest, PlaylistId, StationId};

/// What the loops have to know at the next start.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Remembered {
    /// The latest time ever seen, so that a clock that starts in the past is not believed.
    pub seen: Option<DateTime<Utc>>,
    /// Per station, the instant before which every planned airing is closed: from there on a restart looks again.
    #[serde(default)]
    pub frontiers: BTreeMap<StationId, DateTime<Utc>>,
}

/// Keeps [`Remembered`] in one small file.
#[derive(Debug, Clone)]
pub struct Memory {
    path: PathBuf,
}

impl Memory {
    /// Uses a file in `folder`.
    pub fn open(folder: &Path) -> Self {
        Self { path: folder.join("memory.json") }
    }

    /// Reads it. A file that is missing or unreadable is no memory: the as-run log knows nearly as much.
    pub fn read(&self) -> Remembered {
        let Ok(text) = fs::read_to_string(&self.path) else { return Remembered::default() };
        serde_json::from_str(&text).unwrap_or_else(|error| {
            tracing::warn!(path = %self.path.display(), %error, "what was remembered is damaged and is not used");
            Remembered::default()
        })
    }

    /// Writes it. Memory cards wear: not to be called more often than about once a minute.
    pub fn write(&self, remembered: &Remembered) -> io::Result<()> {
        replace(&self.path, serde_json::to_string(remembered)?.as_bytes())
    }
}

/// Keeps the last good copy of each playlist, of the station file and of the lexicon: a file with a mistake loses only itself.
#[derive(Debug, Clone)]
pub struct LastGood {
    folder: PathBuf,
}

/// Begins the first line of a copy; the rest of the line is the SHA-256 of all that follows it.
const SEAL: &str = "# sha256 ";

impl LastGood {
    /// Uses `folder`/playlists and `folder`/station.toml, and makes what is missing.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder.join("playlists"))?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// Reads every playlist's copy, sorted by name; damaged ones are left out with a warning.
    pub fn playlists(&self) -> io::Result<Vec<(PlaylistId, String)>> {
        let mut found = Vec::new();
        for file in fs::read_dir(self.folder.join("playlists"))? {
            let path = file?.path();
            let name = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".toml"));
            if let Some(id) = name.and_then(|name| PlaylistId::new(name).ok()) {
                found.extend(read_sealed(&path).map(|text| (id, text)));
            }
        }
        found.sort();
        Ok(found)
    }

    /// Reads one playlist's copy; a damaged one is left out with a warning.
    pub fn playlist(&self, id: &PlaylistId) -> Option<String> {
        read_sealed(&self.playlist_path(id))
    }

    /// Returns since when a playlist's copy is kept.
    pub fn kept_since(&self, id: &PlaylistId) -> Option<DateTime<Utc>> {
        fs::metadata(self.playlist_path(id)).and_then(|copy| copy.modified()).ok().map(DateTime::from)
    }

    /// Reads the station file's copy; a damaged one is left out with a warning.
    pub fn station(&self) -> Option<String> {
        read_sealed(&self.station_path())
    }

    /// Reads the lexicon's copy; a damaged one is left out with a warning.
    pub fn lexicon(&self) -> Option<String> {
        read_sealed(&self.lexicon_path())
    }

    /// Keeps `text` as the lexicon's good copy.
    pub fn store_lexicon(&self, text: &str) -> io::Result<()> {
        store(&self.lexicon_path(), text)
    }

    /// Forgets the lexicon: its file was taken away on purpose.
    pub fn remove_lexicon(&self) -> io::Result<()> {
        match fs::remove_file(self.lexicon_path()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Err(_) => Ok(()),
            Ok(()) => sync(&self.folder),
        }
    }

    /// Keeps `text` as the playlist's good copy. A copy that is there already is not written again.
    pub fn store_playlist(&self, id: &PlaylistId, text: &str) -> io::Result<()> {
        store(&self.playlist_path(id), text)
    }

    /// Keeps `text` as the station file's good copy.
    pub fn store_station(&self, text: &str) -> io::Result<()> {
        store(&self.station_path(), text)
    }

    /// Forgets a playlist: its file was taken away on purpose.
    pub fn remove_playlist(&self, id: &PlaylistId) -> io::Result<()> {
        match fs::remove_file(self.playlist_path(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => sync(&self.folder.join("playlists")),
        }
    }

    fn playlist_path(&self, id: &PlaylistId) -> PathBuf {
        self.folder.join("playlists").join(format!("{id}.toml"))
    }

    fn lexicon_path(&self) -> PathBuf {
        self.folder.join("lexicon.toml")
    }

    fn station_path(&self) -> PathBuf {
        self.folder.join("station.toml")
    }
}

fn store(path: &Path, text: &str) -> io::Result<()> {
    let sealed = format!("{SEAL}{}\n{text}", seal(text));
    if fs::read(path).is_ok_and(|held| held == sealed.as_bytes()) {
        return Ok(());
    }
    replace(path, sealed.as_bytes())
}

fn read_sealed(path: &Path) -> Option<String> {
    let read = fs::read(path);
    if read.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return None;
    }
    let whole = || {
        let text = String::from_utf8(read.ok()?).ok()?;
        let (first, rest) = text.split_once('\n')?;
        (first.strip_prefix(SEAL)? == seal(rest)).then(|| rest.to_owned())
    };
    let text = whole();
    if text.is_none() {
        tracing::warn!(path = %path.display(), "a last good copy is damaged and is not used");
    }
    text
}

fn seal(text: &str) -> String {
    Digest::of(text.as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_comes_back_and_a_half_written_file_is_no_memory() {
        let folder = tempfile::tempdir().unwrap();
        let memory = Memory::open(folder.path());
        assert_eq!(memory.read(), Remembered::default());
        let seen: DateTime<Utc> = "2026-11-23T06:30:00Z".parse().unwrap();
        let frontiers = BTreeMap::from([(StationId::new("赵家庄").unwrap(), seen)]);
        let remembered = Remembered { seen: Some(seen), frontiers };
        memory.write(&remembered).unwrap();
        assert_eq!(memory.read(), remembered);
        fs::write(folder.path().join("memory.json"), "{\"seen\": \"2026-11-2").unwrap();
        assert_eq!(memory.read(), Remembered::default());
    }

    #[test]
    fn a_good_copy_comes_back_as_it_was_written_and_a_damaged_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let good = LastGood::open(folder.path()).unwrap();
        let [spring, school] = ["春运", "开学季"].map(|name| PlaylistId::new(name).unwrap());
        good.store_playlist(&spring, "title = \"春运\"\n").unwrap();
        good.store_playlist(&school, "title = \"开学\"\n").unwrap();
        good.store_station("time_zone = \"Asia/Shanghai\"\n").unwrap();
        assert_eq!(good.station().as_deref(), Some("time_zone = \"Asia/Shanghai\"\n"));

        let path = folder.path().join("playlists/开学季.toml");
        let whole = fs::read(&path).unwrap();
        for length in [0, 5, whole.len() - 1] {
            fs::write(&path, &whole[..length]).unwrap();
            assert_eq!(good.playlists().unwrap(), [(spring.clone(), "title = \"春运\"\n".to_owned())]);
        }
        fs::write(&path, &whole).unwrap();
        assert_eq!(good.playlists().unwrap().len(), 2);
    }

    #[test]
    fn a_playlist_that_was_taken_away_is_forgotten_and_one_that_never_was_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let good = LastGood::open(folder.path()).unwrap();
        let id = PlaylistId::new("春运").unwrap();
        good.store_playlist(&id, "x").unwrap();
        good.remove_playlist(&id).unwrap();
        good.remove_playlist(&id).unwrap();
        assert_eq!(good.playlists().unwrap(), []);
    }

    #[test]
    fn a_lexicon_that_was_taken_away_is_forgotten_and_one_that_never_was_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let good = LastGood::open(folder.path()).unwrap();
        good.remove_lexicon().unwrap();
        good.store_lexicon("# 词\n").unwrap();
        assert_eq!(good.lexicon().as_deref(), Some("# 词\n"));
        good.remove_lexicon().unwrap();
        assert_eq!(good.lexicon(), None);
    }

    #[test]
    fn a_copy_that_is_there_already_is_not_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let good = LastGood::open(folder.path()).unwrap();
        let id = PlaylistId::new("春运").unwrap();
        let inode = || std::os::unix::fs::MetadataExt::ino(&fs::metadata(good.playlist_path(&id)).unwrap());
        good.store_playlist(&id, "x").unwrap();
        let first = inode();
        good.store_playlist(&id, "x").unwrap();
        assert_eq!(inode(), first);
    }

    #[test]
    fn a_leftover_of_a_cut_off_write_disturbs_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let good = LastGood::open(folder.path()).unwrap();
        fs::write(folder.path().join("playlists/.new"), "half a li").unwrap();
        assert_eq!(good.playlists().unwrap(), []);
        good.store_playlist(&PlaylistId::new("春运").unwrap(), "x").unwrap();
        assert_eq!(good.playlists().unwrap().len(), 1);
    }
}
