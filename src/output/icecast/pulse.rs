//! Whether the server's program still lives. When it hangs, its machine goes on acknowledging what arrives until its own buffers
//! are full, which takes minutes at 4 kB a second.

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::address::Address;
use super::wire::Wire;
use crate::output::pace;

/// How often it is asked.
const EVERY: Duration = Duration::from_secs(3);

/// How long its first byte may take, connection and all.
const ANSWERS: Duration = Duration::from_secs(2);

/// Questions in a row without an answer after which it is gone: one may be lost on a bad network.
const MISSED: u32 = 2;

/// Asks the server in a thread of its own, until it is dropped.
pub(super) struct Pulse {
    gone: Arc<AtomicBool>,
    _stop: mpsc::Sender<()>,
}

impl Pulse {
    /// Begins to ask.
    pub(super) fn take(address: Address, certificate: Option<PathBuf>) -> io::Result<Self> {
        let gone = Arc::new(AtomicBool::new(false));
        let (stop, stopped) = mpsc::channel();
        let told = Arc::clone(&gone);
        thread::Builder::new().name("icecast-pulse".to_owned()).spawn(move || {
            let mut missed = 0;
            while missed < MISSED {
                if stopped.recv_timeout(EVERY) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
                missed = if answers(&address, certificate.as_ref()) { 0 } else { missed + 1 };
            }
            told.store(true, Ordering::Relaxed);
        })?;
        Ok(Self { gone, _stop: stop })
    }

    /// Tells whether it answers nobody any more.
    pub(super) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }
}

/// Tells whether the server does anything at all with a question: whatever it says, and also if it hangs up, which it does when it
/// has too many listeners.
fn answers(address: &Address, certificate: Option<&PathBuf>) -> bool {
    let deadline = pace::now() + ANSWERS;
    let Ok(mut wire) = Wire::connect(address, certificate.map(PathBuf::as_path), deadline) else {
        return false;
    };
    let request = format!("HEAD / HTTP/1.0\r\nHost: {}\r\n\r\n", address.server());
    let answered = wire.write_all(request.as_bytes()).and_then(|()| wire.flush());
    let answered = answered.and_then(|()| wire.read(&mut [0]));
    !answered.is_err_and(|error| matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock))
}
