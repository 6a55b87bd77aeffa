//! How far the as-run log has gone up: what the county says goes in, what to send next comes out.
//!
//! Nothing about it is kept here: the county's word is the only truth about what the county has. A county that lost its
//! records says so by acknowledging less, and gets them again; a log that begins anew is another epoch.

use crate::model::Digest;
use crate::wire::{Acknowledged, MOST_FACTS};

/// Fewest facts of a batch on a bad line.
const FEWEST: usize = 10;

/// Holds what the county has of this station's log, as far as it has told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cursor {
    /// None while the county has not said anything.
    #[expect(clippy::option_option, reason = "not to know and to know of nothing are two things")]
    heard: Option<Option<Acknowledged>>,
    /// Facts of the next batch.
    most: usize,
}

impl Cursor {
    pub(super) const fn new() -> Self {
        Self { heard: None, most: MOST_FACTS }
    }

    /// Takes the county's word. It may be older than what was answered meanwhile: it only counts as a loss if it is less than
    /// what was known when it was asked for, `then`.
    pub(super) fn learn(&mut self, told: Option<Acknowledged>, then: &Self) {
        let known = self.heard.flatten();
        let is_news = match (self.heard, known, told) {
            (None, ..) => true,
            (_, Some(known), Some(told)) if known.epoch == told.epoch && told.through >= known.through => {
                true
            }
            // Less, another log, or nothing: a loss, unless the answer has been overtaken.
            _ => then.heard == self.heard,
        };
        if is_news {
            self.heard = Some(told);
        }
    }

    /// Returns the number of the last record that the county has of the log `epoch`; none while that is not known.
    pub(super) fn through(&self, epoch: &Digest) -> Option<i64> {
        let heard = self.heard?;
        Some(
            heard.filter(|acknowledged| acknowledged.epoch == *epoch).map_or(0, |known| known.through.max(0)),
        )
    }

    /// Returns how many facts to send at once.
    pub(super) const fn most(&self) -> usize {
        self.most
    }

    /// Takes the answer to a batch of the log `epoch` that began after number `after`. Returns whether that was progress:
    /// it may be less than was sent, and where a county says that it has less than it had, it is believed.
    pub(super) fn answered(&mut self, epoch: &Digest, after: i64, answer: Acknowledged) -> bool {
        self.heard = Some(Some(answer));
        self.most = (self.most * 2).min(MOST_FACTS);
        answer.epoch == *epoch && answer.through > after
    }

    /// Takes a failure: a smaller batch may pass.
    pub(super) fn failed(&mut self) {
        self.most = (self.most / 2).max(FEWEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(n: u8) -> Digest {
        Digest::of(&[n])
    }

    fn through(n: i64) -> Acknowledged {
        Acknowledged { epoch: epoch(1), through: n }
    }

    #[test]
    fn nothing_is_sent_before_the_county_has_said_what_it_has() {
        let mut cursor = Cursor::new();
        assert_eq!(cursor.through(&epoch(1)), None);
        cursor.learn(None, &cursor.clone());
        assert_eq!(cursor.through(&epoch(1)), Some(0));
        cursor.learn(Some(through(7)), &cursor.clone());
        assert_eq!(cursor.through(&epoch(1)), Some(7));
        assert_eq!(cursor.through(&epoch(2)), Some(0), "another log begins at its beginning");
    }

    #[test]
    fn a_county_that_lost_its_records_gets_them_again() {
        for less in [None, Some(through(3)), Some(Acknowledged { epoch: epoch(2), through: 9 })] {
            let mut cursor = Cursor::new();
            cursor.learn(Some(through(7)), &Cursor::new());
            cursor.learn(less, &cursor.clone());
            assert_eq!(cursor.heard, Some(less));
        }
    }

    #[test]
    fn an_answer_that_was_overtaken_is_no_loss() {
        let mut cursor = Cursor::new();
        cursor.learn(Some(through(7)), &Cursor::new());
        let asked = cursor.clone();
        assert!(cursor.answered(&epoch(1), 7, through(20)));
        for late in [None, Some(through(7)), Some(through(12))] {
            cursor.learn(late, &asked);
            assert_eq!(cursor.through(&epoch(1)), Some(20));
        }
    }

    #[test]
    fn batches_shrink_on_a_bad_line_and_grow_again() {
        let mut cursor = Cursor::new();
        (0..20).for_each(|_| cursor.failed());
        assert_eq!(cursor.most(), FEWEST);
        assert!(cursor.answered(&epoch(1), 0, through(10)));
        assert!(!cursor.answered(&epoch(1), 10, through(10)), "no progress is not to be repeated at once");
        assert!(!cursor.answered(&epoch(2), 0, through(99)), "nor an answer about another log");
        for n in 10..30 {
            cursor.answered(&epoch(1), n, through(n + 1));
        }
        assert_eq!(cursor.most(), MOST_FACTS);
    }
}
