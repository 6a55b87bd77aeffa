//! The output `pipe` into Debian's Snapcast: a server that reads the FIFO, and a client that keeps what it plays.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use dalaba::station::player::{How, PlayerEvent};

use crate::support::horn::{Horn, SOON, selection, text};
use crate::support::{correlate, noise, poll};

/// A program that is ended with the test.
struct Program(Child);

impl Program {
    fn start(words: &[String]) -> Self {
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap_or_else(|error| panic!("{}: {error}", words[0])))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

/// Left channel of what the client has played so far.
fn heard(file: &std::path::Path) -> Vec<f32> {
    let bytes = fs::read(file).unwrap_or_default();
    bytes.chunks_exact(4).map(|four| f32::from(i16::from_le_bytes([four[0], four[1]])) / 32_768.0).collect()
}

#[test]
fn a_message_reaches_a_client_of_snapcast() {
    let folder = tempfile::tempdir().unwrap();
    let (fifo, played) = (folder.path().join("fifo"), folder.path().join("played"));
    let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (port, control) = (free(), free());
    let place = folder.path().display();
    let _server = Program::start(&words(&format!(
        "snapserver --config /dev/null --server.datadir={place} --http.enabled=0 --tcp.port={control} \
         --stream.port={port} --stream.bind_to_address=127.0.0.1 --tcp.bind_to_address=127.0.0.1 \
         --stream.source=pipe://{}?name=village&codec=pcm&sampleformat=48000:16:2",
        fifo.display()
    )));
    poll::until("a server that listens", SOON, || TcpStream::connect(("127.0.0.1", port)).ok().map(drop));
    let _client = Program::start(&words(&format!(
        "snapclient --host 127.0.0.1 --port {port} --hostID village --player file:filename={} --logsink null",
        played.display()
    )));
    let horn = Horn::start(selection("pipe", &[("path", text(fifo.to_str().unwrap()))]));
    horn.up();
    poll::until("a client that plays", SOON, || (!heard(&played).is_empty()).then_some(()));
    let clip = noise::clip(9, 1_000);
    horn.play("安全带", &clip);
    let end = horn.ended();
    assert!(matches!(&end, PlayerEvent::Ended { how: How::Drained, .. }), "{end:?}");
    // The server holds everything back for a second, so that all clients can play in step.
    let sound = poll::until("the message at the client", SOON, || {
        let sound = heard(&played);
        let last = sound.iter().rposition(|sample| sample.abs() > 0.0)?;
        (sound.len() > last + 24_000).then_some(sound)
    });
    let found = correlate::find(&clip.samples, &sound).unwrap();
    assert!(found.correlation > 0.99, "{found:?}");
}
