//! Reads one file: all it says, or all that is wrong with it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use toml::de::DeTable;

use crate::model::{CalendarId, LexiconEntry, Playlist, Prepared, Site, StationId, Words, ZoneId};

use super::complaint::{Complaint, Severity, Source, any_error};
use super::reader::{Entries, Reader, Rows};
use super::syntax::Syntax;
use super::{Field, Kinds, lexicon, playlist, prepared, site, tables};

/// Largest file that is read, in bytes: a thousand times what a playlist needs, and nothing for any board.
pub const LARGEST: usize = 1024 * 1024;

/// Holds what a file says, and all that is to be said about it.
#[derive(Debug, Clone)]
pub struct Parsed<T> {
    /// The file.
    pub path: PathBuf,
    /// What it says; `None` exactly when there is a complaint of severity [`Severity::Error`].
    pub value: Option<T>,
    /// What is readable of a file with mistakes, for further checks; never to be aired.
    pub(super) draft: Option<T>,
    /// Where the draft's or value's messages and schedules stand.
    pub(super) rows: Rows,
    /// All complaints, in the order of the file.
    pub complaints: Vec<Complaint>,
    /// What it names outside itself; also of files with mistakes.
    pub references: Vec<Reference>,
    /// Where each value stands, by its path: `schedule.0.cron`, `message.2.audio`. Tables stand at their header.
    pub places: BTreeMap<String, Range<usize>>,
}

/// Names something outside the file in which it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// What is named.
    pub to: Referred,
    /// Where it is named, as a path into [`Parsed::places`].
    pub place: String,
    /// Where it is named, in bytes.
    pub span: Range<usize>,
}

/// Tells the things apart that a file can name outside itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Referred {
    /// A station of `station.toml`.
    Station(StationId),
    /// A zone of one of its stations.
    Zone(ZoneId),
    /// One of its calendars.
    Calendar(CalendarId),
    /// A file under the audio folder.
    Recording(PathBuf),
}

/// Reads `station.toml`. Never panics, whatever the text.
pub fn parse_site(source: &Source, kinds: &Kinds) -> Parsed<Site> {
    parse(source, kinds, tables::SITE, site::build)
}

/// Reads a playlist; its id is the file's name. Never panics, whatever the text.
pub fn parse_playlist(source: &Source, kinds: &Kinds) -> Parsed<Playlist> {
    parse(source, kinds, tables::PLAYLIST, playlist::build)
}

/// Reads the user's words. Never panics, whatever the text.
pub fn parse_lexicon(source: &Source) -> Parsed<Vec<LexiconEntry>> {
    parse(source, &Kinds::default(), tables::LEXICON, lexicon::build)
}

/// Reads prepared alerts. Never panics, whatever the text.
pub fn parse_alerts(source: &Source) -> Parsed<Vec<Prepared>> {
    parse(source, &Kinds::default(), tables::ALERTS, prepared::build)
}

fn parse<T>(
    source: &Source,
    kinds: &Kinds,
    fields: &'static [Field],
    build: fn(&Entries, &mut Reader<'_>) -> Option<T>,
) -> Parsed<T> {
    if source.text.len() > LARGEST {
        return Parsed::refused(too_large(source));
    }
    let (syntax, text) = Syntax::diagnose(source);
    let (table, _) = DeTable::parse_recoverable(&text);
    let mut reader = Reader::new(source, kinds, syntax);
    let entries = reader.table(table.get_ref(), &(0..0), fields, "", None);
    let value = build(&entries, &mut reader);
    let Reader { mut complaints, references, places, rows, .. } = reader;
    complaints.sort_by_key(|complaint| complaint.span.start);
    let (value, draft) = if any_error(&complaints) { (None, value) } else { (value, None) };
    Parsed { path: source.path.clone(), value, draft, rows, complaints, references, places }
}

fn too_large(source: &Source) -> Complaint {
    Complaint {
        severity: Severity::Error,
        path: source.path.clone(),
        span: 0..0,
        what: Words::new("文件超过 1 MiB，太大了", "the file is larger than 1 MiB"),
        fix: Words::new("把它分成几个节目单", "split it into several playlists"),
    }
}

impl<T> Parsed<T> {
    /// Stands for a file that could not be read at all.
    pub fn refused(complaint: Complaint) -> Self {
        Self {
            path: complaint.path.clone(),
            value: None,
            draft: None,
            rows: Rows::default(),
            complaints: vec![complaint],
            references: Vec::new(),
            places: BTreeMap::new(),
        }
    }
}
