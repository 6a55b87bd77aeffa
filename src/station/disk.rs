//! Files that a power cut leaves whole: the old one or the new one, never a half.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::statvfs;

/// Puts `bytes` in the place of the file at `path`, in one step.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    put(path, bytes, OpenOptions::new().write(true).create(true).truncate(true))
}

/// Does the same with a file that nobody but its owner may read, from its first byte on.
pub fn replace_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(beside(path)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    put(path, bytes, OpenOptions::new().write(true).create_new(true).mode(0o600))
}

/// A name without a folder stands in the present one.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// One name for all: ids may be as long as file names get, so nothing can be added to them.
fn beside(path: &Path) -> PathBuf {
    path.with_file_name(".new")
}

fn put(path: &Path, bytes: &[u8], how: &OpenOptions) -> io::Result<()> {
    let folder = folder_of(path);
    let beside = beside(path);
    let mut file = how.open(&beside)?;
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
    let folder = folder_of(path);
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

/// Returns the bytes that are free for us on the disk of `folder`; none if nobody knows.
pub fn free(folder: &Path) -> Option<u64> {
    let found = statvfs(folder).ok()?;
    found.f_bavail.checked_mul(found.f_frsize)
}
