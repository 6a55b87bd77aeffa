//! Voices that fail: espeak speaks in their place, the record names it, and the daemon goes on.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use dalaba::speech::engine::kokoro::MANIFEST;
use dalaba::station::journal::Entry;

use super::daemon::{House, Running, heard, site};
use super::{pack, poll};

/// The line of the log that says that a voice gave its clip up.
const GIVEN_UP: &str = "a voice could not make its clip";

/// The voice pack takes only the time that nobody else wants, and other tests want much.
const PATIENCE: Duration = Duration::from_mins(5);

const MANDARIN: &str = "espeak cmn-latn-pinyin";

/// A house that speaks with the voice pack, and airs every other second.
fn with_kokoro(put: impl FnOnce(&Path)) -> House {
    let house = House::of(&["赵家庄"]);
    house.write("config/station.toml", &(site(&["赵家庄"]) + "[voice]\nengine = \"kokoro\"\n"));
    house.playlist("日常", "停水", "*/2 * * * * *", "10s");
    put(&house.state().join("voices"));
    house
}

fn log(house: &House) -> String {
    fs::read_to_string(house.path("stderr")).unwrap_or_default()
}

/// Waits until the voice has given up and espeak was heard after that, and ends the daemon in good order.
fn espeak_speaks(house: &House, running: Running, why: &str) {
    let given_up = poll::until("the voice to give up", PATIENCE, || {
        log(house).lines().find(|line| line.contains(GIVEN_UP)).map(str::to_owned)
    });
    assert!(given_up.contains(why), "{given_up}");
    let before = house.entries().len();
    poll::until("an airing after it", PATIENCE, || {
        house.entries().iter().skip(before).any(heard).then_some(())
    });
    for entry in house.entries().iter().filter(|entry| heard(entry)) {
        assert_eq!(entry.voice, MANDARIN, "{entry:?}");
    }
    assert_eq!(log(house).matches(GIVEN_UP).count(), 1, "it is tried once");
    assert!(running.end("TERM").0.success());
    house.verified();
}

fn told(put: impl FnOnce(&Path), why: &str) {
    let house = with_kokoro(put);
    let running = house.start();
    espeak_speaks(&house, running, why);
}

#[test]
fn without_the_voice_pack_espeak_speaks_and_the_record_names_it() {
    told(|_| {}, "is not installed");
}

#[test]
fn with_a_pack_that_has_lost_its_files_espeak_speaks_and_the_record_names_it() {
    told(
        |voices| fs::create_dir_all(voices.join("kokoro")).unwrap(),
        "voices/zf_xiaoxiao.bin of the voice pack cannot be read",
    );
}

/// Puts a pack into the folder of voice packs `voices` that has every file in its right size, and nothing in any of them.
fn hollow(voices: &Path) {
    for item in MANIFEST.items().unwrap() {
        let path = voices.join("kokoro").join(&item.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        File::create(path).unwrap().set_len(item.bytes).unwrap();
    }
}

#[test]
fn with_a_pack_of_wrong_bytes_espeak_speaks_and_the_record_names_it() {
    told(hollow, "is damaged");
}

/// Links every file of the real pack, so that one can be replaced.
fn linked(real: &Path, voices: &Path) {
    for inner in ["", "voices"] {
        let (from, to) = (real.join("kokoro").join(inner), voices.join("kokoro").join(inner));
        fs::create_dir_all(&to).unwrap();
        for file in fs::read_dir(from).unwrap().map(|file| file.unwrap().path()) {
            if file.is_file() {
                symlink(&file, to.join(file.file_name().unwrap())).unwrap();
            }
        }
    }
}

#[test]
fn with_a_pack_whose_library_is_gone_or_whose_model_is_cut_espeak_speaks() {
    let Some(real) = pack::real() else { return };
    let library = format!("kokoro/libonnxruntime-{}.so", std::env::consts::ARCH);
    told(
        |voices| {
            linked(&real, voices);
            fs::remove_file(voices.join(&library)).unwrap();
        },
        "cannot be read",
    );
    told(
        |voices| {
            linked(&real, voices);
            let model = voices.join("kokoro/model.onnx");
            let whole = fs::read(&model).unwrap();
            fs::remove_file(&model).unwrap();
            fs::write(&model, &whole[..whole.len() / 2]).unwrap();
        },
        "model.onnx of the voice pack is damaged",
    );
}

/// The process that speaks with the voice pack for the daemon.
fn kokoro_child(of: u32) -> Option<u32> {
    let children = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
        let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
        let status = fs::read_to_string(entry.path().join("status")).ok()?;
        let line = fs::read(entry.path().join("cmdline")).ok()?;
        let ours = status.contains(&format!("PPid:\t{of}\n"));
        (ours && String::from_utf8_lossy(&line).contains("render\0kokoro")).then_some(pid)
    });
    children.into_iter().next()
}

