//! Packets into pages of Ogg, one stream after another: each title begins a stream of its own, as listeners' players expect.

use std::io;

use ogg::writing::{PacketWriteEndInfo, PacketWriter};

use super::IcecastFault;
use super::codec::{Codec, Packet};

/// Packets of Opus on a page, 100 ms: few enough that a listener is not late, enough that pages cost little.
const OPUS_PACKETS: u32 = 5;

/// Encoded sound, as bytes that go to the server.
pub(super) struct Pages {
    codec: Codec,
    writer: PacketWriter<'static, Vec<u8>>,
    /// Names the stream of Ogg that is going on.
    serial: u32,
    /// The newest packet, kept back because the last one of a stream is marked as such.
    last: Option<Packet>,
    /// Packets on the page that is being filled.
    on_page: u32,
    /// Samples taken since the beginning, and before the stream of Ogg that is going on.
    taken: (u64, u64),
    /// Samples that can be heard with what was written to whole pages.
    audible: u64,
}

impl Pages {
    /// Begins with a stream without a title.
    pub(super) fn new(codec: Codec) -> Result<Self, IcecastFault> {
        let writer = PacketWriter::new(Vec::new());
        let mut pages = Self { codec, writer, serial: 0, last: None, on_page: 0, taken: (0, 0), audible: 0 };
        pages.begin(None)?;
        Ok(pages)
    }

    /// Takes a block of sound.
    pub(super) fn take(&mut self, block: &[f32]) -> Result<(), IcecastFault> {
        let mut packets = Vec::new();
        self.codec.take(block, &mut packets)?;
        self.taken.0 += block.len() as u64;
        packets.into_iter().try_for_each(|packet| self.push(packet)).map_err(fault)
    }

    /// Ends the stream of Ogg that is going on, and begins one that is called `title`.
    pub(super) fn title(&mut self, title: &str) -> Result<(), IcecastFault> {
        self.end()?;
        self.begin(Some(title))
    }

    /// Ends the stream for good.
    pub(super) fn end(&mut self) -> Result<(), IcecastFault> {
        if let Some(rest) = self.codec.end() {
            self.push(rest).map_err(fault)?;
        }
        if let Some(last) = self.last.take() {
            self.write(last, PacketWriteEndInfo::EndStream).map_err(fault)?;
        }
        // The encoder forgets what it keeps back, 6 ms: a title changes in silence.
        self.audible = self.taken.0;
        Ok(())
    }

    /// Takes the bytes that are ready, with the count of samples that can be heard with all bytes taken so far.
    pub(super) fn bytes(&mut self) -> (Vec<u8>, u64) {
        (std::mem::take(self.writer.inner_mut()), self.audible)
    }

    fn begin(&mut self, title: Option<&str>) -> Result<(), IcecastFault> {
        let ready = std::mem::take(self.writer.inner_mut());
        self.writer = PacketWriter::new(ready);
        self.serial += 1;
        self.taken.1 = self.taken.0;
        self.on_page = 0;
        for packet in self.codec.begin(title)? {
            self.writer.write_packet(packet, self.serial, PacketWriteEndInfo::EndPage, 0).map_err(fault)?;
        }
        Ok(())
    }

    fn push(&mut self, packet: Packet) -> io::Result<()> {
        let Some(before) = self.last.replace(packet) else { return Ok(()) };
        self.on_page += 1;
        let most = if matches!(self.codec, Codec::Opus { .. }) { OPUS_PACKETS } else { 1 };
        let is_full = self.on_page >= most;
        self.write(
            before,
            if is_full { PacketWriteEndInfo::EndPage } else { PacketWriteEndInfo::NormalPacket },
        )
    }

    fn write(&mut self, packet: Packet, end: PacketWriteEndInfo) -> io::Result<()> {
        let audible = self.taken.1 + packet.audible;
        self.writer.write_packet(packet.bytes, self.serial, end, packet.granule)?;
        if end != PacketWriteEndInfo::NormalPacket {
            self.audible = audible;
            self.on_page = 0;
        }
        Ok(())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn fault(error: io::Error) -> IcecastFault {
    IcecastFault::Encoder(error.to_string())
}
