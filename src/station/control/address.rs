//! A socket's address holds 107 bytes; a state folder with a Chinese path needs 3 bytes a character, so it may not fit.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

/// Bytes of a path that `struct sockaddr_un` holds on Linux, without the closing NUL.
const LONGEST: usize = 107;

/// A path that fits into a socket's address and leads to the file asked for.
pub(super) struct Address {
    path: PathBuf,
    // The short path goes through this open folder.
    _folder: Option<File>,
}

impl Address {
    /// Finds a path to `path` that fits: itself, or one through its opened folder and `/proc/self/fd`.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        if path.as_os_str().len() <= LONGEST {
            return Ok(Self { path: path.to_owned(), _folder: None });
        }
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(io::ErrorKind::InvalidFilename.into());
        };
        let folder = File::open(parent)?;
        let path = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())).join(name);
        Ok(Self { path, _folder: Some(folder) })
    }

    /// Returns the path that fits.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}
