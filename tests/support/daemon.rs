//! The real daemon in a folder of its own: its files, its life and death, and what it told the service manager.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, Utc};
use dalaba::model::Outcome;
use dalaba::station::clock;
use dalaba::station::control::StatusReport;
use dalaba::station::journal::{Entry, Filter, Reader, verify};
use tempfile::TempDir;

use super::poll;

/// Time in which a daemon on a loaded machine must do what it does at once.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// A folder with `config`, `broadcasts`, `audio` and `state`.
pub(crate) struct House {
    root: TempDir,
    config: &'static str,
}

/// A daemon that runs; killed when dropped.
pub(crate) struct Running {
    child: Child,
    words: Receiver<String>,
    address: PathBuf,
    /// By when it was ready to air.
    pub(crate) ready: DateTime<Utc>,
    /// How long it took to be ready.
    pub(crate) took: Duration,
}

impl House {
    /// Makes a house with these stations on the output `null`, all in the zone 河东.
    pub(crate) fn of(stations: &[&str]) -> Self {
        let house = Self::empty("config/station.toml");
        for folder in ["config", "broadcasts", "audio"] {
            fs::create_dir(house.path(folder)).unwrap();
        }
        house.write("config/station.toml", &site(stations));
        house
    }

    /// Makes an empty house whose station file will be at `config`.
    pub(crate) fn empty(config: &'static str) -> Self {
        Self { root: tempfile::tempdir().unwrap(), config }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path(self.config)
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.path("state")
    }

    /// Saves a file as editors do: beside it, then moved into place.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let beside = self.path(".saving");
        fs::write(&beside, text).unwrap();
        fs::rename(beside, self.path(name)).unwrap();
    }

    /// Writes a playlist that says `text` at all stations.
    pub(crate) fn playlist(&self, name: &str, text: &str, cron: &str, grace: &str) {
        self.write(&format!("broadcasts/{name}.toml"), &playlist(text, cron, grace));
    }

    /// Prepares a command on this house.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dalaba"));
        command.args(words).args(["--lang", "en"]);
        command.arg("--config").arg(self.config()).arg("--state").arg(self.state());
        for inherited in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "JOURNAL_STREAM"] {
            command.env_remove(inherited);
        }
        command
    }

    /// Runs a command to its end.
    pub(crate) fn dalaba(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// Starts the daemon and waits until it is ready.
    pub(crate) fn start(&self) -> Running {
        Running::of(self.command(&["run"]).stdout(Stdio::null()), self.root.path())
    }

    /// Starts the daemon with people watching; the file `screen` has what they see.
    pub(crate) fn start_shown(&self) -> Running {
        let mut command = self.command(&["run", "--show"]);
        Running::of(command.stdout(fs::File::create(self.path("screen")).unwrap()), self.root.path())
    }

    /// Starts the daemon with a watchdog of so many microseconds.
    pub(crate) fn start_watched(&self, microseconds: u64) -> Running {
        let mut command = self.command(&["run"]);
        command.stdout(Stdio::null());
        Running::of(command.env("WATCHDOG_USEC", microseconds.to_string()), self.root.path())
    }

    /// Asks the running daemon how it is; with the exit code.
    pub(crate) fn status(&self) -> (Option<i32>, StatusReport) {
        let output = self.dalaba(&["status", "--format", "json"]);
        let report =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
        (output.status.code(), report)
    }

    /// Reads the whole log.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let reader = Reader::open(&self.state()).unwrap();
        reader.query(&Filter::default()).map(Result::unwrap).collect()
    }

    /// Waits for a closed airing that is as wanted.
    pub(crate) fn wait_for(&self, what: &str, wanted: impl Fn(&Entry) -> bool) -> Entry {
        poll::until(what, SOON, || {
            self.entries().into_iter().find(|entry| entry.close.is_some() && wanted(entry))
        })
    }

    /// Fails if anything in the log is not as it must be; returns the number of records.
    pub(crate) fn verified(&self) -> i64 {
        let verdict = verify(&self.state(), None).unwrap();
        assert_eq!(verdict.faults, vec![]);
        verdict.records
    }
}

impl Running {
    fn of(command: &mut Command, folder: &Path) -> Self {
        let address =
            tempfile::Builder::new().prefix("notify").tempfile_in(folder).unwrap().path().to_owned();
        let socket = UnixDatagram::bind(&address).unwrap();
        let began = clock::steady();
        let log = fs::File::options().create(true).append(true).open(folder.join("stderr")).unwrap();
        command.env("NOTIFY_SOCKET", &address).stdin(Stdio::null()).stderr(log);
        let child = command.spawn().unwrap();
        let mut running =
            Self { child, words: listen(socket), address, ready: clock::wall(), took: Duration::ZERO };
        poll::until("READY", SOON, || {
            if let Some(status) = running.child.try_wait().unwrap() {
                let log = fs::read_to_string(folder.join("stderr")).unwrap_or_default();
                panic!("the daemon ended with {status}: {log}");
            }
            running.words.try_iter().find(|word| word.contains("READY=1"))
        });
        (running.ready, running.took) = (clock::wall(), since(began));
        running
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a datagram that contains `word`, and returns it.
    pub(crate) fn hear(&self, word: &str) -> String {
        poll::until(word, SOON, || self.words.try_iter().find(|heard| heard.contains(word)))
    }

    /// Forgets the datagrams that came so far.
    pub(crate) fn deaf_until_now(&self) -> usize {
        self.words.try_iter().count()
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Cuts the power.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends a signal that ends it in good order; returns how long that took.
    pub(crate) fn end(mut self, signal: &str) -> (ExitStatus, Duration) {
        let began = clock::steady();
        self.signal(signal);
        let status = poll::until("the end of the daemon", SOON, || self.child.try_wait().unwrap());
        (status, since(began))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Ok(socket) = UnixDatagram::unbound() {
            // Lets the listener go.
            let _ = socket.send_to(b"", &self.address);
        }
    }
}

/// Takes datagrams off the socket at once: a manager that does not read would hold the daemon up.
fn listen(socket: UnixDatagram) -> Receiver<String> {
    let (sender, words) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(length @ 1..) = socket.recv(&mut bytes) {
            if sender.send(String::from_utf8_lossy(&bytes[..length]).into_owned()).is_err() {
                return;
            }
        }
    });
    words
}

/// Tells whether an airing was heard to its end; on a loaded machine that may be late.
pub(crate) fn heard(entry: &Entry) -> bool {
    let outcome = entry.close.as_ref().map(|close| close.outcome);
    matches!(outcome, Some(Outcome::Completed | Outcome::CompletedLate))
}

/// Returns the time that has passed since a reading of the steady clock.
pub(crate) fn since(began: Duration) -> Duration {
    clock::steady().saturating_sub(began)
}

/// Writes a station file.
pub(crate) fn site(stations: &[&str]) -> String {
    let station = |id: &&str| {
        format!("[[station]]\nid = \"{id}\"\nzones = [\"河东\"]\noutput = {{ kind = \"null\" }}\n")
    };
    format!("time_zone = \"Asia/Shanghai\"\n{}", stations.iter().map(station).collect::<String>())
}

/// Writes a playlist that says `text` at all stations.
pub(crate) fn playlist(text: &str, cron: &str, grace: &str) -> String {
    format!(
        "title = \"试\"\nstations = [\"*\"]\n[[message]]\nid = \"甲\"\ntext = \"{text}\"\n\
         [[schedule]]\ncron = \"{cron}\"\ngrace = \"{grace}\"\n"
    )
}
