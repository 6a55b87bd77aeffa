//! Announcements (SAP, RFC 2974): that a stream is there, again and again, and at the end that it is gone.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::line::Line;
use super::options::Options;
use super::sdp;
use crate::output::OutputFault;

/// The port of announcements.
const PORT: u16 = 9875;

/// Between two announcements; with few of them the standard asks for this and no less.
const EVERY: u64 = 300;

/// All announcements together may take this many bits a second.
const BITS: u64 = 4_000;

/// Before another try when the network was not there.
const AGAIN: Duration = Duration::from_secs(5);

/// Announces until it is dropped, and then takes back what it announced.
pub(super) struct Announcer {
    /// Dropped to end the thread.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Announcer {
    /// Begins at once; none if the machine has no room for a thread.
    pub(super) fn start(options: Options) -> Option<Self> {
        let (stop, stopped) = mpsc::channel();
        let work = move || announce(&options, &stopped);
        let thread = thread::Builder::new().name("announce".to_owned()).spawn(work).ok()?;
        Some(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Announcer {
    /// Returns when the streams are taken back: a packet for each.
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // It has nothing to tell.
            let _ = thread.join();
        }
    }
}

fn announce(options: &Options, stopped: &Receiver<()>) {
    let streams: Vec<SocketAddrV4> = options.ways().into_iter().map(|(to, _)| to).collect();
    let mut told: Vec<Told> = Vec::new();
    loop {
        let announced: Result<Vec<Told>, OutputFault> =
            streams.iter().map(|to| Told::tell(options, *to)).collect();
        let rest = match announced {
            Ok(announced) => {
                // What was announced from an address that we no longer have is another announcement.
                told.iter().filter(|old| !announced.contains(old)).for_each(|old| old.take_back(options));
                told = announced;
                interval(&told, chance())
            }
            Err(_) => AGAIN,
        };
        if stopped.recv_timeout(rest) != Err(RecvTimeoutError::Timeout) {
            break;
        }
    }
    for told in &told {
        told.take_back(options);
    }
}

/// Draws a number; without one the middle does.
fn chance() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX / 2)
}

/// Returns the pause until the next round: 300 s, or longer when there is much to say, give or take a third, so that
/// stations that began together do not go on together.
fn interval(told: &[Told], chance: u32) -> Duration {
    let bits = told.iter().map(|told| told.packet(false).len() as u64 * 8).sum::<u64>();
    let every = Duration::from_secs(EVERY.max(bits / BITS));
    let part = f64::from(chance) / f64::from(u32::MAX);
    every.mul_f64(2.0 / 3.0 + part * 2.0 / 3.0)
}

/// One announcement that went out.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    to: SocketAddrV4,
    from: Ipv4Addr,
    text: String,
}

impl Told {
    fn tell(options: &Options, to: SocketAddrV4) -> Result<Self, OutputFault> {
        let line = Line::open(options, group(to))?;
        let from = line.from().unwrap_or(Ipv4Addr::UNSPECIFIED);
        let told = Self { to, from, text: sdp::describe(options, to, from) };
        line.send(&told.packet(false))?;
        Ok(told)
    }

    fn take_back(&self, options: &Options) {
        // Without a network nobody hears it; receivers forget by themselves, after an hour.
        let _ = Line::open(options, group(self.to)).and_then(|line| line.send(&self.packet(true)));
    }

    /// Version 1, IPv4, not encrypted, not compressed, no signature; then who says it, and the description.
    fn packet(&self, is_over: bool) -> Vec<u8> {
        let [_, _, high, low] = sdp::number(&self.text).to_be_bytes();
        let kind = 1 << 5 | u8::from(is_over) << 2;
        let mut packet = vec![kind, 0, high, low];
        packet.extend(self.from.octets());
        packet.extend(b"application/sdp\0");
        packet.extend(self.text.as_bytes());
        packet
    }
}

/// Returns where a stream to `to` is announced: the last address of its scope, or of the world's.
fn group(to: SocketAddrV4) -> SocketAddrV4 {
    let group = match to.ip().octets() {
        [239, 192..=195, ..] => Ipv4Addr::new(239, 195, 255, 255),
        [239, ..] => Ipv4Addr::new(239, 255, 255, 255),
        _ => Ipv4Addr::new(224, 2, 127, 254),
    };
    SocketAddrV4::new(group, PORT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn announcements_come_every_five_minutes_give_or_take_a_third_and_rarer_when_there_is_much_to_say() {
        let told = |length: usize| Told {
            to: SocketAddrV4::new(Ipv4Addr::new(239, 1, 2, 3), 5004),
            from: Ipv4Addr::LOCALHOST,
            text: "x".repeat(length),
        };
        assert_eq!(interval(&[told(300)], 0), Duration::from_secs(200));
        let most = interval(&[told(300)], u32::MAX);
        assert!(most > Duration::from_secs(399) && most <= Duration::from_secs(400), "{most:?}");
        let much = interval(&[told(400_000)], 0);
        assert!(much > Duration::from_secs(400), "{much:?}");
    }

    #[test]
    fn each_scope_has_its_own_address_of_announcements() {
        for (to, wanted) in [
            ("239.1.2.3:5004", "239.255.255.255:9875"),
            ("239.255.0.1:5004", "239.255.255.255:9875"),
            ("239.192.7.7:5004", "239.195.255.255:9875"),
            ("224.2.200.1:5004", "224.2.127.254:9875"),
        ] {
            assert_eq!(group(to.parse().unwrap()), wanted.parse().unwrap(), "{to}");
        }
    }
}
