//! A county of the test's own: its files in one folder, and the daemon that airs them, started as people start it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Asia::Shanghai;
use dalaba::clip::Workshop;
use dalaba::clip::recording::Folders;
use dalaba::model::{Chime, Clip, Message};
use dalaba::speech::engine::Home;
use dalaba::speech::text;
use dalaba::speech::text::normalize::Options;
use dalaba::station::clock;
use dalaba::station::journal::{Close, Entry, Filter, Reader};
use dalaba::station::kinds::kinds;
use dalaba::station::sources::{self, Sources};
use tempfile::TempDir;

use super::pulse::Pulse;
use super::{noise, poll, process};

const PROGRAM: &str = env!("CARGO_BIN_EXE_dalaba");

/// The files of a county, and its daemon once it was started; that is killed when the county is dropped.
pub(crate) struct County {
    folder: TempDir,
    daemon: Option<Child>,
}

impl County {
    /// Lays out a county; each station has a name and the device through which it speaks.
    pub(crate) fn new(stations: &[(&str, &str)]) -> Self {
        let table = |(id, device): &(&str, &str)| {
            format!("\n[[station]]\nid = \"{id}\"\noutput = {{ kind = \"device\", device = \"{device}\" }}\n")
        };
        Self::with(&stations.iter().map(table).collect::<String>())
    }

    /// Lays out a county with these tables of stations.
    pub(crate) fn with(stations: &str) -> Self {
        let county = Self { folder: tempfile::tempdir().unwrap(), daemon: None };
        for folder in ["config", "broadcasts", "audio"] {
            fs::create_dir(county.path(folder)).unwrap();
        }
        let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("audio/helmet.mp3");
        fs::copy(recording, county.path("audio/helmet.mp3")).unwrap();
        let head = "time_zone = \"Asia/Shanghai\"\nbroadcasts = \"../broadcasts\"\naudio = \"../audio\"\n";
        let file = format!("{head}{stations}");
        fs::write(county.path("config/station.toml"), file).unwrap();
        county
    }

    /// Writes a playlist for all stations.
    pub(crate) fn playlist(&self, name: &str, text: &str) {
        let text = format!("title = \"{name}\"\nstations = [\"*\"]\n{text}");
        fs::write(self.path(&format!("broadcasts/{name}.toml")), text).unwrap();
    }

    /// Puts a recording into the audio folder.
    pub(crate) fn recording(&self, name: &str, clip: &Clip) {
        noise::write(clip, &self.path(&format!("audio/{name}")));
    }

    /// Starts the daemon, whose sound goes to `pulse`.
    pub(crate) fn start(&mut self, pulse: &Pulse) {
        let mut daemon = self.told(process::ahead_of_others(PROGRAM), &["run", "--show"]);
        pulse.set_up(&mut daemon);
        let file = |name| File::create(self.path(name)).unwrap();
        daemon.stdin(Stdio::null()).stdout(file("screen")).stderr(file("journal"));
        self.daemon = Some(daemon.spawn().unwrap());
    }

    /// Starts the daemon by way of another program, such as one that puts it into another network.
    pub(crate) fn start_through(&mut self, mut other: Command) {
        other.arg(PROGRAM);
        let mut daemon = self.told(other, &["run", "--show"]);
        let file = |name| File::create(self.path(name)).unwrap();
        daemon.stdin(Stdio::null()).stdout(file("screen")).stderr(file("journal"));
        self.daemon = Some(daemon.spawn().unwrap());
    }

    /// Types a command.
    pub(crate) fn dalaba(&self, words: &[&str]) -> Output {
        self.told(Command::new(PROGRAM), words).output().unwrap()
    }

    /// Types a command that has to succeed and returns what it prints.
    pub(crate) fn done(&self, words: &[&str]) -> String {
        let output = self.dalaba(words);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        text
    }

    /// Asks the daemon to end, as systemd does, and returns how it did and how long that took.
    pub(crate) fn terminate(&mut self) -> (ExitStatus, Duration) {
        let mut daemon = self.daemon.take().expect("the daemon was started");
        let asked = clock::steady();
        let kill = Command::new("kill").arg(daemon.id().to_string()).status();
        assert!(kill.unwrap().success());
        let ended = poll::until("the daemon's end", Duration::from_secs(20), || daemon.try_wait().unwrap());
        (ended, clock::steady().saturating_sub(asked))
    }

