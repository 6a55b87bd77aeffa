//! The writing end of a FIFO, opened without waiting for a reader.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::time::Timespec;

use super::PipeFault;
use crate::output::pace;

/// How long a reader may take to come. Some are away for a moment after each sound, and Snapcast's server only looks in now
/// and then while nobody writes.
const COMES: Duration = Duration::from_secs(2);

/// How often it is looked for.
const LOOK: Duration = Duration::from_millis(20);

/// Opens the pipe and returns when somebody reads it.
pub(super) fn open(path: &Path) -> Result<OwnedFd, PipeFault> {
    let fault = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => PipeFault::Missing(path.to_owned()),
        _ => PipeFault::Refused { name: path.display().to_string(), source: error },
    };
    // Looked at first, because opening alone does something to some devices; and again once it is open.
    if !fs::metadata(path).map_err(fault)?.file_type().is_fifo() {
        return Err(PipeFault::NoPipe(path.to_owned()));
    }
    let pipe = writing_end(path).map_err(fault)?;
    if !pipe.metadata().map_err(fault)?.file_type().is_fifo() {
        return Err(PipeFault::NoPipe(path.to_owned()));
    }
    let until = pace::now() + COMES;
    while !is_read(&pipe) {
        if pace::now() > until {
            return Err(PipeFault::Unread(path.to_owned()));
        }
        pace::sleep_until(pace::now() + LOOK);
    }
    Ok(pipe.into())
}

/// Opens the writing end, whether somebody reads or not.
fn writing_end(path: &Path) -> io::Result<File> {
    let end = |read| {
        let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
        OpenOptions::new().read(read).write(true).custom_flags(flags).open(path)
    };
    // For a moment we read it ourselves, so that it opens; whoever looks in now finds it open and stays.
    let _both = end(true)?;
    end(false)
}

/// Tells whether somebody reads: the writing end of a pipe without a reader is in error.
fn is_read(pipe: &File) -> bool {
    let mut ends = [PollFd::new(pipe, PollFlags::OUT)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut ends, Some(&now)).is_ok() && !ends[0].revents().contains(PollFlags::ERR)
}
