//! Bundles that break off, and power that fails: the old programme or the new one is in force, whole.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use dalaba::model::Serial;
use dalaba::station::bundles::{TakeFault, Taken};
use dalaba::station::clock;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::office::{Office, PROGRAM, serials, stations};

const TEXTS: &str = "title = \"春运\"\nstations = [\"*\"]\n[[message]]\nid = \"安全带\"\ntext = \"安全带就是生命带！\"\n\
    [[schedule]]\nat = [\"08:00\", \"18:00\"]\n";

/// An office whose number 1 is in force in the village, and its number 2, which has texts only and so is small.
fn small() -> (Office, Vec<u8>) {
    let office = Office::new();
    office.publish("一.dalaba");
    office.done(&["import", "一.dalaba"]);
    fs::remove_file(office.path("campaign/audio/helmet.mp3")).unwrap();
    office.write("campaign/broadcasts/春运.toml", TEXTS);
    office.write("campaign/broadcasts/开学.toml", &TEXTS.replace("08:00", "07:20"));
    let whole = office.publish("二.dalaba");
    (office, whole)
}

/// A stick that was pulled out, a download that broke off.
#[test]
fn a_bundle_that_is_cut_at_any_of_its_bytes_leaves_the_old_one_in_force() {
    let (office, whole) = small();
    let (store, stations) = (office.store(), stations());
    assert!((1_000..20_000).contains(&whole.len()), "{} bytes", whole.len());
    for cut in 0..whole.len() {
        let taken = store.take(&whole[..cut], &stations, None, clock::wall());
        assert!(taken.is_err(), "cut at {cut}");
        // Reading it all again after each cut would take minutes; what names the one in force is one small file.
        let named = fs::read_to_string(office.path("state/county/campaigns/春运/active.json")).unwrap();
        assert!(named.contains("\"serial\":1,"), "cut at {cut}: {named}");
    }
    assert_eq!(serials(&office), [1]);
    let longer = [whole.as_slice(), b"x"].concat();
    assert!(matches!(store.take(longer.as_slice(), &stations, None, clock::wall()), Err(TakeFault::Long)));
    let taken = store.take(whole.as_slice(), &stations, None, clock::wall()).unwrap();
    assert!(matches!(taken, Taken::Bundle(bundle) if bundle.serial == Serial(2)));
}

/// The signed line is left as it is, and the files behind it are changed, exchanged and moved.
#[test]
fn no_changed_or_swapped_file_comes_in_behind_a_good_signature() {
    let (office, whole) = small();
    let (store, stations) = (office.store(), stations());
    let head = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let (signed, files) = whole.split_at(head);
    let mut random = ChaCha8Rng::seed_from_u64(20_261_126);
    for count in 0..500 {
        let mut files = files.to_vec();
        let at = random.random_range(0..files.len());
        match random.random_range(0..4) {
            0 => files[at] ^= 1 << random.random_range(0..8),
            1 => files.rotate_left(at.max(1)),
            2 => files.insert(at, b' '),
            _ => drop(files.remove(at)),
        }
        let taken = store.take([signed, &files].concat().as_slice(), &stations, None, clock::wall());
        assert!(taken.is_err(), "number {count}: {}", String::from_utf8_lossy(&files));
    }
    assert_eq!(serials(&office), [1]);
    assert!(!office.path("state/county/.incoming").exists());
}

/// Kills the import at its first, second, third … system call, until it gets through.
#[test]
fn a_power_cut_at_any_step_leaves_the_old_bundle_or_the_new_one() {
    let office = Office::new();
    office.publish("一.dalaba");
    office.done(&["import", "一.dalaba"]);
    office.publish("二.dalaba");
    let calls =
        "openat,read,write,fsync,rename,renameat2,mkdir,mkdirat,unlink,unlinkat,rmdir,flock,ftruncate";
    let (mut kills, mut seen) = (0, BTreeSet::new());
    for step in 1.. {
        let mut strace = Command::new("strace");
        let inject = format!("inject={calls}:signal=KILL:when={step}");
        strace.args(["-qq", "-o", "/dev/null", "-e", &format!("trace={calls}"), "-e", &inject, PROGRAM]);
        let ended = office.command(strace, &["import", "二.dalaba"]).output().unwrap();
        let killed = ended.status.signal() == Some(9) || ended.status.code() == Some(137);
        let found = serials(&office);
        assert!(found == [1] || found == [2], "step {step}: {found:?}");
        assert!(killed || ended.status.success(), "step {step}: {ended:?}");
        // What was in force once stays so: no later cut takes it back.
        assert!(!seen.contains(&2) || found == [2], "step {step}: {found:?} after {seen:?}");
        seen.extend(found);
        if !killed {
            break;
        }
        kills += 1;
    }
    println!("killed at each of {kills} steps");
    assert!(kills >= 50 && seen == BTreeSet::from([1, 2]), "{kills} kills, then {seen:?}");
}
