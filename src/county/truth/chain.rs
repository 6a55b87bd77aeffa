//! Whether a log that arrived is whole: from its first record to the last, as it is kept here.

use crate::model::{Digest, Words};
use crate::station::journal::{BEFORE_THE_FIRST, follows};
use crate::wire::Fact;

/// Most doubts that are kept of one log: the first one counts.
const MOST: usize = 20;

/// What was found of one log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The log.
    pub epoch: Digest,
    /// The number of its last record.
    pub through: i64,
    /// What is wrong with it, in order; at most 20.
    pub broken: Vec<Broken>,
}

/// Something that is wrong with a log, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// The number of the record at which it shows.
    pub seq: i64,
    /// What is wrong.
    pub doubt: Doubt,
}

/// What can be wrong with a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// The record does not fit its hash and the one before it: it, or what is kept here of it, was changed.
    Altered,
    /// Records before it are not here, from this number on.
    Missing(i64),
    /// The station found at a start that its log had been cut; it had reached this number.
    Cut(i64),
    /// The station found at a start that its anchor was gone.
    AnchorLost,
    /// The station's log before this one was damaged, and set aside.
    BegunAnew,
}

/// Walks along a log.
#[derive(Debug, Clone)]
pub struct Walk {
    chain: Chain,
    last: Digest,
}

impl Walk {
    /// Begins before the first record of the log `epoch`.
    pub fn new(epoch: Digest) -> Self {
        Self { chain: Chain { epoch, through: 0, broken: Vec::new() }, last: BEFORE_THE_FIRST.into() }
    }

    /// Takes the next record.
    pub fn step(&mut self, fact: &Fact) {
        let expected = self.chain.through + 1;
        if fact.seq != expected {
            self.doubt(fact.seq, Doubt::Missing(expected));
        } else if !follows(&self.last, fact) || (fact.seq == 1 && fact.hash != self.chain.epoch) {
            self.doubt(fact.seq, Doubt::Altered);
        }
        if fact.values.get("kind").and_then(|kind| kind.as_str()) == Some("run_started") {
            self.start(fact);
        }
        // The hash as kept leads on, so that one bad record is one fault and not a thousand.
        (self.chain.through, self.last) = (fact.seq, fact.hash);
    }

    /// Notes what a start of the daemon found of the log before it.
    fn start(&mut self, fact: &Fact) {
        match fact.values.get("anchor_seq").and_then(serde_json::Value::as_i64) {
            Some(0) => self.doubt(fact.seq, Doubt::AnchorLost),
            Some(reached) => self.doubt(fact.seq, Doubt::Cut(reached)),
            None => {}
        }
        if fact.values.get("detail").is_some() {
            self.doubt(fact.seq, Doubt::BegunAnew);
        }
    }

    fn doubt(&mut self, seq: i64, doubt: Doubt) {
        if self.chain.broken.len() < MOST {
            self.chain.broken.push(Broken { seq, doubt });
        }
    }

    /// Says what was found.
    pub fn end(self) -> Chain {
        self.chain
    }
}

impl Broken {
    /// Says it to people.
    pub fn words(&self) -> Words {
        let seq = self.seq;
        let what = match self.doubt {
            Doubt::Altered => Words::new("与校验值不符", "does not fit its hash"),
            Doubt::Missing(from) => Words::new(
                format!("前面缺记录，从第 {from} 条起"),
                format!("records are missing from {from} on"),
            ),
            Doubt::Cut(reached) => Words::new(
                format!("站点启动时发现记录被截短，原来到第 {reached} 条"),
                format!("the station found its log cut off; it had reached {reached}"),
            ),
            Doubt::AnchorLost => {
                Words::new("站点启动时发现 as-run.head 不见了", "the station found as-run.head gone")
            }
            Doubt::BegunAnew => Words::new(
                "站点的旧记录损坏，另起了新记录",
                "the station's log before was damaged, and this one begun",
            ),
        };
        Words::new(format!("第 {seq} 条：{}", what.zh), format!("record {seq}: {}", what.en))
    }
}
