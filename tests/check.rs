//! `dalaba check` as people type it: the real binary, over broken files and over the shipped ones.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use tempfile::TempDir;

/// A station file for playlists in a temporary folder.
const STATION: &str = "[[station]]\nid = \"赵家庄\"\noutput = { kind = \"null\" }\n";

/// A playlist without fault.
const GOOD: &str = "title = \"日常\"\nstations = [\"*\"]\n[[message]]\nid = \"安全带\"\ntext = \"安全带就是生命带!\"\n\
                    [[schedule]]\nat = [\"06:30\"]\n";

struct Answer {
    code: i32,
    text: String,
}

/// Runs `dalaba check` in `folder`.
fn check(folder: &Path, words: &[&str]) -> Answer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dalaba"));
    command
        .current_dir(folder)
        .env_remove("DALABA_CONFIG")
        .env("LC_ALL", "zh_CN.UTF-8")
        .arg("check")
        .args(words);
    let output = command.output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    Answer { code: output.status.code().unwrap(), text: String::from_utf8(output.stdout).unwrap() }
}

fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Makes a site: `config/station.toml`, and playlists under `broadcasts`.
fn site(playlists: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["config", "broadcasts", "audio"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    fs::write(folder.path().join("config/station.toml"), STATION).unwrap();
    for (name, text) in playlists {
        fs::write(folder.path().join("broadcasts").join(name), text).unwrap();
    }
    folder
}

/// Compares with the file, or writes it when `DALABA_BLESS` is set.
fn expect(path: &Path, found: &str) {
    if std::env::var_os("DALABA_BLESS").is_some() {
        fs::write(path, found).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(found, expected, "{} (DALABA_BLESS=1 writes it anew)", path.display());
}

#[test]
fn each_broken_file_is_answered_with_its_complaints_in_both_languages() {
    let folder = project().join("tests/broken");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .filter_map(|entry| {
            entry.unwrap().file_name().into_string().unwrap().strip_suffix(".toml").map(str::to_owned)
        })
        .filter(|name| name != "station")
        .collect();
    names.sort();
    assert!(names.len() >= 8, "{names:?}");
    for name in names {
        for lang in ["zh", "en"] {
            let answer = check(&project(), &["--lang", lang, &format!("tests/broken/{name}.toml")]);
            expect(&folder.join(format!("{name}.{lang}.txt")), &answer.text);
            let mistakes = !answer.text.contains("：0 处错误") && !answer.text.contains(": 0 errors");
            assert_eq!(answer.code, i32::from(mistakes), "{}", answer.text);
        }
    }
}

#[test]
fn the_shipped_files_are_without_mistakes() {
    for words in [&[][..], &["config", "broadcasts"]] {
        let answer = check(&project(), words);
        assert_eq!(answer.code, 0, "{}", answer.text);
        assert!(!answer.text.contains("错误:"), "{}", answer.text);
    }
}

#[test]
fn the_users_lexicon_is_checked_with_the_site_and_need_not_exist() {
    let folder = site(&[("平安.toml", GOOD.as_bytes())]);
    assert_eq!(check(folder.path(), &["config/station.toml"]).code, 0);
    let lexicon = folder.path().join("config/lexicon.toml");
    fs::write(&lexicon, "[[word]]\ntext = \"乐亭\"\nreading = \"lao4\"\n").unwrap();
    for words in [&["config/station.toml"], &["config/lexicon.toml"]] {
        let answer = check(folder.path(), words);
        assert_eq!(answer.code, 1, "{}", answer.text);
        assert_eq!(answer.text.matches("`乐亭` 有 2 个字，这里写了 1 个音").count(), 1, "{}", answer.text);
    }
    fs::write(&lexicon, "[[word]]\ntext = \"乐亭\"\nreading = \"lao4 ting2\"\n").unwrap();
    assert_eq!(check(folder.path(), &["config/lexicon.toml"]).code, 0);
}

#[test]
fn the_shipped_files_name_a_schema_that_equals_the_code() {
    for name in ["alert-map", "areas", "station", "playlist", "lexicon"] {
        let output = Command::new(env!("CARGO_BIN_EXE_dalaba")).args(["schema", name]).output().unwrap();
        assert!(output.status.success());
        let path = project().join(format!("config/schema/{name}.schema.json"));
        let shipped = fs::read_to_string(&path).unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), shipped, "`make schema` writes it anew");
    }
    let folders =
        ["broadcasts", "config/demo", "config/demo/broadcasts"].map(|folder| project().join(folder));
    let files =
        folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    for path in files
        .filter(|path| path.is_file())
        .chain(["station", "lexicon"].map(|name| project().join(format!("config/{name}.toml"))))
    {
        let text = fs::read_to_string(&path).unwrap();
        let schema = text.lines().next().unwrap().strip_prefix("#:schema ").unwrap();
        assert!(path.parent().unwrap().join(schema).is_file(), "{}", path.display());
    }
}

