//! The output `pipe`: plain samples into a FIFO, or into the standard input of a program: Snapcast's server, `aplay`, anything.

mod command;
mod fault;
mod fifo;
mod pcm;
mod sink;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::live;
use super::{Kind, OpenContext, Output, OutputFault};
use crate::config::{Field, FieldKind, KindFields, ListOf};
use crate::model::Selection;
use command::Reader;
use pcm::Shape;
use sink::Writer;

pub use fault::PipeFault;

/// The row of the table.
pub(super) const KIND: Kind = Kind {
    fields: KindFields {
        name: "pipe",
        fields: FIELDS,
        zh: "把原始采样送进管道（FIFO）或一个程序",
        en: "gives plain samples to a pipe (FIFO) or a program",
    },
    check: |selection| {
        Shape::of(selection)?;
        Target::of(selection)?;
        Ok(())
    },
    takes: |selection| selection.text("path").map(|path| ("path", path.to_owned())).into_iter().collect(),
    open,
    probe: Some(probe),
    standing: None,
};

const FIELDS: &[Field] = &[
    Field::new(
        "path",
        FieldKind::Path,
        "管道（FIFO）。要先用 `mkfifo` 建好，并有程序在读；别的文件不会被写。`path` 和 `command` 写一个",
        "The pipe (FIFO). It must be there, made with `mkfifo`, and somebody must read it; no other file is written to. \
         Write one of `path` and `command`",
    ),
    Field::new(
        "command",
        FieldKind::List(&ListOf { kind: FieldKind::Text { longest: 1000 }, fewest: 1, most: 64 }),
        "程序和它的参数，一项一个，不经过 shell；写程序名或绝对路径。采样从标准输入给它；输出关闭时它也结束",
        "The program and its arguments, one an item, without a shell; a name or an absolute path. It gets the samples on \
         standard input, and ends with the output",
    ),
    Field::new(
        "format",
        FieldKind::OneOf(&pcm::FORMATS),
        "采样格式，都是低字节在前",
        "Format of the samples, least significant byte first",
    )
    .or("s16le"),
    Field::new(
        "rate",
        FieldKind::Integer { min: 8_000, max: 96_000 },
        "采样率，Hz：8000、16000、22050、24000、32000、44100、48000、96000",
        "Rate, Hz: 8000, 16000, 22050, 24000, 32000, 44100, 48000 or 96000",
    )
    .or("48000"),
    Field::new(
        "channels",
        FieldKind::Integer { min: 1, max: 8 },
        "声道数，每个声道内容相同",
        "Channels; all carry the same",
    )
    .or("2"),
];

/// Who reads.
#[derive(Debug, Clone)]
enum Target {
    Fifo(PathBuf),
    Command(Vec<String>),
}

impl Target {
    /// Reads the options, without a look at what is there.
    fn of(selection: &Selection) -> Result<Self, PipeFault> {
        match (selection.text("path"), selection.texts("command")) {
            (Some(path), []) => Ok(Self::Fifo(PathBuf::from(path))),
            (None, words @ [program, ..]) => {
                if program.contains('/') && !program.starts_with('/') {
                    return Err(PipeFault::Relative { program: program.clone() });
                }
                Ok(Self::Command(words.to_vec()))
            }
            _ => Err(PipeFault::OneOf),
        }
    }
}

/// Programs that took no sound when they were last started: only starting them again shows that they are well.
static ILL: Mutex<BTreeSet<Vec<String>>> = Mutex::new(BTreeSet::new());

fn open(selection: &Selection, _: OpenContext) -> Result<Box<dyn Output>, OutputFault> {
    let (target, shape) = (Target::of(selection)?, Shape::of(selection)?);
    live::open("pipe", move || match target {
        Target::Fifo(path) => Writer::begin(path.display().to_string(), fifo::open(&path)?, None, shape),
        Target::Command(words) => {
            let begun = begin(&words, shape);
            let mut ill = ILL.lock().unwrap_or_else(PoisonError::into_inner);
            if begun.is_ok() {
                ill.remove(&words)
            } else {
                ill.insert(words)
            };
            begun
        }
    })
}

fn begin(words: &[String], shape: Shape) -> Result<Writer, OutputFault> {
    let (reader, pipe) = Reader::start(words)?;
    Writer::begin(words.first().cloned().unwrap_or_default(), pipe, Some(reader), shape)
}

/// Looks whether somebody reads the FIFO, or whether the program is there. A program is not run for that, unless it has
/// failed before.
fn probe(selection: &Selection) -> Result<(), OutputFault> {
    match Target::of(selection)? {
        Target::Fifo(path) => fifo::open(&path).map(drop)?,
        Target::Command(words) => {
            command::find(words.first().map(String::as_str).unwrap_or_default())?;
            if ILL.lock().unwrap_or_else(PoisonError::into_inner).remove(&words) {
                let started = begin(&words, Shape::of(selection)?).map(drop);
                if started.is_err() {
                    ILL.lock().unwrap_or_else(PoisonError::into_inner).insert(words);
                }
                started?;
            }
        }
    }
    Ok(())
}
