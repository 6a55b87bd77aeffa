//! The real server as a process of its own, an office that publishes to it, and connections to it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use dalaba::county::store::{Address, Applicant, Store, StoredCode};
use dalaba::model::StationId;
use dalaba::station::clock;
use dalaba::wire::{BUNDLES, Code, Token};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_dalaba");

/// What a bundle weighs: a few playlists.
const PLAYLISTS: usize = 4;

/// Ticks in a second of a server that waits: its rounds.
const IDLE: u64 = 2;

/// Enrolments under way at the same time.
const AT_ONCE: usize = 256;

/// A server, its office, and the tokens of its villages.
pub(crate) struct Server {
    child: Child,
    office: Office,
    pub(crate) at: SocketAddr,
    villages: usize,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) tag: String,
    pub(crate) body: Vec<u8>,
}

/// One connection that is kept open.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
}

/// A folder with keys, a root and a campaign.
struct Office {
    folder: TempDir,
}

/// Starts a server on `database`, an address or nothing for SQLite in the office's folder, with `villages` enrolled.
pub(crate) async fn start(database: Option<String>, villages: usize) -> Server {
    let office = Office::new();
    let database = database.unwrap_or_else(|| office.path("county.db").display().to_string());
    enrol(&database, villages).await;
    let mut child = Command::new(PROGRAM)
        .args(["county", "serve", "--listen", "127.0.0.1:0", "--connections", "20000", "--lang", "en"])
        .args(["--database", &database, "--state"])
        .arg(office.path("state"))
        .current_dir(office.folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the server");
    let mut line = String::new();
    let out = child.stdout.take().expect("its output");
    BufReader::new(out).read_line(&mut line).expect("where it listens");
    let at = line.trim().rsplit(' ').next().and_then(|at| at.parse().ok()).expect("an address");
    let server = Server { child, office, at, villages };
    server.send(server.next_bundle()).await;
    server
}

/// Lets villages in as an enrolment does, but for the telephone.
async fn enrol(database: &str, villages: usize) {
    let address: Address = database.parse().expect("a database");
    let store = Arc::new(Store::open(&address).await.expect("the store"));
    let mut coming = JoinSet::new();
    for number in 0..villages {
        if coming.len() >= AT_ONCE {
            coming.join_next().await;
        }
        let store = Arc::clone(&store);
        coming.spawn(async move {
            let now = clock::wall();
            let site = format!("村{number}");
            // The name of a code is made of its last bits, and must be nobody else's.
            let mut bits = [0; 13];
            bits[5..].copy_from_slice(&(number as u64).to_be_bytes());
            let code = Code::of(&bits);
            let code = StoredCode { code, site: site.clone(), expires: now + TimeDelta::days(1), tries: 0 };
            store.keep_code(&code, "bench", now).await.expect("a code");
            let station = StationId::new(&site).expect("an id");
            let stations = [(station, Vec::new())];
            let (code, token) = (&code, token(number).digest());
            let applicant =
                Applicant { code, token, proof: "", answer: "", version: "0.1.0", stations: &stations, now };
            assert!(store.enrol(&applicant).await.expect("an enrolment"));
        });
    }
    coming.join_all().await;
}

fn token(number: usize) -> Token {
    Token(format!("bench-{number}"))
}

impl Server {
    /// Returns the villages' tokens.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = Arc<str>> {
        (0..self.villages).map(|number| token(number).0.into())
    }

    /// Returns what the server holds in memory, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
    }

    /// Waits until the server has nothing left to do: until a second goes by in which it computes nothing to speak of.
    pub(crate) async fn until_idle(&self) {
        let mut before = self.computed();
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let now = self.computed();
            if now - before <= IDLE {
                return;
            }
            before = now;
        }
    }

    /// Returns how long the server has computed, in ticks of the kernel's clock.
    fn computed(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("a process");
        // The name in brackets may hold blanks; user and system time are the 12th and 13th field after it.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
        fields.filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
    }

    /// Signs the next bundle.
    pub(crate) fn next_bundle(&self) -> Vec<u8> {
        self.office.bundle()
    }

    /// Sends a bundle in.
    pub(crate) async fn send(&self, bundle: Vec<u8>) {
        let answer = Connection::open(self.at).await.post(BUNDLES, None, bundle).await;
        assert!(matches!(answer.status, 200..=299), "{}", String::from_utf8_lossy(&answer.body));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Connection {
    pub(crate) async fn open(at: SocketAddr) -> Self {
        let stream = TcpStream::connect(at).await.expect("a connection");
        let (sender, connection) = handshake(TokioIo::new(stream)).await.expect("HTTP");
        tokio::spawn(connection);
        Self { sender }
    }

    pub(crate) async fn get(&mut self, path: &str, token: &str, headers: &[(&str, String)]) -> Answer {
        let mut request = Request::get(path).header("authorization", format!("Bearer {token}"));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        self.ask(request.body(Full::default()).expect("a request")).await
    }

    pub(crate) async fn post(&mut self, path: &str, token: Option<&str>, body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(Method::POST).uri(path);
        request = request.header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        self.ask(request.body(Full::from(body)).expect("a request")).await
    }

    async fn ask(&mut self, mut request: Request<Full<Bytes>>) -> Answer {
        request.headers_mut().insert("host", "localhost".parse().expect("a host"));
        self.sender.ready().await.expect("an open connection");
        let answer = self.sender.send_request(request).await.expect("an answer");
        let tag = answer.headers().get("etag").and_then(|tag| tag.to_str().ok()).unwrap_or_default();
        let (status, tag) = (answer.status().as_u16(), tag.to_owned());
        let body = answer.into_body().collect().await.expect("a body").to_bytes().to_vec();
        Answer { status, tag, body }
    }
}

impl Office {
    fn new() -> Self {
        let office = Self { folder: tempfile::tempdir().expect("a folder") };
        fs::create_dir_all(office.path("春运/broadcasts")).expect("a campaign");
        fs::write(office.path("passphrase"), "一二三四五六七八\n").expect("a passphrase");
        office.run(&["keys", "new", "王", "--passphrase-file", "passphrase"]);
        office.run(&["keys", "rotate", "--county", "某县", "--root", "王", "--publisher", "王"]);
        office.run(&["keys", "sign", "王", "--passphrase-file", "passphrase"]);
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, words: &[&str]) {
        let mut command = Command::new(PROGRAM);
        command.args(words).current_dir(self.folder.path()).stdout(Stdio::null());
        assert!(command.status().expect("the program").success(), "{words:?}");
    }

    /// Makes the next number of the campaign, whose playlists have changed.
    fn bundle(&self) -> Vec<u8> {
        for number in 0..PLAYLISTS {
            let now = clock::wall().timestamp_nanos_opt().unwrap_or_default();
            let text = format!(
                "title = \"春运 {now}\"\nstations = [\"*\"]\n[[message]]\nid = \"安全带\"\ntext = \"安全带就是生命带!\"\n\
                 [[schedule]]\nat = [\"08:0{number}\", \"18:0{number}\"]\n"
            );
            fs::write(self.path(&format!("春运/broadcasts/春运{number}.toml")), text).expect("a playlist");
        }
        let out = self.path("out.dalaba");
        let words = ["county", "publish", "春运", "--by", "王", "--passphrase-file", "passphrase", "-o"];
        self.run(&[&words[..], &[path(&out)]].concat());
        fs::read(&out).expect("a bundle")
    }
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}
