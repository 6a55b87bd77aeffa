//! Gives sound to a pipe without ever being held by it, and counts what the reader took.

use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, ioctl_fionbio, ioctl_fionread, write};
use rustix::pipe::fcntl_setpipe_size;
use rustix::time::Timespec;

use super::PipeFault;
use super::command::Reader;
use super::pcm::{Pcm, Shape};
use crate::output::OutputFault;
use crate::output::live::{BLOCK, Sink};
use crate::output::pace;

/// A kernel's page, and the least that a pipe holds, bytes.
const PAGE: usize = 4_096;

/// How long the reader may take to read for the first time: players open their sound device before.
const BEGINS: Duration = Duration::from_secs(2);

/// How often it is asked whether it has.
const LOOK: Duration = Duration::from_millis(5);

/// The writing end of a pipe, with the program behind it if it is ours.
pub(super) struct Writer {
    name: String,
    /// Dropped before the reader, who is waited for: it ends when its input does.
    pipe: Option<OwnedFd>,
    reader: Option<Reader>,
    pcm: Pcm,
    /// What the pipe has not taken yet.
    waiting: Vec<u8>,
    /// Bytes that the pipe has taken.
    written: u64,
}

impl Writer {
    /// Gives the reader a block of silence and returns when it has taken that.
    pub(super) fn begin(
        name: String,
        pipe: OwnedFd,
        reader: Option<Reader>,
        shape: Shape,
    ) -> Result<Self, OutputFault> {
        let refused = |error: Errno| PipeFault::Refused { name: name.clone(), source: error.into() };
        ioctl_fionbio(&pipe, true).map_err(refused)?;
        // A pipe of 64 KiB would keep sounding long after a stop. One that cannot be made smaller still works.
        let _ = fcntl_setpipe_size(&pipe, size(shape));
        let mut writer =
            Self { name, pipe: Some(pipe), reader, pcm: Pcm::new(shape)?, waiting: Vec::new(), written: 0 };
        writer.take(&[0.0; BLOCK])?;
        let until = pace::now() + BEGINS;
        while !writer.hand_over(LOOK)? || writer.unread()? > 0 {
            if pace::now() > until {
                return Err(PipeFault::Untaken(writer.name.clone()).into());
            }
            pace::sleep_until(pace::now() + LOOK);
        }
        writer.written = 0;
        Ok(writer)
    }

    /// Returns how many bytes wait in the pipe for the reader.
    fn unread(&mut self) -> Result<u64, OutputFault> {
        if let Some(reader) = &mut self.reader {
            reader.is_there()?;
        }
        let Some(pipe) = &self.pipe else { return Ok(0) };
        let unread = ioctl_fionread(pipe);
        unread.map_err(|error| self.refused(error))
    }

    fn refused(&self, error: Errno) -> OutputFault {
        PipeFault::Refused { name: self.name.clone(), source: error.into() }.into()
    }

    /// Finds out why nobody reads any more.
    fn gone(&mut self) -> OutputFault {
        match &mut self.reader {
            Some(reader) => reader.last_word().into(),
            None => PipeFault::Left(self.name.clone()).into(),
        }
    }
}

impl Sink for Writer {
    fn take(&mut self, block: &[f32]) -> Result<(), OutputFault> {
        Ok(self.pcm.write(block, &mut self.waiting)?)
    }

    fn hand_over(&mut self, wait: Duration) -> Result<bool, OutputFault> {
        let until = pace::now() + wait;
        while let Some(pipe) = self.pipe.as_ref().filter(|_| !self.waiting.is_empty()) {
            match write(pipe, &self.waiting) {
                Ok(count) => {
                    self.waiting.drain(..count);
                    self.written += count as u64;
                }
                Err(Errno::AGAIN) => {
                    let left = until.saturating_sub(pace::now());
                    if left.is_zero() {
                        return Ok(false);
                    }
                    let left = Timespec { tv_sec: 0, tv_nsec: left.subsec_nanos().into() };
                    // Whether it may be written to, or why not, is found by writing.
                    let _ = poll(&mut [PollFd::new(pipe, PollFlags::OUT)], Some(&left));
                }
                Err(Errno::INTR) => {}
                // Without a reader; the signal of the same name is ignored in this process, as in all of Rust's.
                Err(Errno::PIPE) => return Err(self.gone()),
                Err(error) => return Err(self.refused(error)),
            }
        }
        Ok(true)
    }

    fn left(&mut self) -> Result<u64, OutputFault> {
        let unread = self.unread()?;
        Ok(self.pcm.samples(self.written.saturating_sub(unread)))
    }

    fn close(&mut self) {
        self.pipe = None;
        self.reader = None;
    }
}

/// Bytes that the pipe may hold: the largest power of two, as pipes are made, that holds no more than 170 ms.
fn size(shape: Shape) -> usize {
    let most = shape.bytes_a_second() * 17 / 100;
    (most / 2 + 1).next_power_of_two().max(PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Selection;

    #[test]
    fn a_pipe_holds_so_little_that_a_stop_is_silent_within_250_ms() {
        let selection = Selection { kind: "pipe".into(), options: std::collections::BTreeMap::new() };
        let usual = Shape::of(&selection).unwrap();
        for rate in [16_000, 22_050, 44_100, 48_000, 96_000] {
            for channels in 1..=8 {
                let shape = Shape { rate, channels, ..usual };
                let size = size(shape);
                assert!(size.is_power_of_two());
                let millis = size * 1000 / shape.bytes_a_second();
                assert!((80..=170).contains(&millis) || size == PAGE, "{rate} Hz, {channels}: {millis} ms");
            }
        }
    }
}
