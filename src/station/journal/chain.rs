//! The chain: each record's hash covers the record before it, so that no record can be changed, taken out, put in or
//! moved without a trace.

use rusqlite::types::Value;
use sha2::{Digest, Sha256};

use super::row::{FIRST_COLUMNS, Row};

/// A SHA-256 sum.
pub(super) type Hash = [u8; 32];

/// Stands for the record before the first.
pub(super) const GENESIS: Hash = [0; 32];

/// Opens every hashed text, so that a sum of ours is never the sum of something else.
const DOMAIN: &[u8] = b"dalaba as-run\n";

/// Computes the hash of `row` after a record whose hash is `previous`.
///
/// SHA-256 over the domain word, the previous hash, and every column in order: one byte for the type (`0` none, `1`
/// whole number, `2` text, `3` bytes, `4` fraction), then for a number its 8 bytes, most significant first, and for
/// text and bytes the length as such a number and the bytes. Lengths go first so that no two records can run together
/// into the same bytes. Columns that came after the first version of the database are hashed up to the last one that
/// holds something: a record that has none of them keeps the hash that it always had, and nothing can be put into one
/// without a trace.
pub(super) fn link(previous: &Hash, row: &Row) -> Hash {
    let mut sum = Sha256::new();
    sum.update(DOMAIN);
    sum.update(previous);
    for value in hashed(row.values()) {
        hash_value(&mut sum, value);
    }
    sum.finalize().into()
}

fn hashed(values: &[Value]) -> &[Value] {
    let last = values.iter().rposition(|value| *value != Value::Null).map_or(0, |last| last + 1);
    &values[..last.max(FIRST_COLUMNS).min(values.len())]
}

fn hash_value(sum: &mut Sha256, value: &Value) {
    match value {
        Value::Null => sum.update([0]),
        Value::Integer(number) => {
            sum.update([1]);
            sum.update(number.to_be_bytes());
        }
        Value::Text(text) => hash_bytes(sum, 2, text.as_bytes()),
        Value::Blob(bytes) => hash_bytes(sum, 3, bytes),
        Value::Real(fraction) => {
            sum.update([4]);
            sum.update(fraction.to_be_bytes());
        }
    }
}

fn hash_bytes(sum: &mut Sha256, kind: u8, bytes: &[u8]) {
    sum.update([kind]);
    sum.update((bytes.len() as u64).to_be_bytes());
    sum.update(bytes);
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::super::row::{Column, kind};
    use super::*;

    fn hex(hash: &Hash) -> String {
        data_encoding::HEXLOWER.encode(hash)
    }

    #[test]
    fn the_encoding_of_format_1_never_changes() {
        // A log written today is verified by every later version: this sum is a promise.
        let at = DateTime::parse_from_rfc3339("2026-11-23T06:30:00+08:00").unwrap().to_utc();
        let mut row = Row::new(kind::RUN_STARTED, 1, at);
        row.set(Column::Seq, 1);
        row.set(Column::Version, "0.1.0".to_owned());
        row.set(Column::Boot, "4b1d".to_owned());
        row.set(Column::SteadyMs, 1500);
        row.set(Column::Clock, "trusted".to_owned());
        // Computed apart from this code, from the description in docs/as-run.md.
        assert_eq!(
            hex(&link(&GENESIS, &row)),
            "498d28ea70450772f25bf6dc99e95455cb3a723f7bf17b825f9eb8759e74089d"
        );
    }

    #[test]
    fn what_is_put_into_a_new_column_of_an_old_record_changes_its_hash() {
        let old = Row::new(kind::CLOSED, 1, DateTime::UNIX_EPOCH);
        let mut forged = old.clone();
        forged.set(Column::Heard, "yes".to_owned());
        assert_ne!(link(&GENESIS, &old), link(&GENESIS, &forged));
        let mut moved = old.clone();
        moved.set(Column::Doubt, "yes".to_owned());
        assert_ne!(link(&GENESIS, &moved), link(&GENESIS, &forged));
    }

    #[test]
    fn text_that_moves_from_one_column_to_the_next_changes_the_hash() {
        let at = DateTime::UNIX_EPOCH;
        let mut one = Row::new(kind::CLOSED, 1, at);
        one.set(Column::Station, "赵家庄".to_owned());
        one.set(Column::Playlist, "春运".to_owned());
        let mut other = Row::new(kind::CLOSED, 1, at);
        other.set(Column::Station, "赵家".to_owned());
        other.set(Column::Playlist, "庄春运".to_owned());
        assert_ne!(link(&GENESIS, &one), link(&GENESIS, &other));
    }
}
