//! What systemd hears and what the log looks like: a real notification socket, real processes.
//!
//! The words go to the socket that the environment names, and a test must not change its own environment. So each
//! test runs this program once more, with the environment that systemd would give it.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

use std::env;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use dalaba::station::{logging, systemd};
use tempfile::TempDir;

/// Set for the copy that plays the daemon.
const DAEMON: &str = "DALABA_TEST_DAEMON";

fn is_daemon() -> bool {
    env::var_os(DAEMON).is_some()
}

/// Prepares a copy of this program that runs only the test `name`, as the daemon.
fn daemon(name: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture"]).env(DAEMON, "1");
    for inherited in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "JOURNAL_STREAM", logging::VARIABLE] {
        command.env_remove(inherited);
    }
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

struct Manager {
    socket: UnixDatagram,
    _dir: TempDir,
}

impl Manager {
    /// Starts `command` with a notification socket of our own.
    fn of(command: &mut Command) -> (Self, Child) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let child = command.env("NOTIFY_SOCKET", path).spawn().unwrap();
        (Self { socket, _dir: dir }, child)
    }

    fn hear(&self) -> String {
        let mut bytes = [0; 4096];
        let length = self.socket.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    }
}

#[test]
fn the_manager_hears_every_word_of_a_daemons_life() {
    if is_daemon() {
        systemd::ready("3 个站点");
        systemd::reloading();
        systemd::ready("4 个站点");
        systemd::status("赵家庄\nWATCHDOG=trigger");
        return systemd::stopping();
    }
    let (manager, mut child) = Manager::of(&mut daemon("the_manager_hears_every_word_of_a_daemons_life"));
    assert_eq!(manager.hear(), "READY=1\nSTATUS=3 个站点\n");
    let reloading = manager.hear();
    let stamp = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap();
    assert!(stamp.trim().parse::<u64>().unwrap() > 0, "notify-reload wants the steady clock's reading");
    assert_eq!(manager.hear(), "READY=1\nSTATUS=4 个站点\n");
    assert_eq!(manager.hear(), "STATUS=赵家庄 WATCHDOG=trigger\n", "a line end must not smuggle in a word");
    assert_eq!(manager.hear(), "STOPPING=1\n");
    assert!(child.wait().unwrap().success());
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

#[test]
fn the_watchdog_is_fed_only_while_progress_is_proved() {
    if is_daemon() {
        let mut judged = 0;
        let judge = || {
            judged += 1;
            if judged == 5 {
                systemd::status("judged");
            }
            judged <= 2
        };
        return block_on(systemd::keep_fed(judge));
    }
    let mut command = daemon("the_watchdog_is_fed_only_while_progress_is_proved");
    let (manager, mut child) = Manager::of(command.env("WATCHDOG_USEC", "150000"));
    let heard = [manager.hear(), manager.hear(), manager.hear()];
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(heard, ["WATCHDOG=1\n", "WATCHDOG=1\n", "STATUS=judged\n"], "two good judgements, two feeds");
}

#[test]
fn without_a_manager_nothing_is_said_and_nothing_fails() {
    if is_daemon() {
        systemd::ready("x");
        systemd::reloading();
        systemd::stopping();
        assert_eq!(systemd::watchdog(), None);
        logging::start(false);
        return tracing::info!("all said");
    }
    let log = log_of(&mut daemon("without_a_manager_nothing_is_said_and_nothing_fails"));
    assert!(log.contains("all said") && !log.contains("WARN"), "{log}");
}

fn log_of(command: &mut Command) -> String {
    let Output { status, stderr, .. } = command.output().unwrap();
    let log = String::from_utf8(stderr).unwrap();
    assert!(status.success(), "{log}");
    log
}

#[test]
fn the_log_is_plain_text_when_nobody_looks_and_its_level_can_be_chosen() {
    if is_daemon() {
        logging::start(false);
        logging::start(false);
        tracing::debug!("in detail");
        return tracing::warn!(station = "赵家庄", "the output is absent");
    }
    let name = "the_log_is_plain_text_when_nobody_looks_and_its_level_can_be_chosen";
    let usual = log_of(&mut daemon(name));
    assert!(usual.contains("the output is absent") && usual.contains("赵家庄"), "{usual}");
    assert!(!usual.contains("in detail") && !usual.contains('\u{1b}'), "{usual}");
    let chosen = log_of(daemon(name).env(logging::VARIABLE, "debug"));
    assert!(chosen.contains("in detail"), "{chosen}");
}

#[test]
fn a_stream_that_is_not_the_journal_is_written_to_as_it_is() {
    if is_daemon() {
        logging::start(false);
        return tracing::warn!("to the stream");
    }
    let mut command = daemon("a_stream_that_is_not_the_journal_is_written_to_as_it_is");
    // The variable is inherited, but standard error was turned elsewhere: no process has this inode.
    let elsewhere = command.env("JOURNAL_STREAM", "1:0");
    assert!(log_of(elsewhere).contains("to the stream"));
}

#[test]
fn a_log_that_cannot_reach_the_journal_goes_to_standard_error() {
    if is_daemon() {
        logging::start(false);
        return tracing::warn!("nobody else listens");
    }
    if std::path::Path::new("/run/systemd/journal/socket").exists() {
        return assert!(tracing_journald::layer().is_ok(), "with a journal there, the layer must come up");
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let file = std::fs::File::create(&path).unwrap();
    let meta = file.metadata().unwrap();
    let mut command = daemon("a_log_that_cannot_reach_the_journal_goes_to_standard_error");
    command.env("JOURNAL_STREAM", format!("{}:{}", meta.dev(), meta.ino())).stderr(file);
    assert!(command.status().unwrap().success());
    assert!(std::fs::read_to_string(path).unwrap().contains("nobody else listens"));
}
