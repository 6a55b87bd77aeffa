//! The anchor: number and hash of the last record, kept in a second file, so that a cut tail is noticed.
//!
//! A chain proves that nothing is missing *before* its last record; it cannot know of records after it. The anchor is
//! written in place after each commit and left to the kernel to bring to the card (one block in about 30 s, whatever
//! the number of commits): after a power cut it may lag behind the log, which accuses nobody, but it never runs ahead.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::str::FromStr;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};

use super::JournalError;
use super::chain::GENESIS;

/// Name of the file.
pub(super) const FILE: &str = "as-run.head";

/// Names one record of the chain: its number and its hash. People write it down as `812:9f3c…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Number of the record; 0 stands for the empty log.
    pub seq: i64,
    /// Its hash.
    pub hash: [u8; 32],
}

impl Link {
    /// The end of an empty log.
    pub(super) const EMPTY: Self = Self { seq: 0, hash: GENESIS };
}

impl std::fmt::Display for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.seq, HEXLOWER.encode(&self.hash))
    }
}

impl FromStr for Link {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (seq, hash) = text.trim().split_once(':').ok_or(())?;
        let seq = seq.parse().map_err(drop)?;
        Ok(Self {
            seq,
            hash: HEXLOWER_PERMISSIVE
                .decode(hash.as_bytes())
                .ok()
                .and_then(|hash| hash.try_into().ok())
                .ok_or(())?,
        })
    }
}

/// Says what stands in the anchor's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// A record that was the last one at some time.
    Link(Link),
    /// No file, or nothing readable in it.
    Nothing,
}

/// Reads the anchor of the log in `folder`.
pub(super) fn read(folder: &Path) -> Result<Found, JournalError> {
    let path = folder.join(FILE);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text.parse().map_or(Found::Nothing, Found::Link)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) => {
            Ok(Found::Nothing)
        }
        Err(error) => Err(JournalError::file(&path)(error)),
    }
}

/// Keeps the anchor's file open for writing.
pub(super) struct Anchor {
    file: File,
}

impl Anchor {
    /// Opens the anchor's file, and makes it if it is not there.
    pub(super) fn open(folder: &Path) -> Result<Self, JournalError> {
        let path = folder.join(FILE);
        let opened = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        Ok(Self { file: opened.map_err(JournalError::file(&path))? })
    }

    /// Writes the last record's link. It is far shorter than a sector, so a power cut leaves the old or the new one.
    pub(super) fn write(&self, link: &Link) -> io::Result<()> {
        // Numbers only grow, and so does the line: nothing of an older one can stand behind it, unless the log was
        // started afresh; then the blanks cover it.
        self.file.write_all_at(format!("{:<99}\n", link.to_string()).as_bytes(), 0)
    }

    /// Brings the anchor to the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_was_written_down_reads_back() {
        let link = Link { seq: 812, hash: [0xa7; 32] };
        assert_eq!(link.to_string().parse(), Ok(link));
        assert_eq!("812:zz".parse::<Link>(), Err(()));
        assert_eq!("".parse::<Link>(), Err(()));
    }
}
