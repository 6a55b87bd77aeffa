//! A little room that is kept free on the disk, so that a box whose disk filled up can still begin its log and speak.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate};

/// Room kept, bytes: a thousand records, and the log's own files.
const SIZE: u64 = 1024 * 1024;

/// Holds the room as a file of nothing.
#[derive(Debug)]
pub struct Reserve {
    path: PathBuf,
}

impl Reserve {
    /// Uses a file in `folder`; takes no room yet.
    pub fn new(folder: &Path) -> Self {
        Self { path: folder.join("reserve") }
    }

    /// Takes the room, if the disk has it to give.
    pub fn keep(&self) {
        let taken = File::create(&self.path)
            .and_then(|file| fallocate(&file, FallocateFlags::empty(), 0, SIZE).map_err(io::Error::from));
        if let Err(error) = taken {
            tracing::warn!(%error, "the disk has no room to keep in reserve");
            self.give_back();
        }
    }

    /// Gives the room back to whoever needs it. Returns whether there was any.
    pub fn give_back(&self) -> bool {
        let held = fs::metadata(&self.path).is_ok_and(|file| file.len() > 0);
        fs::remove_file(&self.path).is_ok() && held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_is_taken_for_good_and_given_back_once() {
        let folder = tempfile::tempdir().unwrap();
        let reserve = Reserve::new(folder.path());
        assert!(!reserve.give_back());
        reserve.keep();
        let blocks =
            std::os::unix::fs::MetadataExt::blocks(&fs::metadata(folder.path().join("reserve")).unwrap());
        assert!(blocks * 512 >= SIZE, "{blocks} blocks are no reserve");
        assert!(reserve.give_back());
        assert!(!reserve.give_back());
    }
}
