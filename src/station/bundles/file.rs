//! A bundle as one file: the signed envelope on the first line, then the bytes of its files, one after the other, in the
//! manifest's order and of the manifest's sizes. There is nothing else in it, and so nothing else to be read wrongly.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::TakeFault;
use crate::model::{Bundle, BundleFile, Digest};
use crate::trust::{Envelope, LARGEST_ENVELOPE, Refusal, manifest};

/// Bytes that are moved at a time.
const PIECE: usize = 64 * 1024;

/// Reads the envelope: the first line, or as much of it as shows that it is too long.
pub(super) fn envelope(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST_ENVELOPE as u64 + 1).read_until(b'\n', &mut bytes)?;
    Ok(bytes)
}

/// Copies the next file from the stream, and holds it to what the manifest says of it.
pub(super) fn copy(from: &mut impl Read, file: &BundleFile, to: &mut impl Write) -> Result<(), TakeFault> {
    let (mut sum, mut piece, mut left) = (Sha256::new(), vec![0; PIECE], file.bytes);
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        let read = from.read(&mut piece[..most]).map_err(TakeFault::Read)?;
        if read == 0 {
            return Err(TakeFault::Short(file.path.clone()));
        }
        let new = &piece[..read];
        sum.update(new);
        to.write_all(new).map_err(TakeFault::Write)?;
        left -= read as u64;
    }
    if Digest::finish(sum) == file.sha256 { Ok(()) } else { Err(TakeFault::Differs(file.path.clone())) }
}

/// Finds out that nothing follows the last file.
pub(super) fn end(from: &mut impl Read) -> Result<(), TakeFault> {
    match from.read(&mut [0]).map_err(TakeFault::Read)? {
        0 => Ok(()),
        _ => Err(TakeFault::Long),
    }
}

/// Brings the texts of a bundle into `folder`, which is empty, and returns its manifest. Nobody asks who has signed it: it is for
/// whoever made it.
pub fn texts_of(from: impl Read, folder: &Path) -> Result<Bundle, TakeFault> {
    let mut from = BufReader::new(from);
    let envelope = Envelope::read(&envelope(&mut from).map_err(TakeFault::Read)?);
    let bundle = envelope.and_then(|envelope| manifest::read(&envelope.payload)).ok_or(Refusal::NotSigned)?;
    for file in &bundle.files {
        if file.path.part().sounds() {
            copy(&mut from, file, &mut io::sink())?;
            continue;
        }
        let path = folder.join(file.path.as_str());
        let made = fs::create_dir_all(path.parent().unwrap_or(folder)).and_then(|()| File::create(&path));
        copy(&mut from, file, &mut made.map_err(TakeFault::Write)?)?;
    }
    Ok(bundle)
}

/// Writes a bundle as one file: `envelope` as [`crate::trust::Envelope::write`] gives it, and its files in order.
pub fn write(
    to: &mut impl Write,
    envelope: &[u8],
    files: impl IntoIterator<Item = io::Result<Vec<u8>>>,
) -> io::Result<()> {
    to.write_all(envelope)?;
    for file in files {
        to.write_all(&file?)?;
    }
    to.flush()
}
