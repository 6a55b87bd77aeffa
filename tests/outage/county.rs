//! The office of the tests: keys and a campaign, nodes that can be killed, and HAProxy before them as `docs/county.md` has it.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use dalaba::wire::{BUNDLES, ROOTS};
use tempfile::TempDir;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use super::poll;

const PROGRAM: &str = env!("CARGO_BIN_EXE_dalaba");

/// Where the configuration of HAProxy stands that people copy.
const MANUAL: &str = include_str!("../../docs/county.md");

/// Time in which something happens that takes seconds on an idle machine.
pub(crate) const SOON: Duration = Duration::from_mins(1);

/// Questions at the same time: more than a node has connections to its database.
const AT_ONCE: usize = 48;

/// An office; its servers are killed when it is dropped.
pub(crate) struct County {
    folder: TempDir,
    certificate: String,
    database: String,
    nodes: Vec<Node>,
    proxy: Option<Child>,
    port: u16,
}

/// A server.
struct Node {
    port: u16,
    database: String,
    running: Option<Child>,
}

impl County {
    /// Opens an office whose nodes each reach the database by a URL of their own; with more than one, HAProxy stands before
    /// them. Its own commands use the URL `database`.
    pub(crate) fn open(database: &str, nodes: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        let node = |database: &String| Node { port: free_port(), database: database.clone(), running: None };
        let nodes = nodes.iter().map(node).collect();
        let database = database.to_owned();
        let mut county = Self { folder, certificate, database, nodes, proxy: None, port: 0 };
        county.write("cert.pem", &county.certificate);
        county.write("key.pem", &key);
        county.write("both.pem", &format!("{}{key}", county.certificate));
        county.keys();
        for node in 0..county.nodes.len() {
            county.start(node);
        }
        county.port = county.nodes[0].port;
        if county.nodes.len() > 1 {
            county.balance();
        }
        county
    }

    fn keys(&self) {
        self.write("secret", "一二三四五六七八\n");
        self.done(&["keys", "new", "王", "--passphrase-file", "secret"]);
        self.done(&["keys", "rotate", "--county", "某县", "--root", "王", "--publisher", "王"]);
        self.done(&["keys", "sign", "王", "--passphrase-file", "secret"]);
        fs::create_dir_all(self.path("campaign/broadcasts")).unwrap();
        self.write(
            "campaign/broadcasts/春运.toml",
            "title = \"春运\"\nstations = [\"*\"]\n[[message]]\nid = \"甲\"\ntext = \"安全带就是生命带！\"\n\
             [[schedule]]\nat = [\"08:00\"]\n",
        );
    }

