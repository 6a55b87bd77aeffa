//! What is written onto a stick: whole, and on it before anybody pulls it out.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::FOLDER;
use crate::station::disk::{replace_with, sync};

/// Writes the file `name` into our folder on the stick at `mount`.
pub fn put(mount: &Path, name: &str, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let folder = mount.join(FOLDER);
    match fs::symlink_metadata(&folder) {
        Ok(facts) if facts.is_dir() => {}
        Ok(_) => return Err(io::Error::other(format!("{FOLDER} on the stick is no folder"))),
        Err(_) => fs::create_dir(&folder).and_then(|()| sync(mount))?,
    }
    // A link that was laid under the name we write beside would lead out of the stick.
    match fs::remove_file(folder.join(".new")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => replace_with(&folder.join(name), write),
    }
}

/// Makes of a station's id a part of a file name that FAT takes too.
pub fn name_of(id: &str) -> String {
    let odd = |c: char| c.is_control() || "\\/:*?\"<>|".contains(c);
    let plain: String = id.chars().map(|c| if odd(c) { '_' } else { c }).collect();
    plain.trim_matches(['.', ' ']).to_owned()
}
