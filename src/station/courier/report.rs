//! The third round: tells the county what became of what it sent, how this station is, and what aired.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::Fault;
use super::desk::{Desk, Patience};
use super::health;
use super::link::{Ask, Link};
use crate::model::Digest;
use crate::station::clock;
use crate::station::journal::{BEFORE_THE_FIRST, JournalError, Reader};
use crate::wire::{AS_RUN, Acknowledged, Batch, Fact, HEALTH, Health, LARGEST_JSON, RECEIPTS, Receipts};

/// What comes within this time after something new goes up with it.
const GATHERED: Duration = Duration::from_secs(1);

struct Reporter<'a> {
    desk: &'a Desk,
    link: Link,
    /// What was last said of this station's health, and when on the steady clock.
    told: Option<(Health, Duration)>,
}

/// Reports for ever.
pub(super) async fn report(desk: &Desk) -> Result<(), Fault> {
    let mut reporter = Reporter { desk, link: Link::to(&desk.office)?, told: None };
    let mut patience = Patience::new();
    loop {
        let done = reporter.round().await;
        desk.view().receipts = desk.outbox().waiting();
        match done {
            Ok(()) => {
                patience.restored();
                desk.heard();
                reporter.something_new().await;
                sleep(GATHERED).await;
            }
            Err(fault) => {
                tracing::debug!("{}", fault.words());
                patience.after(&fault).await;
            }
        }
        desk.note_in_force();
    }
}

impl Reporter<'_> {
    /// Waits until there is something to be told.
    async fn something_new(&mut self) {
        let (mut standing, mut health) = (self.desk.inputs.standing.clone(), self.desk.inputs.health.clone());
        standing.borrow_and_update();
        // Something may have changed while the last round was under way.
        self.desk.note_in_force();
        loop {
            let due = self.health_due();
            if due.is_zero() || self.desk.outbox().waiting() > 0 {
                return;
            }
            tokio::select! {
                () = self.desk.news.notified() => return,
                () = self.desk.inputs.records.notified() => return,
                _ = standing.changed() => self.desk.note_in_force(),
                changed = health.changed() => if changed.is_err() { sleep(due).await },
                () = sleep(due) => return,
            }
        }
    }

    fn health_due(&self) -> Duration {
        let now = self.desk.inputs.health.borrow();
        health::due(self.told.as_ref().map(|(health, at)| (health, *at)), now.as_ref(), clock::steady())
    }

    /// Tells everything that is to be told now.
    async fn round(&mut self) -> Result<(), Fault> {
        self.receipts().await?;
        if self.health_due().is_zero() {
            self.health().await?;
        }
        self.records().await
    }

    async fn receipts(&mut self) -> Result<(), Fault> {
        loop {
            let receipts = self.desk.outbox().oldest();
            if receipts.is_empty() {
                return Ok(());
            }
            let json = encoded(&Receipts { receipts: receipts.clone() })?;
            self.post(RECEIPTS, json).await?;
            self.desk.outbox().answered(&receipts);
        }
    }

    async fn health(&mut self) -> Result<(), Fault> {
        let Some(mut health) = self.desk.inputs.health.borrow().clone() else { return Ok(()) };
        health.newest = Reader::open(&self.desk.state).and_then(|log| log.newest()).unwrap_or_default();
        self.post(HEALTH, encoded(&health)?).await?;
        self.told = Some((health, clock::steady()));
        Ok(())
    }

    /// Sends the records that the county has not, oldest first.
    async fn records(&mut self) -> Result<(), Fault> {
        let log = match Reader::open(&self.desk.state) {
            Ok(log) => log,
            Err(JournalError::Absent(_)) => return Ok(()),
            Err(error) => return Err(unreadable(&error)),
        };
        let Some(epoch) = log.epoch().map_err(|error| unreadable(&error))? else { return Ok(()) };
        loop {
            let (after, most) = {
                let cursor = self.desk.cursor();
                // What the county has, it says in its next answer to the poll.
                let Some(after) = cursor.through(&epoch) else { return Ok(()) };
                (after, cursor.most())
            };
            self.desk.view().acknowledged = Some(after);
            let Some(batch) = batch(&log, epoch, after, most)? else { return Ok(()) };
            self.ship(batch, after).await?;
        }
    }

    async fn ship(&mut self, mut batch: Batch, after: i64) -> Result<(), Fault> {
        let mut json = encoded(&batch)?;
        while json.len() > LARGEST_JSON && batch.facts.len() > 1 {
            batch.facts.truncate(batch.facts.len() / 2);
            json = encoded(&batch)?;
        }
        let answered = match self.link.ask(&Ask::post(AS_RUN, json)).await {
            Ok(answer) => answer.json::<Acknowledged>().await,
            Err(fault) => Err(fault),
        };
        let answer = answered.inspect_err(|fault| {
            self.desk.cursor().failed();
            if matches!(fault, Fault::Refused { .. }) {
                // Its records may be others than it said.
                self.desk.ask_anew.notify_one();
            }
        })?;
        if self.desk.cursor().answered(&batch.epoch, after, answer) {
            Ok(())
        } else {
            Err(Fault::Busy("the county has fewer records than before, and gets them again".to_owned()))
        }
    }

    async fn post(&mut self, path: &str, json: Vec<u8>) -> Result<(), Fault> {
        let answer = self.link.ask(&Ask::post(path, json)).await?;
        // An empty answer has no type; a page to log in has one.
        answer.is_no_page()?;
        let drained = async {
            let mut answer = answer;
            let mut length = 0;
            while let Some(piece) = answer.piece().await? {
                length += piece.len();
                if length > LARGEST_JSON {
                    return Err(Fault::TooLarge);
                }
            }
            Ok(())
        };
        timeout(Duration::from_mins(1), drained).await.map_err(|_| Fault::Silent)?
    }
}

/// Reads the records after number `after`, with the hash of the one before; none if there are no more.
fn batch(log: &Reader, epoch: Digest, after: i64, most: usize) -> Result<Option<Batch>, Fault> {
    let read = |after, most| log.facts(after, most).map_err(|error| unreadable(&error));
    let (previous, facts): (Digest, Vec<Fact>) = if after == 0 {
        (BEFORE_THE_FIRST.into(), read(0, most)?)
    } else {
        let mut facts = read(after - 1, most + 1)?;
        // A log that is shorter than what the county has: it was put back from a copy. What comes next will show it.
        if facts.first().is_none_or(|fact| fact.seq != after) {
            return Ok(None);
        }
        (facts.remove(0).hash, facts)
    };
    Ok((!facts.is_empty()).then_some(Batch { epoch, previous, facts }))
}

fn unreadable(error: &JournalError) -> Fault {
    Fault::Disk(std::io::Error::other(error.to_string()))
}

fn encoded(value: &impl serde::Serialize) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(value).map_err(|error| Fault::Disk(error.into()))
}
