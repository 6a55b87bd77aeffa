//! What can go wrong with the as-run log.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::model::AiringId;

/// Free blocks under which a failed write is taken for a full disk: SQLite writes a few pages at once.
const FULL_BELOW_BLOCKS: u64 = 8;

/// Says why the as-run log could not be opened, written or read.
///
/// After any error of a commit nothing of that commit is acknowledged, and the journal stays usable: trying again is
/// right for [`JournalError::DiskFull`], [`JournalError::Busy`] and [`JournalError::Database`].
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another process writes this log.
    #[error("another dalaba writes the as-run log in {}", .0.display())]
    Locked(PathBuf),
    /// No log is in the folder yet.
    #[error("there is no as-run log in {}", .0.display())]
    Absent(PathBuf),
    /// The file system has no room.
    #[error("the disk is full")]
    DiskFull(#[source] rusqlite::Error),
    /// Something else held the database for longer than we wait.
    #[error("the as-run log is held by another program")]
    Busy(#[source] rusqlite::Error),
    /// The airing has been closed; nothing was changed.
    #[error("{0} has already been closed")]
    AlreadyClosed(AiringId),
    /// The airing has been on air; nothing was changed.
    #[error("{0} has already been on air")]
    AlreadyOnAir(AiringId),
    /// The record breaks a rule of the log; trying again is of no use. A fault of ours.
    #[error("a rule of the as-run log refuses the record")]
    AgainstRules(#[source] rusqlite::Error),
    /// The log was written by a newer program.
    #[error(
        "the as-run log has format {found}, this program knows formats up to {known}: use the newer dalaba"
    )]
    Newer {
        /// The format of the file.
        found: i64,
        /// The newest format that this program reads.
        known: i64,
    },
    /// The file is not an as-run log, or its pages are damaged.
    #[error("the as-run log is damaged, or is no as-run log")]
    Damaged(#[source] rusqlite::Error),
    /// A stored value cannot be read; somebody or something changed it.
    #[error("record {seq} holds an unreadable {column}")]
    Unreadable {
        /// Number of the record.
        seq: i64,
        /// The column.
        column: &'static str,
    },
    /// A file beside the database could not be used.
    #[error("cannot use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The writer's thread has ended.
    #[error("the writer of the as-run log has ended")]
    Gone,
    /// Anything else that SQLite reports, an input/output error above all.
    #[error("the as-run log could not be used")]
    Database(#[from] rusqlite::Error),
}

impl JournalError {
    /// Tells whether the log refused the record itself, for ever, while all else works.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::AlreadyClosed(_) | Self::AlreadyOnAir(_) | Self::AgainstRules(_))
    }

    /// Sorts an error of SQLite; `folder` is asked for its free room, because some full disks are reported as plain
    /// input/output errors.
    pub(super) fn sorted(error: rusqlite::Error, folder: &Path) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull(error),
            Some(ErrorCode::SystemIoFailure) if is_full(folder) => Self::DiskFull(error),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy(error),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error),
            _ => Self::Database(error),
        }
    }

    /// Sorts what a query met, in `folder`.
    pub(super) fn in_folder(self, folder: &Path) -> Self {
        match self {
            Self::Database(error) => Self::sorted(error, folder),
            other => other,
        }
    }

    /// Wraps what happened to a file beside the database.
    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::File { path: path.to_owned(), source }
    }
}

fn is_full(folder: &Path) -> bool {
    rustix::fs::statvfs(folder).is_ok_and(|room| room.f_bavail < FULL_BELOW_BLOCKS)
}
