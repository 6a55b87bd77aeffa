//! Watching files, with the kernel's real events.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use dalaba::station::watch::{Changed, Targets, watch};
use tempfile::TempDir;
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

/// Longest wait for something that must come: far beyond the 5 s after which a change is told at the latest.
const DEADLINE: Duration = Duration::from_secs(20);
/// Longer than the half second of silence after which a change is told.
const SETTLED: Duration = Duration::from_millis(1500);

fn block_on(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work);
}

async fn told(changed: &mut Receiver<Changed>) -> bool {
    matches!(timeout(DEADLINE, changed.recv()).await, Ok(Some(Changed)))
}

async fn silent(changed: &mut Receiver<Changed>) -> bool {
    timeout(SETTLED, changed.recv()).await.is_err()
}

fn county() -> (TempDir, Targets) {
    let dir = tempfile::tempdir().unwrap();
    for folder in ["config", "broadcasts", "audio/方言"] {
        fs::create_dir_all(dir.path().join(folder)).unwrap();
    }
    fs::write(dir.path().join("config/station.toml"), "").unwrap();
    let targets = targets(dir.path());
    (dir, targets)
}

fn targets(at: &Path) -> Targets {
    let folders = ["broadcasts", "audio", "holidays"].map(|name| at.join(name)).to_vec();
    Targets { files: vec![at.join("config/station.toml")], folders }
}

/// Saves a file as editors do.
fn save(path: &Path, text: &str) {
    let scratch = path.with_extension("tmp");
    fs::write(&scratch, text).unwrap();
    fs::rename(&scratch, path).unwrap();
}

#[test]
fn a_save_of_many_steps_is_told_once_and_reading_is_no_change() {
    block_on(async {
        let (dir, targets) = county();
        let mut changed = watch(&targets);
        let playlist = dir.path().join("broadcasts/春运.toml");
        for _ in 0..5 {
            save(&playlist, "title = 1");
        }
        assert!(told(&mut changed).await);
        fs::read(&playlist).unwrap();
        fs::read_dir(dir.path().join("broadcasts")).unwrap().for_each(drop);
        fs::write(dir.path().join("config/unrelated.txt"), "x").unwrap();
        fs::write(dir.path().join("broadcasts/.春运.toml.swp"), "x").unwrap();
        assert!(silent(&mut changed).await);
    });
}

#[test]
fn the_station_file_and_recordings_in_sub_folders_are_watched() {
    block_on(async {
        let (dir, targets) = county();
        let mut changed = watch(&targets);
        save(&dir.path().join("config/station.toml"), "x");
        assert!(told(&mut changed).await);
        File::create(dir.path().join("audio/方言/a.wav")).unwrap().write_all(b"RIFF").unwrap();
        assert!(told(&mut changed).await);
        fs::remove_file(dir.path().join("audio/方言/a.wav")).unwrap();
        assert!(told(&mut changed).await);
    });
}

#[test]
fn a_folder_that_is_taken_away_and_comes_back_is_watched_again() {
    block_on(async {
        let (dir, targets) = county();
        let mut changed = watch(&targets);
        let folder = dir.path().join("broadcasts");
        fs::remove_dir_all(&folder).unwrap();
        assert!(told(&mut changed).await);
        fs::create_dir(&folder).unwrap();
        assert!(told(&mut changed).await);
        save(&folder.join("a.toml"), "x");
        assert!(told(&mut changed).await, "a file in the new folder");
        fs::rename(&folder, dir.path().join("old")).unwrap();
        fs::create_dir(&folder).unwrap();
        assert!(told(&mut changed).await);
        save(&folder.join("b.toml"), "x");
        assert!(told(&mut changed).await, "a file in the folder that took its place");
        save(&dir.path().join("old/a.toml"), "y");
        assert!(silent(&mut changed).await, "the folder put aside is nobody's");
    });
}

#[test]
fn a_folder_that_never_was_is_watched_as_soon_as_it_comes_to_be() {
    block_on(async {
        let dir = tempfile::tempdir().unwrap();
        let mut changed = watch(&targets(&dir.path().join("not/yet")));
        fs::create_dir_all(dir.path().join("not/yet/broadcasts")).unwrap();
        assert!(told(&mut changed).await);
        save(&dir.path().join("not/yet/broadcasts/a.toml"), "x");
        assert!(told(&mut changed).await);
    });
}

/// Set for the copy of this program that runs without spare descriptors.
const STARVED: &str = "DALABA_TEST_STARVED";

#[test]
fn when_the_kernel_will_not_watch_the_daemon_goes_on_in_silence() {
    if std::env::var_os(STARVED).is_none() {
        let name = "when_the_kernel_will_not_watch_the_daemon_goes_on_in_silence";
        let script = "ulimit -n 64 && exec \"$0\" --exact \"$1\"";
        let me = std::env::current_exe().unwrap();
        let starved =
            Command::new("sh").args(["-c", script]).arg(me).arg(name).env(STARVED, "1").output().unwrap();
        return assert!(starved.status.success(), "{}", String::from_utf8_lossy(&starved.stdout));
    }
    block_on(async {
        let (dir, targets) = county();
        let hoard: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).take(100).collect();
        assert!(hoard.len() < 100, "descriptors must have run out");
        let mut changed = watch(&targets);
        drop(hoard);
        save(&dir.path().join("broadcasts/a.toml"), "x");
        assert!(silent(&mut changed).await, "silent, and not closed: a closed channel would spin the loop");
        let mut again = watch(&targets);
        save(&dir.path().join("broadcasts/a.toml"), "x");
        assert!(told(&mut again).await, "trying again works once there is room");
    });
}
