//! The others, on the same sound server in the same run: Liquidsoap's `switch`, and what cron would run.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use chrono::{DateTime, Utc};
use dalaba::station::clock;

use crate::support::poll;
use crate::support::pulse::Pulse;

/// What the clerk's line of a crontab says.
const TEXT: &str = "an quan dai jiu shi sheng ming dai";

/// A running Liquidsoap; killed when dropped.
pub(crate) struct Liquidsoap(Child);

impl Liquidsoap {
    /// Lets it play `clip` at each of `dues` on `sink`, as its manual has it: a `switch` of predicates over the time, each
    /// source ready, none waiting for the end of a track. None if it is not installed.
    pub(crate) fn start(
        pulse: &Pulse,
        sink: &str,
        clip: &Path,
        dues: &[DateTime<Utc>],
        folder: &Path,
    ) -> Option<Self> {
        let mut rows = String::new();
        for due in dues {
            let (from, clip) = (due.timestamp(), clip.display());
            // Writing to a String cannot fail.
            let _ = writeln!(
                rows,
                "  ({{time() >= {from}. and time() < {}.}}, once(single(\"{clip}\"))),",
                from + 1
            );
        }
        let script = format!(
            "settings.init.allow_root.set(true)\nsettings.log.stdout.set(true)\n\
             settings.frame.audio.samplerate.set(48000)\n\
             timed = switch(track_sensitive=false, [\n{rows}  ({{true}}, blank())\n])\n\
             output.pulseaudio(device=\"{sink}\", timed)\n"
        );
        let path = folder.join("start.liq");
        fs::write(&path, script).expect("the folder takes files");
        let mut liquidsoap = Command::new("liquidsoap");
        pulse.set_up(&mut liquidsoap);
        let log = fs::File::create(folder.join("liquidsoap.log")).expect("the folder takes files");
        liquidsoap.arg(path).stdin(Stdio::null()).stderr(Stdio::null()).stdout(log);
        liquidsoap.spawn().ok().map(Self)
    }
}

impl Drop for Liquidsoap {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Speaks into a file once, to know what is to be heard.
pub(crate) fn spoken(folder: &Path) -> Option<PathBuf> {
    let file = folder.join("spoken.wav");
    let status = Command::new("espeak-ng").arg("-w").arg(&file).arg(TEXT).status().ok()?;
    status.success().then_some(file)
}

/// Runs what a crontab says at each of `dues`: at the instant itself, though cron comes up to a second later.
pub(crate) fn cron(pulse: &Pulse, sink: &str, dues: Vec<DateTime<Utc>>, folder: &Path) -> JoinHandle<()> {
    let file = folder.join("cron.wav").display().to_string();
    let line = format!("espeak-ng -w {file} '{TEXT}' && paplay --device={sink} {file}");
    let mut shell = Command::new("sh");
    pulse.set_up(&mut shell);
    shell.arg("-c").arg(line).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    thread::spawn(move || {
        for due in dues {
            let wait = (due - clock::wall()).to_std().unwrap_or(Duration::ZERO);
            poll::pass(wait.saturating_sub(Duration::from_millis(20)));
            while clock::wall() < due {
                std::hint::spin_loop();
            }
            let _ = shell.status();
        }
    })
}
