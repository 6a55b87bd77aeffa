//! The as-run log on its way to the county: the very records, with their hashes, so that the county can follow the chain
//! itself.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::Digest;

/// One record of a station's as-run log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Its number in the log, from 1.
    pub seq: i64,
    /// Its hash, which covers the record before it (`docs/as-run.md`).
    pub hash: Digest,
    /// Its columns by name, but for the number; those that are empty are left out. Texts and whole numbers only.
    pub values: Map<String, Value>,
}

/// Some records in a row. A log that begins again, on a new card, is another epoch; what was sent of the old one stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// The log: the hash of its first record.
    pub epoch: Digest,
    /// The hash of the record before the first of these; zeros before the first of all.
    pub previous: Digest,
    /// At least one, at most [`super::MOST_FACTS`], numbers without a gap.
    pub facts: Vec<Fact>,
}

/// How far a log has arrived and is on the county's disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// The log.
    pub epoch: Digest,
    /// The number of the last record; everything up to it is there.
    pub through: i64,
}
