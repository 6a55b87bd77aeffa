//! `dalaba keys`, as the people of an office use it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use assert_cmd::Command;
use dalaba::trust::{Role, Root};

fn keys(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dalaba"));
    command.args(["keys", "--lang", "zh", "--folder"]).arg(folder.join("keys")).args(arguments);
    let output = command.output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(told).unwrap())
}

fn done(folder: &Path, arguments: &[&str]) -> String {
    let (good, told) = keys(folder, arguments);
    assert!(good, "{arguments:?}: {told}");
    told
}

fn refused(folder: &Path, arguments: &[&str]) -> String {
    let (good, told) = keys(folder, arguments);
    assert!(!good, "{arguments:?}: {told}");
    told
}

/// A folder where 王, 李, 张 and 赵 have keys, all under one passphrase.
fn office() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("passphrase");
    fs::write(&file, "一二三四五六七八\n").unwrap();
    let file = file.to_str().unwrap().to_owned();
    for name in ["王", "李", "张", "赵"] {
        done(folder.path(), &["new", name, "--passphrase-file", &file]);
    }
    (folder, file)
}

#[test]
fn an_office_makes_its_keys_and_changes_them_by_two_of_three() {
    let (folder, file) = office();
    let (at, sign) = (folder.path(), |name| done(folder.path(), &["sign", name, "--passphrase-file", &file]));
    let people = ["--root", "王,李,张", "--publisher", "赵"];
    assert!(refused(at, &[&["rotate"], &people[..]].concat()).contains("--county"));
    done(at, &[&["rotate", "--county", "某县"], &people[..]].concat());
    assert!(sign("王").contains("还要别人签"));
    assert!(sign("王").contains("还要别人签"), "one person is one person");
    assert!(sign("李").contains("已经生效"));
    let first = Root::first(&fs::read(at.join("keys/root.json")).unwrap()).unwrap();
    assert_eq!((first.version, first.roles[&Role::Root].threshold), (1, 2));

    // 赵 leaves, 张 publishes from now on.
    done(at, &["rotate", "--root", "王,李,张", "--publisher", "张"]);
    sign("张");
    assert!(sign("李").contains("第 2 版"));
    let second = first.next(&fs::read(at.join("keys/root.json")).unwrap()).unwrap();
    assert_eq!((second.version, second.county.as_str()), (2, "某县"));
    assert_eq!(Root::first(&fs::read(at.join("keys/root.1.json")).unwrap()), Ok(first));
    let listed = done(at, &["list"]);
    let line =
        |name: &str| listed.lines().find(|line| line.trim_start().starts_with(name)).unwrap().to_owned();
    assert!(line("张").contains("根文件、节目") && !line("赵").contains("节目"), "{listed}");
    assert!(refused(at, &["sign", "王", "--passphrase-file", &file]).contains("没有等着签名"));
}

#[test]
fn secrets_are_locked_private_and_never_overwritten() {
    let (folder, file) = office();
    let at = folder.path();
    let secret = at.join("keys/王.key");
    assert_eq!(fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o600);
    let before = fs::read_to_string(&secret).unwrap();
    assert!(before.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    assert!(refused(at, &["new", "王", "--passphrase-file", &file]).contains("不会覆盖"));
    assert_eq!(fs::read_to_string(&secret).unwrap(), before);
    let short = at.join("short");
    fs::write(&short, "1234\n").unwrap();
    let weak = refused(at, &["new", "钱", "--passphrase-file", short.to_str().unwrap()]);
    assert!(weak.contains("口令太短"), "{weak}");
    done(at, &["rotate", "--county", "某县", "--root", "王", "--publisher", "王"]);
    let wrong = refused(at, &["sign", "王", "--passphrase-file", short.to_str().unwrap()]);
    assert!(wrong.contains("口令不对"), "{wrong}");
    assert!(refused(at, &["export", "../王"]).contains("不能作密钥的名称"));
    assert!(refused(at, &["sign", "孙", "--passphrase-file", &file]).contains("没有叫 孙 的密钥"));
}

#[test]
fn a_public_key_travels_as_a_file_and_its_secret_half_stays() {
    let (folder, file) = office();
    let other = tempfile::tempdir().unwrap();
    fs::create_dir(other.path().join("keys")).unwrap();
    fs::write(other.path().join("keys/王.pub"), done(folder.path(), &["export", "王"])).unwrap();
    assert!(done(other.path(), &["list"]).contains("不在"));
    done(other.path(), &["rotate", "--county", "某县", "--root", "王", "--publisher", "王"]);
    let missing = refused(other.path(), &["sign", "王", "--passphrase-file", &file]);
    assert!(missing.contains("没有叫 王 的密钥"), "{missing}");
}

#[test]
fn a_root_that_too_few_could_sign_is_not_written() {
    let (folder, _) = office();
    let asked = ["rotate", "--county", "某县", "--root", "王", "--root-threshold", "2", "--publisher", "李"];
    assert!(refused(folder.path(), &asked).contains("根文件不成立"));
    assert!(!folder.path().join("keys/root.next.json").exists());
}
