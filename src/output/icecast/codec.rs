//! Sound into packets: Opus by the system's library, or FLAC by our own hand.

use opusic_c::{Application, Bitrate, Channels, Encoder, SampleRate, Signal};

use super::IcecastFault;
use crate::clip::{RATE, flac};

/// Longest packet that the encoder may make, bytes: 20 ms at 510 kbit/s, which is more than it ever does.
const LONGEST: usize = 1_500;

/// One packet of sound.
pub(super) struct Packet {
    pub(super) bytes: Vec<u8>,
    /// Ogg's count at its end: samples since the beginning of the stream.
    pub(super) granule: u64,
    /// Samples since the beginning of the stream that can be heard with it and those before it.
    pub(super) audible: u64,
}

/// Makes packets of one stream of Ogg.
pub(super) enum Codec {
    /// Speech in a twentieth of its bytes.
    Opus {
        encoder: Box<Encoder>,
        /// Samples that the encoder looks ahead, and so keeps back.
        ahead: u16,
        /// Samples taken.
        taken: u64,
    },
    /// Every sample, for half of the bytes.
    Flac {
        /// Samples that do not fill a frame yet.
        rest: Vec<f32>,
        frames: u32,
    },
}

impl Codec {
    /// Prepares Opus at `bitrate`, bits a second.
    pub(super) fn opus(bitrate: u32) -> Result<Self, IcecastFault> {
        let mut encoder =
            Encoder::new(Channels::Mono, SampleRate::Hz48000, Application::Audio).map_err(fault)?;
        encoder.set_bitrate(Bitrate::Value(bitrate)).map_err(fault)?;
        encoder.set_signal(Signal::Voice).map_err(fault)?;
        // Of 10: half of the work for a difference that nobody hears on a horn; boards are small.
        encoder.set_complexity(5).map_err(fault)?;
        let ahead = u16::try_from(encoder.get_look_ahead().map_err(fault)?).unwrap_or(u16::MAX);
        Ok(Self::Opus { encoder: Box::new(encoder), ahead, taken: 0 })
    }

    /// Prepares FLAC.
    pub(super) fn flac() -> Self {
        Self::Flac { rest: Vec::new(), frames: 0 }
    }

    /// Begins a stream of Ogg and returns the packets that it begins with: what follows, and the title.
    pub(super) fn begin(&mut self, title: Option<&str>) -> Result<[Vec<u8>; 2], IcecastFault> {
        let comments = comments(title);
        match self {
            Self::Opus { encoder, ahead, taken } => {
                encoder.reset().map_err(fault)?;
                *taken = 0;
                let mut head = b"OpusHead\x01\x01".to_vec();
                head.extend(ahead.to_le_bytes());
                head.extend(RATE.to_le_bytes());
                // No gain, and the one mapping that mono has.
                head.extend([0, 0, 0]);
                Ok([head, [b"OpusTags".as_slice(), &comments].concat()])
            }
            Self::Flac { rest, frames } => {
                rest.clear();
                *frames = 0;
                // The mapping's version is 1.0, and one packet of metadata follows.
                let head = [b"\x7fFLAC\x01\x00\x00\x01".as_slice(), &flac::head(RATE)].concat();
                // The last block of metadata (0x80), and its kind (4).
                let length = u32::try_from(comments.len()).unwrap_or_default().to_be_bytes();
                Ok([head, [&[0x84], &length[1..], &comments].concat()])
            }
        }
    }

    /// Takes 20 ms of sound and appends the packets that are ready.
    pub(super) fn take(&mut self, block: &[f32], packets: &mut Vec<Packet>) -> Result<(), IcecastFault> {
        match self {
            Self::Opus { encoder, ahead, taken } => {
                let mut bytes = vec![0; LONGEST];
                let length = encoder.encode_float_to_slice(block, &mut bytes).map_err(fault)?;
                bytes.truncate(length);
                *taken += block.len() as u64;
                let audible = taken.saturating_sub((*ahead).into());
                packets.push(Packet { bytes, granule: *taken, audible });
            }
            Self::Flac { rest, frames } => {
                rest.extend(block);
                while rest.len() >= flac::BLOCK {
                    let after = rest.split_off(flac::BLOCK);
                    packets.push(flac_packet(frames, &std::mem::replace(rest, after)));
                }
            }
        }
        Ok(())
    }

    /// Ends the stream of Ogg: returns what is left over.
    pub(super) fn end(&mut self) -> Option<Packet> {
        match self {
            Self::Flac { rest, frames } if !rest.is_empty() => {
                let granule = u64::from(*frames) * flac::BLOCK as u64 + rest.len() as u64;
                let last = flac_packet(frames, &std::mem::take(rest));
                Some(Packet { granule, audible: granule, ..last })
            }
            Self::Flac { .. } | Self::Opus { .. } => None,
        }
    }
}

fn flac_packet(frames: &mut u32, samples: &[f32]) -> Packet {
    let bytes = flac::frame_of(*frames, samples);
    // 31 bits of frames are five years.
    *frames = frames.wrapping_add(1) & 0x7fff_ffff;
    let granule = u64::from(*frames) * flac::BLOCK as u64;
    Packet { bytes, granule, audible: granule }
}

/// Writes the comments that both formats have: who made it, and what it is called.
fn comments(title: Option<&str>) -> Vec<u8> {
    let sized = |text: &str| {
        let length = u32::try_from(text.len()).unwrap_or_default();
        [length.to_le_bytes().as_slice(), text.as_bytes()].concat()
    };
    let title = title.map(|title| format!("TITLE={title}"));
    let mut bytes = sized("dalaba");
    bytes.extend(u32::from(title.is_some()).to_le_bytes());
    bytes.extend(title.as_deref().map(sized).unwrap_or_default());
    bytes
}

fn fault(error: opusic_c::ErrorCode) -> IcecastFault {
    IcecastFault::Encoder(error.message().to_owned())
}
