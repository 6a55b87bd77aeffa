//! The county that this station belongs to: one file of the state folder, which nobody but its owner may read.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Address, Fault};
use crate::station::disk::replace_secret;
use crate::wire::Token;

/// The courier's folder, in the state folder.
const FOLDER: &str = "courier";

/// Largest file that is read: a certificate and some words.
const LARGEST: u64 = 256 * 1024;

/// What an enrolment leaves behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// Where the county is, as [`Address`] writes it.
    pub address: String,
    /// The name under which the county knows this daemon.
    pub site: String,
    /// The certificate by which the county is known, as PEM; none if authorities vouch for it.
    pub certificate: Option<String>,
    /// The secret by which the county knows this station.
    pub token: Token,
    /// When the station was enrolled, by its own clock.
    pub since: DateTime<Utc>,
}

/// Reads a file of the courier's folder; none if it is not there.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
        Ok(file) if file.len() > LARGEST => return Err(io::Error::other("too large")),
        Ok(_) => {}
    }
    Ok(Some(serde_json::from_slice(&fs::read(path)?)?))
}

/// Returns the courier's folder in the folder `state`.
pub fn folder_below(state: &Path) -> PathBuf {
    state.join(FOLDER)
}

/// Returns the file that says which county a station belongs to.
pub fn office_below(state: &Path) -> PathBuf {
    folder_below(state).join("office.json")
}

/// Makes the courier's folder, for its owner's eyes only.
pub fn make_folder(state: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder_below(state))
}

impl Office {
    /// Reads which county the station with the folder `state` belongs to; none if it never was enrolled.
    pub fn read(state: &Path) -> io::Result<Option<Self>> {
        read(&office_below(state))
    }

    /// Keeps it.
    pub(super) fn write(&self, state: &Path) -> io::Result<()> {
        make_folder(state)?;
        replace_secret(&office_below(state), &serde_json::to_vec(self)?)
    }

    /// Returns where the county is.
    pub(super) fn address(&self) -> Result<Address, Fault> {
        self.address.parse().map_err(|error| Fault::Busy(format!("{}: {error}", self.address)))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_token_is_kept_where_nobody_else_reads_it() {
        let state = tempfile::tempdir().unwrap();
        assert_eq!(Office::read(state.path()).unwrap(), None);
        let office = Office {
            address: "https://county.example.cn".to_owned(),
            site: "赵家庄".to_owned(),
            certificate: None,
            token: Token("secret".to_owned()),
            since: DateTime::UNIX_EPOCH,
        };
        // Left by a power cut, for all to read.
        make_folder(state.path()).unwrap();
        fs::write(folder_below(state.path()).join(".new"), "half").unwrap();
        office.write(state.path()).unwrap();
        let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(office_below(state.path())), 0o600);
        assert_eq!(mode(folder_below(state.path())), 0o700);
        assert!(!format!("{office:?}").contains("secret"), "a log must not tell the token");
        assert_eq!(Office::read(state.path()).unwrap(), Some(office));
    }
}
