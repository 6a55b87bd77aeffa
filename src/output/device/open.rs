//! Finds a sound device by its name and opens it, without waiting for one that does not answer.

use std::collections::BTreeSet;
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use rodio::Source;
use rodio::cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use rodio::cpal::{
    self, BufferSize, FromSample, HostId, I24, OutputCallbackInfo, SampleFormat, SizedSample, Stream,
    StreamConfig, SupportedBufferSize, SupportedStreamConfigRange,
};
use rodio::mixer::{MixerSource, mixer};

use super::feed::{Feed, Tap};
use super::name::Name;
use super::pulse::{self, Watch};
use crate::clip::RATE;
use crate::output::OutputFault;

/// Samples that the device takes at a time: 43 ms. It holds two of these, so a small board may be busy for 40 ms
/// without a gap in the sound, and a stop is heard after 85 ms.
pub(super) const PERIOD: u32 = 2_048;

/// How long a device may take to answer. Real ones take 20 ms, Bluetooth's up to 2 s.
const ANSWER: Duration = Duration::from_secs(4);

/// Names that a thread is busy with. A device that never answers keeps one thread, not one more at every attempt.
static BUSY: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// A device that plays; silent when dropped.
pub(super) struct Open {
    /// Dropped first: nothing may be watched that still sounds.
    _stream: Stream,
    _watch: Option<Watch>,
}

/// Opens the device and lets it play what `feed` holds.
pub(super) fn open(name: &Name, feed: &Arc<Feed>) -> Result<Open, OutputFault> {
    let feed = Arc::clone(feed);
    within_answer(name, &name.written(), move |name| {
        let watch = match name {
            Name::Alsa(_) => None,
            Name::Pulse(sink) => {
                let lost = Arc::clone(&feed);
                Some(pulse::Present::sink(sink)?.watch(move |why| lost.lose(why))?)
            }
        };
        let device = find(name)?;
        let format = choose(name, &device)?;
        let stream = stream(&device, &format, &feed).map_err(|error| refused(name, error))?;
        stream.play().map_err(|error| refused(name, error))?;
        Ok(Open { _stream: stream, _watch: watch })
    })
}

/// Makes the stream, in the device's own format. Not rodio's, which keeps to itself when its samples are heard.
fn stream(device: &cpal::Device, format: &Format, feed: &Arc<Feed>) -> Result<Stream, cpal::Error> {
    match format.sample {
        SampleFormat::I32 => stream_of::<i32>(device, format, feed),
        SampleFormat::I24 => stream_of::<I24>(device, format, feed),
        SampleFormat::I16 => stream_of::<i16>(device, format, feed),
        SampleFormat::U8 => stream_of::<u8>(device, format, feed),
        _ => stream_of::<f32>(device, format, feed),
    }
}

fn stream_of<T: SizedSample + FromSample<f32>>(
    device: &cpal::Device,
    format: &Format,
    feed: &Arc<Feed>,
) -> Result<Stream, cpal::Error> {
    let rate = const { NonZero::new(RATE).expect("the rate of clips is not 0") };
    let (sounds, mut mixed) = mixer(format.channels, rate);
    sounds.add(Tap::new(Arc::clone(feed), format.channels));
    let config = StreamConfig {
        channels: format.channels.get(),
        sample_rate: RATE,
        buffer_size: BufferSize::Fixed(format.period),
    };
    let (reports, on_error) = (Arc::clone(feed), Arc::clone(feed));
    let mut taken = 0;
    device.build_output_stream::<T, _, _>(
        config,
        move |data, info| {
            reports.report(taken, latency(info));
            taken += fill(data, &mut mixed);
        },
        move |error| on_error.error(&error),
        None,
    )
}

/// Returns how long after the device asked for it the first sample is heard.
fn latency(info: &OutputCallbackInfo) -> Duration {
    let timestamp = info.timestamp();
    timestamp.playback.duration_since(timestamp.callback)
}

/// Fills the device's buffer and returns how many samples that were, each counted once for all channels.
fn fill<T: SizedSample + FromSample<f32>>(data: &mut [T], mixed: &mut MixerSource) -> u64 {
    let channels = usize::from(mixed.channels().get());
    for slot in &mut *data {
        // The source never ends.
        *slot = T::from_sample(mixed.next().unwrap_or_default());
    }
    (data.len() / channels) as u64
}

