//! Recordings that are kept: so many days, so many bytes, the oldest deleted first.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

use crate::model::{Audible, Clip, Keep, Monitor, StationId};
use crate::station::disk;

/// A recording is kept at so many samples a second at the most: a horn carries no more than 6 kHz.
const RATE: u32 = 16_000;

/// Ends the name of each recording.
const ENDING: &str = ".wav";

/// Keeps the recordings of one station, in a folder of its own.
pub struct Shelf {
    folder: PathBuf,
    name: String,
    monitor: Monitor,
}

/// Returns where recordings are kept, in the state folder.
pub fn folder_below(state: &Path) -> PathBuf {
    state.join("heard")
}

impl Shelf {
    /// Names the shelf of `station` below `folder`; nothing is touched.
    pub fn new(folder: &Path, station: &StationId, monitor: &Monitor) -> Self {
        // An id holds nothing that could leave the folder; see `StationId`.
        let name = station.to_string();
        Self { folder: folder.join(&name), name, monitor: monitor.clone() }
    }

    /// Keeps a recording if it is one of those that are wanted, and returns its name below the folder of all. Without room it is
    /// not kept, and the log says why.
    pub fn keep(&self, heard: Audible, clip: &Clip, at: DateTime<Utc>) -> Option<String> {
        let wanted = match self.monitor.keep {
            Keep::Nothing => false,
            Keep::Unheard => heard != Audible::Yes,
            Keep::All => true,
        };
        let bytes = wanted.then(|| wav(clip))?;
        let name = format!("{}{ENDING}", at.format("%Y-%m-%dT%H-%M-%S%.3fZ"));
        let put = || {
            fs::create_dir_all(&self.folder)?;
            self.clear(bytes.len() as u64, at)?;
            disk::replace(&self.folder.join(&name), &bytes)
        };
        match put() {
            Ok(()) => Some(format!("{}/{name}", self.name)),
            Err(error) => {
                tracing::warn!(station = self.name, %error, "the recording of the microphone cannot be kept");
                None
            }
        }
    }

    /// Deletes what is too old, and then the oldest, until `more` bytes find their room.
    pub fn clear(&self, more: u64, now: DateTime<Utc>) -> io::Result<()> {
        let oldest = Duration::from_hours(24) * self.monitor.keep_days;
        let mut all = self.recordings()?;
        // Names begin with the time: their order is that of the recordings, also when the clock of the files is not.
        all.sort();
        let mut room: u64 = all.iter().map(|(_, bytes, _)| bytes).sum();
        for (name, bytes, made) in all {
            let age = SystemTime::from(now).duration_since(made).unwrap_or_default();
            if age > oldest || room + more > self.monitor.keep_bytes {
                fs::remove_file(self.folder.join(name))?;
                room -= bytes;
            }
        }
        if room + more > self.monitor.keep_bytes {
            return Err(io::Error::new(
                io::ErrorKind::QuotaExceeded,
                "it is larger than all that may be kept",
            ));
        }
        Ok(())
    }

    /// Lists our own recordings, with their sizes and times; other files are left alone.
    fn recordings(&self) -> io::Result<Vec<(String, u64, SystemTime)>> {
        let mut all = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let (Ok(name), meta) = (entry.file_name().into_string(), entry.metadata()?) else { continue };
            if name.ends_with(ENDING) && meta.is_file() {
                all.push((name, meta.len(), meta.modified()?));
            }
        }
        Ok(all)
    }
}

/// Writes a WAV file: mono, 16 bits, samples averaged down to about [`RATE`].
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a cast to i16 stays within it"
)]
fn wav(clip: &Clip) -> Vec<u8> {
    let each = (clip.rate / RATE).max(1);
    let samples = clip.samples.chunks(each as usize).map(|chunk| {
        let sum: f32 = chunk.iter().sum();
        (sum / chunk.len() as f32 * 32_767.0) as i16
    });
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: clip.rate / each,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = io::Cursor::new(Vec::new());
    let write = || {
        let mut writer = hound::WavWriter::new(&mut bytes, spec)?;
        samples.into_iter().try_for_each(|sample| writer.write_sample(sample))?;
        writer.finalize()
    };
    // Memory takes everything.
    drop(write());
    bytes.into_inner()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn shelf(folder: &Path, keep: Keep, keep_bytes: u64) -> Shelf {
        let device = "pulse:horn.monitor".to_owned();
        let monitor = Monitor { device, keep, keep_days: 2, keep_bytes, fault_after: 3 };
        Shelf::new(folder, &StationId::new("赵家庄").unwrap(), &monitor)
    }

    fn second() -> Clip {
        Clip { rate: 48_000, samples: vec![0.25; 48_000] }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder.join("赵家庄")).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn only_the_recordings_that_are_wanted_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let kept =
            |keep, heard| shelf(folder.path(), keep, 1_000_000).keep(heard, &second(), clock()).is_some();
        assert!(!kept(Keep::Nothing, Audible::No));
        assert!(!kept(Keep::Unheard, Audible::Yes));
        assert!(kept(Keep::Unheard, Audible::No) && kept(Keep::Unheard, Audible::Unknown));
        assert!(kept(Keep::All, Audible::Yes));
    }

    fn clock() -> DateTime<Utc> {
        crate::station::clock::wall()
    }

    #[test]
    fn the_oldest_go_first_and_strangers_stay() {
        let folder = tempfile::tempdir().unwrap();
        // One second is 32 KB: there is room for three.
        let shelf = shelf(folder.path(), Keep::All, 100_000);
        let now = clock();
        fs::create_dir_all(folder.path().join("赵家庄")).unwrap();
        fs::write(folder.path().join("赵家庄/笔记.txt"), vec![0; 90_000]).unwrap();
        let kept: Vec<String> = (0..5)
            .map(|n| shelf.keep(Audible::No, &second(), now + TimeDelta::seconds(n)).unwrap())
            .collect();
        let last: Vec<String> = kept[2..].iter().map(|name| name.replace("赵家庄/", "")).collect();
        assert_eq!(names(folder.path()), [last, vec!["笔记.txt".to_owned()]].concat());
        assert!(shelf.keep(Audible::No, &Clip { rate: 16_000, samples: vec![0.0; 60_000] }, now).is_none());
    }

    #[test]
    fn what_is_older_than_its_days_is_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = shelf(folder.path(), Keep::All, 1_000_000);
        shelf.keep(Audible::No, &second(), clock()).unwrap();
        shelf.keep(Audible::No, &second(), clock() + TimeDelta::days(3)).unwrap();
        assert_eq!(names(folder.path()).len(), 1);
    }

    #[test]
    fn a_recording_is_a_sound_file_of_its_length() {
        let reader = hound::WavReader::new(io::Cursor::new(wav(&second()))).unwrap();
        assert_eq!((reader.spec().sample_rate, reader.duration()), (16_000, 16_000));
    }
}
