//! Where a pack comes from: a folder, one file, a web server, a USB stick.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{InstallFault, archive, web};
use crate::speech::engine::kokoro::{FOLDER, Item};

/// Takes one file of the pack from its source.
pub(super) type Taking<'a> = dyn FnMut(&Item, &mut dyn Read) -> Result<(), InstallFault> + 'a;

/// Where a pack comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A folder with its files.
    Folder(PathBuf),
    /// A tar file of them.
    Archive(PathBuf),
    /// A folder on a web server, or a tar file there.
    Web(String),
}

impl Source {
    /// Reads what a person typed: an address, or a path to a tar file, to the pack's folder, or to one that holds it.
    pub fn named(typed: &str) -> Result<Self, InstallFault> {
        if typed.starts_with("http://") || typed.starts_with("https://") {
            return Ok(Self::Web(typed.trim_end_matches('/').to_owned()));
        }
        let path = PathBuf::from(typed.strip_prefix("file://").unwrap_or(typed));
        if path.is_file() {
            return Ok(Self::Archive(path));
        }
        let inner = path.join(FOLDER);
        match (is_pack(&path), is_pack(&inner)) {
            (false, true) => Ok(Self::Folder(inner)),
            _ if path.is_dir() => Ok(Self::Folder(path)),
            _ => Err(InstallFault::NoSource(typed.to_owned())),
        }
    }

    /// Hands the files of `items` to `take`, each at most once, in the order of the source. An archive may lack some.
    pub(super) fn deliver(&self, items: &[&Item], take: &mut Taking<'_>) -> Result<(), InstallFault> {
        match self {
            Self::Folder(folder) => items.iter().try_for_each(|item| take(item, &mut open(folder, item)?)),
            Self::Archive(file) => {
                let opened = File::open(file);
                let mut opened = opened.map_err(|_| InstallFault::NoSource(file.display().to_string()))?;
                archive::deliver(&mut opened, items, take)
            }
            Self::Web(address) => web::deliver(address, items, take),
        }
    }
}

fn open(folder: &Path, item: &Item) -> Result<File, InstallFault> {
    let place = folder.join(&item.path);
    // A pipe or a device would keep us waiting for ever.
    if !place.is_file() {
        return Err(InstallFault::Missing(item.path.clone()));
    }
    let unread =
        |error: std::io::Error| InstallFault::Unread { file: item.path.clone(), why: error.to_string() };
    File::open(place).map_err(unread)
}

fn is_pack(folder: &Path) -> bool {
    folder.join("model.onnx").is_file()
}

/// Where sticks are mounted: by desktops, below a folder of the user's, and by hand.
const MOUNTS: [&str; 3] = ["/media", "/run/media", "/mnt"];

/// Finds the pack on a stick or another disk that is mounted: as a folder `kokoro` or a file `kokoro-MACHINE.tar` in its
/// root.
pub fn on_sticks() -> Option<Source> {
    let roots = MOUNTS.iter().map(PathBuf::from);
    roots
        .flat_map(|root| {
            [vec![root.clone()], below(&root), below(&root).iter().flat_map(|f| below(f)).collect()]
        })
        .flatten()
        .find_map(|folder| pack_in(&folder))
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn pack_in(folder: &Path) -> Option<Source> {
    let (pack, archive) =
        (folder.join(FOLDER), folder.join(format!("kokoro-{}.tar", std::env::consts::ARCH)));
    if is_pack(&pack) {
        Some(Source::Folder(pack))
    } else {
        archive.is_file().then_some(Source::Archive(archive))
    }
}
