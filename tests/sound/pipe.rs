//! The output `pipe`: into programs and FIFOs, whose readers stop, die, or are not there.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use chrono::TimeDelta;
use dalaba::model::{Clip, Selection, Setting};
use dalaba::output::{self, OpenContext};
use dalaba::station::clock;
use dalaba::station::player::{How, PlayerEvent};

use crate::support::correlate;
use crate::support::horn::{Horn, SOON, selection, text, texts};
use crate::support::{noise, poll};

/// Gives sound to a program of our own, `script`, that knows the folder as `$0`.
fn program(script: &str, folder: &Path) -> Selection {
    let command = texts(&["sh", "-c", script, folder.to_str().unwrap()]);
    selection("pipe", &[("command", command), ("channels", Setting::Integer(1))])
}

/// Keeps what it gets, and its own number.
const KEEP: &str = "echo $$ > $0/pid; exec cat > $0/sound";

fn fifo(folder: &Path) -> Selection {
    let path = folder.join("管道");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    selection("pipe", &[("path", text(path.to_str().unwrap())), ("channels", Setting::Integer(1))])
}

/// Reads the pipe into the file `sound`, as a program that nobody but the test knows.
fn reader(folder: &Path) -> std::process::Child {
    let sound = File::options().append(true).create(true).open(folder.join("sound")).unwrap();
    Command::new("cat").arg(folder.join("管道")).stdout(Stdio::from(sound)).spawn().unwrap()
}

fn sound(folder: &Path) -> Vec<f32> {
    let bytes = fs::read(folder.join("sound")).unwrap_or_default();
    bytes.chunks_exact(2).map(|two| f32::from(i16::from_le_bytes([two[0], two[1]])) / 32_768.0).collect()
}

/// Returns how long so many samples sound.
fn length(samples: usize) -> Duration {
    Duration::from_micros(samples as u64 * 1_000_000 / 48_000)
}

fn pid(folder: &Path) -> Option<u32> {
    fs::read_to_string(folder.join("pid")).ok()?.trim().parse().ok()
}

fn assert_in(clip: &Clip, sound: &[f32]) {
    let found = correlate::find(&clip.samples, sound).unwrap();
    assert!(found.correlation > 0.999, "{found:?}");
}

/// Returns how much was heard before the loss, and what is said of it.
fn lost(end: &PlayerEvent) -> (Duration, String) {
    let PlayerEvent::Ended { heard, how: How::Lost(words), .. } = end else { panic!("{end:?}") };
    assert!(!words.zh.is_empty());
    (*heard, words.en.clone())
}

#[test]
fn a_program_gets_every_sample_in_real_time_and_ends_with_the_output() {
    let folder = tempfile::tempdir().unwrap();
    let horn = Horn::start(program(KEEP, folder.path()));
    horn.up();
    let clips = [noise::clip(1, 900), noise::clip(2, 700)];
    for clip in &clips {
        horn.play("安全带", clip);
        let end = horn.ended();
        let PlayerEvent::Ended { started: Some(started), ended, heard, how, .. } = end else { panic!() };
        assert_eq!((how, heard), (How::Drained, clip.length()));
        let off = ended - started - TimeDelta::from_std(clip.length()).unwrap();
        assert!(off > TimeDelta::milliseconds(-60), "{off} too early: not in real time");
    }
    let sound = sound(folder.path());
    for clip in &clips {
        assert_in(clip, &sound);
    }
    let pid = pid(folder.path()).unwrap();
    horn.quit();
    assert!(!Path::new(&format!("/proc/{pid}")).exists(), "it is left behind, or a zombie");
}

#[test]
fn a_program_that_does_not_end_is_ended_with_all_that_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let horn = Horn::start(program(
        "trap '' TERM; echo $$ > $0/pid; cat > $0/sound; cat < /dev/zero > /dev/null",
        folder.path(),
    ));
    horn.up();
    let pid = pid(folder.path()).unwrap();
    horn.quit();
    poll::until("the end of the program", SOON, || {
        (!Path::new(&format!("/proc/{pid}")).exists()).then_some(())
    });
}

