//! The program that reads: found, started in a process group of its own, and ended with the output.

use std::env;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ExitStatus, Stdio};
use std::time::Duration;

use rustix::fs::{Access, access};
use rustix::io::ioctl_fionbio;
use rustix::process::Signal;

use super::PipeFault;
use crate::output::pace;
use crate::program::{Complaint, Family, prepare};

/// How long the program may play out what it holds after its input has ended.
const PLAYS_OUT: Duration = Duration::from_millis(1_500);

/// How long it may take to end when it was asked to.
const OBEYS: Duration = Duration::from_millis(300);

/// How often it is looked at while it ends.
const LOOK: Duration = Duration::from_millis(5);

/// Bytes of standard error that are read at once.
const PIECE: usize = 2_048;

/// What of our environment the program gets besides what every program does: where the sound server is.
const PASSED_ON: [&str; 5] =
    ["XDG_RUNTIME_DIR", "PULSE_SERVER", "PULSE_RUNTIME_PATH", "PIPEWIRE_REMOTE", "ALSA_CONFIG_PATH"];

/// Finds the program, by its absolute path or by its name on the `PATH`, without running it.
pub(super) fn find(program: &str) -> Result<PathBuf, PipeFault> {
    let is_ours = |path: &Path| path.is_file() && access(path, Access::EXEC_OK).is_ok();
    let found = if program.contains('/') {
        Some(PathBuf::from(program)).filter(|path| is_ours(path))
    } else {
        let path = env::var_os("PATH").unwrap_or_default();
        env::split_paths(&path).map(|folder| folder.join(program)).find(|path| is_ours(path))
    };
    found.ok_or_else(|| PipeFault::NoProgram { program: program.to_owned() })
}

/// A program that runs, and is never left behind.
pub(super) struct Reader {
    program: String,
    child: Child,
    stderr: Option<ChildStderr>,
    said: Complaint,
    family: Family,
}

impl Reader {
    /// Starts the program; returns the end of the pipe to write to as well.
    pub(super) fn start(words: &[String]) -> Result<(Self, OwnedFd), PipeFault> {
        let program = words.first().cloned().unwrap_or_default();
        let refused = |source| PipeFault::Refused { name: program.clone(), source };
        find(&program)?;
        let mut command = prepare(words, &PASSED_ON).map_err(refused)?;
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(refused)?;
        let family = Family::of(child.id());
        let (input, stderr) = (child.stdin.take(), child.stderr.take());
        let reader = Self { program: program.clone(), child, stderr, said: Complaint::default(), family };
        let input = input.ok_or_else(|| refused(std::io::ErrorKind::BrokenPipe.into()))?;
        if let Some(stderr) = &reader.stderr {
            ioctl_fionbio(stderr, true).map_err(|error| refused(error.into()))?;
        }
        Ok((reader, input.into()))
    }

    /// Fails when the program has ended.
    pub(super) fn is_there(&mut self) -> Result<(), PipeFault> {
        self.listen();
        match self.child.try_wait() {
            Ok(Some(status)) => Err(self.ended(status)),
            Ok(None) | Err(_) => Ok(()),
        }
    }

    /// Says how it ended, if it is ending: one that closed its input is gone within moments.
    pub(super) fn last_word(&mut self) -> PipeFault {
        match self.wait(OBEYS) {
            Some(status) => self.ended(status),
            None => PipeFault::Left(self.program.clone()),
        }
    }

    fn ended(&mut self, status: ExitStatus) -> PipeFault {
        self.listen();
        let said = self.said.last_line();
        PipeFault::Ended { program: self.program.clone(), status: status.to_string(), said }
    }

    /// Reads what it wrote on standard error, so that it never waits for us, and keeps the end.
    fn listen(&mut self) {
        let mut bytes = [0; PIECE];
        while let Some(count) = self.stderr.as_mut().and_then(|stderr| stderr.read(&mut bytes).ok()) {
            if count == 0 {
                self.stderr = None;
            }
            self.said.hear(&bytes[..count]);
        }
    }

    /// Waits for its end.
    fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let until = pace::now() + limit;
        loop {
            self.listen();
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            if pace::now() >= until {
                return None;
            }
            pace::sleep_until(pace::now() + LOOK);
        }
    }
}

impl Drop for Reader {
    /// Ends the program, whose input has ended by now, and all that it started. It was given silence since the last
    /// sound, so nothing is cut.
    fn drop(&mut self) {
        if self.wait(PLAYS_OUT).is_none() {
            self.family.signal(Signal::TERM);
            if self.wait(OBEYS).is_none() {
                self.family.signal(Signal::KILL);
                let _ = self.child.wait();
            }
        }
    }
}
