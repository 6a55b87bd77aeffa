//! The child that speaks: its time limit, its end, its walls.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use dalaba::model::Clip;
use dalaba::speech::engine::child::ChildFault;
use dalaba::speech::engine::{self, EngineFault};
use rustix::process::{Pid, Signal, kill_process};

use crate::engine::mandarin;
use crate::studio::{SEAT_BELT, home, is_gone, program, script, voice, wait_for};

async fn spoken_by(program: &Path) -> Result<Clip, ChildFault<engine::SpeakFault>> {
    let engine = engine::open(&voice(), &home(program)).unwrap();
    match engine.speak(&mandarin(SEAT_BELT)).await {
        Ok(clip) => Ok(clip),
        Err(EngineFault::Espeak(fault)) => Err(fault),
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_child_that_hangs_is_killed_when_its_time_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let pid_file = folder.path().join("pid");
    let hanging =
        script(folder.path(), "hanging", &format!("echo $$ > {}; exec /bin/sleep 600", pid_file.display()));
    let speaking = tokio::spawn(async move { spoken_by(&hanging).await });
    let pid = loop {
        if let Some(pid) = read_pid(&pid_file) {
            break pid;
        }
        tokio::task::yield_now().await;
    };
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(11)).await;
    let fault = speaking.await.unwrap().unwrap_err();
    assert!(matches!(fault, ChildFault::TimedOut(limit) if limit == Duration::from_secs(10)), "{fault:?}");
    wait_for("the end of the child", || is_gone(pid).then_some(()));
}

#[tokio::test]
async fn a_child_that_is_killed_midway_is_one_fault() {
    let folder = tempfile::tempdir().unwrap();
    let pid_file = folder.path().join("pid");
    let body = format!("echo $$ > {}; exec {} \"$@\"", pid_file.display(), program().display());
    let wrapped = script(folder.path(), "wrapped", &body);
    let engine = engine::open(&voice(), &home(&wrapped)).unwrap();
    let speaking = tokio::spawn(async move { engine.speak(&mandarin(&"安全".repeat(1000))).await });
    let pid = loop {
        if let Some(pid) = read_pid(&pid_file) {
            break pid;
        }
        tokio::task::yield_now().await;
    };
    kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::KILL).unwrap();
    let fault = speaking.await.unwrap().unwrap_err();
    let EngineFault::Espeak(ChildFault::Died { status, .. }) = fault else { panic!("{fault:?}") };
    assert!(status.contains("SIGKILL"), "{status}");
}

fn read_pid(file: &Path) -> Option<u32> {
    fs::read_to_string(file).ok()?.strip_suffix('\n')?.parse().ok()
}

#[tokio::test]
async fn a_child_that_answers_rubbish_or_floods_is_one_fault() {
    let folder = tempfile::tempdir().unwrap();
    let sound = r#"{"sound":{"rate":22050,"samples":999999999}}"#;
    let said = |name: &str, body: &str| script(folder.path(), name, body);
    let rubbish = spoken_by(&said("rubbish", "echo 安全带")).await.unwrap_err();
    assert!(matches!(rubbish, ChildFault::Garbled(_)), "{rubbish:?}");
    let endless = spoken_by(&said("endless", "exec /bin/cat /dev/zero")).await.unwrap_err();
    assert!(matches!(endless, ChildFault::Garbled(_)), "{endless:?}");
    let flood =
        spoken_by(&said("flood", &format!("echo '{sound}'; exec /bin/cat /dev/zero"))).await.unwrap_err();
    assert!(matches!(flood, ChildFault::TooMuch), "{flood:?}");
    let silent = spoken_by(&said("nothing", "echo wrong >&2; exit 3")).await.unwrap_err();
    assert!(matches!(&silent, ChildFault::Died { said, .. } if said == "wrong"), "{silent:?}");
    let absent = spoken_by(&folder.path().join("absent")).await.unwrap_err();
    assert!(matches!(absent, ChildFault::Start(_)), "{absent:?}");
}

#[test]
fn a_child_has_put_up_every_wall_before_it_reads_its_request() {
    // It waits for a request that never comes.
    let mut child = Command::new(program())
        .args(["render", "speak"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let tasks = format!("/proc/{}/task", child.id());
    let statuses = || -> Vec<String> {
        let tasks = fs::read_dir(&tasks).unwrap().map(|task| task.unwrap().path().join("status"));
        tasks.filter_map(|status| fs::read_to_string(status).ok()).collect()
    };
    wait_for("four filters on every thread", || {
        let all = statuses();
        all.iter().all(|status| status.contains("Seccomp_filters:\t4")).then_some(())
    });
    for status in statuses() {
        assert!(status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"), "{status}");
    }
    let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let limit = |name: &str| limits.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(limit("Max cpu time").contains("10 "), "{limits}");
    assert!(limit("Max address space").contains("536870912"), "{limits}");
    assert!(limit("Max core file size").contains(" 0 "), "{limits}");
    assert!(limit("Max processes").contains(" 0 "), "{limits}");
    assert!(limit("Max file size").contains(" 0 "), "{limits}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_child_opens_nothing_but_the_voice_data_once_landlock_stands() {
    let folder = tempfile::tempdir().unwrap();
    let request = r#"{"words_per_minute":160,"pitch":50,"voices":[{"name":"cmn-latn-pinyin","dictionary":"cmn_dict"}],
        "phrases":[{"voice":0,"text":"ni2 hao3","pause":0}]}"#;
    let watched = ["-f", "-e", "trace=openat,landlock_restrict_self,socket,execve", "-o", "calls"];
    let program = program();
    let output = assert_cmd::Command::new("strace")
        .args(watched)
        .args([program.as_os_str(), "render".as_ref(), "speak".as_ref()])
        .current_dir(folder.path())
        .write_stdin(request)
        .unwrap();
    assert!(output.status.success());
    let calls = fs::read_to_string(folder.path().join("calls")).unwrap();
    let (_, after) = calls.split_once("landlock_restrict_self").unwrap();
    let opened = after.lines().filter(|line| line.contains("openat(") && !line.contains("= -1"));
    let strange: Vec<_> = opened.filter(|line| !line.contains("/espeak-ng-data")).collect();
    assert!(strange.is_empty(), "{strange:#?}");
    assert!(after.contains("cmn_dict"), "the walls stood before the voice was read");
    assert!(
        after.lines().filter(|line| line.contains("socket(")).all(|line| line.contains("EPERM")),
        "{after}"
    );
}

#[test]
fn a_child_dies_with_its_parent() {
    let mut parent = Command::new("/bin/sh")
        .args([
            "-c",
            "exec 3<&0; \"$0\" render speak <&3 >/dev/null & echo $!; wait",
            program().to_str().unwrap(),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(parent.stdout.take().unwrap()), &mut line)
        .unwrap();
    let child: u32 = line.trim().parse().unwrap();
    let status = || fs::read_to_string(format!("/proc/{child}/status")).unwrap_or_default();
    wait_for("the child's walls", || status().contains("Seccomp_filters:\t4").then_some(()));
    parent.kill().unwrap();
    parent.wait().unwrap();
    wait_for("the end of the child", || is_gone(child).then_some(()));
}
