//! Files of bundles, by their sum, in pieces.

use super::value::{Group, Statement};
use super::{Store, StoreFault};
use crate::model::Digest;

/// Bytes of a piece.
pub const PIECE: usize = 256 * 1024;

impl Store {
    /// Returns the size of a file that is here whole.
    pub async fn size_of(&self, file: &Digest) -> Result<Option<u64>, StoreFault> {
        let row = self.database.row("SELECT bytes FROM file WHERE sha256 = $1", &[file.into()]).await?;
        let size = |row: super::value::Row| {
            u64::try_from(row.number(0, "file")?).map_err(|_| StoreFault::Damaged("file"))
        };
        row.map(size).transpose()
    }

    /// Reads a piece of a file, counted from 0; none after the last.
    pub async fn piece(&self, file: &Digest, place: u64) -> Result<Option<Vec<u8>>, StoreFault> {
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        let sql = "SELECT bytes FROM piece WHERE sha256 = $1 AND place = $2";
        let row = self.database.row(sql, &[file.into(), place.into()]).await?;
        row.map(|row| row.bytes(0, "piece")).transpose()
    }

    /// Keeps a piece of a file whose sum was verified: only then is a piece that is here surely the same.
    pub async fn keep_piece(&self, file: &Digest, place: u64, bytes: &[u8]) -> Result<(), StoreFault> {
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        let insert = Statement::new(
            "INSERT INTO piece (sha256, place, bytes) VALUES ($1, $2, $3) ON CONFLICT (sha256, place) DO NOTHING",
            vec![file.into(), place.into(), bytes.into()],
        );
        self.database.write(Group::of(insert)).await.map(drop)
    }

    /// Lets a file count, once all its pieces are here.
    pub async fn keep_file(&self, file: &Digest, size: u64) -> Result<(), StoreFault> {
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let insert = Statement::new(
            "INSERT INTO file (sha256, bytes) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING",
            vec![file.into(), size.into()],
        );
        self.database.write(Group::of(insert)).await.map(drop)
    }
}
