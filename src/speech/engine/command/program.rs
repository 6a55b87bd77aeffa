//! Runs the user's program: text in, bytes out, within limits, and none of its family left behind.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::time::Duration;

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::{Pid, Signal, kill_process_group, setpriority_pgrp};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, Command};

use super::CommandFault;

/// Most bytes that a program may give: ten minutes of mono at 48 kHz and 16 bits are 58 MB.
pub(super) const MOST_BYTES: u64 = 64_000_000;

/// What is kept of the end of standard error, bytes.
const KEPT_OF_STDERR: usize = 2048;

/// Longest part of a line of standard error that people are shown, characters.
const SHOWN: usize = 200;

/// How far the program stands behind our own work, of 19: sound that is on air goes first.
const NICE: i32 = 10;

/// What a program gave, in memory.
pub(super) struct Given {
    pub(super) program: String,
    pub(super) file: File,
    pub(super) bytes: u64,
    pub(super) said: String,
}

/// Runs `words` with `text` on standard input. Afterwards the program and everything that it started in its process
/// group is dead, also when the returned future is dropped.
pub(super) async fn run(words: &[String], text: &str, limit: Duration) -> Result<Given, CommandFault> {
    let program = words.first().cloned().unwrap_or_default();
    let answer = tokio::time::timeout(limit, converse(program.clone(), words, text)).await;
    answer.unwrap_or(Err(CommandFault::TimedOut { program, limit }))
}

/// Kills a whole process group when it goes.
pub(crate) struct Family(Option<Pid>);

impl Family {
    /// Holds the group that `child` leads.
    pub(crate) fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| Pid::from_raw(id.cast_signed())))
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // All may be gone already.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

async fn converse(program: String, words: &[String], text: &str) -> Result<Given, CommandFault> {
    let unstarted = |source| CommandFault::Start { program: program.clone(), source };
    let mut child = start(words).map_err(unstarted)?;
    let family = Family::of(&child);
    // One that is done already needs no place behind us.
    let _ = setpriority_pgrp(family.0, NICE);
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let waiting = async {
        let status = child.wait().await.map_err(unstarted);
        // A helper that it left behind would hold its streams open, and us waiting.
        drop(family);
        status
    };
    let talking = async { Ok(tokio::join!(feed(stdin, text), last_line(stderr)).1) };
    // The first fault drops all three, and with them the family.
    let ((file, bytes), said, status) = tokio::try_join!(keep(stdout, &program), talking, waiting)?;
    if !status.success() {
        return Err(CommandFault::Failed { program, status: status.to_string(), said });
    }
    Ok(Given { program, file, bytes, said })
}

fn start(words: &[String]) -> io::Result<Child> {
    let mut command = prepare(words)?;
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
}

/// Prepares a program of the user's: in a group of its own, and with three variables. Ours may hold secrets and would
/// make what it does depend on who started us; these three are what programs need.
pub(crate) fn prepare(words: &[String]) -> io::Result<Command> {
    let (program, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
    let home = std::env::var_os("HOME").unwrap_or_else(|| "/".into());
    let mut command = Command::new(program);
    command.args(arguments).env_clear().env("PATH", path).env("HOME", home).env("LANG", "C.UTF-8");
    command.current_dir("/").process_group(0).kill_on_drop(true);
    Ok(command)
}

/// A program need not read what it is told. The line's end is for those that read by lines.
async fn feed(stdin: Option<ChildStdin>, text: &str) {
    if let Some(mut stdin) = stdin {
        let _ = stdin.write_all(format!("{text}\n").as_bytes()).await;
        let _ = stdin.shutdown().await;
    }
}

/// Keeps what comes in a file that is in memory only.
async fn keep(stdout: Option<impl AsyncRead + Unpin>, program: &str) -> Result<(File, u64), CommandFault> {
    let mut file = File::from(unnamed().map_err(CommandFault::Keep)?);
    let (mut piece, mut bytes) = (vec![0; 64 * 1024], 0);
    let Some(mut stdout) = stdout else { return Ok((file, bytes)) };
    loop {
        let read = stdout.read(&mut piece).await.map_err(CommandFault::Keep)?;
        bytes += read as u64;
        match piece.get(..read) {
            None | Some([]) => return Ok((file, bytes)),
            Some(_) if bytes > MOST_BYTES => return Err(CommandFault::TooMuch(program.to_owned())),
            Some(part) => file.write_all(part).map_err(CommandFault::Keep)?,
        }
    }
}

fn unnamed() -> io::Result<OwnedFd> {
    Ok(memfd_create("speech", MemfdFlags::CLOEXEC)?)
}

/// Reads standard error to its end, so that the program never waits for us, and returns its last line.
pub(crate) async fn last_line(stderr: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut stderr) = stderr else { return String::new() };
    let (mut piece, mut kept) = (vec![0; KEPT_OF_STDERR], Vec::new());
    // What cannot be read is not said.
    while let Ok(read @ 1..) = stderr.read(&mut piece).await {
        kept.extend_from_slice(piece.get(..read).unwrap_or_default());
        kept.drain(..kept.len().saturating_sub(KEPT_OF_STDERR));
    }
    let said = String::from_utf8_lossy(&kept);
    let line = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    line.trim().chars().filter(|letter| !letter.is_control()).take(SHOWN).collect()
}