    /// Cuts the daemon's power.
    pub(crate) fn kill(&mut self) {
        let mut daemon = self.daemon.take().expect("the daemon was started");
        daemon.kill().unwrap();
        daemon.wait().unwrap();
    }

    /// Returns the processor time that the daemon has used, in clock ticks of 10 ms.
    pub(crate) fn ticks(&self) -> u64 {
        process::ticks(self.daemon.as_ref().expect("the daemon was started").id())
    }

    /// Reads everything that is on record, in the order of the records.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        entries(&Reader::open(&self.path("state")).unwrap())
    }

    /// Waits until the one airing of a message at a station is closed; `said` messages have names of the daemon's.
    pub(crate) fn closed(&self, station: &str, playlist: &str, message: Option<&str>) -> Close {
        let meant = |entry: &Entry| {
            let named = message.is_none_or(|message| entry.message == message);
            entry.station == station && entry.playlist == playlist && named && entry.close.is_some()
        };
        let what = format!("the end of {playlist}/{message:?} at {station}");
        // Opened once: a test that keeps the processor busy makes the sound that it judges crackle.
        let mut reader = None;
        let entry = poll::until(&what, Duration::from_mins(1), || {
            if reader.is_none() {
                reader = Reader::open(&self.path("state")).ok();
            }
            entries(reader.as_ref()?).into_iter().find(meant)
        });
        println!("{}: {:?}", entry.airing, entry.close);
        entry.close.expect("only closed ones were looked for")
    }

    /// Renders with the library what a message of the playlist should sound like, with the chime if there is one.
    pub(crate) fn programme(&self, playlist: &str, message: &str, chime: Option<&Chime>) -> Vec<f32> {
        let sources = self.sources();
        let playlists = sources.playlists.iter().filter_map(|parsed| parsed.value.as_ref());
        let playlist = playlists.into_iter().find(|found| found.id.as_str() == playlist).unwrap();
        self.render(playlist.message(message).unwrap(), chime)
    }

    /// Renders with the library what a message should sound like.
    pub(crate) fn render(&self, message: &Message, chime: Option<&Chime>) -> Vec<f32> {
        self.rendered_into("expected", message, chime)
    }

    /// Renders a message into the daemon's own cache.
    pub(crate) fn render_ahead(&self, message: &Message) {
        self.rendered_into("state/clips", message, None);
    }

    fn rendered_into(&self, cache: &str, message: &Message, chime: Option<&Chime>) -> Vec<f32> {
        let site = self.sources().site.value.unwrap();
        let home = Home { program: PathBuf::from(PROGRAM), voices: site.voices_below(&self.path("state")) };
        let shop = Workshop::new(
            &site.voice,
            text::Reader::new(&[], Options::default()),
            Folders { own: site.audio.clone(), campaigns: self.path("campaigns") },
            self.path(cache),
            home,
        )
        .unwrap()
        .shaped(site.common_shaping());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(shop.programme(message, chime, None)).unwrap().0.samples
    }

    fn sources(&self) -> Sources {
        let sources = sources::load(&self.path("config/station.toml"), &kinds());
        assert!(sources.complaints().is_empty(), "{:?}", sources.complaints());
        sources
    }

    fn told(&self, mut command: Command, words: &[&str]) -> Command {
        command.args(words).arg("--config").arg(self.path("config/station.toml"));
        command.arg("--state").arg(self.path("state"));
        command
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for County {
    fn drop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
        if thread::panicking() {
            for name in ["screen", "journal"] {
                println!("{name}:\n{}", fs::read_to_string(self.path(name)).unwrap_or_default());
            }
        }
    }
}

fn entries(reader: &Reader) -> Vec<Entry> {
    reader.query(&Filter::default()).map(Result::unwrap).collect()
}

/// Returns the next whole second after so many.
pub(crate) fn in_seconds(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(clock::wall().timestamp() + 1, 0).unwrap() + TimeDelta::seconds(seconds)
}

/// Writes a schedule's table that falls due once a year, at `due`; `more` are the rest of its lines.
pub(crate) fn once(due: DateTime<Utc>, more: &str) -> String {
    let cron = due.with_timezone(&Shanghai).format("%-S %-M %-H %-d %-m *");
    format!("\n[[schedule]]\ncron = \"{cron}\"\n{more}\n")
}
