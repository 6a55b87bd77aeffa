//! ffmpeg and `GStreamer` listen: what they make of our packets is what was sent.

use std::fs;
use std::io::Read;
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use dalaba::model::Setting;

use super::{SOON, Village, selection, text};
use crate::support::correlate::{self, Found};
use crate::support::{noise, poll};

/// A program that writes samples of 16 bits at 48 kHz to its standard output.
struct Receiver {
    program: Child,
    taken: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Receiver {
    /// Starts it, and returns when it listens at `port`.
    fn start(command: &mut Command, port: u16) -> Self {
        let mut program = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the receiver is installed");
        let mut output = program.stdout.take().unwrap();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let tape = Arc::clone(&taken);
        let reader = thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                tape.lock().unwrap().extend_from_slice(&bytes[..count]);
            }
        });
        poll::until("a listening receiver", SOON, || is_bound(port).then_some(()));
        Self { program, taken, reader: Some(reader) }
    }

    /// Waits until the clip can have been heard to its end, and looks for it.
    fn find(mut self, clip: &[f32], enough: usize) -> Found {
        poll::until("the recording", SOON, || (self.taken.lock().unwrap().len() >= enough * 2).then_some(()));
        self.stop();
        self.reader.take().unwrap().join().unwrap();
        let bytes = self.taken.lock().unwrap();
        let sound: Vec<f32> = bytes
            .chunks_exact(2)
            .map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 32_768.0)
            .collect();
        correlate::find(clip, &sound).expect("the recording is long enough")
    }

    fn stop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Tells whether somebody listens at `port`; the third column has where others send.
fn is_bound(port: u16) -> bool {
    let table = fs::read_to_string("/proc/thread-self/net/udp").unwrap();
    let ending = format!(":{port:04X}");
    table.lines().any(|line| line.split_whitespace().nth(1).is_some_and(|local| local.ends_with(&ending)))
}

fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn ffmpeg(sdp: &Path) -> Command {
    let mut command = Command::new("ffmpeg");
    command
        // It would wait for five seconds of sound before it says what it hears.
        .args(["-nostdin", "-loglevel", "error", "-analyzeduration", "0", "-probesize", "32"])
        .args(["-protocol_whitelist", "file,udp,rtp", "-i"])
        .arg(sdp)
        .args(["-ar", "48000", "-ac", "1", "-f", "s16le", "-flush_packets", "1", "-"]);
    command
}

fn gstreamer(port: u16, caps: &str, decoder: &str) -> Command {
    let pipeline = format!(
        "udpsrc address=127.0.0.1 port={port} caps=application/x-rtp,media=audio,{caps} ! rtpjitterbuffer latency=200 ! \
         {decoder} ! audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=48000,channels=1 ! fdsink sync=false"
    );
    let mut command = Command::new("gst-launch-1.0");
    command.arg("-q").args(pipeline.split_whitespace());
    command
}

/// Half a second more than is looked at in the end: decoders hold something back until more comes.
const LENGTH: usize = 2_000;
const LOOKED_AT: usize = 1_500;

/// Plays to a receiver and finds what it heard.
fn heard(codec: &'static str, seed: u64, listen: impl FnOnce(u16, &Path) -> Command) -> Found {
    let folder = tempfile::tempdir().unwrap();
    let sdp = folder.path().join("赵家庄.sdp");
    let port = free_port();
    let options = [("codec", text(codec)), ("sdp", Setting::Text(sdp.to_str().unwrap().to_owned()))];
    let village = Village::open(selection(&format!("127.0.0.1:{port}"), &options));
    village.up();
    let receiver = Receiver::start(&mut listen(port, &sdp), port);
    let clip = noise::clip(seed, LENGTH);
    village.play("airing", &clip);
    let found = receiver.find(&clip.samples[..LOOKED_AT * 48], LOOKED_AT * 48 + 4_800);
    println!("{codec}: correlation {:.4} at {}", found.correlation, found.at);
    found
}

#[test]
fn ffmpeg_hears_every_coding_from_the_sdp_file_alone() {
    // What a narrow band leaves of the noise, and what its steps cost.
    let codecs = [("l16", 0.999), ("l16-44100", 0.99), ("g722", 0.97), ("pcmu", 0.94), ("pcma", 0.94)];
    thread::scope(|scope| {
        for (seed, (codec, least)) in (40..).zip(codecs) {
            scope.spawn(move || {
                let found = heard(codec, seed, |_, sdp| ffmpeg(sdp));
                assert!(found.correlation > least, "{codec}: {found:?}");
            });
        }
    });
}

#[test]
fn gstreamer_hears_them_too() {
    let codecs = [
        (
            "l16",
            0.999,
            "clock-rate=48000,encoding-name=L16,encoding-params=(string)1,channels=1,payload=96",
            "rtpL16depay",
        ),
        ("pcmu", 0.95, "clock-rate=8000,encoding-name=PCMU,payload=0", "rtppcmudepay ! mulawdec"),
        ("pcma", 0.95, "clock-rate=8000,encoding-name=PCMA,payload=8", "rtppcmadepay ! alawdec"),
    ];
    thread::scope(|scope| {
        for (seed, (codec, least, caps, decoder)) in (50..).zip(codecs) {
            scope.spawn(move || {
                let found = heard(codec, seed, |port, _| gstreamer(port, caps, decoder));
                assert!(found.correlation > least, "{codec}: {found:?}");
            });
        }
    });
}
