//! An office: keys, a campaign to publish, and servers that the test starts, kills and starts again.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use dalaba::model::Digest;
use dalaba::trust::Envelope;
use tempfile::TempDir;

use super::poll;
use super::village::{Answer, Link};

const PROGRAM: &str = env!("CARGO_BIN_EXE_dalaba");

/// Time in which something must happen on a loaded machine.
pub(crate) const SOON: Duration = Duration::from_mins(1);

const PLAYLIST: &str = "title = \"春运\"\nstations = [\"*\"]\n\
    [[message]]\nid = \"头盔\"\naudio = \"helmet.mp3\"\ntext = \"骑乘电动车请佩戴安全头盔！\"\n\
    [[schedule]]\nat = [\"08:00\", \"18:00\"]\n";

/// An office's folder.
pub(crate) struct Office {
    folder: TempDir,
    /// The database; a file in the folder if none is named.
    pub(crate) database: Option<String>,
}

/// A server that runs; killed when dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) at: String,
}

impl Office {
    /// An office where 王 and 李 may publish, and one of them is enough.
    pub(crate) fn new() -> Self {
        let office = Self { folder: tempfile::tempdir().unwrap(), database: None };
        for folder in ["campaign/broadcasts", "campaign/audio"] {
            fs::create_dir_all(office.path(folder)).unwrap();
        }
        office.write("campaign/broadcasts/春运.toml", PLAYLIST);
        let recording = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("audio/helmet.mp3");
        fs::copy(recording, office.path("campaign/audio/helmet.mp3")).unwrap();
        office.write("passphrase", "一二三四五六七八\n");
        for name in ["王", "李"] {
            office.done(&["keys", "new", name, "--passphrase-file", "passphrase"]);
        }
        office.done(&["keys", "rotate", "--county", "某县", "--root", "王", "--publisher", "王,李"]);
        office.done(&["keys", "sign", "王", "--passphrase-file", "passphrase"]);
        office
    }

    /// The same, with its records in a database of PostgreSQL's.
    pub(crate) fn on(url: &str) -> Self {
        Self { database: Some(url.to_owned()), ..Self::new() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn database(&self) -> String {
        self.database.clone().unwrap_or_else(|| self.path("county.db").to_str().unwrap().to_owned())
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(words).args(["--lang", "en", "--state"]).arg(self.path("state"));
        command.env("DALABA_DATABASE", self.database()).current_dir(self.folder.path());
        command
    }

    pub(crate) fn done(&self, words: &[&str]) -> String {
        let output = self.command(words).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn refused(&self, words: &[&str]) -> String {
        let output = self.command(words).output().unwrap();
        assert!(!output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }

    /// Starts a server on a port of its own choice.
    pub(crate) fn serve(&self, words: &[&str]) -> Server {
        let words = [&["county", "serve", "--listen", "127.0.0.1:0", "--enrolments", "600"], words].concat();
        let mut child = self.command(&words).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let at = line.trim().strip_prefix("Serving on ").expect("the server begins").to_owned();
        Server { child, at }
    }

    /// Gives out a code for a site.
    pub(crate) fn code(&self, site: &str) -> String {
        let told = self.done(&["county", "enrol", site]);
        let first = told.lines().next().unwrap();
        first.rsplit(": ").next().unwrap().to_owned()
    }

    /// Publishes the campaign for `to`, and returns the bundle as one file.
    pub(crate) fn publish(&self, to: &str) -> Vec<u8> {
        let by = ["--by", "王", "--passphrase-file", "passphrase", "-o", "bundle"];
        let words = ["county", "publish", "campaign", "--campaign", "春运", "--to", to];
        self.done(&[&words[..], &by[..]].concat());
        fs::read(self.path("bundle")).unwrap()
    }
}

/// Returns the envelope that a bundle begins with, and the name by which it is asked for.
pub(crate) fn envelope(bundle: &[u8]) -> (Vec<u8>, String) {
    let end = bundle.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let payload = Envelope::read(&bundle[..end]).unwrap().payload;
    (bundle[..end].to_vec(), Digest::of(&payload).to_string())
}

impl Server {
    /// Somebody who asks this server without any certificate or token.
    pub(crate) fn stranger(&self) -> Link {
        Link::plain(&self.at)
    }

    /// Brings a bundle to the server.
    pub(crate) fn take(&self, bundle: &[u8]) -> Answer {
        self.stranger().post("/v1/bundles", bundle)
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it as systemd does.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(asked.unwrap().success());
        poll::until("the server's end", SOON, || self.child.try_wait().unwrap())
    }

    /// Tells the server that its files have changed.
    pub(crate) fn hang_up(&self) {
        let asked = Command::new("kill").args(["-HUP", &self.child.id().to_string()]).status();
        assert!(asked.unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
