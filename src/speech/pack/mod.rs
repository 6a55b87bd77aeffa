//! Voice packs come and go: fetched, checked file by file, put in place at once or not at all. An installed pack leaves this
//! room.

mod archive;
mod fault;
mod source;
mod web;

use std::fs::{self, File, Permissions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::engine::kokoro::{FOLDER, Item, MANIFEST, sum};

pub use fault::InstallFault;
pub use source::{Source, on_sticks};

/// Where a pack is put together, beside its place: on the same disk, so that it can be moved there at once.
const UNDER_WAY: &str = ".kokoro.new";

/// Where the one before is put aside on systems that cannot exchange two folders.
const PUT_ASIDE: &str = ".kokoro.old";

/// Everybody may read a pack: the daemon is another user than whoever installs it.
const FOLDER_MODE: u32 = 0o755;
const FILE_MODE: u32 = 0o644;

/// Hears how far an installation is.
pub trait Progress {
    /// A file of so many bytes begins.
    fn begin(&mut self, file: &str, bytes: u64);
    /// So many bytes more are there.
    fn advance(&mut self, bytes: u64);
}

/// Returns how many bytes the pack has on this machine.
pub fn size() -> Result<u64, InstallFault> {
    Ok(MANIFEST.items()?.iter().map(|item| item.bytes).sum())
}

/// Takes the pack from `source` into the folder `voices`, and returns where it is now.
///
/// Each file must be the one that this program knows. Whatever goes wrong, also a power cut, a pack that was there
/// before is there afterwards.
pub fn install(voices: &Path, source: &Source, progress: &mut dyn Progress) -> Result<PathBuf, InstallFault> {
    install_items(voices, source, &MANIFEST.items()?, progress)
}

fn install_items(
    voices: &Path,
    source: &Source,
    items: &[&Item],
    progress: &mut dyn Progress,
) -> Result<PathBuf, InstallFault> {
    make_folder(voices).map_err(|error| InstallFault::write(voices, error))?;
    let _lock = lock(voices)?;
    let under_way = voices.join(UNDER_WAY);
    // What a power cut left.
    remove_if_there(&under_way)?;
    remove_if_there(&voices.join(PUT_ASIDE))?;
    let place = voices.join(FOLDER);
    let done = gather(&under_way, source, items, progress).and_then(|()| put_in_place(voices, &place));
    if let Err(fault) = done {
        // The fault says more than that its traces could not be removed either.
        let _ = fs::remove_dir_all(&under_way);
        return Err(fault);
    }
    Ok(place)
}

/// Removes the pack; returns whether there was one.
pub fn remove(voices: &Path) -> Result<bool, InstallFault> {
    let place = voices.join(FOLDER);
    if !place.exists() {
        return Ok(false);
    }
    let _lock = lock(voices)?;
    remove_if_there(&voices.join(UNDER_WAY))?;
    // Half a pack must not be left in its place.
    let aside = voices.join(PUT_ASIDE);
    remove_if_there(&aside)?;
    fs::rename(&place, &aside).map_err(|error| InstallFault::write(&place, error))?;
    remove_if_there(&aside)?;
    Ok(true)
}

fn lock(voices: &Path) -> Result<File, InstallFault> {
    let folder = File::open(voices).map_err(|error| InstallFault::write(voices, error))?;
    match folder.try_lock() {
        Ok(()) => Ok(folder),
        Err(TryLockError::WouldBlock) => Err(InstallFault::Busy),
        Err(TryLockError::Error(error)) => Err(InstallFault::write(voices, error)),
    }
}

fn remove_if_there(folder: &Path) -> Result<(), InstallFault> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(InstallFault::write(folder, error)),
        _ => Ok(()),
    }
}

/// Puts all files together in `under_way`, safe on the disk.
fn gather(
    under_way: &Path,
    source: &Source,
    items: &[&Item],
    progress: &mut dyn Progress,
) -> Result<(), InstallFault> {
    make_folder(under_way).map_err(|error| InstallFault::write(under_way, error))?;
    let mut missing: Vec<&Item> = items.to_vec();
    source.deliver(items, &mut |item, content| {
        progress.begin(&item.path, item.bytes);
        take(under_way, item, content, progress)?;
        missing.retain(|other| other.path != item.path);
        Ok(())
    })?;
    if let Some(item) = missing.first() {
        return Err(InstallFault::Missing(item.path.clone()));
    }
    let manifest = under_way.join("manifest.json");
    let kept =
        fs::write(&manifest, MANIFEST.text()).and_then(|()| settle(&File::open(&manifest)?, FILE_MODE));
    kept.map_err(|error| InstallFault::write(&manifest, error))?;
    for folder in [under_way.join("voices"), under_way.join("licenses"), under_way.to_owned()] {
        let settled = File::open(&folder).and_then(|opened| settle(&opened, FOLDER_MODE));
        settled.map_err(|error| InstallFault::write(&folder, error))?;
    }
    Ok(())
}

/// Takes one file, no byte more of it than it may have, and looks whether it is the right one.
fn take(
    under_way: &Path,
    item: &Item,
    content: &mut dyn Read,
    progress: &mut dyn Progress,
) -> Result<(), InstallFault> {
    let place = under_way.join(&item.path);
    let mut file = create(&place).map_err(|error| InstallFault::write(&place, error))?;
    let mut unwritten = None;
    let summed = sum(&mut content.take(item.bytes + 1), &mut |piece| {
        progress.advance(piece.len() as u64);
        file.write_all(piece).inspect_err(|error| unwritten = Some(error.kind()))
    });
    match (summed, unwritten) {
        (Err(error), Some(_)) => Err(InstallFault::write(&place, error)),
        (Err(error), None) => Err(InstallFault::Unread { file: item.path.clone(), why: error.to_string() }),
        (Ok(summed), _) if !item.is(&summed) => Err(InstallFault::Wrong(item.path.clone())),
        (Ok(_), _) => settle(&file, FILE_MODE).map_err(|error| InstallFault::write(&place, error)),
    }
}

fn create(place: &Path) -> io::Result<File> {
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder)?;
    }
    File::create_new(place)
}

/// Opens a file or folder to everybody's eyes, and waits until it is on the disk.
fn settle(file: &File, mode: u32) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(mode))?;
    file.sync_all()
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if !folder.is_dir() {
        fs::create_dir_all(folder)?;
        fs::set_permissions(folder, Permissions::from_mode(FOLDER_MODE))?;
    }
    Ok(())
}

/// Exchanges the new pack for the old one in one step where the system can do that.
fn put_in_place(voices: &Path, place: &Path) -> Result<(), InstallFault> {
    let under_way = voices.join(UNDER_WAY);
    let unwritten = |error: io::Error| InstallFault::write(place, error);
    let exchanged =
        place.exists() && renameat_with(CWD, &under_way, CWD, place, RenameFlags::EXCHANGE).is_ok();
    if exchanged {
        remove_if_there(&under_way)?;
    } else {
        let aside = voices.join(PUT_ASIDE);
        if place.exists() {
            fs::rename(place, &aside).map_err(unwritten)?;
        }
        if let Err(error) = fs::rename(&under_way, place) {
            // Back with the old one; the first error tells what is wrong.
            let _ = fs::rename(&aside, place);
            return Err(unwritten(error));
        }
        remove_if_there(&aside)?;
    }
    File::open(voices).and_then(|folder| folder.sync_all()).map_err(unwritten)
}

#[cfg(test)]
mod tests;
