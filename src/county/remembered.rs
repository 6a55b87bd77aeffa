//! What a feed has brought already, kept over restarts.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::feed::Marks;
use crate::cap::LARGEST;
use crate::model::{AlertName, Digest};
use crate::station::disk::replace;

/// Most things that are remembered of a feed; the oldest go first. A feed holds 500 at the most.
pub const MOST_REMEMBERED: usize = 10_000;

/// Largest file of a memory, in bytes.
const LARGEST_MEMORY: u64 = 64 * 1024 * 1024;

/// The memory of one feed.
#[derive(Debug)]
pub struct Remembered {
    path: PathBuf,
    kept: Kept,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    marks: Marks,
    seen: VecDeque<String>,
}

impl Remembered {
    /// Opens the memory of the feed at `address` in `folder`. One that is damaged counts as empty: the alerts that wait or went out
    /// are remembered elsewhere, too.
    pub fn open(folder: &Path, address: &str) -> Self {
        let name = &Digest::of(address.as_bytes()).to_string()[..16];
        let path = folder.join(format!("{name}.json"));
        let kept = read(&path, LARGEST_MEMORY).and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self { path, kept: kept.unwrap_or_default() }
    }

    /// Returns the feed as it came last, and its marks; none if it has to be fetched anew.
    pub fn last(&self) -> Option<(Vec<u8>, Marks)> {
        Some((read(&self.path.with_extension("xml"), LARGEST as u64)?, self.kept.marks.clone()))
    }

    /// Keeps the feed as it came. The marks come after it: with old marks it is only fetched once more.
    pub fn keep(&mut self, bytes: &[u8], marks: Marks) -> io::Result<()> {
        self.kept.marks = Marks::default();
        self.write()?;
        replace(&self.path.with_extension("xml"), bytes)?;
        self.kept.marks = marks;
        self.write()
    }

    /// Tells whether a warning came before.
    pub fn has(&self, name: &AlertName) -> bool {
        self.holds(&key(name))
    }

    /// Tells whether `key` was remembered.
    pub fn holds(&self, key: &str) -> bool {
        self.kept.seen.iter().any(|seen| seen == key)
    }

    /// Remembers a warning.
    pub fn add(&mut self, name: &AlertName) -> io::Result<()> {
        self.insert(key(name))
    }

    /// Remembers `key`.
    pub fn insert(&mut self, key: String) -> io::Result<()> {
        if self.holds(&key) {
            return Ok(());
        }
        self.kept.seen.push_back(key);
        let over = self.kept.seen.len().saturating_sub(MOST_REMEMBERED);
        self.kept.seen.drain(..over);
        self.write()
    }

    fn write(&self) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        replace(&self.path, &serde_json::to_vec(&self.kept)?)
    }
}

/// CAP's own way to name a warning: none of the three holds a comma.
fn key(name: &AlertName) -> String {
    format!("{},{},{}", name.sender, name.identifier, name.sent.to_rfc3339())
}

fn read(path: &Path, most: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(most + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= most).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_is_bounded_and_survives_a_restart_and_damage() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Remembered::open(folder.path(), "https://cap.example/f");
        let mut memory = open();
        memory.kept.seen = (0..MOST_REMEMBERED).map(|n| n.to_string()).collect();
        memory.insert("new".to_owned()).unwrap();
        let memory = open();
        assert!(memory.holds("new") && memory.holds("1") && !memory.holds("0"));
        fs::write(&memory.path, "{").unwrap();
        assert!(!open().holds("new"));
    }
}
