//! Programs of the user's, ready to be run: each in a process group of its own and without our secrets; and what of their
//! complaints people are shown.

use std::env;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};

/// What of standard error is kept: its end, bytes.
const KEPT: usize = 2048;

/// Longest part of a line of standard error that people are shown, characters.
const SHOWN: usize = 200;

/// Prepares a program: in a group of its own, so that it is ended with all that it started and a Ctrl-C at our terminal
/// is ours alone, and with three variables, which programs need, besides those of `passed_on`. The rest of ours may hold secrets,
/// and would make what it does depend on who started us.
pub(crate) fn prepare(words: &[String], passed_on: &[&str]) -> io::Result<Command> {
    let (program, arguments) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let path = env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
    let home = env::var_os("HOME").unwrap_or_else(|| "/".into());
    let mut command = Command::new(program);
    command.args(arguments).env_clear().env("PATH", path).env("HOME", home).env("LANG", "C.UTF-8");
    command.envs(passed_on.iter().filter_map(|name| Some((name, env::var_os(name)?))));
    command.current_dir("/").process_group(0);
    Ok(command)
}

/// The process group of a program, which is killed when this goes.
pub(crate) struct Family(Option<Pid>);

impl Family {
    /// Holds the group that the process `id` leads.
    pub(crate) fn of(id: u32) -> Self {
        Self(Pid::from_raw(id.cast_signed()))
    }

    /// Returns the group.
    pub(crate) fn group(&self) -> Option<Pid> {
        self.0
    }

    /// Sends a signal to all of it.
    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(group) = self.0 {
            // All may be gone already.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// What a program wrote on standard error, of which the end is kept.
#[derive(Default)]
pub(crate) struct Complaint(Vec<u8>);

impl Complaint {
    /// Takes what came.
    pub(crate) fn hear(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
        self.0.drain(..self.0.len().saturating_sub(KEPT));
    }

    /// Returns its last line, as people are shown it.
    pub(crate) fn last_line(&self) -> String {
        let said = String::from_utf8_lossy(&self.0);
        let line = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
        line.trim().chars().filter(|letter| !letter.is_control()).take(SHOWN).collect()
    }
}

/// Reads standard error to its end, so that the program never waits for us, and returns its last line.
pub(crate) async fn last_line(stderr: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut stderr) = stderr else { return String::new() };
    let (mut piece, mut complaint) = (vec![0; KEPT], Complaint::default());
    // What cannot be read is not said.
    while let Ok(read @ 1..) = stderr.read(&mut piece).await {
        complaint.hear(piece.get(..read).unwrap_or_default());
    }
    complaint.last_line()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_learns_what_it_needs_and_nothing_else_of_our_environment() {
        let words = ["sh", "-c", "env"].map(str::to_owned);
        let told = prepare(&words, &["CARGO_PKG_NAME", "NO_SUCH_VARIABLE"]).unwrap().output().unwrap();
        let told = String::from_utf8(told.stdout).unwrap();
        let names: Vec<&str> = told.lines().filter_map(|line| line.split('=').next()).collect();
        // What a shell adds by itself.
        let own = ["PWD", "SHLVL", "_", "OLDPWD"];
        for name in &names {
            assert!(
                ["PATH", "HOME", "LANG", "CARGO_PKG_NAME"].contains(name) || own.contains(name),
                "{name}"
            );
        }
        assert!(env::var_os("CARGO_MANIFEST_DIR").is_some() && names.contains(&"CARGO_PKG_NAME"), "{told}");
    }

    #[test]
    fn of_a_long_complaint_people_are_shown_the_last_line_that_says_something() {
        let mut complaint = Complaint::default();
        assert_eq!(complaint.last_line(), "");
        for _ in 0..1_000 {
            complaint.hear("第一行\n".as_bytes());
        }
        complaint.hear(format!("没有\u{1b}[31m继电器 {}\n \n\n", "长".repeat(300)).as_bytes());
        let line = complaint.last_line();
        assert!(line.starts_with("没有[31m继电器 长") && line.chars().count() == SHOWN, "{line}");
    }
}
