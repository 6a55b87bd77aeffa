//! Runs the user's program: text in, bytes out, within limits, and none of its family left behind.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::time::Duration;

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::setpriority_pgrp;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, Command};

use super::CommandFault;
use crate::program::{Family, last_line, prepare};

/// Most bytes that a program may give: ten minutes of mono at 48 kHz and 16 bits are 58 MB.
pub(super) const MOST_BYTES: u64 = 64_000_000;

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

async fn converse(program: String, words: &[String], text: &str) -> Result<Given, CommandFault> {
    let unstarted = |source| CommandFault::Start { program: program.clone(), source };
    let mut child = start(words).map_err(unstarted)?;
    // None only for one that was waited for, which nobody has done.
    let family = child.id().map(Family::of);
    // One that is done already needs no place behind us.
    let _ = setpriority_pgrp(family.as_ref().and_then(Family::group), NICE);
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
    let mut command = Command::from(prepare(words, &[])?);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn()
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
