//! As-run logs as they arrive: each record is held against the chain; a batch that came before changes nothing, and one that
//! leaves something out, or tells it otherwise, is refused.

use chrono::{DateTime, Utc};

use super::store::{Head, Store, StoreFault};
use crate::model::{Digest, Words};
use crate::station::journal::{BEFORE_THE_FIRST, follows};
use crate::wire::{Acknowledged, Batch, MOST_FACTS};

/// How often a batch is tried again that another one of the same log overtook.
const TRIES: usize = 4;

/// Says why a batch was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IngestFault {
    /// No records, too many, numbers that do not run on, or a record that does not fit the hash before it.
    #[error("not records in a row, as they were written")]
    Broken,
    /// Records before these have not arrived.
    #[error("records after number {0} are missing")]
    Gap(i64),
    /// Other records of the same log have arrived before.
    #[error("record number {0} is here already, and is another one")]
    Fork(i64),
    /// The store.
    #[error("{0}")]
    Store(#[from] StoreFault),
}

impl IngestFault {
    /// Says it to people.
    pub fn words(&self) -> Words {
        let zh = match self {
            Self::Broken => "不是按原样一条接一条的播发记录".to_owned(),
            Self::Gap(after) => format!("第 {after} 条以后缺了记录"),
            Self::Fork(seq) => format!("第 {seq} 条这里已有，内容却不同"),
            Self::Store(fault) => fault.words().zh,
        };
        Words::new(zh, self.to_string())
    }
}

/// Takes a batch of `site`, and returns once all of it is on the disk.
pub async fn take(
    store: &Store,
    site: &str,
    batch: &Batch,
    now: DateTime<Utc>,
) -> Result<Acknowledged, IngestFault> {
    let (first, last) = checked(batch)?;
    for _ in 0..TRIES {
        let head = store.head(site, &batch.epoch).await?;
        let through = head.map_or(0, |head| head.through);
        if first > through + 1 {
            return Err(IngestFault::Gap(through));
        }
        agrees(store, site, batch, head, last).await?;
        let new = usize::try_from(through + 1 - first).unwrap_or_default().min(batch.facts.len());
        if new == batch.facts.len() {
            return Ok(Acknowledged { epoch: batch.epoch, through });
        }
        if store.append(site, &batch.epoch, head, &batch.facts[new..], now).await? {
            return Ok(Acknowledged { epoch: batch.epoch, through: last });
        }
    }
    Err(StoreFault::Down("the log is written at several places at once".to_owned()).into())
}

/// Follows the chain through the batch; returns the numbers of its first and last record.
fn checked(batch: &Batch) -> Result<(i64, i64), IngestFault> {
    let (Some(first), Some(last)) = (batch.facts.first(), batch.facts.last()) else {
        return Err(IngestFault::Broken);
    };
    let mut before = &batch.previous;
    for (seq, fact) in (first.seq..).zip(&batch.facts) {
        if fact.seq != seq || !follows(before, fact) {
            return Err(IngestFault::Broken);
        }
        before = &fact.hash;
    }
    // A log is known by its first record; where the batch begins with it, that can be seen.
    let begins = first.seq != 1 || (batch.epoch == first.hash && batch.previous == start());
    let fits = batch.facts.len() <= MOST_FACTS && first.seq >= 1 && last.seq < i64::MAX && begins;
    if fits { Ok((first.seq, last.seq)) } else { Err(IngestFault::Broken) }
}

fn start() -> Digest {
    BEFORE_THE_FIRST.into()
}

/// Finds out that the batch tells what is here in the same way. Hashes run on, so that one that is the same vouches for all
/// before it.
async fn agrees(
    store: &Store,
    site: &str,
    batch: &Batch,
    head: Option<Head>,
    last: i64,
) -> Result<(), IngestFault> {
    let Some(head) = head else { return Ok(()) };
    let hash_of = |seq: i64| {
        let before_first = batch.facts.first().is_some_and(|fact| fact.seq == seq + 1);
        let found = batch.facts.iter().find(|fact| fact.seq == seq).map(|fact| fact.hash);
        if before_first { Some(batch.previous) } else { found }
    };
    let common = last.min(head.through);
    let here = if common == head.through {
        Some(head.hash)
    } else {
        store.hash_of(site, &batch.epoch, common).await?
    };
    if here == hash_of(common) { Ok(()) } else { Err(IngestFault::Fork(common)) }
}
