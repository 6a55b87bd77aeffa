//! A microphone, opened as robustly as an output: by a name that stays, and without waiting for one that does not answer.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rodio::cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use rodio::cpal::{
    self, BufferSize, FromSample, HostId, SampleFormat, SizedSample, StreamConfig, SupportedStreamConfigRange,
};

use super::name::{self, Name};
use super::open::{PERIOD, refused, within_answer};
use super::pulse::{self, Watch};
use super::tape::{Stretch, Tape};
use crate::model::Words;
use crate::output::{OpenContext, OutputFault};

/// Rates, the best first: what a horn carries needs no more than 16 kHz.
const RATES: [u32; 5] = [48_000, 44_100, 32_000, 22_050, 16_000];

/// A microphone that is open. Deaf when dropped.
pub struct Capture {
    /// There until the drop.
    open: Option<Open>,
    tape: Arc<Tape>,
}

/// Dropped in this order: nothing may be watched that still listens.
struct Open {
    _stream: cpal::Stream,
    _watch: Option<Watch>,
}

impl Capture {
    /// Finds what is wrong with a device's name, without touching the device.
    pub fn check(device: &str) -> Result<(), OutputFault> {
        name::read(device).map(|_| ())
    }

    /// Opens the device; returns within 5 s whatever it does.
    pub fn open(device: &str, context: OpenContext) -> Result<Self, OutputFault> {
        let name = name::read(device)?;
        let clock = context.clock;
        let (open, tape) = within_answer(&name, &key(&name), move |name| listen(name, clock))?;
        Ok(Self { open: Some(open), tape })
    }

    /// Finds out whether the device is there, and listens to nothing.
    pub fn probe(device: &str) -> Result<(), OutputFault> {
        let name = name::read(device)?;
        within_answer(&name, &key(&name), |name| match name {
            Name::Alsa(_) => find(name).and_then(|device| choose(name, &device)).map(|_| ()),
            Name::Pulse(source) => pulse::Present::source(source).map(|_| ()),
        })
    }

    /// Says why nothing comes in any more; none while all is well.
    pub fn fault(&self) -> Option<Words> {
        self.tape.fault()
    }

    /// Returns what came in from `from` to `until`, by the steady clock; the last 100 s are remembered.
    pub fn between(&self, from: Duration, until: Duration) -> Stretch {
        self.tape.between(from, until)
    }
}

impl Drop for Capture {
    /// Closes the device without waiting for it: closing one that hangs would hang us.
    fn drop(&mut self) {
        self.tape.close();
        let open = self.open.take();
        // Without a thread (no memory) the device is closed here, when the failed closure is dropped.
        let _ = thread::Builder::new().name("close-microphone".to_owned()).spawn(move || drop(open));
    }
}

/// A card may play and listen at the same time: its microphone is busy by another name.
fn key(name: &Name) -> String {
    format!("capture {}", name.written())
}

fn listen(name: &Name, clock: fn() -> Duration) -> Result<(Open, Arc<Tape>), OutputFault> {
    let present = match name {
        Name::Alsa(_) => None,
        Name::Pulse(source) => Some(pulse::Present::source(source)?),
    };
    let device = find(name)?;
    let (config, format) = choose(name, &device)?;
    let tape = Arc::new(Tape::new(clock, config.sample_rate));
    let lost = Arc::clone(&tape);
    let watch = present.map(|present| present.watch(move |why| lost.lose(why))).transpose()?;
    let stream = match format {
        SampleFormat::F32 => stream::<f32>(&device, config, &tape),
        SampleFormat::I32 => stream::<i32>(&device, config, &tape),
        SampleFormat::U8 => stream::<u8>(&device, config, &tape),
        _ => stream::<i16>(&device, config, &tape),
    };
    let stream =
        stream.and_then(|stream| stream.play().map(|()| stream)).map_err(|error| refused(name, error))?;
    Ok((Open { _stream: stream, _watch: watch }, tape))
}

fn stream<T>(
    device: &cpal::Device,
    config: StreamConfig,
    tape: &Arc<Tape>,
) -> Result<cpal::Stream, cpal::Error>
where
    T: SizedSample,
    f32: FromSample<T>,
{
    let (heard, torn) = (Arc::clone(tape), Arc::clone(tape));
    let channels = usize::from(config.channels.max(1));
    device.build_input_stream(
        config,
        move |samples: &[T], _: &cpal::InputCallbackInfo| {
            heard.take(samples.chunks_exact(channels).map(|frame| {
                let sum: f32 = frame.iter().map(|sample| f32::from_sample_(*sample)).sum();
                sixteen_bits(sum, channels)
            }));
        },
        move |error| torn.error(&error),
        None,
    )
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a cast to i16 stays within it"
)]
fn sixteen_bits(sum: f32, channels: usize) -> i16 {
    (sum / channels as f32 * 32_768.0) as i16
}

fn find(name: &Name) -> Result<cpal::Device, OutputFault> {
    let pcm = match name {
        Name::Pulse(source) => return pulse::device(name, source),
        Name::Alsa(pcm) => pcm,
    };
    let host = cpal::host_from_id(HostId::Alsa).map_err(|error| refused(name, error))?;
    let found = if pcm == "default" {
        host.default_input_device()
    } else {
        host.device_by_id(&cpal::DeviceId::new(HostId::Alsa, pcm))
    };
    found.ok_or_else(|| {
        let devices = host.input_devices().map(Iterator::collect::<Vec<_>>).unwrap_or_default();
        let present = devices.iter().filter_map(|device| Some(device.id().ok()?.id().to_owned())).collect();
        OutputFault::Absent { name: name.written(), present }
    })
}

/// Chooses the best rate, then the fewest channels, then the finest samples.
fn choose(name: &Name, device: &cpal::Device) -> Result<(StreamConfig, SampleFormat), OutputFault> {
    let ranges = device.supported_input_configs().map_err(|error| refused(name, error))?;
    ranges
        .filter_map(|range| Some((rate(&range)?, taste(range.sample_format())?, range)))
        .min_by_key(|(rate, taste, range)| (*rate, range.channels(), *taste))
        .map(|(rate, _, range)| {
            let config = StreamConfig {
                channels: range.channels(),
                sample_rate: RATES[rate],
                buffer_size: BufferSize::Fixed(super::open::period(&range)),
            };
            (config, range.sample_format())
        })
        .ok_or_else(|| OutputFault::Unfit { name: name.written(), rate: RATES[0] })
}

fn rate(range: &SupportedStreamConfigRange) -> Option<usize> {
    RATES.iter().position(|rate| (range.min_sample_rate()..=range.max_sample_rate()).contains(rate))
}

fn taste(format: SampleFormat) -> Option<usize> {
    [SampleFormat::F32, SampleFormat::I32, SampleFormat::I16, SampleFormat::U8]
        .iter()
        .position(|one| *one == format)
}

const _: () = assert!(PERIOD < 16_000 / 4, "samples come at least four times a second");
