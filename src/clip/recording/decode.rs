//! Decodes a whole recording and holds it to the length that it claims.

use std::io::{self, Read, Seek, SeekFrom};
use std::time::Duration;

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

use super::claim::{self, Claim};
use super::{LONGEST, RecordingFault};
use crate::model::length_of;

/// Rates that are plausible for sound, Hz.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=384_000;

/// What counted samples may differ by from the length that is claimed: less than one, for rounding.
const ROUNDING: Duration = Duration::from_micros(2);

/// What MP4 may differ by: encoders count their own delay differently. A cut is seen in its structure.
const ENCODER_DELAY: Duration = Duration::from_millis(60);

/// Samples of one MPEG frame: some encoders count the one that holds the count.
const MPEG_FRAME: u64 = 1152;

/// Peak under which a recording counts as silent: -60 dB of full scale.
const SILENCE: f32 = 0.001;

/// Bytes that can be read from any place: a file, or a piece of memory.
pub trait Source: Read + Seek + Send + Sync {}

impl<T: Read + Seek + Send + Sync> Source for T {}

/// A piece of a recording: its channels, and their mix.
pub(super) struct Piece<'a> {
    pub(super) rate: u32,
    pub(super) channels: usize,
    pub(super) interleaved: &'a [f32],
    pub(super) mono: &'a [f32],
}

/// Where pieces go; what it finds wrong ends the reading.
type Sink<'a> = dyn FnMut(&Piece<'_>) -> Result<(), RecordingFault> + 'a;

/// Decodes all of `source`, mixes it to mono, and hands the samples and their rate to `sink` piece by piece. Returns
/// how long it sounds. What `sink` got before a fault is not to be used.
pub fn decode(
    source: impl Source + 'static,
    sink: &mut dyn FnMut(u32, &[f32]),
) -> Result<Duration, RecordingFault> {
    decode_channels(source, &mut |piece| {
        sink(piece.rate, piece.mono);
        Ok(())
    })
}

/// As [`decode`], with the channels beside their mix.
pub(super) fn decode_channels(
    mut source: impl Source + 'static,
    sink: &mut Sink<'_>,
) -> Result<Duration, RecordingFault> {
    let claim = claim::examine(&mut source).map_err(RecordingFault::unreadable)?;
    let opened = open(source, claim);
    if claim == Claim::Cut {
        let found = opened.and_then(|reading| reading.run(&mut |_| Ok(()))).unwrap_or_default();
        return Err(RecordingFault::Truncated { claimed: None, found });
    }
    let reading = opened?;
    let claimed = if claim == Claim::Nothing { None } else { reading.claimed };
    let tolerance = reading.tolerance;
    let found = reading.run(sink)?;
    match claimed {
        Some(claimed) if found + tolerance < claimed => {
            Err(RecordingFault::Truncated { claimed: Some(claimed), found })
        }
        _ if found.is_zero() => Err(RecordingFault::Silent),
        _ => Ok(found),
    }
}

struct Reading {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    claimed: Option<Duration>,
    tolerance: Duration,
}

fn open(source: impl Source + 'static, claim: Claim) -> Result<Reading, RecordingFault> {
    let stream =
        MediaSourceStream::new(Box::new(Seekable::new(source)?), MediaSourceStreamOptions::default());
    let probe = symphonia::default::get_probe();
    let format = probe.probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default());
    let format = format.map_err(faulty)?;
    let track = format.default_track(TrackType::Audio).ok_or_else(no_sound)?;
    let parameters = track.codec_params.as_ref().and_then(|params| params.audio()).ok_or_else(no_sound)?;
    // Where nothing is claimed the library guesses a length, and would cut the sound there.
    let options = AudioDecoderOptions::default().verify(true).gapless(claim != Claim::Nothing);
    let decoder =
        symphonia::default::get_codecs().make_audio_decoder(parameters, &options).map_err(faulty)?;
    let (track, claimed, rate) =
        (track.id, claimed_length(track), parameters.sample_rate.unwrap_or_default());
    let tolerance = match format.format_info().short_name {
        "wave" | "flac" => ROUNDING,
        "mp3" => length_of(MPEG_FRAME, rate) + ROUNDING,
        _ => ENCODER_DELAY,
    };
    Ok(Reading { format, decoder, track, claimed, tolerance })
}

fn claimed_length(track: &Track) -> Option<Duration> {
    let time = track.time_base?.calc_duration(track.duration?)?;
    u64::try_from(time.as_nanos()).ok().map(Duration::from_nanos)
}

