//! A state folder without room.

use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use dalaba::station::clock;
use dalaba::station::control::JournalReport;

use super::daemon::{House, SOON, heard};
use super::poll;

/// Set for the process that has file systems of its own.
const CHILD: &str = "DALABA_TEST_DAEMON_DISK";

#[test]
fn with_a_full_disk_sound_goes_on_and_its_records_are_written_when_there_is_room() {
    if env::var_os(CHILD).is_some() {
        return fill_and_empty();
    }
    let name = "disk::with_a_full_disk_sound_goes_on_and_its_records_are_written_when_there_is_room";
    // A mount namespace of its own: works for root and, where user namespaces are allowed, for everybody.
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount"]).arg(env::current_exe().unwrap());
    let output = command.args([name, "--exact", "--nocapture"]).env(CHILD, "1").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("kept while full"), "{text}");
    println!("{text}");
}

fn fill(folder: &Path) {
    let mut filler = File::create(folder.join("filler")).unwrap();
    for size in [64 * 1024, 4096] {
        while filler.write_all(&vec![0; size]).is_ok() {}
    }
}

fn fill_and_empty() {
    let house = House::of(&["赵家庄", "李家村"]);
    house.playlist("日常", "停水", "*/2 * * * * *", "10s");
    fs::create_dir(house.state()).unwrap();
    let mount =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).arg(house.state()).status();
    assert!(mount.unwrap().success(), "this test must be allowed to mount a small tmpfs");
    let running = house.start();
    let begun = running.ready;
    house.wait_for("a first airing", heard);
    fill(&house.state());
    let full = poll::until("a log that cannot be written", SOON, || {
        let (code, report) = house.status();
        let JournalReport::CannotWrite { detail, .. } = &report.journal else { return None };
        assert_eq!(code, Some(3));
        println!("{detail}");
        Some(clock::wall())
    });
    let written = house.entries().len();
    poll::until("sound all the same, everywhere", SOON, || {
        let later = |s: &dalaba::station::control::StationReport| {
            s.completed
                .as_ref()
                .is_some_and(|completed| (completed.at - full.fixed_offset()).num_seconds() > 4)
        };
        house.status().1.stations.iter().all(later).then_some(())
    });
    let kept_from = house.entries().len();
    fs::remove_file(house.path("state/filler")).unwrap();
    let emptied = clock::wall();
    poll::until("a log that can be written", SOON, || {
        let (code, report) = house.status();
        (code == Some(0) && report.journal == JournalReport::Ok).then_some(())
    });
    println!("kept while full: {} more", house.entries().len() - kept_from);
    assert!(house.entries().len() >= written + 4);
    assert!(running.end("TERM").0.success());
    house.verified();
    for station in ["赵家庄", "李家村"] {
        let mut due: Vec<_> = house.entries().into_iter().filter(|e| e.station == station).collect();
        due.retain(|e| e.due > begun && e.due < emptied);
        due.sort_by_key(|e| e.due);
        assert!(due.iter().all(|e| e.on_air.is_some() && e.close.is_some()));
        let steps = due.windows(2).map(|pair| (pair[1].due - pair[0].due).num_seconds());
        assert!(steps.clone().all(|step| step == 2), "none is lost: {:?}", steps.collect::<Vec<_>>());
    }
}
