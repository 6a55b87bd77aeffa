//! An office with keys and a campaign, and a village, each in a folder of the test's own, worked by the real program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use dalaba::model::{Station, StationId};
use dalaba::station::bundles::Store;
use dalaba::station::clock;
use tempfile::TempDir;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_dalaba");

const PLAYLIST: &str = "title = \"春运\"\nstations = [\"*\"]\n\
    [[message]]\nid = \"头盔\"\naudio = \"helmet.mp3\"\ntext = \"骑乘电动车请佩戴安全头盔！\"\n\
    [[message]]\nid = \"安全带\"\ntext = \"安全带就是生命带！\"\n\
    [[schedule]]\nat = [\"08:00\", \"18:00\"]\n";

/// An office and a village.
pub(crate) struct Office {
    folder: TempDir,
}

impl Office {
    /// Gives 王 a key that may do everything, makes a campaign 春运 and a village 赵家庄 that trusts the office.
    pub(crate) fn new() -> Self {
        let office = Self::strange();
        let root = office.path("keys/root.json");
        let listed = office.done(&["keys", "list"]);
        let digits = listed.lines().find_map(|line| line.strip_prefix("指纹 ")).unwrap().to_owned();
        office.done(&["import", root.to_str().unwrap(), "--trust", &digits]);
        office
    }

    /// The same, but the village knows no county yet.
    pub(crate) fn strange() -> Self {
        let office = Self { folder: tempfile::tempdir().unwrap() };
        for folder in ["config", "broadcasts", "audio", "campaign/broadcasts", "campaign/audio"] {
            fs::create_dir_all(office.path(folder)).unwrap();
        }
        let site = "[[station]]\nid = \"赵家庄\"\nzones = [\"河东\"]\noutput = { kind = \"null\" }\n";
        office.write("config/station.toml", site);
        office.write("campaign/broadcasts/春运.toml", PLAYLIST);
        let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("audio/helmet.mp3");
        fs::copy(recording, office.path("campaign/audio/helmet.mp3")).unwrap();
        office.write("campaign/audio/谁录的.txt", "no sound");
        office.write("passphrase", "一二三四五六七八\n");
        office.done(&["keys", "new", "王", "--passphrase-file", "passphrase"]);
        office.done(&["keys", "rotate", "--county", "某县", "--root", "王", "--publisher", "王"]);
        office.done(&["keys", "sign", "王", "--passphrase-file", "passphrase"]);
        office
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Runs the program in the office's folder.
    pub(crate) fn run(&self, words: &[&str]) -> Output {
        self.command(Command::new(PROGRAM), words).output().unwrap()
    }

    /// Adds to `command`, which runs the program, what it needs to know here.
    pub(crate) fn command(&self, mut command: Command, words: &[&str]) -> Command {
        command.args(words).args(["--lang", "zh", "--config"]).arg(self.path("config/station.toml"));
        command.arg("--state").arg(self.path("state")).current_dir(self.folder.path());
        command
    }

    pub(crate) fn done(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs the program in English and returns what it says.
    pub(crate) fn english(&self, words: &[&str]) -> String {
        let mut command = Command::new(PROGRAM);
        command.args(words).args(["--lang", "en", "--config"]).arg(self.path("config/station.toml"));
        let output = command.arg("--state").arg(self.path("state")).current_dir(self.folder.path()).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    }

    pub(crate) fn refused(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert!(!output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }

    /// Publishes the campaign and returns its bundle.
    pub(crate) fn publish(&self, to: &str) -> Vec<u8> {
        self.done(&[
            "county",
            "publish",
            "campaign",
            "--campaign",
            "春运",
            "--by",
            "王",
            "--passphrase-file",
            "passphrase",
            "-o",
            to,
        ]);
        fs::read(self.path(to)).unwrap()
    }

    /// The village's store.
    pub(crate) fn store(&self) -> Store {
        Store::open(&self.path("state"), PathBuf::from(PROGRAM))
    }
}

/// The village's stations.
pub(crate) fn stations() -> Vec<Station> {
    vec![Station::bare(StationId::new("赵家庄").unwrap(), Vec::new())]
}

/// The numbers of the bundles that are in force in the village.
pub(crate) fn serials(office: &Office) -> Vec<u64> {
    let campaigns = office.store().in_force(clock::wall());
    campaigns.iter().map(|campaign| campaign.bundle.serial.0).collect()
}