    /// Starts HAProxy with the manual's configuration, at addresses of our own.
    fn balance(&mut self) {
        let block = MANUAL.split("```haproxy\n").nth(1).expect("the manual shows how");
        let mut config = block.split("```").next().unwrap().to_owned();
        self.port = free_port();
        let own = [
            // A machine for tests may not have as many files open.
            ("maxconn 20000".to_owned(), "maxconn 200".to_owned()),
            (":443".to_owned(), format!("127.0.0.1:{}", self.port)),
            ("/etc/haproxy/county.pem".to_owned(), self.path("both.pem").display().to_string()),
            ("/etc/haproxy/nodes.pem".to_owned(), self.path("cert.pem").display().to_string()),
            ("10.0.0.11:8443".to_owned(), format!("127.0.0.1:{}", self.nodes[0].port)),
            ("10.0.0.12:8443".to_owned(), format!("127.0.0.1:{}", self.nodes[1].port)),
        ];
        for (shown, here) in own {
            assert_eq!(config.matches(&shown).count(), 1, "{shown}");
            config = config.replace(&shown, &here);
        }
        self.write("haproxy.cfg", &config);
        let mut haproxy = Command::new("haproxy");
        haproxy.arg("-db").arg("-f").arg(self.path("haproxy.cfg"));
        let log = self.log("haproxy.log");
        let started = haproxy.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn();
        self.proxy = Some(started.expect("haproxy is installed"));
        self.ready(self.port);
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn log(&self, name: &str) -> File {
        File::options().create(true).append(true).open(self.path(name)).unwrap()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(words).args(["--lang", "en", "--state", "state"]).current_dir(self.folder.path());
        command.env_remove("NOTIFY_SOCKET");
        command
    }

    fn done(&self, words: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.command(words).output().unwrap();
        assert!(status.success(), "{words:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap()
    }

    /// Starts a node, which must not run, and waits until it serves.
    pub(crate) fn start(&mut self, node: usize) {
        let Node { port, database, .. } = &self.nodes[node];
        let (port, listen) = (*port, format!("127.0.0.1:{port}"));
        let words = ["county", "serve", "--listen", &listen, "--database", database, "--behind-proxy"];
        let mut command = self.command(&words);
        command.args(["--certificate", "cert.pem", "--key", "key.pem"]).stdin(Stdio::null());
        let child =
            command.stdout(Stdio::null()).stderr(self.log(&format!("node{node}.log"))).spawn().unwrap();
        self.nodes[node].running = Some(child);
        self.ready(port);
    }

    /// Kills a node: `kill -9`.
    pub(crate) fn kill(&mut self, node: usize) {
        let mut child = self.nodes[node].running.take().expect("it runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Waits until whoever listens at `port` can do its work.
    fn ready(&self, port: u16) {
        poll::until("a server that is well", SOON, || {
            TcpStream::connect(("127.0.0.1", port)).ok()?;
            self.is_well(port).then_some(())
        });
    }

    fn is_well(&self, port: u16) -> bool {
        let url = format!("https://127.0.0.1:{port}/healthz");
        self.agent(Duration::from_secs(5)).get(url).call().is_ok_and(|answer| answer.status() == 200)
    }

    /// Tells whether a node says that it can do its work.
    pub(crate) fn node_is_well(&self, node: usize) -> bool {
        self.is_well(self.nodes[node].port)
    }

    /// Returns the port where stations come in.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Returns the port of a node, past HAProxy.
    pub(crate) fn node_port(&self, node: usize) -> u16 {
        self.nodes[node].port
    }

    /// Makes an agent that knows the office by its certificate and waits no longer than so.
    pub(crate) fn agent(&self, patience: Duration) -> Agent {
        let certificate = Certificate::from_pem(self.certificate.as_bytes()).unwrap();
        let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&[certificate])).build();
        let config = Agent::config_builder().tls_config(tls).http_status_as_error(false).proxy(None);
        config.timeout_global(Some(patience)).build().new_agent()
    }

    /// Gives out a code for a site.
    pub(crate) fn code(&self, site: &str) -> String {
        let told = self.done(&["county", "enrol", site, "--database", &self.database]);
        let code = told.split_whitespace().find(|word| word.parse::<dalaba::wire::Code>().is_ok());
        code.expect("a code").to_owned()
    }

    /// Brings a node something that it must hold against the database, past HAProxy; returns the status of the answer and
    /// whether it says when to come again.
    pub(crate) fn try_root(&self, node: usize, patience: Duration) -> (u16, bool) {
        let url = format!("https://127.0.0.1:{}{ROOTS}", self.nodes[node].port);
        let answer = self.agent(patience).post(url).send("{}").unwrap();
        (answer.status().as_u16(), answer.headers().contains_key("retry-after"))
    }

    /// Asks a node many times at once for something that it finds in the database.
    pub(crate) fn ask_many_at_once(&self, node: usize) {
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| assert!(self.node_is_well(node)));
            }
        });
    }

    /// Signs the campaign anew and brings it to whichever server takes it.
    pub(crate) fn publish(&self) {
        self.publish_to(self.port);
    }

    /// The same at a node, past HAProxy.
    pub(crate) fn publish_at(&self, node: usize) {
        self.publish_to(self.nodes[node].port);
    }

    fn publish_to(&self, port: u16) {
        let sign = ["--by", "王", "--passphrase-file", "secret", "-o", "out.dalaba"];
        self.done(&[&["county", "publish", "campaign", "--campaign", "春运"], &sign[..]].concat());
        let bundle = fs::read(self.path("out.dalaba")).unwrap();
        let url = format!("https://127.0.0.1:{port}{BUNDLES}");
        poll::until("a bundle that is taken", SOON, || {
            let answer = self.agent(Duration::from_secs(30)).post(&url).send(&bundle[..]).ok()?;
            answer.status().is_success().then_some(())
        });
    }

    /// Returns what its servers have written, for the message of a failure.
    pub(crate) fn logs(&self) -> String {
        let names = ["node0.log", "node1.log", "haproxy.log"];
        let read = |name| format!("{name}:\n{}", fs::read_to_string(self.path(name)).unwrap_or_default());
        names.map(read).concat()
    }
}

impl Drop for County {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("{}", self.logs());
        }
        let nodes = self.nodes.iter_mut().filter_map(|node| node.running.take());
        for mut child in nodes.chain(self.proxy.take()) {
            // It may have ended long ago.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Returns a port that nobody has; it can be had again after a kill.
fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}
