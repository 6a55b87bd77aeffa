//! A PulseAudio server of the test's own: its own socket, its own sinks; can be killed and started again.

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::recording::Recording;
use super::{poll, process};

/// A running server; killed when dropped.
pub(crate) struct Pulse {
    home: TempDir,
    sinks: Vec<String>,
    daemon: Option<Child>,
}

impl Pulse {
    /// Starts a server with a null sink of each name, and waits until it answers.
    pub(crate) fn start(sinks: &[&str]) -> Self {
        let mut pulse = Self::absent(sinks);
        pulse.restart();
        pulse
    }

    /// Prepares a server that does not run yet; [`Self::restart`] starts it.
    pub(crate) fn absent(sinks: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        // PulseAudio refuses folders that others may read.
        fs::set_permissions(home.path(), Permissions::from_mode(0o700)).unwrap();
        fs::write(home.path().join("asound.conf"), alsa_config(home.path(), sinks)).unwrap();
        Self { home, sinks: sinks.iter().map(|&sink| sink.to_owned()).collect(), daemon: None }
    }

    /// Starts the server, again if it was killed, and waits until it answers.
    pub(crate) fn restart(&mut self) {
        self.kill();
        let socket = self.socket();
        let mut daemon = process::ahead_of_others("pulseaudio");
        daemon
            .args(["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"])
            .arg("-L")
            .arg(format!("module-native-protocol-unix socket={} auth-anonymous=1", socket.display()));
        for sink in &self.sinks {
            daemon.arg("-L").arg(format!("module-null-sink sink_name={sink} rate=48000 channels=2"));
        }
        self.set_up(&mut daemon);
        daemon.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.daemon = Some(daemon.spawn().expect("pulseaudio is installed"));
        poll::until("an answer of PulseAudio", Duration::from_secs(10), || self.control(&["info"]));
    }

    /// Kills the server as a crash would.
    pub(crate) fn kill(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            daemon.kill().unwrap();
            daemon.wait().unwrap();
        }
    }

    /// Sends the server a signal, such as `STOP` to let it hang and `CONT` to wake it.
    pub(crate) fn signal(&mut self, signal: &str) {
        let daemon = self.daemon.as_ref().expect("the server runs");
        let status = Command::new("kill").arg(format!("-{signal}")).arg(daemon.id().to_string()).status();
        assert!(status.unwrap().success());
    }

    /// Takes a sink away, as pulling a sound card's plug does.
    pub(crate) fn remove(&self, sink: &str) {
        let modules = self.control(&["list", "short", "modules"]).unwrap();
        let module = modules
            .lines()
            .find(|line| line.contains(&format!("sink_name={sink} ")))
            .and_then(|line| line.split('\t').next())
            .expect("the sink's module is loaded");
        self.control(&["unload-module", module]).unwrap();
    }

    /// Runs `pactl` and returns what it prints; none if it fails.
    pub(crate) fn control(&self, arguments: &[&str]) -> Option<String> {
        let mut pactl = Command::new("pactl");
        self.set_up(&mut pactl);
        let output = pactl.args(arguments).output().expect("pactl of pulseaudio-utils runs");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Listens to a sink. Listen before you play: a null sink that nobody hears begins a second late.
    pub(crate) fn record(&self, sink: &str) -> Recording {
        Recording::start(&self.server(), sink)
    }

    /// Lets a program find this server and no other: by PulseAudio's protocol, and as ALSA's PCMs of the sinks' names.
    pub(crate) fn set_up(&self, program: &mut Command) {
        program
            .env("PULSE_SERVER", self.server())
            .env("XDG_RUNTIME_DIR", self.home.path())
            .env("HOME", self.home.path())
            .env("ALSA_CONFIG_PATH", self.home.path().join("asound.conf"))
            .env_remove("DISPLAY")
            .env_remove("DBUS_SESSION_BUS_ADDRESS");
    }

    fn server(&self) -> String {
        format!("unix:{}", self.socket().display())
    }

    fn socket(&self) -> PathBuf {
        self.home.path().join("native")
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Names a PCM after each sink, as an administrator would in `/etc/asound.conf`; the first is the default.
fn alsa_config(home: &Path, sinks: &[&str]) -> String {
    let socket = home.join("native");
    let pcm = |name: &str, sink: &str| {
        format!(
            "pcm.{name} {{ type pulse server \"unix:{}\" device \"{sink}\" hint.description \"{sink}\" }}\n",
            socket.display()
        )
    };
    let mut config = "</usr/share/alsa/alsa.conf>\n".to_owned();
    for sink in sinks {
        config += &pcm(sink, sink);
        // Its volume control, as a sound card has one.
        let socket = socket.display();
        writeln!(config, "ctl.{sink} {{ type pulse server \"unix:{socket}\" device \"{sink}\" }}").unwrap();
    }
    config + &sinks.first().map(|first| pcm("!default", first)).unwrap_or_default()
}
