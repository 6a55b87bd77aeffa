//! What is installed on a box, judged by systemd's own tools.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

fn packaging(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/systemd").join(file)
}

/// The units: the village's, and the county's two.
const UNITS: [&str; 3] = ["dalaba.service", "dalaba-county.service", "dalaba-warnings@weather.service"];

/// Copies a unit with the program where it was built, because systemd looks whether it is there.
fn unit(name: &str) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let unit = dir.path().join(name);
    let file = name.replace("@weather", "@");
    let text = fs::read_to_string(packaging(&file)).unwrap();
    fs::write(&unit, text.replace("/usr/bin/dalaba", env!("CARGO_BIN_EXE_dalaba"))).unwrap();
    (dir, unit)
}

fn run(program: &str, words: &[&str]) -> (bool, String) {
    let Output { status, stdout, stderr } =
        Command::new(program).args(words).env("LC_ALL", "C.UTF-8").output().unwrap();
    let said = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
    (status.success(), said)
}

#[test]
fn systemd_finds_nothing_to_say_about_the_units() {
    for name in UNITS {
        let (_dir, unit) = unit(name);
        let verdict = run("systemd-analyze", &["verify", "--man=no", unit.to_str().unwrap()]);
        assert_eq!(verdict, (true, String::new()), "{name}");
    }
}

#[test]
fn systemd_holds_the_units_to_be_safe() {
    // In tenths, 0 is best; more or less by systemd's version. The county's is on the network, and must be.
    for (name, worst) in UNITS.into_iter().zip(["12", "25", "25"]) {
        let (_dir, unit) = unit(name);
        let threshold = format!("--threshold={worst}");
        let words = ["security", "--offline=true", &threshold, "--no-pager", unit.to_str().unwrap()];
        let (safe, table) = run("systemd-analyze", &words);
        assert!(safe, "{table}");
    }
}

/// The unit of a stick in the partition sdb1.
fn stick_unit() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let unit = dir.path().join("dalaba-stick@sdb1.service");
    let text = fs::read_to_string(packaging("dalaba-stick@.service")).unwrap();
    fs::write(&unit, text.replace("/usr/bin/dalaba", env!("CARGO_BIN_EXE_dalaba"))).unwrap();
    (dir, unit)
}

/// Puts a drop-in beside the unit: `county.conf` for a station that belongs to a county, `network.conf` for one whose
/// horns are on the network.
fn unit_with(drop_in: &str) -> (TempDir, PathBuf) {
    let (dir, unit) = unit("dalaba.service");
    let beside = dir.path().join("dalaba.service.d");
    fs::create_dir(&beside).unwrap();
    fs::copy(packaging(drop_in), beside.join(drop_in)).unwrap();
    (dir, unit)
}

#[test]
fn systemd_finds_nothing_to_say_about_the_unit_of_a_stick_and_holds_it_to_be_safe() {
    let (_dir, unit) = stick_unit();
    let verdict = run("systemd-analyze", &["verify", "--man=no", unit.to_str().unwrap()]);
    assert_eq!(verdict, (true, String::new()));
    let words = ["security", "--offline=true", "--threshold=15", "--no-pager", unit.to_str().unwrap()];
    let (safe, table) = run("systemd-analyze", &words);
    assert!(safe, "{table}");
    let text = fs::read_to_string(unit).unwrap();
    assert!(!text.contains("\nRuntimeDirectory="), "systemd would empty the stick");
    assert!(text.contains("-o rw,nosuid,nodev,noexec,"), "what is on a stick is no program");
}

