//! The control socket and its commands: real sockets, the real program as the client.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

mod well;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::mpsc as std_mpsc;
use std::thread::{self, JoinHandle};

use assert_cmd::cargo::cargo_bin;
use dalaba::model::{Priority, Status, Words};
use dalaba::station::control::{
    ClockReport, ControlReply, ControlRequest, FaultyPlaylist, JournalReport, LONGEST_LINE, OutputReport,
    Request, Socket, StatusReport, StopReport, socket_path,
};
use dalaba::station::lock::StateLock;
use tempfile::TempDir;
use tokio::sync::{mpsc, oneshot};
use well::{at, well};

/// Stands where the daemon's loop stands: answers with what the test says, and tells the test what was asked.
struct Daemon {
    state: PathBuf,
    asked: std_mpsc::Receiver<(Request, String)>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    _dir: TempDir,
}

impl Daemon {
    fn answering(answer: impl Fn(&Request) -> Option<ControlReply> + Send + 'static) -> Self {
        Self::in_folder("state", answer)
    }

    fn in_folder(folder: &str, answer: impl Fn(&Request) -> Option<ControlReply> + Send + 'static) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join(folder);
        let (tell, asked) = std_mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let (open, opened) = std_mpsc::channel();
        let at = state.clone();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(serve(&at, answer, tell, stopped, open));
        });
        opened.recv().unwrap();
        Self { state, asked, stop: Some(stop), thread: Some(thread), _dir: dir }
    }

    fn run(&self, words: &[&str]) -> Output {
        dalaba(&self.state, words)
    }

    fn connect(&self) -> UnixStream {
        UnixStream::connect(socket_path(&self.state)).unwrap()
    }

    fn end(&mut self) {
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap();
    }
}

async fn serve(
    state: &Path,
    answer: impl Fn(&Request) -> Option<ControlReply>,
    tell: std_mpsc::Sender<(Request, String)>,
    stopped: oneshot::Receiver<()>,
    open: std_mpsc::Sender<()>,
) {
    let lock = StateLock::take(state).unwrap();
    let socket = Socket::bind(&lock).unwrap();
    let (send, mut receive) = mpsc::channel::<ControlRequest>(4);
    let server = tokio::spawn(socket.serve(send));
    open.send(()).unwrap();
    let answering = async {
        while let Some(ControlRequest { request, who, reply }) = receive.recv().await {
            if let Some(answer) = answer(&request) {
                reply.send(answer).unwrap();
            }
            let _ = tell.send((request, who));
        }
    };
    tokio::select! { () = answering => {}, _ = stopped => {} }
    drop(receive);
    server.await.unwrap();
}