impl Reading {
    fn run(mut self, sink: &mut Sink<'_>) -> Result<Duration, RecordingFault> {
        let mut mixer = Mixer::default();
        while let Some(packet) = self.next_packet()? {
            if packet.track_id != self.track {
                continue;
            }
            match self.decoder.decode(&packet) {
                Ok(sound) => {
                    let (rate, channels) = (sound.spec().rate(), sound.spec().channels().count());
                    sound.copy_to_vec_interleaved(&mut mixer.interleaved);
                    mixer.take(rate, channels, sink)?;
                }
                // A damaged packet is missing sound; the length tells in the end whether too much is missing.
                Err(Error::DecodeError(_)) => {}
                Err(Error::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => break,
                Err(error) => return Err(faulty(error)),
            }
        }
        if self.decoder.finalize().verify_ok == Some(false) {
            let found = mixer.length();
            return Err(RecordingFault::Truncated { claimed: self.claimed, found });
        }
        mixer.finish()
    }

    fn next_packet(&mut self) -> Result<Option<symphonia::core::packet::Packet>, RecordingFault> {
        match self.format.next_packet() {
            Ok(packet) => Ok(packet),
            Err(Error::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            // Chained streams: a new one begins. The first is all that a message needs.
            Err(Error::ResetRequired) => Ok(None),
            Err(error) => Err(faulty(error)),
        }
    }
}

/// Mixes to mono and keeps count.
#[derive(Default)]
struct Mixer {
    interleaved: Vec<f32>,
    mono: Vec<f32>,
    rate: u32,
    frames: u64,
    /// Peak of the mix.
    peak: f32,
    /// Peak of any channel.
    channel_peak: f32,
}

impl Mixer {
    fn take(&mut self, rate: u32, channels: usize, sink: &mut Sink<'_>) -> Result<(), RecordingFault> {
        if !RATES.contains(&rate) || channels == 0 || (self.frames > 0 && rate != self.rate) {
            return Err(RecordingFault::Unsupported(format!("{channels} channels at {rate} Hz")));
        }
        self.rate = rate;
        self.mono.clear();
        // At most a few dozen channels: exact in f32.
        #[expect(clippy::cast_precision_loss, reason = "a handful of channels")]
        let share = 1.0 / channels as f32;
        self.mono.extend(self.interleaved.chunks_exact(channels).map(|one| one.iter().sum::<f32>() * share));
        let highest = |samples: &[f32], peak| samples.iter().fold(peak, |peak: f32, one| peak.max(one.abs()));
        self.peak = highest(&self.mono, self.peak);
        self.channel_peak = highest(&self.interleaved, self.channel_peak);
        self.frames += self.mono.len() as u64;
        if self.length() > LONGEST {
            return Err(RecordingFault::TooLong);
        }
        sink(&Piece { rate, channels, interleaved: &self.interleaved, mono: &self.mono })
    }

    fn length(&self) -> Duration {
        length_of(self.frames, self.rate)
    }

    fn finish(self) -> Result<Duration, RecordingFault> {
        match (self.peak < SILENCE, self.channel_peak < SILENCE) {
            _ if self.frames == 0 => Ok(self.length()),
            (true, true) => Err(RecordingFault::Silent),
            (true, false) => Err(RecordingFault::Cancelled),
            (false, _) => Ok(self.length()),
        }
    }
}

/// A source whose length is known.
struct Seekable<S> {
    source: S,
    length: u64,
}

impl<S: Source> Seekable<S> {
    fn new(mut source: S) -> Result<Self, RecordingFault> {
        let length = source.seek(SeekFrom::End(0)).map_err(RecordingFault::unreadable)?;
        source.seek(SeekFrom::Start(0)).map_err(RecordingFault::unreadable)?;
        Ok(Self { source, length })
    }
}

impl<S: Source> Read for Seekable<S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.source.read(into)
    }
}

impl<S: Source> Seek for Seekable<S> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.source.seek(to)
    }
}

impl<S: Source> MediaSource for Seekable<S> {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.length)
    }
}

fn no_sound() -> RecordingFault {
    RecordingFault::Unsupported("no sound track".to_owned())
}

fn faulty(error: Error) -> RecordingFault {
    match error {
        Error::Unsupported(what) => RecordingFault::Unsupported(what.to_owned()),
        Error::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            RecordingFault::Truncated { claimed: None, found: Duration::ZERO }
        }
        error => RecordingFault::unreadable(error),
    }
}
