//! What a sound file says about its own length, where the decoder does not look.

use std::io::{self, Read, Seek, SeekFrom};

/// What the structure of a file tells before anything is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// Its end is missing.
    Cut,
    /// It is whole as far as its structure tells, or its length is checked by counting samples.
    Whole,
    /// It claims no length: a bare MPEG stream, whose length a decoder can only guess.
    Nothing,
}

/// Longest page of an Ogg stream, bytes: header, 255 lacing values, 255 × 255 of payload.
const LONGEST_OGG_PAGE: u64 = 27 + 255 + 255 * 255;

/// How far into an MPEG stream its first frame, which holds the length, is looked for.
const MPEG_HEAD: u64 = 4096;

/// Reads the structure of the file in `source` and returns to its beginning.
pub(super) fn examine(source: &mut (impl Read + Seek)) -> io::Result<Claim> {
    let length = source.seek(SeekFrom::End(0))?;
    let head = piece(source, 0, 12)?;
    let claim = match head.as_slice() {
        [b'O', b'g', b'g', b'S', ..] => ogg(source, length)?,
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => mp4(source, length)?,
        [b'R', b'I', b'F', b'F', ..] | [b'f', b'L', b'a', b'C', ..] => Claim::Whole,
        _ => mpeg(source, &head)?,
    };
    source.seek(SeekFrom::Start(0))?;
    Ok(claim)
}

fn piece(source: &mut (impl Read + Seek), from: u64, most: u64) -> io::Result<Vec<u8>> {
    source.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    source.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The last page of an Ogg stream bears the flag "end of stream" and lies in the file to its last byte.
fn ogg(source: &mut (impl Read + Seek), length: u64) -> io::Result<Claim> {
    let tail = piece(source, length.saturating_sub(2 * LONGEST_OGG_PAGE), 2 * LONGEST_OGG_PAGE)?;
    let starts = (0..tail.len()).filter(|at| tail[*at..].starts_with(b"OggS"));
    let last = starts.rev().find_map(|at| ogg_page(&tail[at..]));
    Ok(if last == Some(true) { Claim::Whole } else { Claim::Cut })
}

/// Returns whether the page is the last of its stream, if it is all there.
fn ogg_page(bytes: &[u8]) -> Option<bool> {
    const END_OF_STREAM: u8 = 4;
    let segments = usize::from(*bytes.get(26)?);
    let lacing = bytes.get(27..27 + segments)?;
    let payload: usize = lacing.iter().map(|length| usize::from(*length)).sum();
    bytes.get(27 + segments..27 + segments + payload)?;
    Some(bytes[5] & END_OF_STREAM != 0)
}

/// The boxes of an MP4 file follow one another to its end, and one of them is the table of contents.
fn mp4(source: &mut (impl Read + Seek), length: u64) -> io::Result<Claim> {
    let mut at = 0;
    let mut contents = false;
    while at < length {
        let head = piece(source, at, 16)?;
        let Some((size, kind)) = mp4_box(&head, length - at) else { return Ok(Claim::Cut) };
        contents |= kind == *b"moov";
        at = at.saturating_add(size);
    }
    Ok(if contents && at == length { Claim::Whole } else { Claim::Cut })
}

/// Returns the size and the kind of the box that begins with `head`; none if it cannot be one.
fn mp4_box(head: &[u8], rest: u64) -> Option<(u64, [u8; 4])> {
    let short = u32::from_be_bytes(*head.first_chunk()?);
    let kind = *head.get(4..8)?.first_chunk()?;
    let (size, smallest) = match short {
        0 => (rest, 8),
        1 => (u64::from_be_bytes(*head.get(8..16)?.first_chunk()?), 16),
        short => (u64::from(short), 8),
    };
    (size >= smallest).then_some((size, kind))
}

/// An encoder that knows better than a bare stream writes the number of frames into the first one.
fn mpeg(source: &mut (impl Read + Seek), head: &[u8]) -> io::Result<Claim> {
    let start = match head {
        // ID3v2: the size has seven bits a byte; a footer repeats the header.
        [b'I', b'D', b'3', _, _, flags, a, b, c, d, ..] => {
            let size = [a, b, c, d].iter().fold(0, |size, byte| (size << 7) | u64::from(**byte & 0x7f));
            10 + size + if flags & 0x10 == 0 { 0 } else { 10 }
        }
        _ => 0,
    };
    let first = piece(source, start, MPEG_HEAD)?;
    let tagged = first.windows(4).any(|mark| matches!(mark, b"Xing" | b"Info" | b"VBRI"));
    Ok(if tagged { Claim::Whole } else { Claim::Nothing })
}