#[test]
fn a_child_of_the_voice_pack_that_is_killed_leaves_the_word_to_espeak() {
    let Some(real) = pack::real() else { return };
    let house = with_kokoro(|voices| {
        fs::create_dir_all(voices.parent().unwrap()).unwrap();
        symlink(&real, voices).unwrap();
    });
    let running = house.start();
    let child = poll::until("the child", PATIENCE, || kokoro_child(running.id()));
    let killed = std::process::Command::new("kill").args(["-9", &child.to_string()]).status().unwrap();
    assert!(killed.success());
    espeak_speaks(&house, running, "the child died (signal: 9 (SIGKILL))");
}

#[test]
fn the_voice_pack_speaks_as_soon_as_its_clip_is_ready_and_the_record_names_it() {
    let Some(real) = pack::real() else { return };
    let house = with_kokoro(|voices| {
        fs::create_dir_all(voices.parent().unwrap()).unwrap();
        symlink(&real, voices).unwrap();
    });
    let running = house.start();
    let natural = |entry: &Entry| heard(entry) && entry.voice == "kokoro zf_xiaoxiao";
    // On a machine whose cores are all taken it is given no time; then it says so, and that is right.
    let no_time = || log(&house).contains("the child was stopped after");
    poll::until("the natural voice", PATIENCE, || {
        (house.entries().iter().any(natural) || no_time()).then_some(())
    });
    running.end("TERM");
    house.verified();
}

/// A message in the voice of a program.
fn message(id: &str, limit: &str, command: &str) -> String {
    format!(
        "[[message]]\nid = \"{id}\"\ntext = \"停水\"\n\
         voice = {{ engine = \"command\", command = [{command}], time_limit = \"{limit}\" }}\n"
    )
}

#[test]
fn a_message_has_the_voice_that_it_names_and_espeak_when_that_one_dies_or_takes_too_long() {
    let house = House::of(&["赵家庄"]);
    let speaks = "\"espeak-ng\", \"--stdin\", \"--stdout\", \"-v\", \"cmn-latn-pinyin\"";
    let messages = message("有声", "20s", speaks)
        + &message("被杀", "20s", "\"/bin/sh\", \"-c\", \"kill -9 $$\"")
        + &message("超时", "1s", "\"sleep\", \"60\"");
    let head = "title = \"试\"\nstations = [\"*\"]\n";
    let schedule = "[[schedule]]\ncron = \"*/3 * * * * *\"\ngrace = \"20s\"\n";
    house.write("broadcasts/日常.toml", &(head.to_owned() + &messages + schedule));
    let running = house.start();
    let of = |id: &'static str, voice: &'static str| {
        move |entry: &Entry| entry.message == id && entry.voice == voice && heard(entry)
    };
    let until = |what: &str, wanted: &dyn Fn(&Entry) -> bool| {
        poll::until(what, PATIENCE, || house.entries().iter().any(wanted).then_some(()));
    };
    until("its own voice", &of("有声", "command espeak-ng"));
    for id in ["被杀", "超时"] {
        until("espeak instead", &of(id, MANDARIN));
    }
    poll::until("both faults in the log", PATIENCE, || {
        (log(&house).matches(GIVEN_UP).count() == 2).then_some(())
    });
    assert!(running.end("TERM").0.success());
    house.verified();
}
