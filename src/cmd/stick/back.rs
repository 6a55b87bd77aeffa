//! What goes back onto the stick: the receipt, the as-run log for people and for the county, and how everything is.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::receipt::Receipt;
use crate::cmd::log::csv;
use crate::cmd::{Context, Failure, status_text, zone};
use crate::model::Lang;
use crate::station::control::{ControlReply, Request, StatusReport, call};
use crate::station::journal::{BEFORE_THE_FIRST, Entry, Filter, JournalError, Reader};
use crate::station::stick::{name_of, put};
use crate::wire::{Batch, MOST_FACTS};

/// Days of airings that people get as a table. The county gets all.
const DAYS: TimeDelta = TimeDelta::days(31);

/// Most records that are written for the county, the newest: three years of a busy village, some 200 MB.
const MOST_RECORDS: i64 = 300_000;

/// Entries written at a time.
const BATCH: usize = 500;

/// Writes everything. What can be written is, whatever cannot.
pub(super) fn write(context: &Context, mount: &Path, receipt: &Receipt<'_>) -> Result<(), Failure> {
    let name = receipt.stations.first().map_or_else(|| "dalaba".to_owned(), |one| name_of(one.id.as_str()));
    let zone = zone::zone(context);
    let day = receipt.at.with_timezone(&zone).format("%Y-%m-%d");
    let reader = Reader::open(&context.state).ok();
    let text = receipt.text(Lang::Zh, zone) + "\n" + &receipt.text(Lang::En, zone);
    let written = [
        put(mount, &format!("{name}-回执.txt"), |file| file.write_all(text.as_bytes())),
        put(mount, &format!("{name}-as-run-{day}.csv"), |file| {
            reader.as_ref().map_or(Ok(()), |reader| table(reader, receipt.at, zone, file))
        }),
        put(mount, &format!("{name}-as-run.jsonl"), |file| {
            reader.as_ref().map_or(Ok(()), |reader| batches(reader, file))
        }),
        health(context, mount, &name),
    ];
    written.into_iter().collect::<io::Result<()>>().map_err(|error| {
        Failure::because(
            "U 盘写不进去（满了，或者写保护）",
            "the stick cannot be written: full, or locked",
            error,
        )
    })
}

fn table(reader: &Reader, now: DateTime<Utc>, zone: Tz, file: &mut File) -> io::Result<()> {
    let filter = Filter { from: now.checked_sub_signed(DAYS), ..Filter::default() };
    let mut entries = reader.query(&filter);
    let (mut to, mut first) = (BufWriter::new(file), true);
    loop {
        let piece: Vec<Entry> = entries.by_ref().take(BATCH).collect::<Result<_, _>>().map_err(unreadable)?;
        if piece.is_empty() && !first {
            return to.flush();
        }
        to.write_all(csv::write(&piece, first, Lang::Zh, zone).as_bytes())?;
        first = false;
    }
}

/// One batch a line, as a station ships them: with hashes, so that the county can follow the chain from a stick too.
fn batches(reader: &Reader, file: &mut File) -> io::Result<()> {
    let Some(epoch) = reader.epoch().map_err(unreadable)? else { return Ok(()) };
    let newest = reader.newest().map_err(unreadable)?;
    let mut after = newest.saturating_sub(MOST_RECORDS).max(0);
    let before = reader.facts(after - 1, 1).map_err(unreadable)?.pop();
    let mut previous = before.filter(|_| after > 0).map_or_else(|| BEFORE_THE_FIRST.into(), |fact| fact.hash);
    let mut to = BufWriter::new(file);
    loop {
        let facts = reader.facts(after, MOST_FACTS).map_err(unreadable)?;
        let Some(last) = facts.last().cloned() else { return to.flush() };
        let batch = Batch { epoch, previous, facts };
        serde_json::to_writer(&mut to, &batch).map_err(io::Error::other)?;
        to.write_all(b"\n")?;
        (after, previous) = (last.seq, last.hash);
    }
}

fn health(context: &Context, mount: &Path, name: &str) -> io::Result<()> {
    let report = match call(&context.state, &Request::Status) {
        Ok(ControlReply::Status(report)) => Some(report),
        _ => None,
    };
    let text = report.as_deref().map_or_else(
        || "大喇叭没有运行，问不到情况。\ndalaba does not run; nothing can be asked.\n".to_owned(),
        |report| status_text::write(Lang::Zh, report) + "\n" + &status_text::write(Lang::En, report),
    );
    put(mount, &format!("{name}-health.txt"), |file| file.write_all(text.as_bytes()))?;
    let json = |report: &StatusReport| serde_json::to_vec_pretty(report).map_err(io::Error::other);
    let bytes = report.as_deref().map_or_else(|| Ok(b"null".to_vec()), json)?;
    put(mount, &format!("{name}-health.json"), |file| file.write_all(&bytes))
}

fn unreadable(error: JournalError) -> io::Error {
    io::Error::other(error)
}
