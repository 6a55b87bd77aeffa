//! The example `loudspeaker` as a program of its own, so that each test can have its own sound server.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, Utc};
use dalaba::station::clock;

use super::process;
use super::pulse::Pulse;

/// One event, as the example prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// The first sample of a clip was heard.
    Started { name: String, at: DateTime<Utc> },
    /// A clip is over.
    Ended { name: String, started: Option<DateTime<Utc>>, ended: DateTime<Utc>, heard: Duration, how: String },
    /// The output is there.
    Up,
    /// The output was closed, since nothing sounded.
    Closed,
    /// The output is not there.
    Down(String),
    /// The program ends.
    Quit,
}

/// A running loudspeaker; ended when dropped.
pub(crate) struct Loudspeaker {
    child: Child,
    orders: Option<ChildStdin>,
    events: mpsc::Receiver<Event>,
    stderr: Option<thread::JoinHandle<Vec<u8>>>,
}

impl Loudspeaker {
    /// Starts it on an output of the given kind and options, at the test's own server.
    pub(crate) fn start(pulse: &Pulse, words: &[&str]) -> Self {
        let mut command = process::ahead_of_others(program());
        pulse.set_up(&mut command);
        command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (send, events) = mpsc::channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| send.send(parse(&line))));
        let mut err = child.stderr.take().unwrap();
        let stderr = thread::spawn(move || {
            let mut noise = Vec::new();
            let _ = std::io::Read::read_to_end(&mut err, &mut noise);
            noise
        });
        Self { orders: child.stdin.take(), child, events, stderr: Some(stderr) }
    }

    /// Gives an order: `play NAME FILE`, `at MICROSECONDS NAME FILE`, `warm`, `stop`, `volume PERCENT`, `quit`.
    pub(crate) fn order(&mut self, order: &str) {
        writeln!(self.orders.as_mut().unwrap(), "{order}").unwrap();
    }

    /// Orders a file to be played under a name.
    pub(crate) fn play(&mut self, name: &str, file: &Path) {
        self.order(&format!("play {name} {}", file.display()));
    }

    /// Orders a file to be heard from `at` on.
    pub(crate) fn play_at(&mut self, name: &str, file: &Path, at: DateTime<Utc>) {
        self.order(&format!("at {} {name} {}", at.timestamp_micros(), file.display()));
    }

    /// Waits for an event that `matches`, passing over others.
    pub(crate) fn wait_for(&self, what: &str, deadline: Duration, matches: impl Fn(&Event) -> bool) -> Event {
        let end = clock::steady() + deadline;
        loop {
            let left = end.saturating_sub(clock::steady());
            let event = self.events.recv_timeout(left).unwrap_or_else(|error| {
                panic!("{what} did not come within {deadline:?}: {error}");
            });
            if matches(&event) {
                return event;
            }
        }
    }

    /// Returns the processor time that it has used, in clock ticks of 10 ms.
    pub(crate) fn ticks(&self) -> u64 {
        process::ticks(self.child.id())
    }

    /// Returns how often its threads have fallen asleep and so will have to be woken.
    pub(crate) fn sleeps(&self) -> u64 {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        tasks
            .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("status")).ok())
            .filter_map(|status| {
                let line = status.lines().find(|line| line.starts_with("voluntary_ctxt_switches"))?;
                line.rsplit('\t').next()?.parse::<u64>().ok()
            })
            .sum()
    }

    /// Ends it and returns what it wrote to standard error.
    pub(crate) fn finish(mut self) -> String {
        drop(self.orders.take());
        self.wait_for("the end", Duration::from_secs(10), |event| *event == Event::Quit);
        assert!(self.child.wait().unwrap().success());
        String::from_utf8_lossy(&self.stderr.take().unwrap().join().unwrap()).into_owned()
    }
}

impl Drop for Loudspeaker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Builds the example if it is not there or too old, and returns its path.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["build", "--quiet", "--example", "loudspeaker", "--message-format=json"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&built.stdout);
        assert!(built.status.success(), "{text}{}", String::from_utf8_lossy(&built.stderr));
        text.lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .filter(|message| message["target"]["name"] == "loudspeaker")
            .find_map(|message| message["executable"].as_str().map(PathBuf::from))
            .expect("cargo names the executable")
    })
}

fn parse(line: &str) -> Event {
    let parts: Vec<&str> = line.split('\t').collect();
    let time = |text: &str| DateTime::from_timestamp_micros(text.parse().unwrap()).unwrap();
    match parts[0] {
        "started" => Event::Started { name: parts[1].to_owned(), at: time(parts[2]) },
        "ended" => Event::Ended {
            name: parts[1].to_owned(),
            started: (parts[2] != "-").then(|| time(parts[2])),
            ended: time(parts[3]),
            heard: Duration::from_micros(parts[4].parse().unwrap()),
            how: parts[5].to_owned(),
        },
        "up" => Event::Up,
        "closed" => Event::Closed,
        "down" => Event::Down(parts[1].to_owned()),
        "quit" => Event::Quit,
        _ => panic!("the loudspeaker said {line:?}"),
    }
}
