//! The output `file`: a WAV recording of what sounded, in real time, one airing after another.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use hound::{SampleFormat, WavSpec, WavWriter};
use rustix::fs::{FlockOperation, flock};

use super::pace::{Ear, Paced};
use super::{Kind, OpenContext, Output, OutputFault};
use crate::clip::RATE;
use crate::config::{Field, FieldKind, KindFields};
use crate::model::Selection;

/// The row of the table.
pub(super) const KIND: Kind = Kind {
    fields: KindFields {
        name: "file",
        fields: &[Field::new(
            "path",
            FieldKind::Path,
            "录音文件（WAV）。新的播发接在后面，播发之间不留空白；满 1 GiB 后改名为 .old.wav 并重新开始。每个终端用各自的文件。",
            "the recording (WAV). Each airing follows the one before without a pause between; at 1 GiB it is renamed to .old.wav and begun again. Every station has its own.",
        )
        .required()],
        zh: "写成 WAV 录音，按实际时长播放",
        en: "plays in real time into a WAV recording",
    },
    check: |selection| path(selection).map(|_| ()),
    takes: |selection| selection.text("path").map(|path| ("path", path.to_owned())).into_iter().collect(),
    open,
    probe: None,
    standing: None,
};

/// Mono, 16 bits: what every player on every phone opens.
const SPEC: WavSpec =
    WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format: SampleFormat::Int };

/// Samples in a full recording: 1 GiB, about three hours of sound. WAV itself ends at 4 GiB. With the one kept from
/// before, a station takes 2 GiB at the most.
const FULL: u32 = 512 << 20;

/// Samples between two times at which the header is made right: 1 s, so that the file can be opened, and a power cut
/// loses no more.
const HEADER_EVERY: usize = RATE as usize;

fn path(selection: &Selection) -> Result<PathBuf, OutputFault> {
    selection.text("path").map(PathBuf::from).ok_or(OutputFault::MissingOption { key: "path" })
}

fn open(selection: &Selection, _: OpenContext) -> Result<Box<dyn Output>, OutputFault> {
    let path = path(selection)?;
    Ok(Box::new(Paced::new(Recorder::open(path, FULL)?)))
}

/// Writes a recording whose header is right after each second and each airing, and begins a new one when it is full.
struct Recorder {
    path: PathBuf,
    recording: Recording<File>,
    full: u32,
}

impl Recorder {
    fn open(path: PathBuf, full: u32) -> Result<Self, OutputFault> {
        let recording = append_or_create(&path)?;
        Ok(Self { path, recording, full })
    }

    fn rotate(&mut self) -> Result<(), OutputFault> {
        self.recording.settle()?;
        let old = self.path.with_extension("old.wav");
        fs::rename(&self.path, &old).map_err(|source| OutputFault::File { path: old, source })?;
        self.recording = append_or_create(&self.path)?;
        Ok(())
    }
}

impl Ear for Recorder {
    fn hear(&mut self, samples: &[f32]) -> Result<(), OutputFault> {
        if self.recording.writer.len() >= self.full {
            self.rotate()?;
        }
        self.recording.hear(samples)
    }

    fn settle(&mut self) -> Result<(), OutputFault> {
        self.recording.settle()
    }
}

struct Recording<W: Write + Seek> {
    writer: WavWriter<W>,
    /// Samples that the header does not count yet.
    unsettled: usize,
}

impl<W: Write + Seek> Ear for Recording<W> {
    fn hear(&mut self, samples: &[f32]) -> Result<(), OutputFault> {
        // One write to the file for all of them: the file is not buffered.
        let mut block = self.writer.get_i16_writer(u32::try_from(samples.len()).unwrap_or(u32::MAX));
        for sample in samples {
            block.write_sample(to_16_bits(*sample));
        }
        block.flush().map_err(OutputFault::Recording)?;
        self.unsettled += samples.len();
        if self.unsettled >= HEADER_EVERY { self.settle() } else { Ok(()) }
    }

    fn settle(&mut self) -> Result<(), OutputFault> {
        self.unsettled = 0;
        self.writer.flush().map_err(OutputFault::Recording)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to the range of 16 bits")]
fn to_16_bits(sample: f32) -> i16 {
    (sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)).round() as i16
}

fn append_or_create(path: &Path) -> Result<Recording<File>, OutputFault> {
    let (file, is_new) = locked(path).map_err(|source| match source.kind() {
        io::ErrorKind::WouldBlock => OutputFault::InUse { path: path.to_owned() },
        _ => OutputFault::File { path: path.to_owned(), source },
    })?;
    let writer = if is_new { WavWriter::new(file, SPEC) } else { WavWriter::new_append(file) };
    match writer {
        Ok(writer) if writer.spec() == SPEC => {
            let mut recording = Recording { writer, unsettled: 0 };
            recording.settle()?;
            Ok(recording)
        }
        Err(hound::Error::IoError(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
            Err(OutputFault::Recording(error.into()))
        }
        Ok(_) | Err(_) => Err(OutputFault::Foreign { path: path.to_owned() }),
    }
}

/// Opens the file, or a new one, for nobody else; says whether it is new.
fn locked(path: &Path) -> io::Result<(File, bool)> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    // Two writers would garble each other; the lock goes with the file.
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    let is_new = file.metadata()?.len() == 0;
    Ok((file, is_new))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn a_full_recording_is_kept_once_and_begun_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("赵家庄.wav");
        let mut recorder = Recorder::open(path.clone(), 1_000).unwrap();
        for _ in 0..5 {
            recorder.hear(&[0.5; 600]).unwrap();
        }
        recorder.settle().unwrap();
        assert_eq!(hound::WavReader::open(folder.path().join("赵家庄.old.wav")).unwrap().len(), 1_200);
        assert_eq!(hound::WavReader::open(&path).unwrap().len(), 600);
    }

    #[test]
    fn a_full_disk_is_a_fault_and_no_crash() {
        let mut disk = [0; 500];
        let mut writer = WavWriter::new(Cursor::new(&mut disk[..]), SPEC).unwrap();
        writer.flush().unwrap();
        let mut recording = Recording { writer, unsettled: 0 };
        assert!(matches!(recording.hear(&[0.5; 600]), Err(OutputFault::Recording(_))));
    }

    #[test]
    fn a_file_that_is_no_recording_of_ours_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("账本.wav");
        fs::write(&path, "not a recording").unwrap();
        assert!(matches!(Recorder::open(path.clone(), FULL), Err(OutputFault::Foreign { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"not a recording");
    }

    #[test]
    fn two_stations_cannot_write_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("赵家庄.wav");
        let _first = Recorder::open(path.clone(), FULL).unwrap();
        assert!(matches!(Recorder::open(path, FULL), Err(OutputFault::InUse { .. })));
    }
}
