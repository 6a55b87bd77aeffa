//! Recordings: found safely, decoded wholly in a child, held to the length that they claim.

mod claim;
mod clipping;
mod decode;
mod examine;
mod fault;
mod health;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::shape::trimmed;
use crate::model::Clip;
use crate::speech::engine::child::{self, ChildFault, Input, Job, Order, Sandbox};

use decode::decode_channels;
pub use decode::{Source, decode};
use examine::Examiner;
pub use fault::RecordingFault;
pub use health::{Flaw, Health, LONG_SILENCE};

/// Most bytes of a recording: ten minutes of stereo WAV at 96 kHz and 24 bits are 346 MB, at 48 kHz and 16 bits 115.
pub const LARGEST: u64 = 200_000_000;

/// Longest recording. A message lasts 5 to 30 s; ten minutes hold any announcement, and fit in a small board's memory.
pub const LONGEST: Duration = Duration::from_mins(10);

/// Longest time that a child may decode: ten minutes of sound take 2 s on a PC.
const LIMIT: Duration = Duration::from_mins(1);

/// Most samples that a child may send: ten minutes at 192 kHz.
const MOST_SAMPLES: usize = 600 * 192_000;

/// What the path of a campaign's recording begins with: `@春运/7/helmet.mp3` is `helmet.mp3` of its bundle number 7.
pub const CAMPAIGN_MARK: char = '@';

/// Where recordings lie: the village's own, and those that came with the county's bundles.
#[derive(Debug, Clone)]
pub struct Folders {
    /// The village's own folder.
    pub own: PathBuf,
    /// The folder with a folder for each campaign.
    pub campaigns: PathBuf,
}

impl Folders {
    /// Finds the folder in which `file`, as a message names it, is to be looked for, and its path there.
    fn place(&self, file: &Path) -> (PathBuf, PathBuf) {
        let campaign = || {
            let mut parts = file.components();
            let name = parts.next()?.as_os_str().to_str()?.strip_prefix(CAMPAIGN_MARK)?;
            let folder = self.campaigns.join(name).join(parts.next()?).join("audio");
            Some((folder, parts.as_path().to_owned()))
        };
        campaign().unwrap_or_else(|| (self.own.clone(), file.to_owned()))
    }
}

/// Decodes the recording `file` of the folder `audio` wholly, and returns how long it sounds.
///
/// `program` is our own executable: the file is decoded in a child, because it may be crafted. Blocks for some 30 ms;
/// must not be called on a thread that drives tasks.
pub fn measure(program: &Path, audio: &Path, file: &Path) -> Result<Duration, RecordingFault> {
    Ok(read(program, audio, file)?.length())
}

/// Decodes the recording as [`measure`] does, and returns its sound: mono, at its own rate.
pub fn read(program: &Path, audio: &Path, file: &Path) -> Result<Clip, RecordingFault> {
    let file = open(audio, file)?;
    runtime()?.block_on(load(program, file))
}

/// Cuts the silence at the ends of a recording but for 0.3 s.
pub fn without_silent_ends(clip: &Clip) -> Clip {
    const KEPT: usize = 300;
    Clip { rate: clip.rate, samples: trimmed(clip, KEPT, KEPT).to_vec() }
}

/// Measures everything of the recording `file` that its maker should know, in a child as [`measure`] does.
pub fn examine(program: &Path, audio: &Path, file: &Path) -> Result<Health, RecordingFault> {
    let input = Input::File(open(audio, file)?);
    let order = Order { program, job: Job::Examine, input, limit: LIMIT, most_samples: 0 };
    runtime()?.block_on(child::report(order)).map_err(faulty)
}

fn runtime() -> Result<tokio::runtime::Runtime, RecordingFault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(RecordingFault::unreadable)
}

/// Opens a recording. `file` is what a person wrote: it must lead to a regular file below `audio`, also where links
/// are on the way.
pub(super) fn open_in(folders: &Folders, file: &Path) -> Result<File, RecordingFault> {
    let (audio, file) = folders.place(file);
    open(&audio, &file)
}

/// Opens `file` below the folder `audio`, as [`open_in`] does.
pub(super) fn open(audio: &Path, file: &Path) -> Result<File, RecordingFault> {
    if file.components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir)) {
        return Err(RecordingFault::Outside);
    }
    let folder = audio.canonicalize().map_err(|error| unopened(&error))?;
    let path = folder.join(file).canonicalize().map_err(|error| unopened(&error))?;
    if !path.starts_with(&folder) {
        return Err(RecordingFault::Outside);
    }
    // Never waits for a pipe's other end, never follows a link put there in the meantime.
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW;
    let flags = flags.bits().cast_signed();
    let file = File::options().read(true).custom_flags(flags).open(path).map_err(|error| unopened(&error))?;
    let facts = file.metadata().map_err(|error| unopened(&error))?;
    match facts.len() {
        _ if !facts.is_file() => Err(RecordingFault::NotAFile),
        length if length > LARGEST => Err(RecordingFault::TooLarge(length)),
        _ => Ok(file),
    }
}

fn unopened(error: &io::Error) -> RecordingFault {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => RecordingFault::Missing,
        _ => RecordingFault::unreadable(error),
    }
}

/// Returns the SHA-256 of the whole file, and goes back to its beginning.
pub(super) fn fingerprint(file: &mut File) -> Result<[u8; 32], RecordingFault> {
    let mut hash = Sha256::new();
    let mut piece = vec![0; 64 * 1024];
    file.seek(SeekFrom::Start(0)).map_err(RecordingFault::unreadable)?;
    loop {
        match file.read(&mut piece).map_err(RecordingFault::unreadable)? {
            0 => break,
            read => hash.update(&piece[..read]),
        }
    }
    file.seek(SeekFrom::Start(0)).map_err(RecordingFault::unreadable)?;
    Ok(hash.finalize().into())
}

/// Decodes an opened recording in a child; the clip is mono, at the recording's own rate.
pub(super) async fn load(program: &Path, file: File) -> Result<Clip, RecordingFault> {
    let input = Input::File(file);
    let order = Order { program, job: Job::Decode, input, limit: LIMIT, most_samples: MOST_SAMPLES };
    child::run(order).await.map_err(faulty)
}

fn faulty(fault: ChildFault<RecordingFault>) -> RecordingFault {
    match fault {
        ChildFault::Refused(fault) => fault,
        ChildFault::TooMuch => RecordingFault::TooLong,
        fault => RecordingFault::Decoder(fault.words("解码", "decoding")),
    }
}

/// Decodes the file that is standard input, as a child, and answers on standard output.
pub fn decode_as_child() -> ExitCode {
    child::answer(|answer| {
        Sandbox::enter(&[], LIMIT).seal();
        let input = io::stdin().as_fd().try_clone_to_owned().map_err(RecordingFault::unreadable)?;
        decode(File::from(input), &mut |rate, samples| answer.sound(rate, samples)).map(|_| ())
    })
}

/// Measures the file that is standard input, as a child, and answers with its [`Health`].
pub fn examine_as_child() -> ExitCode {
    child::answer(|answer| {
        Sandbox::enter(&[], LIMIT).seal();
        let input = io::stdin().as_fd().try_clone_to_owned().map_err(RecordingFault::unreadable)?;
        let mut examiner: Option<Examiner> = None;
        decode_channels(File::from(input), &mut |piece| match &mut examiner {
            Some(examiner) => examiner.take(piece),
            none => none.insert(Examiner::new(piece)?).take(piece),
        })?;
        let found = examiner.ok_or(RecordingFault::Silent)?.finish()?;
        answer.report(&found);
        Ok::<(), RecordingFault>(())
    })
}