/// Finds out whether the device is there and takes our sound; makes none.
pub(super) fn probe(name: &Name) -> Result<(), OutputFault> {
    within_answer(name, &name.written(), |name| match name {
        Name::Alsa(_) => find(name).and_then(|device| choose(name, &device)).map(|_| ()),
        Name::Pulse(sink) => pulse::Present::sink(sink).map(|_| ()),
    })
}

/// Does `work` in a thread of its own and waits for it as long as a device may take to answer. Of one `key`, one at a time.
pub(super) fn within_answer<T: Send + 'static>(
    name: &Name,
    key: &str,
    work: impl FnOnce(&Name) -> Result<T, OutputFault> + Send + 'static,
) -> Result<T, OutputFault> {
    let busy = || BUSY.lock().unwrap_or_else(PoisonError::into_inner);
    let unresponsive = || OutputFault::Unresponsive { name: name.written() };
    if !busy().insert(key.to_owned()) {
        return Err(unresponsive());
    }
    let (answer, answered) = mpsc::channel();
    let (asked, held) = (name.clone(), key.to_owned());
    let spawned = thread::Builder::new().name("open-device".to_owned()).spawn(move || {
        // ALSA's library writes to standard error at every failure, for years while a device is away; our fault says
        // the same once. The handler goes with the thread.
        let _quiet = alsa::Output::local_error_handler();
        let result = work(&asked);
        busy().remove(&held);
        // Nobody waits any more if it took too long; the device is closed again.
        let _ = answer.send(result);
    });
    if let Err(error) = spawned {
        busy().remove(key);
        return Err(refused(name, error));
    }
    answered.recv_timeout(ANSWER).unwrap_or_else(|_| Err(unresponsive()))
}

pub(super) fn refused(name: &Name, error: impl std::error::Error + Send + Sync + 'static) -> OutputFault {
    OutputFault::Refused { name: name.written(), source: Box::new(error) }
}

fn find(name: &Name) -> Result<cpal::Device, OutputFault> {
    match name {
        Name::Alsa(pcm) => find_pcm(name, pcm),
        Name::Pulse(sink) => pulse::device(name, sink),
    }
}

fn find_pcm(name: &Name, pcm: &str) -> Result<cpal::Device, OutputFault> {
    let host = cpal::host_from_id(HostId::Alsa).map_err(|error| refused(name, error))?;
    let found = if pcm == "default" {
        host.default_output_device()
    } else {
        host.device_by_id(&cpal::DeviceId::new(HostId::Alsa, pcm))
    };
    found.ok_or_else(|| {
        let devices = host.output_devices().map(Iterator::collect::<Vec<_>>).unwrap_or_default();
        let present = devices.iter().filter_map(|device| Some(device.id().ok()?.id().to_owned())).collect();
        OutputFault::Absent { name: name.written(), present }
    })
}

/// How the device is to be opened.
struct Format {
    channels: NonZero<u16>,
    sample: SampleFormat,
    period: u32,
}

/// Chooses mono if the device has it, else the fewest channels from stereo up, and the finest samples.
///
/// A device that does not take our rate is refused: ALSA would open it at the nearest rate and speak too deep or high.
fn choose(name: &Name, device: &cpal::Device) -> Result<Format, OutputFault> {
    device
        .supported_output_configs()
        .map_err(|error| refused(name, error))?
        .filter(|range| (range.min_sample_rate()..=range.max_sample_rate()).contains(&RATE))
        .filter_map(|range| Some((taste(range.sample_format())?, range)))
        .min_by_key(|(taste, range)| (range.channels(), *taste))
        .and_then(|(_, range)| format(&range))
        .ok_or_else(|| OutputFault::Unfit { name: name.written(), rate: RATE })
}

fn taste(format: SampleFormat) -> Option<usize> {
    [SampleFormat::F32, SampleFormat::I32, SampleFormat::I16, SampleFormat::I24, SampleFormat::U8]
        .iter()
        .position(|known| *known == format)
}

fn format(range: &SupportedStreamConfigRange) -> Option<Format> {
    let channels = NonZero::new(range.channels())?;
    Some(Format { channels, sample: range.sample_format(), period: period(range) })
}

/// Returns the period nearest to ours that the device has.
pub(super) fn period(range: &SupportedStreamConfigRange) -> u32 {
    match range.buffer_size() {
        SupportedBufferSize::Range { min, max } => PERIOD.clamp(*min, (*max).max(*min)),
        SupportedBufferSize::Unknown => PERIOD,
    }
}
