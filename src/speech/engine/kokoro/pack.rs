//! The voice pack on disk: what belongs to it, and whether it is all there and unharmed.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use data_encoding::HEXLOWER;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{FOLDER, KokoroFault};

/// Origins and licences of all that is in the pack, for people.
pub const NOTICE: &str = include_str!("data/NOTICE.txt");

/// What belongs to the pack.
#[derive(Debug, Deserialize)]
pub struct Manifest {
    /// Changes whenever a file of it does.
    pub version: String,
    /// Its files, for every kind of processor.
    files: Vec<Item>,
}

/// One file of the pack.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Item {
    /// Its path in the pack.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// The only kind of processor that needs it.
    #[serde(default)]
    machine: Option<String>,
}

/// The text of the manifest, which is put into an installed pack too.
pub(super) const MANIFEST_TEXT: &str = include_str!("data/manifest.json");

/// What belongs to the pack: the program knows it, whatever a download says.
pub static MANIFEST: LazyLock<Manifest> =
    LazyLock::new(|| serde_json::from_str(MANIFEST_TEXT).expect("the manifest is ours, and a test reads it"));

impl Item {
    /// Tells whether what was summed up is this file.
    pub fn is(&self, (bytes, sha256): &(u64, String)) -> bool {
        *bytes == self.bytes && *sha256 == self.sha256
    }
}

impl Manifest {
    /// Returns the files that this machine needs.
    pub fn items(&self) -> Result<Vec<&Item>, KokoroFault> {
        self.items_for(std::env::consts::ARCH)
    }

    fn items_for(&self, machine: &str) -> Result<Vec<&Item>, KokoroFault> {
        let suits = |item: &&Item| item.machine.as_deref().is_none_or(|wanted| wanted == machine);
        let items: Vec<&Item> = self.files.iter().filter(suits).collect();
        let has_library = items.iter().any(|item| item.machine.is_some());
        if has_library { Ok(items) } else { Err(KokoroFault::Machine(machine.to_owned())) }
    }

    /// Tells whether a file of this name belongs to the pack.
    pub fn has(&self, path: &str) -> bool {
        self.files.iter().any(|item| item.path == path)
    }

    /// Returns the manifest as an installed pack has it.
    pub fn text(&self) -> &'static str {
        MANIFEST_TEXT
    }
}

/// An installed pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    folder: PathBuf,
}

impl Pack {
    /// Finds the pack in the folder of voice packs.
    pub fn at(voices: &Path) -> Result<Self, KokoroFault> {
        let folder = voices.join(FOLDER);
        if folder.is_dir() {
            Ok(Self { folder })
        } else {
            Err(KokoroFault::NotInstalled(voices.display().to_string()))
        }
    }

    /// Takes the folder of a pack as it is.
    pub(super) fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Returns its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Looks whether all its files are there in their size; takes no time.
    pub fn glance(&self) -> Result<(), KokoroFault> {
        for item in MANIFEST.items()? {
            let facts =
                self.folder.join(&item.path).metadata().map_err(|error| unread(&item.path, &error))?;
            if facts.len() != item.bytes {
                return Err(KokoroFault::Damaged(item.path.clone()));
            }
        }
        Ok(())
    }

    /// Returns the library of this machine, after a look through it: its code is about to run.
    pub(super) fn library(&self) -> Result<PathBuf, KokoroFault> {
        let items = MANIFEST.items()?;
        let library = items.into_iter().find(|item| item.machine.is_some());
        self.verified(&library.ok_or_else(|| KokoroFault::Machine(std::env::consts::ARCH.to_owned()))?.path)
    }

    /// Returns where the file `path` lies, after it was read from end to end: a worn card must not garble speech.
    pub(super) fn verified(&self, path: &str) -> Result<PathBuf, KokoroFault> {
        let item = MANIFEST.files.iter().find(|item| item.path == path);
        let item = item.ok_or_else(|| KokoroFault::Damaged(path.to_owned()))?;
        let place = self.folder.join(path);
        let file = File::open(&place).map_err(|error| unread(path, &error))?;
        // One byte more than it should have tells a longer file, and an endless one ends.
        let summed =
            sum(&mut file.take(item.bytes + 1), &mut |_| Ok(())).map_err(|error| unread(path, &error))?;
        if item.is(&summed) { Ok(place) } else { Err(KokoroFault::Damaged(path.to_owned())) }
    }

    /// Returns the file `path` after a look through it.
    pub(super) fn contents(&self, path: &str) -> Result<Vec<u8>, KokoroFault> {
        let place = self.verified(path)?;
        std::fs::read(place).map_err(|error| unread(path, &error))
    }
}

fn unread(path: &str, error: &io::Error) -> KokoroFault {
    KokoroFault::File { file: path.to_owned(), why: error.to_string() }
}

/// Reads `from` to its end, hands each piece on, and returns how many bytes there were and their SHA-256 in hexadecimal.
pub fn sum(from: &mut dyn Read, each: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<(u64, String)> {
    let (mut hash, mut piece, mut bytes) = (Sha256::new(), vec![0; 64 * 1024], 0);
    loop {
        let part = match from.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => piece.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(part);
        bytes += part.len() as u64;
        each(part)?;
    }
    Ok((bytes, HEXLOWER.encode(&hash.finalize())))
}

#[cfg(test)]
mod tests {
    use super::super::VOICES;
    use super::*;

    #[test]
    fn each_machine_needs_one_library_the_model_and_every_voice_that_can_be_chosen() {
        for machine in ["x86_64", "aarch64"] {
            let items = MANIFEST.items_for(machine).unwrap();
            let has = |path: &str| items.iter().any(|item| item.path == path);
            assert_eq!(items.iter().filter(|item| item.machine.is_some()).count(), 1);
            assert!(has("model.onnx") && has("vocab.json"));
            assert!(VOICES.iter().all(|voice| has(&format!("voices/{voice}.bin"))));
        }
        assert_eq!(MANIFEST.items_for("mips").unwrap_err(), KokoroFault::Machine("mips".to_owned()));
    }

    #[test]
    fn the_files_of_the_pack_lie_below_its_folder() {
        for item in &MANIFEST.files {
            assert!(
                Path::new(&item.path)
                    .components()
                    .all(|part| matches!(part, std::path::Component::Normal(_)))
            );
            assert_eq!(item.sha256.len(), 64);
        }
    }
}
