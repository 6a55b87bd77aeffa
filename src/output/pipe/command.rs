//! The program that reads: found, started in a process group of its own, and ended with the output.

use std::env;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::fs::{Access, access};
use rustix::io::ioctl_fionbio;
use rustix::process::{Pid, Signal, kill_process_group};

use super::PipeFault;
use crate::output::pace;

/// How long the program may play out what it holds after its input has ended.
const PLAYS_OUT: Duration = Duration::from_millis(1_500);

/// How long it may take to end when it was asked to.
const OBEYS: Duration = Duration::from_millis(300);

/// How often it is looked at while it ends.
const LOOK: Duration = Duration::from_millis(5);

/// Characters of the end of standard error that people are shown.
const SHOWN: usize = 200;

/// Most bytes of standard error that are kept.
const KEPT: usize = 2_048;

/// What of our environment the program gets: where programs, configuration and the sound server are. The rest may hold
/// secrets, and the service manager's socket.
const PASSED_ON: [&str; 7] = [
    "PATH",
    "HOME",
    "XDG_RUNTIME_DIR",
    "PULSE_SERVER",
    "PULSE_RUNTIME_PATH",
    "PIPEWIRE_REMOTE",
    "ALSA_CONFIG_PATH",
];

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
    /// The end of what it wrote on standard error.
    said: Vec<u8>,
}

impl Reader {
    /// Starts the program; returns the end of the pipe to write to as well.
    pub(super) fn start(words: &[String]) -> Result<(Self, OwnedFd), PipeFault> {
        let program = words.first().cloned().unwrap_or_default();
        let refused = |source| PipeFault::Refused { name: program.clone(), source };
        let mut command = Command::new(find(&program)?);
        command.args(&words[1..]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let passed = PASSED_ON.iter().filter_map(|name| Some((name, env::var_os(name)?)));
        command.env_clear().envs(passed).env("LANG", "C.UTF-8").current_dir("/");
        // A group of its own: it is ended with all that it started, and a Ctrl-C at our terminal is ours alone.
        let mut child = command.process_group(0).spawn().map_err(refused)?;
        let (input, stderr) = (child.stdin.take(), child.stderr.take());
        let reader = Self { program: program.clone(), child, stderr, said: Vec::new() };
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
        let said = String::from_utf8_lossy(&self.said);
        let said: Vec<char> = said.split_whitespace().collect::<Vec<_>>().join(" ").chars().collect();
        let said = said[said.len().saturating_sub(SHOWN)..].iter().filter(|c| !c.is_control()).collect();
        PipeFault::Ended { program: self.program.clone(), status: status.to_string(), said }
    }

    /// Reads what it wrote on standard error, so that it never waits for us, and keeps the end.
    fn listen(&mut self) {
        let mut bytes = [0; KEPT];
        while let Some(count) = self.stderr.as_mut().and_then(|stderr| stderr.read(&mut bytes).ok()) {
            if count == 0 {
                self.stderr = None;
            }
            self.said.extend(&bytes[..count]);
            self.said.drain(..self.said.len().saturating_sub(KEPT));
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

    fn kill(&self, signal: Signal) {
        if let Ok(group) = i32::try_from(self.child.id()).map(Pid::from_raw)
            && let Some(group) = group
        {
            // It may be gone already.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Reader {
    /// Ends the program, whose input has ended by now, and all that it started. It was given silence since the last
    /// sound, so nothing is cut.
    fn drop(&mut self) {
        if self.wait(PLAYS_OUT).is_none() {
            self.kill(Signal::TERM);
            if self.wait(OBEYS).is_none() {
                self.kill(Signal::KILL);
                let _ = self.child.wait();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_learns_where_the_sound_server_is_and_nothing_else_of_our_environment() {
        let folder = tempfile::tempdir().unwrap();
        let told = folder.path().join("env");
        let script = format!("env > {}", told.display());
        let (mut reader, _input) = Reader::start(&["sh".to_owned(), "-c".to_owned(), script]).unwrap();
        assert!(reader.wait(Duration::from_secs(30)).is_some_and(|status| status.success()));
        let told = std::fs::read_to_string(told).unwrap();
        // What a shell adds by itself.
        let own = ["LANG", "PWD", "SHLVL", "_", "OLDPWD"];
        for name in told.lines().filter_map(|line| line.split('=').next()) {
            assert!(PASSED_ON.contains(&name) || own.contains(&name), "{name}");
        }
        assert!(env::var_os("CARGO_MANIFEST_DIR").is_some() && told.contains("PATH="), "{told}");
    }
}
