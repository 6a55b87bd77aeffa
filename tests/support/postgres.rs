//! A PostgreSQL of the test's own: made in a temporary folder, killed and started again as the test wants, gone at the end.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::poll;

/// Time for a database to begin on a busy machine.
const SOON: Duration = Duration::from_mins(1);

/// A running PostgreSQL.
pub(crate) struct Postgres {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
    server: Option<Child>,
}

impl Postgres {
    /// Makes an empty database and starts it.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        if is_root() {
            let account = Command::new("id").args(["-u", "postgres"]).output().unwrap();
            let id = String::from_utf8(account.stdout).unwrap().trim().parse().unwrap();
            chown(&data, Some(id), None).unwrap();
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut postgres = Self { folder, programs: programs(), port, server: None };
        let made = postgres
            .command("initdb")
            .args(["-U", "dalaba", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        postgres.begin();
        postgres
    }

    /// Takes nobody any more who comes without TLS, and shows this certificate.
    pub(crate) fn secure(&mut self, certificate: &str, key: &str) {
        self.kill();
        let data = self.folder.path().join("data");
        let owner = fs::metadata(data.join("PG_VERSION")).unwrap().uid();
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            let path = data.join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            chown(&path, Some(owner), None).unwrap();
        }
        fs::write(data.join("pg_hba.conf"), "hostssl all all 127.0.0.1/32 trust\n").unwrap();
        let mut settings = fs::read_to_string(data.join("postgresql.conf")).unwrap();
        settings += "ssl = on\n";
        fs::write(data.join("postgresql.conf"), settings).unwrap();
        self.begin();
    }

    /// Returns the address to connect to.
    pub(crate) fn url(&self) -> String {
        format!("postgres://dalaba@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts the server again after [`Self::kill`].
    pub(crate) fn begin(&mut self) {
        let port = self.port.to_string();
        let log = fs::File::create(self.folder.path().join("log")).unwrap();
        let server = self
            .command("postgres")
            .args(["-p", &port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="])
            .args(["-c", "shared_buffers=32MB", "-D"])
            .arg(self.folder.path().join("data"))
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.server = Some(server);
        poll::until("PostgreSQL", SOON, || {
            let asked = self.command("pg_isready").args(["-h", "127.0.0.1", "-p", &port]).output().unwrap();
            asked.status.success().then_some(())
        });
    }

    /// Ends it as a power cut does: no process has time to write anything.
    pub(crate) fn kill(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        // The parent's death takes its children with it only when it has time to; so all of them go at once.
        let pid = server.id().to_string();
        let _ = Command::new("pkill").args(["-KILL", "-P", &pid]).status();
        let _ = server.kill();
        let _ = server.wait();
    }

    /// Prepares a program of PostgreSQL's, which refuses to run as root.
    fn command(&self, program: &str) -> Command {
        let path = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir("/").stdout(Stdio::null());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.kill();
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Finds the newest PostgreSQL of Debian's.
fn programs() -> PathBuf {
    let listed = fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed");
    let mut found: Vec<PathBuf> = listed.map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found.pop().map(|newest: PathBuf| Path::new(&newest).join("bin")).expect("PostgreSQL is installed")
}
