//! Moves a damaged log out of the way, whole, so that it can be repaired elsewhere.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::{JournalError, schema};
use crate::model::Words;

/// Moves the database of `folder`, with SQLite's files beside it, to a name with the time `at`, and returns that name.
/// Nothing that bears the name already is replaced: a clock may say the same time twice.
pub(super) fn set_aside(folder: &Path, at: DateTime<Utc>) -> Result<PathBuf, JournalError> {
    let stem = at.format("as-run.damaged-%Y%m%dT%H%M%SZ");
    let mut names = (1..).map(|n| folder.join(format!("{stem}-{n}.sqlite3")));
    let aside = names.find(|name| !name.exists()).expect("numbers do not run out");
    for suffix in ["", "-wal", "-shm"] {
        let (from, to) = (with(&schema::path(folder), suffix), with(&aside, suffix));
        match fs::rename(&from, to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(JournalError::file(&from)(error));
            }
            _ => {}
        }
    }
    Ok(aside)
}

/// Says in the new log's first record where the old one is.
pub(super) fn detail(aside: &Path) -> String {
    let name = aside.file_name().unwrap_or_default().to_string_lossy();
    let words = Words::new(
        format!("原来的记录已损坏，移到 {name}"),
        format!("the log before this one was damaged and is now {name}"),
    );
    words.to_string()
}

fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
