//! What of a stick is looked at.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::FOLDER;
use crate::trust::manifest::{self, MOST_BYTES};
use crate::trust::{Envelope, LARGEST_ALERT, LARGEST_ENVELOPE};

/// Most files that are looked at.
pub const MOST_FILES: usize = 64;

/// Most names that are read of one folder.
const MOST_NAMES: usize = 10_000;

/// Longest name, in bytes.
const LONGEST_NAME: usize = 200;

/// What a file is by its name. What it really is, its signature tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `root.json`, or `root.3.json`, which comes before it.
    Root(u64),
    /// `….dalaba`, with the number that it claims: older ones go first.
    Bundle(u64),
    /// `….alert` or `….alert.json`.
    Alert,
}

/// A file that may be taken in.
#[derive(Debug)]
pub struct OnStick {
    /// Its name, fit to be shown.
    pub name: String,
    /// What it is by its name.
    pub kind: Kind,
    /// The file, opened and at its beginning.
    pub file: File,
}

/// Finds what may be taken in from the stick at `mount`, in the order in which it is to be taken: roots, bundles by number, alerts.
pub fn look(mount: &Path) -> Vec<OnStick> {
    let mut names: Vec<PathBuf> = Vec::new();
    for folder in [Path::new(""), Path::new(FOLDER)] {
        let place = mount.join(folder);
        // A folder that is a link leads somewhere else.
        if fs::symlink_metadata(&place).is_ok_and(|facts| facts.is_dir()) {
            let listed = fs::read_dir(place).into_iter().flatten().take(MOST_NAMES);
            names.extend(listed.filter_map(|entry| Some(folder.join(entry.ok()?.file_name()))));
        }
    }
    names.sort();
    let mut found: Vec<OnStick> =
        names.iter().filter_map(|name| opened(mount, name)).take(MOST_FILES).collect();
    found.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    found
}

fn opened(mount: &Path, path: &Path) -> Option<OnStick> {
    let name = path.file_name()?.to_str()?;
    if name.starts_with('.') || name.len() > LONGEST_NAME || name.contains(char::is_control) {
        return None;
    }
    // Some systems write names in capitals.
    let (kind, most) = kind(&name.to_lowercase())?;
    // Follows no link, and waits for no pipe's other end.
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW;
    let flags = flags.bits().cast_signed();
    let file = File::options().read(true).custom_flags(flags).open(mount.join(path)).ok()?;
    let facts = file.metadata().ok()?;
    if !facts.is_file() || facts.len() == 0 || facts.len() > most {
        return None;
    }
    let kind = match kind {
        Kind::Bundle(_) => Kind::Bundle(serial(&file)),
        other => other,
    };
    Some(OnStick { name: name.to_owned(), kind, file })
}

/// Tells what a file is by its name, and how large such a file may be.
fn kind(name: &str) -> Option<(Kind, u64)> {
    let root = name.strip_prefix("root").and_then(|rest| rest.strip_suffix(".json"));
    if let Some(version) = root {
        let version = if version.is_empty() { u64::MAX } else { version.strip_prefix('.')?.parse().ok()? };
        return Some((Kind::Root(version), LARGEST_ENVELOPE as u64));
    }
    let stem = name.strip_suffix(".json").unwrap_or(name);
    match stem.rsplit_once('.')?.1 {
        "alert" => Some((Kind::Alert, LARGEST_ALERT as u64)),
        "dalaba" if stem == name => Some((Kind::Bundle(0), MOST_BYTES + LARGEST_ENVELOPE as u64 + 1)),
        _ => None,
    }
}

/// Reads the number that a bundle claims, and goes back to its beginning. It decides the order, and nothing else.
fn serial(mut file: &File) -> u64 {
    let mut line = Vec::new();
    let head = file.take(LARGEST_ENVELOPE as u64 + 1);
    let read = BufReader::new(head).read_until(b'\n', &mut line);
    let bundle = read.ok().and_then(|_| manifest::read(&Envelope::read(&line)?.payload));
    // One that cannot be rewound is refused when it is read.
    let _ = file.rewind();
    bundle.map_or(0, |bundle| bundle.serial.0)
}
