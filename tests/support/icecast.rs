//! An Icecast server of the test's own, and listeners: ffmpeg, and one that keeps the bytes as they come.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::horn::SOON;
use super::poll;

/// What the source says to be let in.
pub(crate) const PASSWORD: &str = "一个只有测试知道的密码";

/// A server; killed when dropped.
pub(crate) struct Icecast {
    pub(crate) folder: TempDir,
    pub(crate) port: u16,
    /// Words before the program's own, such as those that lead into another network.
    before: Vec<String>,
    address: String,
    server: Option<Child>,
}

impl Icecast {
    /// Starts a server of this machine.
    pub(crate) fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self::at("127.0.0.1", port, &[], None)
    }

    /// Starts a server that speaks TLS with this key and certificate (PEM).
    pub(crate) fn with_tls(pem: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self::at("127.0.0.1", port, &[], Some(pem))
    }

    /// Starts a server behind `before`, where it is reached by `address`.
    pub(crate) fn at(address: &str, port: u16, before: &[&str], pem: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // The server gives up being root and still writes its log there.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        fs::write(folder.path().join("password"), format!("{PASSWORD}\n")).unwrap();
        if let Some(pem) = pem {
            fs::write(folder.path().join("server.pem"), pem).unwrap();
        }
        fs::write(folder.path().join("icecast.xml"), config(folder.path(), port, pem.is_some())).unwrap();
        let before = before.iter().map(|word| (*word).to_owned()).collect();
        let mut icecast = Self { folder, port, before, address: address.to_owned(), server: None };
        icecast.begin();
        icecast
    }

    /// Starts the server again after [`Self::kill`].
    pub(crate) fn begin(&mut self) {
        let words = self.before.iter().map(String::as_str).chain(["icecast2", "-c"]);
        let words: Vec<&str> = words.collect();
        let log = File::create(self.folder.path().join("said")).unwrap();
        let server = Command::new(words[0])
            .args(&words[1..])
            .arg(self.folder.path().join("icecast.xml"))
            .stdout(Stdio::from(log.try_clone().unwrap()))
            .stderr(Stdio::from(log))
            .spawn()
            .expect("icecast2 is installed");
        self.server = Some(server);
        poll::until("a server that listens", SOON, || {
            TcpStream::connect((self.address.as_str(), self.port)).ok().map(drop)
        });
    }

    /// Ends the server at once.
    pub(crate) fn kill(&mut self) {
        let mut server = self.server.take().unwrap();
        server.kill().unwrap();
        server.wait().unwrap();
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.server.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}:{}/village.ogg", self.address, self.port)
    }

    /// Lets ffmpeg listen until the stream ends.
    pub(crate) fn listen(&self) -> Listener {
        let sound = self.path("heard");
        let ffmpeg = Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-y", "-i", &self.url("http"), "-ac", "1", "-ar", "48000"])
            .args(["-f", "s16le"])
            .arg(&sound)
            .spawn()
            .expect("ffmpeg is installed");
        Listener { ffmpeg, sound }
    }

    /// Asks for a page, or for the stream, and keeps what comes until the server ends.
    pub(crate) fn fetch(&self, page: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect((self.address.as_str(), self.port)).unwrap();
        write!(stream, "GET {page} HTTP/1.0\r\n\r\n").unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        bytes
    }
}

impl Drop for Icecast {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

/// Somebody who listens.
pub(crate) struct Listener {
    ffmpeg: Child,
    sound: PathBuf,
}

impl Listener {
    /// Waits until the stream has ended and returns what was heard, at 48 kHz.
    pub(crate) fn finish(mut self) -> Vec<f32> {
        poll::until("the end of the stream", SOON, || self.ffmpeg.try_wait().unwrap());
        let bytes = fs::read(&self.sound).unwrap();
        bytes.chunks_exact(2).map(|two| f32::from(i16::from_le_bytes([two[0], two[1]])) / 32_768.0).collect()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.ffmpeg.kill();
        let _ = self.ffmpeg.wait();
    }
}

fn config(folder: &Path, port: u16, tls: bool) -> String {
    let folder = folder.display();
    let is_root = rustix::process::geteuid().is_root();
    let security =
        if is_root { "<changeowner><user>nobody</user><group>nogroup</group></changeowner>" } else { "" };
    let tls = u8::from(tls);
    format!(
        "<icecast><limits><clients>10</clients><sources>5</sources><source-timeout>5</source-timeout></limits>
        <authentication><source-password>{PASSWORD}</source-password><admin-user>admin</admin-user>
        <admin-password>{PASSWORD}</admin-password></authentication>
        <hostname>localhost</hostname>
        <listen-socket><port>{port}</port><ssl>{tls}</ssl></listen-socket>
        <paths><basedir>{folder}</basedir><logdir>{folder}</logdir><webroot>/usr/share/icecast2/web</webroot>
        <adminroot>/usr/share/icecast2/admin</adminroot><ssl-certificate>{folder}/server.pem</ssl-certificate></paths>
        <logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog><loglevel>3</loglevel></logging>
        <security><chroot>0</chroot>{security}</security></icecast>"
    )
}
