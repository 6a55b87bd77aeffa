//! Keeps finished readings on disk, as WAV files that a person can open, named by what they are and what is in them.
//!
//! What plays is a copy in memory: nothing that happens to a file here can touch sound that is on air.

use std::fs::{self, File};
use std::io::{self, Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use rustix::fs::{Timespec, Timestamps, UTIME_NOW, UTIME_OMIT, futimens};
use sha2::{Digest, Sha256};

use super::RATE;

/// Names a reading by everything that shapes its sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key([u8; 32]);

impl Key {
    /// Makes a key of `parts`; the same parts in another order or cut elsewhere make another key.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    fn name(&self) -> String {
        hex(&self.0)
    }
}

/// The first 128 bits, enough to tell files apart and short enough for a file name.
fn hex(hash: &[u8; 32]) -> String {
    let half: [u8; 16] = *hash.first_chunk().expect("16 of 32 bytes");
    format!("{:032x}", u128::from_be_bytes(half))
}

/// A folder of readings that never grows beyond a number of bytes.
///
/// An entry is `KEY-CONTENT.wav`: the hash of its request and the hash of its bytes. One that does not match its
/// name is deleted when it is met. Cheap to clone; clones share the lock.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
    most_bytes: u64,
    lock: Arc<Mutex<()>>,
}

/// What the folder holds of ours.
struct Entry {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}

impl Cache {
    /// Keeps readings in `folder`, which is made when the first one comes, up to `most_bytes`.
    pub fn new(folder: PathBuf, most_bytes: u64) -> Self {
        Self { folder, most_bytes, lock: Arc::default() }
    }

    /// Returns the samples of a reading, checked against their hash. A broken entry is deleted and counts as absent.
    pub fn get(&self, key: &Key) -> Option<Vec<i16>> {
        let _guard = self.guard();
        self.entries_of(key).into_iter().find_map(|path| {
            let samples = read(&path);
            if samples.is_none() {
                tracing::warn!(path = %path.display(), "a broken clip was deleted from the cache");
                // If it cannot be deleted it will be met, and refused, again.
                let _ = fs::remove_file(&path);
            }
            samples
        })
    }

    /// Keeps a reading, durably, and makes room: what was not used for longest goes first, the new one never. One
    /// that would fill the cache alone is not kept.
    pub fn put(&self, key: &Key, samples: &[i16]) -> io::Result<()> {
        let _guard = self.guard();
        let bytes = wav(samples)?;
        if bytes.len() as u64 > self.most_bytes {
            return Ok(());
        }
        fs::create_dir_all(&self.folder)?;
        let path = self.folder.join(format!("{}-{}.wav", key.name(), hex(&Sha256::digest(&bytes).into())));
        for old in self.entries_of(key).iter().filter(|old| **old != path) {
            fs::remove_file(old)?;
        }
        write(&self.folder.join(format!("{}.part", key.name())), &path, &bytes)?;
        self.make_room(&path)
    }

    /// The samples of an entry are whole at every moment, so a panic elsewhere spoils nothing.
    fn guard(&self) -> MutexGuard<'_, ()> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn entries_of(&self, key: &Key) -> Vec<PathBuf> {
        let prefix = format!("{}-", key.name());
        self.entries()
            .into_iter()
            .map(|entry| entry.path)
            .filter(|path| name(path).starts_with(&prefix))
            .collect()
    }

    /// Lists what bears a name of our making; other files in the folder are none of our business.
    fn entries(&self) -> Vec<Entry> {
        let Ok(folder) = fs::read_dir(&self.folder) else { return Vec::new() };
        let files = folder.filter_map(|file| {
            let file = file.ok()?;
            let facts = file.metadata().ok()?;
            let path = file.path();
            (facts.is_file() && is_ours(name(&path))).then(|| Entry {
                path,
                bytes: facts.len(),
                used: facts.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            })
        });
        files.collect()
    }

    /// Age is by the wall clock: one that was wrong makes a clip be rendered again, no more.
    fn make_room(&self, newest: &Path) -> io::Result<()> {
        let mut entries = self.entries();
        entries.sort_by_key(|entry| entry.used);
        let mut total: u64 = entries.iter().map(|entry| entry.bytes).sum();
        for entry in entries.iter().filter(|entry| entry.path != newest) {
            if total <= self.most_bytes {
                break;
            }
            fs::remove_file(&entry.path)?;
            total -= entry.bytes;
        }
        Ok(())
    }
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// `KEY-CONTENT.wav`, or `KEY.part` that a power cut left behind.
fn is_ours(name: &str) -> bool {
    let hashes = name.strip_suffix(".wav").map(|stem| stem.split('-').collect::<Vec<_>>());
    let hashes =
        hashes.filter(|hashes| hashes.len() == 2).or_else(|| Some(vec![name.strip_suffix(".part")?]));
    hashes.is_some_and(|hashes| {
        hashes.iter().all(|h| h.len() == 32 && h.bytes().all(|b| b.is_ascii_hexdigit()))
    })
}

