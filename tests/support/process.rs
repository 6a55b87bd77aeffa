//! How other processes are started, and what they cost.

use std::ffi::OsStr;
use std::process::Command;

/// Returns the processor time that a process has used, in clock ticks of 10 ms.
pub(crate) fn ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // Fields after the name in brackets; user and system time are the 12th and 13th of them.
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

/// Prepares a program of the sound's own road, put before others as far as we may: on a busy machine sound comes first,
/// as the service's unit file and PulseAudio's own defaults have it.
pub(crate) fn ahead_of_others(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("nice");
    command.args(["-n", "-5"]).arg(program);
    command
}
