//! The scripts behind `make run` and `make test`, with stand-ins for what they would change on the machine.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A machine on which the programs named do as written.
fn machine(programs: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, body) in programs {
        let path = dir.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    }
    dir
}

const NOTHING_INSTALLED: (&str, &str) = ("dpkg-query", "exit 1");
const ALL_INSTALLED: (&str, &str) = ("dpkg-query", "printf installed");
const NEW_RUST: (&str, &str) = ("cargo", "echo cargo 1.99.0");
const ROOT: (&str, &str) = ("id", "echo 0");
const APT: (&str, &str) = ("apt-get", "echo apt-get \"$@\" >> \"$(dirname \"$0\")/done\"");

/// Runs a script of ours on that machine; returns whether it succeeded, and what it said.
fn run(machine: &TempDir, script: &str, word: &str) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(script);
    let path = format!("{}:/usr/bin:/bin", machine.path().display());
    let Output { status, stdout, stderr } =
        Command::new(script).arg(word).env("PATH", path).current_dir(machine.path()).output().unwrap();
    (status.success(), String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap())
}

fn done(machine: &TempDir) -> String {
    fs::read_to_string(machine.path().join("done")).unwrap_or_default()
}

#[test]
fn what_is_missing_is_installed_and_announced_and_nothing_is_pushed_out_for_it() {
    let machine = machine(&[NOTHING_INSTALLED, NEW_RUST, ROOT, APT]);
    let (well, said) = run(&machine, "setup.sh", "run");
    assert!(well, "{said}");
    assert!(said.contains("正在安装缺少的软件包") && said.contains("libespeak-ng-dev"), "{said}");
    let done = done(&machine);
    assert!(done.contains("--no-remove") && done.contains("libasound2-dev"), "{done}");
    assert!(!done.contains("pulseaudio"), "the demo needs no sound server: {done}");
}

#[test]
fn with_everything_there_nothing_is_done_and_nothing_is_said() {
    let machine = machine(&[ALL_INSTALLED, NEW_RUST, ROOT, APT]);
    assert_eq!(run(&machine, "setup.sh", "test"), (true, String::new()));
    assert_eq!(done(&machine), "");
}

#[test]
fn who_is_not_root_installs_through_sudo() {
    let sudo = ("sudo", "echo sudo >> \"$(dirname \"$0\")/done\"; exec \"$@\"");
    let machine = machine(&[NOTHING_INSTALLED, NEW_RUST, ("id", "echo 1000"), APT, sudo]);
    let (well, said) = run(&machine, "setup.sh", "test");
    assert!(well, "{said}");
    assert!(done(&machine).starts_with("sudo\napt-get update"), "{}", done(&machine));
}

#[test]
fn an_old_rust_or_none_is_refused_with_the_way_to_a_new_one() {
    for cargo in ["echo cargo 1.63.0", "echo cargo 1.9.0", "exit 127"] {
        let machine = machine(&[ALL_INSTALLED, ("cargo", cargo)]);
        let (well, said) = run(&machine, "setup.sh", "run");
        assert!(!well, "{cargo}: {said}");
    }
    let machine = machine(&[ALL_INSTALLED, ("cargo", "echo cargo 1.63.0")]);
    assert!(run(&machine, "setup.sh", "run").1.contains("https://sh.rustup.rs"));
}

/// A cargo that builds a daemon which only says how it was started.
const BUILDER: (&str, &str) = (
    "cargo",
    "case \"$1\" in build) mkdir -p target/debug; \
     printf '#!/bin/sh\\necho \"dalaba $@\"\\n' > target/debug/dalaba; chmod +x target/debug/dalaba;; \
     *) echo cargo 1.99.0;; esac",
);

#[test]
fn the_demo_begins_a_log_of_its_own_and_keeps_the_one_before() {
    let machine = machine(&[ALL_INSTALLED, BUILDER]);
    for _ in 0..2 {
        let (well, said) = run(&machine, "run-demo.sh", "no-card");
        assert!(well, "{said}");
        let last = "dalaba run --config config/demo/station-no-card.toml --state target/demo/state";
        assert_eq!(said.lines().find(|line| line.starts_with("dalaba ")), Some(last), "{said}");
        fs::create_dir_all(machine.path().join("target/demo/state")).unwrap();
        fs::write(machine.path().join("target/demo/state/as-run.sqlite3"), "records").unwrap();
    }
    assert!(machine.path().join("target/demo.before/state/as-run.sqlite3").is_file());
    let (well, said) = run(&machine, "run-demo.sh", "card");
    assert!(well && said.contains("dalaba run --config config/demo/station.toml"), "{said}");
}

#[test]
fn a_demo_that_is_running_is_left_alone() {
    let machine = machine(&[ALL_INSTALLED, BUILDER]);
    let state = machine.path().join("target/demo/state");
    fs::create_dir_all(&state).unwrap();
    let held = dalaba::station::lock::StateLock::take(&state).unwrap();
    let (well, said) = run(&machine, "run-demo.sh", "no-card");
    assert!(!well && said.contains("演示已经在另一个窗口里运行"), "{said}");
    assert!(state.is_dir());
    drop(held);
}

#[test]
fn the_last_line_of_the_tests_counts_them_and_a_failure_is_a_failure() {
    let nextest = "case \"$1 $2\" in 'nextest --version') exit 0;; 'nextest run') \
        echo '     Summary [  20.1s] 136 tests run: 134 passed (2 slow), 2 failed, 0 skipped'; exit 100;; esac";
    let (well, said) = run(&machine(&[("cargo", nextest)]), "test.sh", "");
    assert!(!well);
    assert!(
        said.trim_end().lines().last().unwrap().starts_with("make test (nextest): 134 passed, 2 failed, in ")
    );

    let plain = "case \"$1\" in nextest) exit 101;; esac; \
        echo 'test result: ok. 40 passed; 0 failed; 0 ignored'; echo 'test result: ok. 2 passed; 0 failed; 0 ignored'";
    let (well, said) = run(&machine(&[("cargo", plain)]), "test.sh", "");
    assert!(well);
    assert!(
        said.trim_end().lines().last().unwrap().starts_with("make test (cargo): 42 passed, 0 failed, in ")
    );
}

#[test]
fn installing_again_leaves_what_people_wrote_alone() {
    let machine = machine(&[]);
    let here = machine.path();
    for (file, text) in [("config/station.toml", "shipped"), ("broadcasts/春运.toml", "shipped")] {
        fs::create_dir_all(here.join(file).parent().unwrap()).unwrap();
        fs::write(here.join(file), text).unwrap();
    }
    let installed = here.join("etc");
    fs::create_dir_all(installed.join("config")).unwrap();
    fs::write(installed.join("config/station.toml"), "theirs").unwrap();
    let (well, said) = run(&machine, "install-config.sh", installed.to_str().unwrap());
    assert!(well, "{said}");
    assert_eq!(fs::read_to_string(installed.join("config/station.toml")).unwrap(), "theirs");
    assert_eq!(fs::read_to_string(installed.join("broadcasts/春运.toml")).unwrap(), "shipped");
}
