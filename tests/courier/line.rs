//! A bad line: a small proxy between village and county that delays, throttles, stalls, resets, and sells tickets.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use dalaba::station::clock;

/// What a line does to what goes over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Weather {
    /// How late everything comes, each way.
    pub(crate) delay: Duration,
    /// Bytes a second, of one connection and each way; 0 is as many as there are.
    pub(crate) rate: u64,
    /// The connection is reset after so many bytes of the county's; 0 is never.
    pub(crate) reset_after: u64,
    /// Nothing goes on after so many bytes of the county's, and nobody says so; 0 is never.
    pub(crate) stall_after: u64,
    /// Somebody else answers every question, with a page.
    pub(crate) portal: bool,
    /// Nothing is let through.
    pub(crate) closed: bool,
}

/// A line to `to`; it lies until the test ends.
pub(crate) struct Line {
    at: String,
    weather: Arc<Mutex<Weather>>,
    carried: Arc<AtomicU64>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

const PAGE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 39\r\n\
    ETag: \"x\"\r\n\r\n<html><body>Please log in</body></html>";

impl Line {
    /// Lays a line from `from` (port 0 for any) to `to`.
    pub(crate) fn lay(from: &str, to: &str, weather: Weather) -> Self {
        let listener = TcpListener::bind(from).unwrap();
        let line = Self {
            at: listener.local_addr().unwrap().to_string(),
            weather: Arc::new(Mutex::new(weather)),
            carried: Arc::default(),
            open: Arc::default(),
        };
        let (weather, carried, open) =
            (Arc::clone(&line.weather), Arc::clone(&line.carried), Arc::clone(&line.open));
        let to = to.to_owned();
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                open.lock().unwrap().push(near.try_clone().unwrap());
                let (to, weather, carried) = (to.clone(), Arc::clone(&weather), Arc::clone(&carried));
                thread::spawn(move || connect(near, &to, &weather, &carried));
            }
        });
        line
    }

    /// Where the village finds the county.
    pub(crate) fn at(&self) -> &str {
        &self.at
    }

    /// Changes the weather for all that comes; what is under way is cut.
    pub(crate) fn turn(&self, weather: Weather) {
        *self.weather.lock().unwrap() = weather;
        self.cut();
    }

    /// Changes the weather for those who come from now on; what is under way goes on as it is.
    pub(crate) fn turn_for_the_next(&self, weather: Weather) {
        *self.weather.lock().unwrap() = weather;
    }

    /// Cuts every connection.
    pub(crate) fn cut(&self) {
        for stream in self.open.lock().unwrap().drain(..) {
            // It may have ended.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Bytes that came from the county so far.
    pub(crate) fn carried(&self) -> u64 {
        self.carried.load(Ordering::Relaxed)
    }
}

fn connect(mut near: TcpStream, to: &str, weather: &Arc<Mutex<Weather>>, carried: &Arc<AtomicU64>) {
    let now = *weather.lock().unwrap();
    if now.portal {
        let mut asked = [0; 4096];
        // Whatever is asked.
        let _ = near.read(&mut asked).and_then(|_| near.write_all(PAGE));
        return;
    }
    if now.closed {
        return;
    }
    let Ok(far) = TcpStream::connect(to) else { return };
    let up = (near.try_clone().unwrap(), far.try_clone().unwrap());
    let there = thread::spawn(move || carry(up.0, up.1, now, None));
    carry(far, near, now, Some(carried));
    let _ = there.join();
}

/// Carries bytes one way, each piece when its time has come.
#[expect(clippy::needless_pass_by_value, reason = "a connection ends where it was carried to its end")]
fn carry(from: TcpStream, mut to: TcpStream, weather: Weather, count: Option<&Arc<AtomicU64>>) {
    let (sender, pieces) = mpsc::sync_channel::<(Duration, Vec<u8>)>(64);
    let mut reading = from.try_clone().unwrap();
    let reader = thread::spawn(move || {
        let mut piece = [0; 1024];
        while let Ok(length @ 1..) = reading.read(&mut piece) {
            if sender.send((clock::steady() + weather.delay, piece[..length].to_vec())).is_err() {
                return;
            }
        }
    });
    let (_never, timer) = mpsc::channel::<()>();
    let wait = |until: Duration| {
        let left = until.saturating_sub(clock::steady());
        if !left.is_zero() {
            let _ = timer.recv_timeout(left);
        }
    };
    let (mut total, mut free_at) = (0, Duration::ZERO);
    for (due, piece) in pieces {
        wait(due.max(free_at));
        total += piece.len() as u64;
        if let Some(count) = count {
            count.fetch_add(piece.len() as u64, Ordering::Relaxed);
            if weather.stall_after > 0 && total > weather.stall_after {
                // The other end gives up at last.
                let mut gone = [0; 1];
                let _ = to.read(&mut gone);
                break;
            }
            if weather.reset_after > 0 && total > weather.reset_after {
                break;
            }
        }
        if to.write_all(&piece).is_err() {
            break;
        }
        if let Some(takes) = (piece.len() as u64 * 1_000_000).checked_div(weather.rate) {
            free_at = clock::steady().max(free_at) + Duration::from_micros(takes);
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    let _ = reader.join();
}
