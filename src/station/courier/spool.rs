//! Files of the county's on their way in: halves that survive a restart, and what is whole and waits for the rest.

use std::collections::{HashSet, VecDeque};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::office::folder_below;
use crate::model::{BundleFile, Digest};
use crate::station::disk;

/// Ending of a file of which something is missing.
const PART: &str = "part";

/// Room that a download leaves free, in bytes: the as-run log comes first.
pub(super) const LEFT_FREE: u64 = 16 * 1024 * 1024;

/// Bytes that are read at a time.
const PIECE: usize = 64 * 1024;

/// Holds files by their sums. What is in it is bounded by what the county offers now: everything else is deleted.
#[derive(Debug, Clone)]
pub(super) struct Spool {
    folder: PathBuf,
}

impl Spool {
    /// Uses `courier/spool/` in the folder `state`.
    pub(super) fn open(state: &Path) -> io::Result<Self> {
        let folder = folder_below(state).join("spool");
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        Ok(Self { folder })
    }

    /// Returns where a file lies that is whole; none if it is not here.
    pub(super) fn whole(&self, file: &BundleFile) -> Option<PathBuf> {
        let path = self.folder.join(file.sha256.to_string());
        fs::metadata(&path).is_ok_and(|found| found.len() == file.bytes).then_some(path)
    }

    fn part(&self, sum: &Digest) -> PathBuf {
        self.folder.join(format!("{sum}.{PART}"))
    }

    /// Returns how many bytes of a file are here.
    pub(super) fn length(&self, file: &BundleFile) -> u64 {
        let found = self.whole(file).or_else(|| Some(self.part(&file.sha256)));
        found.and_then(|path| fs::metadata(path).ok()).map_or(0, |found| found.len())
    }

    /// Opens a file to go on with its bytes from `at` on; what stands behind that is cut off.
    pub(super) fn append(&self, file: &BundleFile, at: u64) -> io::Result<File> {
        let path = self.part(&file.sha256);
        OpenOptions::new().create(true).write(true).truncate(false).open(&path)?.set_len(at)?;
        OpenOptions::new().append(true).open(path)
    }

    /// Ends a file of which all bytes are here. Returns false, and drops it, if it is not the one that was signed.
    pub(super) fn finish(&self, file: &BundleFile) -> io::Result<bool> {
        let part = self.part(&file.sha256);
        if !is_file(&part, file) {
            fs::remove_file(part)?;
            return Ok(false);
        }
        File::open(&part)?.sync_all()?;
        fs::rename(part, self.folder.join(file.sha256.to_string()))?;
        disk::sync(&self.folder)?;
        Ok(true)
    }

    /// Deletes everything but these files and their halves.
    pub(super) fn keep_only(&self, wanted: &HashSet<Digest>) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str()?.parse::<Digest>().ok());
            if stem.is_none_or(|sum| !wanted.contains(&sum)) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Returns the bytes free on its disk.
    pub(super) fn free(&self) -> Option<u64> {
        disk::free(&self.folder)
    }
}

/// Tells whether the file at `path` is the one that was signed, to the last byte.
pub(super) fn is_file(path: &Path, file: &BundleFile) -> bool {
    let sum = || {
        let (mut opened, mut sum, mut piece) = (File::open(path)?, Sha256::new(), vec![0; PIECE]);
        loop {
            match opened.read(&mut piece)? {
                0 => return Ok::<_, io::Error>(Digest::finish(sum)),
                read => sum.update(&piece[..read]),
            }
        }
    };
    fs::metadata(path).is_ok_and(|found| found.len() == file.bytes)
        && sum().is_ok_and(|sum| sum == file.sha256)
}

/// A bundle put together: its envelope, then the bytes of its files, as [`crate::station::bundles::write`] makes it.
pub(super) struct Assembled {
    now: Box<dyn Read + Send>,
    next: VecDeque<PathBuf>,
}

impl Assembled {
    pub(super) fn new(envelope: Vec<u8>, files: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { now: Box::new(io::Cursor::new(envelope)), next: files.into_iter().collect() }
    }
}

impl Read for Assembled {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.now.read(into)? {
                0 if !into.is_empty() => match self.next.pop_front() {
                    Some(path) => self.now = Box::new(File::open(path)?),
                    None => return Ok(0),
                },
                read => return Ok(read),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::model::BundlePath;

    fn file(bytes: &[u8]) -> BundleFile {
        let path = BundlePath::new("audio/a.wav").unwrap();
        BundleFile { path, bytes: bytes.len() as u64, sha256: Digest::of(bytes) }
    }

    #[test]
    fn a_half_is_gone_on_with_and_only_the_file_that_was_signed_is_whole() {
        let state = tempfile::tempdir().unwrap();
        let spool = Spool::open(state.path()).unwrap();
        let wanted = file(b"loudspeaker");
        spool.append(&wanted, 0).unwrap().write_all(b"loud").unwrap();
        let spool = Spool::open(state.path()).unwrap();
        assert_eq!((spool.length(&wanted), spool.whole(&wanted)), (4, None));
        spool.append(&wanted, 4).unwrap().write_all(b"speakeR").unwrap();
        assert!(!spool.finish(&wanted).unwrap());
        assert_eq!(spool.length(&wanted), 0, "what is wrong is not gone on with");
        spool.append(&wanted, 0).unwrap().write_all(b"loudspeaker").unwrap();
        assert!(spool.finish(&wanted).unwrap());
        assert_eq!(spool.length(&wanted), 11);

        spool.append(&file(b"old"), 0).unwrap();
        spool.keep_only(&HashSet::from([wanted.sha256])).unwrap();
        let mut read = Vec::new();
        let path = spool.whole(&wanted).unwrap();
        Assembled::new(b"{}\n".to_vec(), [path.clone(), path]).read_to_end(&mut read).unwrap();
        assert_eq!(read, b"{}\nloudspeakerloudspeaker");
        spool.keep_only(&HashSet::new()).unwrap();
        assert_eq!(fs::read_dir(&spool.folder).unwrap().count(), 0);
    }
}
