//! Plays a finished clip on this machine, for a person who wants to hear it now.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, value_parser};

use super::Failure;
use crate::clip::RATE;
use crate::model::{Clip, Lang, Selection, Setting};
use crate::output::{self, OpenContext, OutputFault};
use crate::station::clock;

/// Samples handed over at once: 20 ms.
const BLOCK: usize = RATE as usize / 50;

/// Returns the option that names the sound device.
pub(super) fn device(lang: Lang) -> Arg {
    Arg::new("device").long("device").value_name(lang.pick("声卡", "DEVICE")).help(
        lang.pick(
            "在哪个声卡上放；不写就用系统的",
            "The sound device to play on; the system's own, if absent",
        ),
    )
}

/// Returns the options that ask for a file, or for sound.
pub(super) fn wanted(lang: Lang) -> [Arg; 2] {
    let output = Arg::new("output")
        .short('o')
        .long("output")
        .value_name(lang.pick("文件", "FILE"))
        .value_parser(value_parser!(PathBuf))
        .help(lang.pick("存成 WAV 文件", "Write it to this WAV file"));
    let play = Arg::new("play")
        .long("play")
        .action(ArgAction::SetTrue)
        .help(lang.pick("放出来听（不写 -o 时就是这样）", "Play it (the default without -o)"));
    [output, play]
}

/// Plays `clip` to its last sample.
pub(super) fn play(clip: &Clip, device: &str) -> Result<(), Failure> {
    let selection = Selection {
        kind: "device".to_owned(),
        options: BTreeMap::from([("device".to_owned(), Setting::Text(device.to_owned()))]),
    };
    let sound = || -> Result<(), OutputFault> {
        let mut output = output::open(&selection, OpenContext { clock: clock::steady })?;
        for block in clip.samples.chunks(BLOCK) {
            output.write(block)?;
        }
        output.drain()
    };
    sound().map_err(|fault| {
        let words = fault.words();
        Failure::new(
            format!("放不出声音：{}。可以用 -o 存成文件", words.zh),
            format!("cannot be played: {}; -o writes a file instead", words.en),
        )
    })
}

/// Writes `clip` as a WAV file of 16 bits.
pub(super) fn save(clip: &Clip, path: &Path) -> Result<(), Failure> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: clip.rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let write = || -> Result<(), hound::Error> {
        let mut wav = hound::WavWriter::create(path, spec)?;
        for sample in &clip.samples {
            wav.write_sample(to_i16(*sample))?;
        }
        wav.finalize()
    };
    write().map_err(|error| {
        let path = path.display();
        Failure::because(format!("写不了 {path}"), format!("cannot write {path}"), error)
    })
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to the range before")]
fn to_i16(sample: f32) -> i16 {
    (sample.clamp(-1.0, 1.0) * 32_767.0).round() as i16
}
