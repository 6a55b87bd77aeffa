//! What has to survive a power cut besides the as-run log: the latest time ever seen, and the last good copies of the
//! files that people write.
//!
//! Every file is written beside itself, brought to the disk and moved into place: a power cut leaves the old or the
//! new one, never a half.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use crate::model::PlaylistId;

/// How far apart two writes of the time are at the least: memory cards wear, and a minute is exact enough to see that
/// a clock went back.
const SEEN_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Remembers the latest wall time that this box ever saw, so that a clock that starts in the past is not believed.
#[derive(Debug)]
pub struct Seen {
    path: PathBuf,
    latest: Option<DateTime<Utc>>,
}

impl Seen {
    /// Reads the memory in `folder`. One that is missing or unreadable is no memory; the as-run log knows nearly as
    /// much ([`super::journal::Recovered::last_seen`]).
    pub fn open(folder: &Path) -> Self {
        let path = folder.join("seen");
        let latest = match fs::read_to_string(&path) {
            Ok(text) => DateTime::parse_from_rfc3339(text.trim()).ok().map(|instant| instant.to_utc()),
            Err(_) => None,
        };
        if latest.is_none() && path.exists() {
            tracing::warn!(path = %path.display(), "the latest time seen cannot be read; starting afresh");
        }
        Self { path, latest }
    }

    /// Returns the latest time on the disk.
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        self.latest
    }

    /// Takes note of the time. Writes at most once a minute, and never an earlier time over a later one.
    pub fn note(&mut self, now: DateTime<Utc>) -> io::Result<()> {
        if self.latest.is_some_and(|latest| now < latest + SEEN_EVERY) {
            return Ok(());
        }
        self.correct(now)
    }

    /// Writes the time though it may be earlier: for when the network or a person vouches for the clock. Without this
    /// a box that once believed to be in 2099 would distrust every clock until then.
    pub fn correct(&mut self, now: DateTime<Utc>) -> io::Result<()> {
        let text = now.to_rfc3339_opts(SecondsFormat::Millis, true) + "\n";
        replace(&self.path, text.as_bytes())?;
        self.latest = Some(now);
        Ok(())
    }
}

/// Keeps the last good copy of each playlist and of the station file: a file with a mistake loses only itself.
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

    /// Reads the station file's copy; a damaged one is left out with a warning.
    pub fn station(&self) -> Option<String> {
        read_sealed(&self.station_path())
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
    Sha256::digest(text).iter().fold(String::with_capacity(64), |mut digits, byte| {
        // Writing to a String cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// Puts `bytes` in the place of the file at `path`, in one step.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // One name for all: ids may be as long as file names get, so nothing can be added to them.
    let beside = folder.join(".new");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    sync(folder)
}

/// Brings the names in a folder to the disk.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_latest_time_is_kept_over_a_clock_that_goes_back_until_somebody_vouches_for_it() {
        let folder = tempfile::tempdir().unwrap();
        Seen::open(folder.path()).note(at("2099-01-01T00:00:00Z")).unwrap();
        let mut seen = Seen::open(folder.path());
        seen.note(at("1970-01-01T00:00:30Z")).unwrap();
        assert_eq!(Seen::open(folder.path()).latest(), Some(at("2099-01-01T00:00:00Z")));
        seen.correct(at("2026-11-23T06:30:00Z")).unwrap();
        assert_eq!(Seen::open(folder.path()).latest(), Some(at("2026-11-23T06:30:00Z")));
    }

    #[test]
    fn the_time_is_written_at_most_once_a_minute() {
        let folder = tempfile::tempdir().unwrap();
        let mut seen = Seen::open(folder.path());
        let start = at("2026-11-23T06:30:00Z");
        let writes = (0..600)
            .filter(|second| {
                let before = seen.latest();
                seen.note(start + TimeDelta::seconds(*second)).unwrap();
                seen.latest() != before
            })
            .count();
        assert_eq!(writes, 10);
    }

    #[test]
    fn a_half_written_time_is_no_memory() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("seen"), "2026-11-2").unwrap();
        assert_eq!(Seen::open(folder.path()).latest(), None);
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
