//! A PostgreSQL of the test's own: a cluster in a temporary folder, which can be killed and started again.

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::poll;

/// Time in which a cluster starts, also after a crash, on a busy machine.
const STARTS: Duration = Duration::from_secs(60);

/// A cluster that runs; killed when dropped.
pub(crate) struct Postgres {
    folder: TempDir,
    port: u16,
    server: Option<Child>,
}

impl Postgres {
    /// Makes a cluster with an empty database `county` and starts it.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        if is_root() {
            // PostgreSQL refuses to run as root.
            let given = Command::new("chown").arg("postgres:").arg(folder.path()).status().unwrap();
            assert!(given.success(), "there is a user postgres");
        }
        let mut cluster = Self { folder, port: free_port(), server: None };
        let data = cluster.data();
        let words = ["-A", "trust", "-U", "dalaba", "--no-locale", "-E", "UTF8", "-D"];
        let made = program("initdb").args(words).arg(&data).stdout(Stdio::null()).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        cluster.start_again();
        let mut create = program("createdb");
        create.args(["-h", "127.0.0.1", "-U", "dalaba", "-p"]).arg(cluster.port.to_string());
        let made = create.arg("county").status().unwrap();
        assert!(made.success());
        cluster
    }

    /// Returns the URL of its database.
    pub(crate) fn url(&self) -> String {
        url(self.port)
    }

    /// Returns where it listens.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Kills it as a power cut does: nothing is written any more, nobody is told.
    pub(crate) fn kill(&mut self) {
        let mut server = self.server.take().expect("it runs");
        server.kill().unwrap();
        server.wait().unwrap();
    }

    /// Starts it on what is on the disk, and waits until it answers.
    pub(crate) fn start_again(&mut self) {
        poll::until("PostgreSQL's start", STARTS, || {
            if let Some(server) = &mut self.server
                && server.try_wait().unwrap().is_none()
            {
                return self.answers().then_some(());
            }
            // After a kill it refuses to start until the last of its children has seen that it is alone.
            self.server = Some(self.spawn());
            None
        });
    }

    fn spawn(&self) -> Child {
        let log = fs::File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let mut server = program("postgres");
        server.args(["-h", "127.0.0.1", "-p"]).arg(self.port.to_string());
        server.arg("-k").arg(self.folder.path()).arg("-D").arg(self.data());
        server.stdout(Stdio::null()).stderr(log).spawn().unwrap()
    }

    fn answers(&self) -> bool {
        let mut asked = program("pg_isready");
        asked.args(["-q", "-h", "127.0.0.1", "-p"]).arg(self.port.to_string());
        asked.status().unwrap().success()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.server.is_some() {
            self.kill();
        }
    }
}

/// Returns the URL of the database behind `port`, which may be a cable's.
pub(crate) fn url(port: u16) -> String {
    format!("postgres://dalaba@127.0.0.1:{port}/county")
}

/// Returns a port that nobody has; it can be had again after a kill.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Prepares a program of PostgreSQL's, which Debian keeps beside the path, for a user who may run it.
fn program(name: &str) -> Command {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = versions.map(|version| version.path().join("bin").join(name)).find(|path| path.exists());
    let path = found.unwrap_or_else(|| name.into());
    if !is_root() {
        return Command::new(path);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(path);
    // Not where root works, which others may not enter.
    command.current_dir("/").process_group(0);
    command
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
