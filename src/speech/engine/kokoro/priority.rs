//! Lets everything else go first: sound that is on air, and whoever else uses the machine.

use rustix::process::setpriority_process;

/// The farthest behind others that a process can stand.
const LAST: i32 = 19;

/// `IOPRIO_WHO_PROCESS`, and the class `IOPRIO_CLASS_IDLE` in its place; libc does not name them.
const THIS_PROCESS: libc::c_int = 1;
const WHEN_IDLE: libc::c_int = 3 << 13;

/// Puts this process behind all others, for computing and for the disk. Threads that are started later follow it.
///
/// A system that refuses is a system on which it is merely done at the usual priority.
pub(super) fn stand_back() {
    let _ = setpriority_process(None, LAST);
    let parameters = libc::sched_param { sched_priority: 0 };
    // SAFETY: 0 is this process; the parameters outlive the call, which keeps nothing.
    let _ = unsafe { libc::sched_setscheduler(0, libc::SCHED_IDLE, &raw const parameters) };
    // SAFETY: three plain numbers; 0 is this process.
    let _ = unsafe { libc::syscall(libc::SYS_ioprio_set, THIS_PROCESS, 0, WHEN_IDLE) };
}
