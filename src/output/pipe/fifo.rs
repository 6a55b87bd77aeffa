//! The writing end of a FIFO, opened without waiting for a reader.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use rustix::io::Errno;

use super::PipeFault;
use crate::output::pace;

/// How long a reader may take to come back: one that begins anew after each sound is away for a moment.
const COMES_BACK: Duration = Duration::from_secs(2);

/// How often it is looked for.
const LOOK: Duration = Duration::from_millis(20);

/// Opens the pipe, waiting a little for somebody to read it.
pub(super) fn open(path: &Path) -> Result<OwnedFd, PipeFault> {
    let until = pace::now() + COMES_BACK;
    loop {
        match probe(path) {
            Err(PipeFault::Unread(_)) if pace::now() < until => pace::sleep_until(pace::now() + LOOK),
            opened => return opened,
        }
    }
}

/// Opens the pipe if somebody reads it just now.
pub(super) fn probe(path: &Path) -> Result<OwnedFd, PipeFault> {
    let fault = |error: io::Error| match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::NOENT) => PipeFault::Missing(path.to_owned()),
        Some(Errno::NXIO) => PipeFault::Unread(path.to_owned()),
        _ => PipeFault::Refused { name: path.display().to_string(), source: error },
    };
    // Looked at first, because opening alone does something to some devices; and again once it is open.
    if !fs::metadata(path).map_err(fault)?.file_type().is_fifo() {
        return Err(PipeFault::NoPipe(path.to_owned()));
    }
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    let file = OpenOptions::new().write(true).custom_flags(flags).open(path).map_err(fault)?;
    if !file.metadata().map_err(fault)?.file_type().is_fifo() {
        return Err(PipeFault::NoPipe(path.to_owned()));
    }
    Ok(file.into())
}