fn dalaba(state: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(cargo_bin("dalaba"));
    command.arg("--state").arg(state).args(words).env_remove("STATE_DIRECTORY").env("LC_ALL", "zh_CN.UTF-8");
    command.output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn myself() -> String {
    let name = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(name.stdout).unwrap().trim().to_owned()
}

fn unwell() -> StatusReport {
    let mut report = well();
    report.clock =
        ClockReport { wall: at("1970-01-01T08:00:12+08:00"), trusted: false, why: "时间倒退".to_owned() };
    report.journal = JournalReport::CannotWrite {
        since: at("2026-11-23T18:00:00+08:00"),
        detail: "disk full\u{1b}[2J".to_owned(),
    };
    report.faulty_playlists.push(FaultyPlaylist {
        name: "春运".to_owned(),
        zh: "第 3 行：没有叫 mesage 的项".to_owned(),
        en: "line 3: no such key as mesage".to_owned(),
        in_force_since: Some(at("2026-11-20T08:00:00+08:00")),
    });
    report.stations[0].state =
        OutputReport::Down { since: at("2026-11-23T17:59:00+08:00"), detail: "No such device".to_owned() };
    report
}

#[test]
fn status_of_a_healthy_daemon_is_readable_aligned_and_exits_0() {
    let daemon = Daemon::answering(|_| Some(ControlReply::Status(Box::new(well()))));
    let output = daemon.run(&["status"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let page = out(&output);
    for line in [
        "大喇叭 0.1.0，第 12 次启动，自 2026-11-23 06:00:00 起运行",
        "  时钟       2026-11-23 18:30:05 +08:00  可信",
        "  播发记录   正常",
        "  县里的     春运 7",
        "  警报       暴雨（演练，应急）到 2026-11-23 20:00:00 为止  20261123-1800-3f2a",
        "             已由人停播：李家庄",
        "  正在播     00:03 / 00:12  日常  安全带就是生命带!",
        "  下一条     2026-11-24 06:30:00  赵家庄/春运/头盔@2026-11-24T06:30:00+08:00",
        "  用时       近一小时 01:01 / 15:00，今天 20:05 / 不限",
        "一切正常。",
    ] {
        assert!(page.lines().any(|written| written == line), "{line}\nis missing in\n{page}");
    }
}

#[test]
fn status_names_every_fault_in_the_language_asked_for_and_exits_3() {
    let daemon = Daemon::answering(|_| Some(ControlReply::Status(Box::new(unwell()))));
    let output = daemon.run(&["--lang", "en", "status"]);
    assert_eq!(output.status.code(), Some(3), "{}", err(&output));
    let page = out(&output);
    assert!(page.contains("the as-run log cannot be written since 2026-11-23 18:00:00: disk full"), "{page}");
    assert!(page.contains("赵家庄: no sound output since 2026-11-23 17:59:00: No such device"), "{page}");
    assert!(page.contains("playlist 春运 has a mistake"), "{page}");
    assert!(page.contains("the clock is not trusted"), "{page}");
    assert!(!page.contains('\u{1b}'), "an error text must not steer the terminal");
}

#[test]
fn status_as_json_holds_the_whole_report() {
    let daemon = Daemon::answering(|_| Some(ControlReply::Status(Box::new(unwell()))));
    let output = daemon.run(&["status", "--format", "json"]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(serde_json::from_str::<StatusReport>(&out(&output)).unwrap(), unwell());
}

#[test]
fn what_is_said_reaches_the_daemon_with_the_name_of_who_said_it() {
    let daemon =
        Daemon::answering(|_| Some(ControlReply::Said { airings: vec!["赵家庄/said/1@now".to_owned()] }));
    let words = [
        "say",
        "前方修路，请绕行",
        "-s",
        "赵家庄",
        "--station",
        "zone:河东",
        "--priority",
        "urgent",
        "--repeat",
        "3",
    ];
    let output = daemon.run(&words);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(out(&output), "已排入播发：\n  赵家庄/said/1@now\n");
    let (request, who) = daemon.asked.recv().unwrap();
    assert_eq!(who, myself());
    let expected = Request::Say {
        text: "前方修路，请绕行".to_owned(),
        stations: vec!["赵家庄".to_owned(), "zone:河东".to_owned()],
        priority: Priority::Urgent,
        repeat: 3,
        status: Status::Actual,
    };
    assert_eq!(request, expected);
}

#[test]
fn an_order_that_cannot_be_meant_never_reaches_the_daemon() {
    let daemon = Daemon::answering(|_| panic!("must not be asked"));
    let empty = daemon.run(&["say", "  ", "-s", "*"]);
    assert_eq!(empty.status.code(), Some(1));
    assert!(err(&empty).contains("没有要播的文字"), "{}", err(&empty));
    assert_eq!(daemon.run(&["say", "停水"]).status.code(), Some(2), "no station is no order for all");
    assert_eq!(daemon.run(&["say", "停水", "-s", "*", "--repeat", "0"]).status.code(), Some(2));
}

#[test]
fn stop_says_what_it_cut_and_what_it_cleared() {
    let report = |station: &str, cut: Option<&str>, cleared: usize| StopReport {
        station: station.to_owned(),
        cut: cut.map(str::to_owned),
        cleared: vec!["x".to_owned(); cleared],
        silenced: cut.map(|_| "暴雨\u{1b}".to_owned()).into_iter().collect(),
    };
    let daemon = Daemon::answering(move |_| {
        Some(ControlReply::Stopped {
            stations: vec![report("赵家庄", Some("甲"), 2), report("李家庄", None, 0)],
        })
    });
    let output = daemon.run(&["--lang=en", "stop"]);
    assert_eq!(
        out(&output),
        "赵家庄: stopped 甲; 2 waiting cleared\n赵家庄: the alert 暴雨  is silenced for good, also after a restart\n\
         李家庄: nothing was on air; 0 waiting cleared\n"
    );
    assert_eq!(daemon.asked.recv().unwrap().0, Request::Stop { stations: Vec::new() });
}

#[test]
fn reload_shows_the_complaints_and_fails_only_for_mistakes() {
    for (mistakes, code) in [(0, 0), (1, 1)] {
        let daemon = Daemon::answering(move |_| {
            let (zh, en) = ("春运.toml:3:1 …\n".to_owned(), "spring.toml:3:1 …\n".to_owned());
            Some(ControlReply::Reloaded { read: 4, mistakes, zh, en })
        });
        let output = daemon.run(&["reload"]);
        assert_eq!(output.status.code(), Some(code));
        let summary = format!("春运.toml:3:1 …\n已重新读入：4 个文件有效，{mistakes} 处错误要改\n");
        assert_eq!(out(&output), summary);
        assert_eq!(daemon.asked.recv().unwrap().0, Request::Reload);
    }
}

#[test]
fn a_person_can_vouch_for_the_clock() {
    let daemon = Daemon::answering(|_| Some(ControlReply::ClockAccepted));
    let output = daemon.run(&["clock", "accept"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(daemon.asked.recv().unwrap().0, Request::ClockAccept);
}

#[test]
fn what_the_daemon_refuses_is_told_in_the_language_asked_for() {
    let daemon = Daemon::answering(|_| Some(Words::new("没有这个站点", "no such station").into()));
    assert!(err(&daemon.run(&["stop", "-s", "无"])).contains("没有这个站点"));
    assert!(err(&daemon.run(&["--lang=en", "stop", "-s", "无"])).contains("no such station"));
}

#[test]
fn a_request_that_the_daemon_lets_fall_is_answered_all_the_same() {
    let daemon = Daemon::answering(|_| None);
    let output = daemon.run(&["reload"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("正在退出"), "{}", err(&output));
}

#[test]
fn without_a_daemon_the_commands_say_so_and_exit_1() {
    let dir = tempfile::tempdir().unwrap();
    let output = dalaba(dir.path(), &["status"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("大喇叭没有运行"), "{}", err(&output));
}

#[test]
fn the_socket_of_a_daemon_that_died_is_replaced_and_that_of_one_that_ended_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let path = socket_path(dir.path());
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(err(&dalaba(dir.path(), &["status"])).contains("没有运行"), "nobody answers at a dead socket");

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _inside = runtime.enter();
    let lock = StateLock::take(dir.path()).unwrap();
    let socket = Socket::bind(&lock).unwrap();
    assert!(UnixStream::connect(&path).is_ok());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o660);
    drop(socket);
    assert!(!path.exists());
}

#[test]
fn the_daemon_ends_its_conversations_and_takes_the_socket_away() {
    let mut daemon = Daemon::answering(|_| Some(ControlReply::ClockAccepted));
    assert_eq!(daemon.run(&["clock", "accept"]).status.code(), Some(0));
    daemon.end();
    assert!(!socket_path(&daemon.state).exists());
}

#[test]
fn a_state_folder_with_a_long_chinese_name_is_reached() {
    let folder = "大喇叭状态文件夹".repeat(5);
    let daemon = Daemon::in_folder(&format!("{folder}/{folder}"), |_| Some(ControlReply::ClockAccepted));
    assert!(socket_path(&daemon.state).as_os_str().len() > 200);
    let output = daemon.run(&["clock", "accept"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
}

/// Writes `bytes` to the socket as they are, and reads what comes back.
fn raw(daemon: &Daemon, bytes: &[u8]) -> String {
    let mut stream = daemon.connect();
    // The daemon may hang up in the middle of a line that is too long.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).unwrap();
    answer
}

#[test]
fn whatever_is_no_request_is_refused_and_the_daemon_is_not_asked() {
    let daemon = Daemon::answering(|_| panic!("must not be asked"));
    let endless = vec![b'a'; usize::try_from(LONGEST_LINE).unwrap() + 2];
    assert!(raw(&daemon, &endless).contains("64 KiB"), "an endless line is cut off");
    assert!(raw(&daemon, &[b'['; 10_000]).is_empty(), "half a line is no request");
    for line in
        ["\n", "{}\n", "\"reboot\"\n", "[[[[[[\n", "\u{0}\n", "{\"stop\":{\"stations\":[],\"now\":1}}\n"]
    {
        assert!(raw(&daemon, line.as_bytes()).starts_with(r#"{"refused""#), "{line:?}");
    }
    assert!(raw(&daemon, b"\xff\xfe\n").starts_with(r#"{"refused""#));
}

#[test]
fn silent_clients_cannot_keep_the_others_out() {
    let daemon = Daemon::answering(|_| Some(ControlReply::ClockAccepted));
    let silent: Vec<UnixStream> = (0..20).map(|_| daemon.connect()).collect();
    let output = daemon.run(&["clock", "accept"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let mut rest = Vec::new();
    (&silent[0]).read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty(), "who says nothing is hung up on");
}