#[test]
fn a_program_that_fails_is_no_output_and_what_it_says_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let broken = "test -e $0/card && exec cat > $0/sound; echo no such card >&2; exit 3";
    let horn = Horn::start(program(broken, folder.path()));
    let why = horn.down();
    assert!(why.contains("no such card") && why.contains('3'), "{why}");
    fs::write(folder.path().join("card"), "").unwrap();
    horn.up();
}

#[test]
fn a_program_that_dies_amid_a_message_is_a_loss_and_is_started_again() {
    let folder = tempfile::tempdir().unwrap();
    let horn = Horn::start(program(KEEP, folder.path()));
    horn.up();
    horn.play("安全带", &noise::clip(3, 8_000));
    horn.started();
    poll::pass(Duration::from_millis(600));
    let first = pid(folder.path()).unwrap();
    let (harmed, begun) = (clock::wall(), sound(folder.path()).len());
    assert!(Command::new("kill").arg(first.to_string()).status().unwrap().success());
    let (heard, why) = lost(&horn.ended());
    assert!(clock::wall() - harmed < TimeDelta::seconds(2), "{}", clock::wall() - harmed);
    let kept = length(begun);
    assert!(
        heard <= kept + Duration::from_millis(100) && heard > Duration::from_millis(300),
        "{heard:?} {kept:?}"
    );
    assert!(why.contains("signal: 15"), "{why}");
    horn.up();
    let again = noise::clip(4, 500);
    horn.play("安全带", &again);
    let end = horn.ended();
    assert!(matches!(&end, PlayerEvent::Ended { how: How::Drained, .. }), "{end:?}");
    assert_in(&again, &sound(folder.path()));
}

#[test]
fn a_reader_that_stops_reading_is_a_loss_and_what_it_did_not_read_was_not_heard() {
    let folder = tempfile::tempdir().unwrap();
    let horn = Horn::start(program(KEEP, folder.path()));
    horn.up();
    horn.play("安全带", &noise::clip(5, 8_000));
    horn.started();
    poll::pass(Duration::from_millis(500));
    let pid = pid(folder.path()).unwrap().to_string();
    assert!(Command::new("kill").args(["-STOP", &pid]).status().unwrap().success());
    let harmed = clock::wall();
    let (heard, _) = lost(&horn.ended());
    let seen = clock::wall() - harmed;
    assert!(seen > TimeDelta::seconds(1) && seen < TimeDelta::milliseconds(3_000), "{seen}");
    // Silence came before the clip, whose first samples are loud; what waited in the pipe was not heard.
    let sound = sound(folder.path());
    let silence = sound.iter().take_while(|sample| sample.abs() < 0.001).count();
    let kept = length(sound.len() - silence);
    assert!(heard <= kept && kept < heard + Duration::from_millis(300), "{heard:?} {kept:?}");
    horn.quit();
    assert!(!Path::new(&format!("/proc/{pid}")).exists(), "a stopped program is left behind");
}

#[test]
fn a_pipe_without_a_reader_is_no_output_until_one_comes() {
    let folder = tempfile::tempdir().unwrap();
    let selection = fifo(folder.path());
    let asked = clock::steady();
    let horn = Horn::start(selection);
    let why = horn.down();
    assert!(why.contains("nobody reads"), "{why}");
    assert!(clock::steady().saturating_sub(asked) < Duration::from_secs(5));
    horn.play("安全带", &noise::clip(6, 200));
    assert!(matches!(horn.ended(), PlayerEvent::Ended { how: How::Absent(_), .. }));
    let mut cat = reader(folder.path());
    horn.up();
    // A look at the pipe is all that this reader saw, and it took it for the end, as `cat` does.
    if cat.try_wait().unwrap().is_some() {
        cat = reader(folder.path());
    }
    let clip = noise::clip(7, 700);
    horn.play("安全带", &clip);
    let end = horn.ended();
    assert!(matches!(&end, PlayerEvent::Ended { how: How::Drained, .. }), "{end:?}");
    horn.quit();
    assert!(cat.wait().unwrap().success());
    assert_in(&clip, &sound(folder.path()));
}

