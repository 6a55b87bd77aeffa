//! Gives encoded sound to the server, and counts the samples that arrived there.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::time::Duration;

use super::IcecastFault;
use super::pages::Pages;
use super::pulse::Pulse;
use super::wire::Wire;
use crate::output::OutputFault;
use crate::output::live::Sink;
use crate::output::pace;

/// How long the server may take to say goodbye.
const GOODBYE: Duration = Duration::from_millis(500);

/// A stream that goes on.
pub(super) struct Stream {
    server: String,
    wire: Wire,
    pulse: Pulse,
    pages: Pages,
    /// Encoded sound that the network has not taken yet.
    waiting: Vec<u8>,
    /// Samples that can be heard with all that was given to the network, and with what still waits.
    audible: (u64, u64),
    /// For each point of the connection that has not arrived yet: bytes, and samples that can be heard with them.
    under_way: VecDeque<(u64, u64)>,
    /// Samples that can be heard with what arrived.
    arrived: u64,
}

impl Stream {
    pub(super) fn new(server: String, wire: Wire, pages: Pages, pulse: Pulse) -> Self {
        let (waiting, under_way) = (Vec::new(), VecDeque::new());
        Self { server, wire, pulse, pages, waiting, audible: (0, 0), under_way, arrived: 0 }
    }

    fn lost(&self, source: io::Error) -> OutputFault {
        IcecastFault::Lost { server: self.server.clone(), source }.into()
    }

    fn fetch(&mut self) {
        let (bytes, audible) = self.pages.bytes();
        self.waiting.extend(bytes);
        self.audible.1 = audible;
    }

    /// Writes once; tells whether nothing waits any more.
    fn push(&mut self) -> io::Result<bool> {
        if !self.waiting.is_empty() {
            let count = self.wire.write(&self.waiting)?;
            self.waiting.drain(..count);
        }
        // With TLS, what was taken may still wait behind the session.
        self.wire.flush()?;
        Ok(self.waiting.is_empty())
    }
}

impl Sink for Stream {
    fn take(&mut self, block: &[f32]) -> Result<(), OutputFault> {
        self.pages.take(block)?;
        self.fetch();
        Ok(())
    }

    fn hand_over(&mut self, wait: Duration) -> Result<bool, OutputFault> {
        let until = pace::now() + wait;
        loop {
            match self.push() {
                Ok(true) => break,
                Ok(false) => {}
                Err(error) if is_slow(&error) => {}
                Err(error) => return Err(self.lost(error)),
            }
            if pace::now() >= until {
                return Ok(false);
            }
        }
        if self.audible.1 > self.audible.0 {
            self.audible.0 = self.audible.1;
            self.under_way.push_back((self.wire.written(), self.audible.0));
        }
        Ok(true)
    }

    fn left(&mut self) -> Result<u64, OutputFault> {
        if self.pulse.is_gone() {
            return Err(IcecastFault::Hangs { server: self.server.clone() }.into());
        }
        let arrived = self.wire.arrived().map_err(|error| self.lost(error))?;
        while self.under_way.front().is_some_and(|(bytes, _)| *bytes <= arrived) {
            self.arrived = self.under_way.pop_front().map_or(self.arrived, |(_, samples)| samples);
        }
        Ok(self.arrived)
    }

    fn title(&mut self, title: &str) -> Result<(), OutputFault> {
        self.pages.title(title)?;
        self.fetch();
        Ok(())
    }

    fn close(&mut self) {
        if self.pages.end().is_ok() {
            self.fetch();
            // A listener's player ends well either way.
            let _ = self.push();
        }
        self.wire.close(pace::now() + GOODBYE);
    }
}

/// Tells a network that takes nothing just now from one that is gone.
fn is_slow(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}
