//! A socket that keeps every packet, and reads what RFC 3550 says stands in it.

use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use dalaba::station::clock;

use super::SOON;
use crate::support::poll;

/// One packet as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Packet {
    /// When, by the steady clock.
    pub(super) at: Duration,
    /// The marker: the first of a talkspurt.
    pub(super) first: bool,
    pub(super) payload: u8,
    pub(super) sequence: u16,
    pub(super) timestamp: u32,
    pub(super) source: u32,
    pub(super) sound: Vec<u8>,
}

impl Packet {
    fn read(bytes: &[u8]) -> Self {
        assert_eq!(bytes[0], 0x80, "version 2, nothing else");
        Self {
            at: clock::steady(),
            first: bytes[1] & 0x80 != 0,
            payload: bytes[1] & 0x7F,
            sequence: u16::from_be_bytes([bytes[2], bytes[3]]),
            timestamp: u32::from_be_bytes(bytes[4..8].try_into().unwrap()),
            source: u32::from_be_bytes(bytes[8..12].try_into().unwrap()),
            sound: bytes[12..].to_vec(),
        }
    }
}

/// Listens until the test ends.
pub(super) struct Listener {
    pub(super) at: SocketAddr,
    packets: Arc<Mutex<Vec<Packet>>>,
}

impl Listener {
    /// Listens at a free port of this machine.
    pub(super) fn here() -> Self {
        Self::on(UdpSocket::bind("127.0.0.1:0").unwrap())
    }

    pub(super) fn on(socket: UdpSocket) -> Self {
        let at = socket.local_addr().unwrap();
        let packets = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::downgrade(&packets);
        socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        thread::spawn(move || {
            let mut bytes = [0; 2048];
            while let Some(kept) = kept.upgrade() {
                if let Ok(length) = socket.recv(&mut bytes) {
                    kept.lock().unwrap().push(Packet::read(&bytes[..length]));
                }
            }
        });
        Self { at, packets }
    }

    pub(super) fn packets(&self) -> Vec<Packet> {
        self.packets.lock().unwrap().clone()
    }

    /// Waits until `count` packets have come in, and returns all of them.
    pub(super) fn wait_for(&self, count: usize) -> Vec<Packet> {
        poll::until("enough packets", SOON, || Some(self.packets()).filter(|all| all.len() >= count))
    }
}

/// Reads samples of 16 bits.
pub(super) fn samples(packets: &[Packet]) -> Vec<f32> {
    let sound = packets.iter().flat_map(|packet| packet.sound.chunks_exact(2));
    sound.map(|pair| f32::from(i16::from_be_bytes([pair[0], pair[1]])) / 32_768.0).collect()
}
