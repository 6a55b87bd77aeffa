//! From the bytes of a program to a clip: the header mended where a pipe spoilt it, then decoded in a child of ours.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use super::program::Given;
use super::{CommandFault, MOST_SAMPLES};
use crate::model::Clip;
use crate::speech::engine::child::{self, Input, Job, Order};

/// Ten minutes of sound are decoded in 2 s on a PC.
const LIMIT: Duration = Duration::from_mins(1);

/// From here on a size stands for "not known": who writes to a pipe cannot go back and fill it in. espeak-ng writes
/// `7ffff000`, others `7fffffff` or `ffffffff`.
const NOT_KNOWN: u32 = 0x7fff_0000;

/// Chunks that are looked at before the samples: a header has two or three.
const MOST_CHUNKS: usize = 64;

/// Decodes what a program gave.
pub(super) async fn decode(ours: &Path, given: Given) -> Result<Clip, CommandFault> {
    let Given { program, file, bytes, said } = given;
    if !is_wav(&file) {
        return Err(CommandFault::NoWav { program, bytes, said });
    }
    mend(&file, bytes).map_err(CommandFault::Keep)?;
    rewind(&file).map_err(CommandFault::Keep)?;
    let input = Input::File(file);
    let order = Order { program: ours, job: Job::Decode, input, limit: LIMIT, most_samples: MOST_SAMPLES };
    Ok(child::run(order).await?)
}

fn rewind(mut file: &File) -> io::Result<()> {
    io::Seek::rewind(&mut file)
}

fn is_wav(file: &File) -> bool {
    let mut head = [0; 12];
    file.read_exact_at(&mut head, 0).is_ok() && head.starts_with(b"RIFF") && head.ends_with(b"WAVE")
}

/// Writes the true sizes where a header says that it does not know them. A size that is merely wrong stays: the sound is
/// then cut, and the decoder says so.
fn mend(file: &File, bytes: u64) -> io::Result<()> {
    mend_size(file, 4, bytes.saturating_sub(8))?;
    let mut at = 12;
    for _ in 0..MOST_CHUNKS {
        let mut head = [0; 8];
        if file.read_exact_at(&mut head, at).is_err() {
            break;
        }
        let ([name @ .., _, _, _, _], size) = (head, size_at(file, at + 4)?);
        if name == *b"data" {
            return mend_size(file, at + 4, bytes.saturating_sub(at + 8));
        }
        // Chunks begin at even places.
        at += 8 + u64::from(size) + u64::from(size % 2);
    }
    Ok(())
}

fn size_at(file: &File, at: u64) -> io::Result<u32> {
    let mut size = [0; 4];
    file.read_exact_at(&mut size, at)?;
    Ok(u32::from_le_bytes(size))
}

fn mend_size(file: &File, at: u64, truly: u64) -> io::Result<()> {
    let written = size_at(file, at)?;
    let truly = u32::try_from(truly).unwrap_or(u32::MAX);
    if written == 0 || written >= NOT_KNOWN {
        file.write_all_at(&truly.to_le_bytes(), at)?;
    }
    Ok(())
}
