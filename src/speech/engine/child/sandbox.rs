//! What a child may still do once it touches foreign input: read its data folder, compute, answer, and die.
//!
//! Each wall is put up as far as the kernel has it: boards in the field run kernels without Landlock, and a message
//! that is rendered behind fewer walls beats silence. Limits and the parent's time limit work everywhere.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
    Scope, path_beneath_rules,
};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, Signal, getpid, set_parent_process_death_signal, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};

/// Address space of a child. Speaking takes 10 MB and decoding 30 MB; the program's own code counts too.
const MEMORY: u64 = 512 * 1024 * 1024;

/// Open files of a child: its three streams and a few of the voice's data at a time.
const OPEN_FILES: u64 = 16;

/// Stands for a process that is half locked in: its files are hidden, its calls are still free.
#[must_use = "the process is not locked in before it is sealed"]
pub struct Sandbox(());

impl Sandbox {
    /// Takes files, memory and time away from this process, for good.
    ///
    /// Afterwards files can be read below `readable` only, nothing can be written but what is open, `cpu` is the most
    /// computing time, and the process dies with its parent. Connections and programs are refused, threads are not:
    /// libraries that start some are started next.
    pub fn enter(readable: &[&Path], cpu: Duration) -> Self {
        Self::enter_with(readable, cpu, MEMORY)
    }

    /// As [`Self::enter`], for work that needs another address space than usual, in bytes.
    pub fn enter_with(readable: &[&Path], cpu: Duration, memory: u64) -> Self {
        // A wall that the kernel lacks is left out.
        let _ = set_parent_process_death_signal(Some(Signal::KILL));
        limit(cpu, memory);
        let _ = rustix::thread::set_no_new_privs(true);
        let _ = hide_files(readable);
        let _ = stay_alone();
        Self(())
    }

    /// Takes the rest away: starting a program, a thread or a connection kills the process from here on. Seal before
    /// the first byte of foreign input is read.
    pub fn seal(self) {
        set_limit(Resource::Nproc, 0);
        set_limit(Resource::Fsize, 0);
        let _ = forbid_calls(KILLED, ALLOWED);
    }

    /// As [`Self::seal`], for a library that starts threads whenever it likes. They live behind the same walls; programs
    /// are refused as before.
    pub fn seal_but_threads(self) {
        set_limit(Resource::Fsize, 0);
        let killed: Vec<i64> = KILLED.iter().copied().filter(|call| !THREADS.contains(call)).collect();
        let _ = forbid_calls(&killed, &[ALLOWED, THREADS].concat());
    }
}

fn limit(cpu: Duration, memory: u64) {
    set_limit(Resource::As, memory);
    set_limit(Resource::Cpu, cpu.as_secs().max(1));
    set_limit(Resource::Core, 0);
    set_limit(Resource::Nofile, OPEN_FILES);
}

/// Only raising a limit can be refused, and these are as low as it gets.
fn set_limit(resource: Resource, most: u64) {
    let _ = setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
}

fn hide_files(readable: &[&Path]) -> Result<(), RulesetError> {
    let abi = ABI::V6;
    let reading: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::ReadDir;
    Ruleset::default()
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        .scope(Scope::from_all(abi))?
        .create()?
        .add_rules(path_beneath_rules(readable, reading))?
        .restrict_self()?;
    Ok(())
}

type Attempt = Result<(), Box<dyn std::error::Error>>;

/// Refuses new processes and connections, and lets libraries start their threads. libespeak-ng, started for silent
/// work, still knocks at the sound server (and would start one): rendering must not depend on who opens.
fn stay_alone() -> Attempt {
    let mut refused = table(ALONE);
    let threads = SeccompCmpOp::MaskedEq(libc::CLONE_THREAD.unsigned_abs().into());
    let no_thread = SeccompCondition::new(0, SeccompCmpArgLen::Qword, threads, 0)?;
    refused.insert(libc::SYS_clone, vec![SeccompRule::new(vec![no_thread])?]);
    install(refused, SeccompAction::Allow, refuse(Errno::PERM))?;
    // Its flags cannot be seen by a filter; libc falls back to `clone` when it is told that there is no such call.
    install(table(&[libc::SYS_clone3]), SeccompAction::Allow, refuse(Errno::NOSYS))
}

/// What an intruder would do kills; what is merely not needed is refused, because a new libc may try a call that we
/// have never heard of and do without it.
fn forbid_calls(killed: &[i64], allowed: &[i64]) -> Attempt {
    install(table(killed), SeccompAction::Allow, SeccompAction::KillProcess)?;
    let mut allowed = table(allowed);
    allowed.insert(libc::SYS_tgkill, vec![to_itself()?]);
    install(allowed, refuse(Errno::PERM), SeccompAction::Allow)
}

/// Installs a filter for every thread: `listed` for the calls in the table, `others` for the rest.
fn install(calls: Calls, others: SeccompAction, listed: SeccompAction) -> Attempt {
    let filter = SeccompFilter::new(calls, others, listed, std::env::consts::ARCH.try_into()?)?;
    seccompiler::apply_filter_all_threads(&BpfProgram::try_from(filter)?)?;
    Ok(())
}

fn refuse(errno: Errno) -> SeccompAction {
    SeccompAction::Errno(errno.raw_os_error().unsigned_abs())
}

type Calls = BTreeMap<i64, Vec<SeccompRule>>;

fn table(calls: &[i64]) -> Calls {
    calls.iter().map(|call| (*call, Vec::new())).collect()
}

/// Aborting sends a signal; it may go to this process only.
fn to_itself() -> Result<SeccompRule, seccompiler::BackendError> {
    let own = u64::from(getpid().as_raw_nonzero().get().unsigned_abs());
    SeccompRule::new(vec![SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, own)?])
}

const ALONE: &[i64] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_fork,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_vfork,
    libc::SYS_socket,
];

/// What starting a thread takes. The filter of [`stay_alone`] still refuses a `clone` that is none, and all `clone3`.
const THREADS: &[i64] = &[libc::SYS_clone, libc::SYS_clone3, libc::SYS_set_robust_list, libc::SYS_rseq];

const KILLED: &[i64] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_clone,
    libc::SYS_clone3,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_fork,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_vfork,
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_mount,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_io_uring_setup,
    libc::SYS_userfaultfd,
    libc::SYS_keyctl,
];

const ALLOWED: &[i64] = &[
    // Reading data, answering.
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_lseek,
    libc::SYS_openat,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_readlinkat,
    libc::SYS_getdents64,
    libc::SYS_fcntl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_open,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_stat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lstat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_access,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_readlink,
    // Memory.
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_brk,
    // Computing, and dying loudly.
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_gettimeofday,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    libc::SYS_exit,
    libc::SYS_exit_group,
];
