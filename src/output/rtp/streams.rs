//! What runs on between two openings of an output: who sends, the numbers of the packets, and their time.
//!
//! To a receiver the pause between two slots is silence in one stream, whether the output was closed meanwhile or not.

use std::collections::BTreeMap;
use std::net::SocketAddrV4;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::options::Options;
use crate::output::OutputFault;

/// Where a stream goes, and by which interface.
type Way = (SocketAddrV4, Option<String>);

/// The streams of this process; none where one is being sent.
static STREAMS: Mutex<BTreeMap<Way, Option<Stream>>> = Mutex::new(BTreeMap::new());

/// One stream of RTP (RFC 3550): begins at random numbers, so that none can be guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stream {
    source: u32,
    sequence: u16,
    /// The timestamp at instant 0 of the steady clock.
    origin: u32,
    /// Ticks a second.
    clock: u32,
    /// The timestamp of the next packet.
    next: u32,
}

/// Bytes before the sound in each packet.
pub(super) const HEADER: usize = 12;

impl Stream {
    fn new(clock: u32) -> Result<Self, getrandom::Error> {
        let origin = getrandom::u32()?;
        let sequence = u16::try_from(getrandom::u32()? >> 16).unwrap_or_default();
        Ok(Self { source: getrandom::u32()?, sequence, origin, clock, next: origin })
    }

    /// Lets the timestamps run on to `at` of the steady clock, never back.
    pub(super) fn run_on(&mut self, at: Duration) {
        let ticks = at.as_nanos() * u128::from(self.clock) / 1_000_000_000;
        // They count round and round by definition.
        let ticks = u32::try_from(ticks & u128::from(u32::MAX)).unwrap_or_default();
        let then = self.origin.wrapping_add(ticks);
        let is_ahead = then.wrapping_sub(self.next) < u32::MAX / 2;
        if is_ahead {
            self.next = then;
        }
    }

    /// Writes the header of the next packet, of `ticks`; `first` marks the beginning of a talkspurt.
    ///
    /// Twelve bytes that never vary in form: a library of RTP would be more to read than they are.
    pub(super) fn header(&mut self, payload: u8, first: bool, ticks: u32) -> [u8; HEADER] {
        let mut header = [0; HEADER];
        header[0] = 2 << 6;
        header[1] = payload | if first { 0x80 } else { 0 };
        header[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        header[4..8].copy_from_slice(&self.next.to_be_bytes());
        header[8..].copy_from_slice(&self.source.to_be_bytes());
        self.sequence = self.sequence.wrapping_add(1);
        self.next = self.next.wrapping_add(ticks);
        header
    }
}

/// A stream that is ours alone; given back when dropped.
#[derive(Debug)]
pub(super) struct Claim {
    way: Way,
    pub(super) stream: Stream,
}

impl Claim {
    /// Takes the stream to `to`; refused while another station sends there.
    pub(super) fn take(options: &Options, to: SocketAddrV4) -> Result<Self, OutputFault> {
        let way = (to, options.interface.clone());
        let mut streams = STREAMS.lock().unwrap_or_else(PoisonError::into_inner);
        // Another coding counts another time, and is another stream.
        let clock = options.coding.clock;
        let stream = match streams.get(&way) {
            Some(None) => return Err(OutputFault::Occupied { to }),
            Some(Some(kept)) if kept.clock == clock => kept.clone(),
            Some(Some(_)) | None => {
                Stream::new(clock).map_err(|error| OutputFault::Network { to, source: error.into() })?
            }
        };
        streams.insert(way.clone(), None);
        Ok(Self { way, stream })
    }

    /// Returns where it goes.
    pub(super) fn to(&self) -> SocketAddrV4 {
        self.way.0
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut streams = STREAMS.lock().unwrap_or_else(PoisonError::into_inner);
        streams.insert(self.way.clone(), Some(self.stream.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_run_on_with_the_clock_round_and_round_and_never_back() {
        let origin = u32::MAX - 4_000;
        let mut stream = Stream { source: 1, sequence: u16::MAX, origin, clock: 8_000, next: origin };
        let stamp = |header: [u8; HEADER]| u32::from_be_bytes([header[4], header[5], header[6], header[7]]);
        stream.run_on(Duration::from_secs(1));
        assert_eq!(stamp(stream.header(0, true, 160)), origin.wrapping_add(8_000));
        // The packet before lasts longer than it was until this one.
        stream.run_on(Duration::from_millis(1_010));
        let next = stream.header(0, false, 160);
        assert_eq!(stamp(next), origin.wrapping_add(8_160));
        assert_eq!(next[2..4], [0, 0], "numbers go round, too");
    }
}
