//! Packets, each at its time.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::coding::{Encoding, Thinner};
use super::line::Line;
use super::options::Options;
use super::sdp;
use super::streams::{Claim, HEADER};
use crate::clip::RATE;
use crate::model::Priority;
use crate::output::OutputFault;
use crate::output::pace::{Beat, Ear};

/// How often the cable is looked at while packets go out.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Sends one talkspurt after another; between them nothing.
pub(super) struct Sender {
    options: Options,
    line: Line,
    claim: Claim,
    encoding: Encoding,
    /// None where clips have the coding's rate already.
    thinner: Option<Thinner>,
    /// What is converted and waits for its packet.
    pending: Vec<f32>,
    /// Whether the next packet is the first of a talkspurt.
    first: bool,
    /// Packets since the cable was looked at.
    unseen: u32,
    packet: Vec<u8>,
}

impl Sender {
    pub(super) fn open(options: Options, priority: Priority) -> Result<Self, OutputFault> {
        let to = options.to(priority);
        let line = Line::open(&options, to)?;
        let claim = Claim::take(&options, to)?;
        let rate = options.coding.rate;
        let thinner = (rate != RATE)
            .then(|| Thinner::new(rate))
            .transpose()
            .map_err(|error| OutputFault::Network { to, source: std::io::Error::other(error) })?;
        Ok(Self {
            encoding: options.coding.encoder(),
            options,
            line,
            claim,
            thinner,
            pending: Vec::new(),
            first: true,
            unseen: 0,
            packet: Vec::new(),
        })
    }

    /// Writes the SDP files, if there are to be any.
    pub(super) fn describe(&self) -> Result<(), OutputFault> {
        let from = self.line.from().unwrap_or(Ipv4Addr::UNSPECIFIED);
        for (to, word) in self.options.ways() {
            if let Some(path) = self.options.sdp(word) {
                sdp::write(path, &sdp::describe(&self.options, to, from))?;
            }
        }
        Ok(())
    }

    fn look(&mut self) -> Result<(), OutputFault> {
        self.unseen += 1;
        if self.options.packet_time * self.unseen < LOOK_EVERY {
            return Ok(());
        }
        self.unseen = 0;
        self.line.check()
    }

    fn send(&mut self, count: usize) -> Result<(), OutputFault> {
        let samples: Vec<i16> = self.pending.drain(..count).map(to_16_bits).collect();
        let coding = self.options.coding;
        // A packet has at most 60 ms.
        let ticks = u32::try_from(count).unwrap_or_default() * coding.clock / coding.rate;
        self.packet.clear();
        self.packet.reserve(HEADER + count * 2);
        self.packet.extend(self.claim.stream.header(coding.payload, self.first, ticks));
        self.encoding.write(&samples, &mut self.packet);
        self.first = false;
        self.line.send(&self.packet)
    }
}

impl Ear for Sender {
    fn beat(&self) -> Beat {
        let micros = usize::try_from(self.options.packet_time.as_micros()).unwrap_or_default();
        let lead = if self.thinner.is_some() { Thinner::LEAD } else { 0 };
        Beat { piece: RATE as usize / 1000 * micros / 1000, lead, early: true }
    }

    fn rank(&mut self, priority: Priority) -> Result<(), OutputFault> {
        let to = self.options.to(priority);
        if to != self.claim.to() {
            self.line = Line::open(&self.options, to)?;
            self.claim = Claim::take(&self.options, to)?;
            self.unseen = 0;
        }
        Ok(())
    }

    fn begin(&mut self, at: Duration) {
        self.claim.stream.run_on(at);
        self.first = true;
    }

    fn hear(&mut self, samples: &[f32]) -> Result<(), OutputFault> {
        match &mut self.thinner {
            Some(thinner) => thinner.convert(samples, &mut self.pending),
            None => self.pending.extend_from_slice(samples),
        }
        let count = self.options.samples();
        if self.pending.len() < count {
            return Ok(());
        }
        self.look()?;
        self.send(count)
    }

    fn settle(&mut self) -> Result<(), OutputFault> {
        // What is left is the silence that pushed the last packet out.
        self.pending.clear();
        if let Some(thinner) = &mut self.thinner {
            thinner.reset();
        }
        Ok(())
    }
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to the range of 16 bits")]
fn to_16_bits(sample: f32) -> i16 {
    (sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)).round() as i16
}
