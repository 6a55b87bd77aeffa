//! Takes a pack out of a tar file while it streams past. Only files that the pack is known to have are looked at.

use std::io::{self, Read};

use super::InstallFault;
use super::source::Taking;
use crate::speech::engine::kokoro::Item;

/// Tar files are made of blocks of so many bytes.
const BLOCK: u64 = 512;

/// Most entries that are looked at, and most bytes of those that are skipped: a stream could be endless.
const MOST_ENTRIES: usize = 1000;
const MOST_SKIPPED: u64 = 1_000_000_000;

/// Hands the files of `items` that are in the tar file to `take`.
pub(super) fn deliver(
    from: &mut dyn Read,
    items: &[&Item],
    take: &mut Taking<'_>,
) -> Result<(), InstallFault> {
    let mut skipped = 0;
    for _ in 0..MOST_ENTRIES {
        let Some(entry) = next(from)? else { return Ok(()) };
        let mut content = (&mut *from).take(entry.size);
        if let Some(item) = items.iter().find(|item| item.path == entry.name) {
            take(item, &mut content)?;
        }
        // What is left of it, and the rest of its last block.
        let rest = content.limit() + (BLOCK - entry.size % BLOCK) % BLOCK;
        skipped += rest;
        if skipped > MOST_SKIPPED {
            break;
        }
        io::copy(&mut (&mut *from).take(rest), &mut io::sink()).map_err(|error| broken(&error))?;
    }
    Err(InstallFault::Archive("too long".to_owned()))
}

struct Entry {
    name: String,
    size: u64,
}

/// Reads the next head; none at the end, which is an empty block or the end of the stream.
fn next(from: &mut dyn Read) -> Result<Option<Entry>, InstallFault> {
    let mut head = Vec::new();
    from.take(BLOCK).read_to_end(&mut head).map_err(|error| broken(&error))?;
    if head.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    let entry = head.first_chunk().and_then(entry);
    entry.map(Some).ok_or_else(|| InstallFault::Archive("a damaged head".to_owned()))
}

/// Reads a head: name, size in octal, and a sum of all its bytes in which the sum's own place counts as blanks.
fn entry(head: &[u8; 512]) -> Option<Entry> {
    const SUM: std::ops::Range<usize> = 148..156;
    let added = head.iter().enumerate().map(|(at, byte)| if SUM.contains(&at) { b' ' } else { *byte });
    let added: u64 = added.map(u64::from).sum();
    if octal(&head[SUM])? != added {
        return None;
    }
    let name = text(&head[..100])?;
    let name = name.strip_prefix("./").unwrap_or(name).to_owned();
    Some(Entry { name, size: octal(&head[124..136])? })
}

fn text(field: &[u8]) -> Option<&str> {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    std::str::from_utf8(field.get(..end)?).ok()
}

fn octal(field: &[u8]) -> Option<u64> {
    u64::from_str_radix(text(field)?.trim(), 8).ok()
}

fn broken(error: &io::Error) -> InstallFault {
    InstallFault::Archive(error.to_string())
}
