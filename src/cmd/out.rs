//! Writes to the terminal; a reader that has gone away is no failure.

use std::io::{self, Write};

use super::Failure;

/// Writes `text` to standard output. A closed pipe (`dalaba log | head`) counts as success.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    is_read(text).map(|_| ())
}

/// Writes `text` to standard output; returns false if nobody reads any more.
pub(super) fn is_read(text: &str) -> Result<bool, Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::because("写不到终端", "cannot write to the terminal", error)),
    }
}

/// Takes out what a terminal would obey: ids and error texts come from files and devices.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