/// udev itself reads the rule, for a disk that it is told to take for a stick.
#[test]
fn udev_starts_the_unit_for_a_stick_of_fat_and_for_nothing_else() {
    let Some(disk) = fs::read_dir("/sys/block").unwrap().find_map(Result::ok).map(|entry| entry.path())
    else {
        return;
    };
    let rule = packaging("../udev/90-dalaba-stick.rules");
    let wants = |bus: &str, kind: &str| {
        let rules = tempfile::tempdir().unwrap();
        fs::copy(&rule, rules.path().join("90-dalaba-stick.rules")).unwrap();
        let pretended = format!(
            "ENV{{ID_BUS}}=\"{bus}\", ENV{{ID_FS_USAGE}}=\"filesystem\", ENV{{ID_FS_TYPE}}=\"{kind}\"\n"
        );
        fs::write(rules.path().join("10-stick.rules"), pretended).unwrap();
        let script = "mkdir -p /run/udev/rules.d && mount --bind \"$0\" /run/udev/rules.d && udevadm test --action=add \"$1\"";
        let (rules, disk) = (rules.path().to_str().unwrap(), disk.to_str().unwrap());
        let (_, said) = run("unshare", &["-m", "sh", "-c", script, rules, disk]);
        assert!(!said.contains("90-dalaba-stick.rules:"), "{said}");
        said.lines().find_map(|line| line.strip_prefix("SYSTEMD_WANTS=").map(str::to_owned))
    };
    if run("id", &["-u"]).1.trim() != "0" {
        // Only root may lay rules beside those of the system for a moment.
        return;
    }
    let name = disk.file_name().unwrap().to_str().unwrap();
    assert_eq!(wants("usb", "vfat"), Some(format!("dalaba-stick@{name}.service")));
    assert_eq!(wants("usb", "exfat"), Some(format!("dalaba-stick@{name}.service")));
    assert_eq!(wants("usb", "ext4"), None);
    assert_eq!(wants("ata", "vfat"), None);
}

#[test]
fn with_a_county_or_horns_on_the_network_the_service_is_let_out_and_nothing_is_let_in() {
    for drop_in in ["county.conf", "network.conf"] {
        assert_let_out_only(drop_in);
    }
}

fn assert_let_out_only(name: &str) {
    let (_dir, unit) = unit_with(name);
    let verdict = run("systemd-analyze", &["verify", "--man=no", unit.to_str().unwrap()]);
    assert_eq!(verdict, (true, String::new()));
    let drop_in = fs::read_to_string(packaging(name)).unwrap();
    let says = |line: &str| drop_in.lines().any(|found| found == line);
    assert!(says("SocketBindDeny=any") && says("RestrictAddressFamilies=AF_INET AF_INET6"), "{drop_in}");
    let (_, table) =
        run("systemd-analyze", &["security", "--offline=true", "--no-pager", unit.to_str().unwrap()]);
    let exposed = |name: &str| table.lines().any(|line| line.contains('✗') && line.contains(name));
    assert!(exposed("PrivateNetwork="), "{table}");
    for still in ["AF_(…)", "CapabilityBoundingSet=~CAP_NET_ADMIN", "ProtectSystem=", "NoNewPrivileges="] {
        assert!(!exposed(still), "{still}: {table}");
    }
}

#[test]
fn with_a_relay_at_the_board_the_service_may_touch_gpio_and_nothing_else_is_let_out() {
    let (dir, unit) = unit("dalaba.service");
    let beside = dir.path().join("dalaba.service.d");
    fs::create_dir(&beside).unwrap();
    fs::copy(packaging("gpio.conf"), beside.join("gpio.conf")).unwrap();
    let verdict = run("systemd-analyze", &["verify", "--man=no", unit.to_str().unwrap()]);
    assert_eq!(verdict, (true, String::new()));
    let words = ["security", "--offline=true", "--threshold=13", "--no-pager", unit.to_str().unwrap()];
    let (safe, table) = run("systemd-analyze", &words);
    assert!(safe, "{table}");
}