/// Reads an entry and marks it as used; none if it is not what its name says.
fn read(path: &Path) -> Option<Vec<i16>> {
    let bytes = fs::read(path).ok()?;
    let content = name(path).strip_suffix(".wav")?.split('-').nth(1)?;
    if hex(&Sha256::digest(&bytes).into()) != content {
        return None;
    }
    let mut reader = hound::WavReader::new(Cursor::new(bytes)).ok()?;
    if reader.spec() != SPEC {
        return None;
    }
    let samples: Vec<i16> = reader.samples().collect::<Result<_, _>>().ok()?;
    mark_used(path);
    Some(samples)
}

/// A mark that is not made costs a new rendering at worst.
fn mark_used(path: &Path) {
    let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
    let untouched = Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT };
    if let Ok(file) = File::options().append(true).open(path) {
        let _ = futimens(&file, &Timestamps { last_access: untouched, last_modification: now });
    }
}

const SPEC: hound::WavSpec = hound::WavSpec {
    channels: 1,
    sample_rate: RATE,
    bits_per_sample: 16,
    sample_format: hound::SampleFormat::Int,
};

fn wav(samples: &[i16]) -> io::Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::with_capacity(44 + samples.len() * 2));
    let mut writer = hound::WavWriter::new(&mut bytes, SPEC).map_err(io::Error::other)?;
    for sample in samples {
        writer.write_sample(*sample).map_err(io::Error::other)?;
    }
    writer.finalize().map_err(io::Error::other)?;
    Ok(bytes.into_inner())
}

/// All of it appears at once under its name, and stays after a power cut, or nothing does.
fn write(part: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(part, path)?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u8) -> Key {
        Key::of(&[b"test", &[number]])
    }

    fn kept(folder: &Path) -> Vec<PathBuf> {
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect()
    }

    #[test]
    fn what_was_put_comes_back_and_is_a_wav_file() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("clips"), 1_000_000);
        assert_eq!(cache.get(&key(1)), None);
        cache.put(&key(1), &[1, -2, 3]).unwrap();
        assert_eq!(cache.get(&key(1)), Some(vec![1, -2, 3]));
        let [file] = &kept(&folder.path().join("clips"))[..] else { panic!("one file") };
        assert_eq!(hound::WavReader::open(file).unwrap().spec().sample_rate, 48_000);
    }

    #[test]
    fn keys_tell_the_same_letters_in_other_parts_apart() {
        assert_ne!(Key::of(&[b"ab", b"c"]), Key::of(&[b"a", b"bc"]));
    }

    /// music-assistant #5035.
    #[test]
    fn a_broken_cached_rendering_is_deleted_and_not_replayed_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().to_owned(), 1_000_000);
        let damages: [fn(&Path); 3] = [
            |path| fs::write(path, b"garbage").unwrap(),
            |path| File::options().write(true).open(path).unwrap().set_len(50).unwrap(),
            |path| {
                let mut bytes = fs::read(path).unwrap();
                *bytes.last_mut().unwrap() ^= 1;
                fs::write(path, bytes).unwrap();
            },
        ];
        for damage in damages {
            cache.put(&key(1), &[7; 100]).unwrap();
            damage(&kept(folder.path())[0]);
            assert_eq!(cache.get(&key(1)), None);
            assert_eq!(kept(folder.path()), Vec::<PathBuf>::new());
        }
    }

    #[test]
    fn the_folder_never_grows_beyond_its_bytes_and_what_was_used_last_stays() {
        let folder = tempfile::tempdir().unwrap();
        // Each entry takes 44 bytes of header and 2 000 of samples: three fit.
        let cache = Cache::new(folder.path().to_owned(), 7_000);
        fs::write(folder.path().join("of somebody else.wav"), [0; 5000]).unwrap();
        for number in 1..=3 {
            cache.put(&key(number), &[i16::from(number); 1000]).unwrap();
            age(folder.path(), &key(number), i64::from(number));
        }
        assert!(cache.get(&key(1)).is_some());
        cache.put(&key(4), &[4; 1000]).unwrap();
        let present: Vec<bool> = (1..=4).map(|number| cache.get(&key(number)).is_some()).collect();
        assert_eq!(present, [true, false, true, true]);
        assert_eq!(kept(folder.path()).len(), 4);
    }

    /// Dates an entry back, so that no test has to wait for the clock.
    fn age(folder: &Path, key: &Key, seconds: i64) {
        let time = Timespec { tv_sec: 1_000_000 + seconds, tv_nsec: 0 };
        for path in kept(folder).iter().filter(|path| name(path).starts_with(&key.name())) {
            futimens(File::open(path).unwrap(), &Timestamps { last_access: time, last_modification: time })
                .unwrap();
        }
    }

    #[test]
    fn a_reading_larger_than_the_cache_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().to_owned(), 100);
        cache.put(&key(1), &[1; 1000]).unwrap();
        assert_eq!(cache.get(&key(1)), None);
    }

    #[test]
    fn what_a_power_cut_left_half_written_is_no_reading_and_counts_as_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().to_owned(), 3_000);
        fs::write(folder.path().join(format!("{}.part", key(1).name())), [0; 2900]).unwrap();
        assert_eq!(cache.get(&key(1)), None);
        cache.put(&key(2), &[2; 1000]).unwrap();
        assert_eq!(kept(folder.path()).len(), 1);
    }
}
