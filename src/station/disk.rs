//! Files that a power cut leaves whole: the old one or the new one, never a half.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Puts `bytes` in the place of the file at `path`, in one step.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
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
pub fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Puts what `write` writes in the place of the file at `path`, in one step: for what is too large for [`replace`].
pub fn replace_with(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let beside = folder.join(".new");
    let mut file = File::create(&beside)?;
    let written = write(&mut file).and_then(|()| file.sync_all());
    if written.is_err() {
        // Its room is needed; a name that stays is written over next time.
        let _ = fs::remove_file(&beside);
    }
    written?;
    fs::rename(&beside, path)?;
    sync(folder)
}