#[test]
fn a_reader_of_a_pipe_that_leaves_is_a_loss_and_no_signal_kills_us() {
    let folder = tempfile::tempdir().unwrap();
    let selection = fifo(folder.path());
    let mut cat = reader(folder.path());
    let horn = Horn::start(selection);
    horn.up();
    horn.play("安全带", &noise::clip(8, 8_000));
    horn.started();
    cat.kill().unwrap();
    cat.wait().unwrap();
    let (_, why) = lost(&horn.ended());
    assert!(why.contains("went away"), "{why}");
    horn.down();
}

#[test]
fn a_stop_is_silent_at_once_whatever_the_pipe_holds() {
    let folder = tempfile::tempdir().unwrap();
    let horn = Horn::start(program(KEEP, folder.path()));
    horn.up();
    horn.play("安全带", &Clip { rate: 48_000, samples: vec![0.5; 48_000 * 6] });
    horn.started();
    horn.player.stop();
    let PlayerEvent::Ended { how: How::Stopped, heard, .. } = horn.ended() else { panic!() };
    horn.quit();
    let sounded = sound(folder.path()).iter().filter(|sample| sample.abs() > 0.001).count();
    let sounded = length(sounded);
    assert!(sounded.abs_diff(heard) < Duration::from_millis(30), "{sounded:?} {heard:?}");
    assert!(sounded < Duration::from_secs(1), "{sounded:?}");
}

#[test]
fn only_a_pipe_is_written_to_and_every_mistake_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("账本");
    fs::write(&file, "do not touch").unwrap();
    let path = |path: &Path| ("path", text(path.to_str().unwrap()));
    let cases = [
        (vec![path(&file)], "is no pipe"),
        (vec![path(Path::new("/dev/null"))], "is no pipe"),
        (vec![path(&folder.path().join("无"))], "mkfifo"),
        (vec![], "exactly one"),
        (vec![path(&file), ("command", texts(&["cat"]))], "exactly one"),
        (vec![("command", texts(&["./cat"]))], "relative"),
        (vec![("command", texts(&["no-such-program-大喇叭"]))], "no program"),
        (vec![("command", texts(&["cat"])), ("rate", Setting::Integer(12_345))], "12345 Hz is not offered"),
    ];
    for (options, said) in cases {
        let selection = selection("pipe", &options);
        let Err(fault) = output::open(&selection, OpenContext { clock: clock::steady }) else {
            panic!("{options:?} was opened")
        };
        let words = fault.words();
        assert!(words.en.contains(said) && words.zh != words.en, "{options:?}: {words}");
    }
    assert_eq!(fs::read(&file).unwrap(), b"do not touch");
}

#[test]
fn a_start_is_placed_on_its_sample() {
    let folder = tempfile::tempdir().unwrap();
    let mut output =
        output::open(&program(KEEP, folder.path()), OpenContext { clock: clock::steady }).unwrap();
    let clip = noise::clip(10, 300);
    let mut asked = Vec::new();
    for ahead in [333_333, 501_007] {
        let at = clock::steady() + Duration::from_micros(ahead);
        assert!(output.place(at));
        for block in clip.samples.chunks(960) {
            output.write(block).unwrap();
        }
        output.drain().unwrap();
        let placed = output.placed().unwrap();
        assert!(placed.abs_diff(at) < Duration::from_micros(21), "{placed:?} {at:?}");
        asked.push(at);
    }
    drop(output);
    let sound = sound(folder.path());
    let sounds = |samples: &[f32]| samples.iter().position(|sample| sample.abs() > 0.0).unwrap();
    let first = sounds(&sound);
    let second = first + clip.samples.len() + sounds(&sound[first + clip.samples.len()..]);
    // The stream itself is the clock: the samples between the two starts are the time between them.
    let between = length(second - first);
    assert!(between.abs_diff(asked[1].saturating_sub(asked[0])) < Duration::from_millis(1), "{between:?}");
}
