//! Sockets that note when each packet came.

use std::net::UdpSocket;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::station::clock;

/// Ticks a second of the timestamps in these streams.
const CLOCK: u64 = 8_000;

/// Ticks in a packet of 20 ms.
const TICKS: u32 = 160;

/// One packet: when it came, its number and its time.
#[derive(Debug, Clone, Copy)]
struct Arrival {
    at: Duration,
    sequence: u16,
    timestamp: u32,
}

/// A receiver for each station.
pub(crate) struct Receivers {
    pub(crate) ports: Vec<u16>,
    streams: Vec<Arc<Mutex<Vec<Arrival>>>>,
    /// When they were opened, by both clocks.
    opened: (DateTime<Utc>, Duration),
}

/// What was heard by all of them.
pub(crate) struct Heard {
    pub(crate) packets: usize,
    pub(crate) lost: usize,
    pub(crate) underruns: usize,
    /// The length of the shortest stream.
    pub(crate) shortest: TimeDelta,
    /// How late each packet was, sorted.
    late: Vec<Duration>,
}

impl Heard {
    /// Returns the lateness that so many percent of the packets do not exceed.
    pub(crate) fn late(&self, percent: usize) -> Duration {
        let at = self.late.len() * percent / 100;
        self.late.get(at.min(self.late.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}

impl Receivers {
    pub(crate) fn open(count: usize) -> Self {
        let (mut ports, mut streams) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            ports.push(socket.local_addr().unwrap().port());
            let stream = Arc::new(Mutex::new(Vec::new()));
            streams.push(Arc::clone(&stream));
            thread::spawn(move || receive(&socket, &stream));
        }
        Self { ports, streams, opened: (clock::wall(), clock::steady()) }
    }

    /// Tells whether every stream has begun.
    pub(crate) fn all_hear(&self) -> bool {
        self.streams.iter().all(|stream| !stream.lock().unwrap().is_empty())
    }

    /// Returns when the first packet of all came.
    pub(crate) fn first(&self) -> Option<DateTime<Utc>> {
        let first = self.streams.iter().filter_map(|stream| stream.lock().unwrap().first().copied());
        let at = first.map(|arrival| arrival.at).min()?;
        Some(self.opened.0 + TimeDelta::from_std(at.saturating_sub(self.opened.1)).ok()?)
    }

    /// Holds every packet against its number and its time.
    pub(crate) fn judge(&self, buffer: Duration) -> Heard {
        let mut heard =
            Heard { packets: 0, lost: 0, underruns: 0, shortest: TimeDelta::MAX, late: Vec::new() };
        for stream in &self.streams {
            let arrivals = stream.lock().unwrap().clone();
            heard.packets += arrivals.len();
            heard.lost += arrivals
                .windows(2)
                .map(|pair| usize::from(pair[1].sequence.wrapping_sub(pair[0].sequence).saturating_sub(1)))
                .sum::<usize>();
            let late = lateness(&arrivals);
            heard.underruns += late.iter().filter(|late| **late > buffer).count();
            heard.late.extend(late);
            let ends = arrivals.first().zip(arrivals.last());
            let ticks = ends.map_or(0, |(first, last)| last.timestamp.wrapping_sub(first.timestamp) + TICKS);
            let ticks = u64::from(ticks);
            let length = Duration::from_millis(ticks * 1_000 / CLOCK);
            heard.shortest = heard.shortest.min(TimeDelta::from_std(length).unwrap());
        }
        heard.late.sort_unstable();
        heard
    }
}

fn receive(socket: &UdpSocket, stream: &Mutex<Vec<Arrival>>) {
    let mut packet = [0; 2048];
    while let Ok(length) = socket.recv(&mut packet) {
        let at = clock::steady();
        // ffmpeg's reports (RTCP) go to the next port, which may be another receiver's: RFC 5761 tells them apart.
        if length > 12 && !(192..=223).contains(&packet[1]) {
            let sequence = u16::from_be_bytes([packet[2], packet[3]]);
            let timestamp = u32::from_be_bytes([packet[4], packet[5], packet[6], packet[7]]);
            stream.lock().unwrap().push(Arrival { at, sequence, timestamp });
        }
    }
}

/// Returns how much later each packet came than the earliest of its stream, both by their own times.
fn lateness(arrivals: &[Arrival]) -> Vec<Duration> {
    let Some(first) = arrivals.first() else { return Vec::new() };
    let delay = |arrival: &Arrival| {
        let ticks = u64::from(arrival.timestamp.wrapping_sub(first.timestamp));
        let own = Duration::from_nanos(ticks * 1_000_000_000 / CLOCK);
        TimeDelta::from_std(arrival.at.saturating_sub(first.at)).unwrap() - TimeDelta::from_std(own).unwrap()
    };
    let delays: Vec<TimeDelta> = arrivals.iter().map(delay).collect();
    let least = delays.iter().min().copied().unwrap_or_default();
    delays.into_iter().filter_map(|delay| (delay - least).to_std().ok()).collect()
}