#[test]
fn a_box_gets_the_account_and_folders_that_the_group_may_write() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("etc")).unwrap();
    let at = format!("--root={}", root.path().display());
    let (done, said) = run("systemd-sysusers", &[&at, packaging("dalaba.sysusers").to_str().unwrap()]);
    assert!(done, "{said}");
    let (done, said) = run("systemd-sysusers", &[&at, packaging("dalaba-county.sysusers").to_str().unwrap()]);
    assert!(done, "{said}");
    let groups = fs::read_to_string(root.path().join("etc/group")).unwrap();
    assert!(groups.lines().any(|line| line.starts_with("audio:") && line.ends_with(":dalaba")), "{groups}");

    let (done, said) =
        run("systemd-tmpfiles", &["--create", &at, packaging("dalaba.tmpfiles").to_str().unwrap()]);
    if run("id", &["-u"]).1.trim() != "0" {
        // Only root may give a folder to a group; that it was understood is all that can be asked.
        return assert!(!said.contains("Unknown") && !said.contains("invalid"), "{said}");
    }
    assert!(done, "{said}");
    for folder in ["config", "broadcasts", "audio"] {
        let mode = root.path().join("etc/dalaba").join(folder).metadata().unwrap().mode();
        assert_eq!(mode & 0o7777, 0o2775, "{folder}");
    }
}

/// Calls without which something would quietly stop working under the unit's filter.
const NEEDED: [(&str, &str); 20] = [
    ("adjtimex", "the kernel is asked whether the clock is right"),
    ("clock_adjtime", "the kernel is asked whether the clock is right"),
    ("seccomp", "the rendering child locks itself in"),
    ("landlock_create_ruleset", "the rendering child locks itself in"),
    ("landlock_add_rule", "the rendering child locks itself in"),
    ("landlock_restrict_self", "the rendering child locks itself in"),
    ("prctl", "the rendering child dies with the daemon"),
    ("prlimit64", "the rendering child limits itself"),
    ("execve", "the rendering child is started"),
    ("clone3", "the rendering child is started"),
    ("pidfd_open", "the rendering child's end is awaited"),
    ("shmget", "sound is mixed by dmix"),
    ("semop", "sound is mixed by dmix"),
    ("memfd_create", "samples go to PulseAudio"),
    ("inotify_add_watch", "files are watched"),
    ("fdatasync", "records are committed to disk"),
    ("fcntl", "the log's database is locked"),
    ("flock", "one daemon has the state folder"),
    ("getsockopt", "who speaks to the control socket is asked of the kernel"),
    ("timerfd_settime", "steps of the clock are noticed"),
];

#[test]
fn the_filter_lets_through_what_the_daemon_and_its_children_call() {
    let unit = fs::read_to_string(packaging("dalaba.service")).unwrap();
    let mut allowed = BTreeSet::new();
    for words in unit.lines().filter_map(|line| line.strip_prefix("SystemCallFilter=")) {
        match words.strip_prefix('~') {
            Some(taken) => {
                let taken = expand(taken);
                allowed.retain(|call| !taken.contains(call));
            }
            None => allowed.extend(expand(words)),
        }
    }
    assert!(
        !unit.contains("ProtectClock=yes"),
        "a filter of its own, which would refuse adjtimex all the same"
    );
    for (call, why) in NEEDED {
        assert!(allowed.contains(call), "{call} is refused, but {why}");
    }
    for call in ["mount", "ptrace", "clock_settime", "bpf", "init_module", "reboot"] {
        assert!(!allowed.contains(call), "{call} is let through");
    }
}

/// Names every call of a list of calls and sets, by systemd's own tables.
fn expand(words: &str) -> BTreeSet<String> {
    let mut calls = BTreeSet::new();
    let mut open: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
    while let Some(word) = open.pop() {
        if word.starts_with('@') {
            let (known, table) = run("systemd-analyze", &["syscall-filter", &word]);
            assert!(known, "{table}");
            let members = table
                .lines()
                .skip(1)
                .map(str::trim)
                .filter(|line| !line.starts_with('#') && !line.is_empty());
            open.extend(members.map(str::to_owned));
        } else {
            calls.insert(word);
        }
    }
    calls
}