#[test]
fn a_playlist_finds_the_station_file_above_it() {
    let folder =
        site(&[("好.toml", GOOD.as_bytes()), ("坏.toml", GOOD.replace("\"*\"", "\"赵家村\"").as_bytes())]);
    let good = check(folder.path(), &["broadcasts/好.toml"]);
    assert_eq!((good.code, good.text.as_str()), (0, "检查了 1 个文件，没有发现问题\n"));
    let bad = check(&folder.path().join("broadcasts"), &["坏.toml"]);
    assert_eq!(bad.code, 1);
    assert!(bad.text.contains("改成 `\"赵家庄\"`"), "{}", bad.text);
}

#[test]
fn a_folder_is_searched_for_our_files_and_other_toml_is_left_alone() {
    let folder = site(&[("好.toml", GOOD.as_bytes())]);
    fs::write(folder.path().join("Cargo.toml"), "[package]\nname = \"x\"\n").unwrap();
    let answer = check(folder.path(), &["."]);
    assert_eq!((answer.code, answer.text.as_str()), (0, "检查了 2 个文件，没有发现问题\n"));
}

#[test]
fn hidden_files_and_copies_of_editors_are_passed_over() {
    let bad: &[u8] = b"title = ";
    let folder =
        site(&[("好.toml", GOOD.as_bytes()), (".好.toml.swp", bad), (".隐.toml", bad), ("好.toml~", bad)]);
    let answer = check(folder.path(), &[]);
    assert_eq!((answer.code, answer.text.as_str()), (0, "检查了 2 个文件，没有发现问题\n"));
}

#[test]
fn what_is_no_text_is_told_and_does_not_stop_the_others() {
    // GBK, as Chinese Windows writes it.
    let gbk = [b"title = \"".as_slice(), &[0xb4, 0xba, 0xd4, 0xcb], b"\"\n"].concat();
    let large = vec![b'#'; 2 * 1024 * 1024];
    let folder = site(&[("国标.toml", &gbk), ("大.toml", &large), ("好.toml", GOOD.as_bytes())]);
    fs::create_dir(folder.path().join("broadcasts/夹.toml")).unwrap();
    let answer = check(folder.path(), &[]);
    assert_eq!(answer.code, 1);
    for words in
        ["第 1 行起不是 UTF-8 编码", "文件超过 1 MiB", "夹.toml: 读不了这个文件", "检查了 5 个文件：3 处错误"]
    {
        assert!(answer.text.contains(words), "{words}\n{}", answer.text);
    }
}

#[test]
fn a_byte_order_mark_of_windows_means_nothing() {
    let folder = site(&[("好.toml", format!("\u{feff}{GOOD}").replace('\n', "\r\n").as_bytes())]);
    let answer = check(folder.path(), &[]);
    assert_eq!(answer.code, 0, "{}", answer.text);
}

#[test]
fn a_truncated_recording_is_a_mistake_and_a_whole_one_is_not() {
    let spoken = GOOD.replace("text = \"安全带就是生命带!\"", "audio = \"带.wav\"");
    let folder = site(&[("录音.toml", spoken.as_bytes())]);
    let path = folder.path().join("audio/带.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(&path, spec).unwrap();
    (0..32_000_i16).for_each(|at| wav.write_sample(at % 200 * 100).unwrap());
    wav.finalize().unwrap();
    let whole = check(folder.path(), &[]);
    assert_eq!(whole.code, 0, "{}", whole.text);

    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let cut = check(folder.path(), &[]);
    assert_eq!(cut.code, 1, "{}", cut.text);
    assert!(cut.text.contains("带.wav"), "{}", cut.text);
}

#[test]
fn a_missing_file_and_a_missing_folder_are_told() {
    let folder = site(&[]);
    fs::remove_dir(folder.path().join("broadcasts")).unwrap();
    let answer = check(folder.path(), &[]);
    assert_eq!(answer.code, 1);
    assert!(answer.text.contains("读不了节目单文件夹"), "{}", answer.text);
    let answer = check(folder.path(), &["没有.toml"]);
    assert_eq!(answer.code, 1);
    assert!(answer.text.contains("没有这个文件"), "{}", answer.text);
}

#[test]
fn a_holiday_file_is_recognised_by_what_it_says() {
    let answer = check(&project(), &["config/holidays/2026.toml"]);
    assert_eq!((answer.code, answer.text.as_str()), (0, "检查了 1 个文件，没有发现问题\n"));
}

#[test]
fn a_sound_card_named_by_its_number_is_a_mistake() {
    let folder = site(&[]);
    let text = STATION.replace("kind = \"null\"", "kind = \"device\", device = \"hw:0,0\"");
    fs::write(folder.path().join("config/station.toml"), text).unwrap();
    let answer = check(folder.path(), &["--lang", "en"]);
    assert_eq!(answer.code, 1, "{}", answer.text);
    assert!(answer.text.contains("--> config/station.toml:3:10"), "{}", answer.text);
}
