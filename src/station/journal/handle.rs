//! Shares the one writer among the tasks of the daemon: a thread of its own, because a commit waits for the disk.

use std::io;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use super::store::{ClockEvent, Journal};
use super::{HeardBefore, JournalError};
use crate::model::{Record, StationId};
use crate::playout::Recovered;

type Task = Box<dyn FnOnce(&mut Journal) + Send>;

/// Commits facts from any task; cheap to clone. Facts of one sender are committed in the order in which they were sent,
/// and a fact that was sent is committed even if nobody waits for the answer any more.
#[derive(Clone)]
pub struct JournalHandle {
    tasks: mpsc::Sender<Task>,
}

/// The writer's thread; it ends when the last [`JournalHandle`] is dropped.
pub struct Writer(JoinHandle<()>);

impl Writer {
    /// Waits until everything sent is committed and the log's files are closed. Drop every handle first.
    pub fn join(self) {
        // A panic has been reported by the thread itself (and aborts a release build).
        let _ = self.0.join();
    }
}

impl JournalHandle {
    /// Moves the writer to its own thread.
    pub fn spawn(mut journal: Journal) -> io::Result<(Self, Writer)> {
        let (tasks, inbox) = mpsc::channel::<Task>();
        let work = move || {
            for task in inbox {
                task(&mut journal);
            }
        };
        let thread = thread::Builder::new().name("as-run".to_owned()).spawn(work)?;
        Ok((Self { tasks }, Writer(thread)))
    }

    /// Commits facts about airings with one wait for the disk; see [`Journal::commit_all`].
    pub async fn commit_all(
        &self,
        records: Vec<Record>,
    ) -> Result<Vec<Result<i64, JournalError>>, JournalError> {
        self.ask(move |journal| journal.commit_all(&records)).await
    }

    /// Commits what happened to the wall clock; see [`Journal::commit_clock`].
    pub async fn commit_clock(&self, at: DateTime<Utc>, event: ClockEvent) -> Result<i64, JournalError> {
        self.ask(move |journal| journal.commit_clock(at, event)).await
    }

    /// Records that the run ended in good order; see [`Journal::end_run`].
    pub async fn end_run(&self, at: DateTime<Utc>) -> Result<i64, JournalError> {
        self.ask(move |journal| journal.end_run(at)).await
    }

    /// Returns what a station's playout has to remember; see [`Journal::remembered`].
    pub async fn remembered(
        &self,
        station: StationId,
        from: DateTime<Utc>,
    ) -> Result<Recovered, JournalError> {
        self.ask(move |journal| journal.remembered(&station, from)).await
    }

    /// Returns what the microphone of a station heard before; see [`Journal::heard_before`].
    pub async fn heard_before(&self, station: StationId) -> Result<HeardBefore, JournalError> {
        self.ask(move |journal| journal.heard_before(&station)).await
    }

    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Journal) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let (answer, answered) = oneshot::channel();
        let task = move |journal: &mut Journal| {
            // Whoever asked may have gone; the fact is on the disk all the same.
            let _ = answer.send(question(journal));
        };
        self.tasks.send(Box::new(task)).map_err(|_| JournalError::Gone)?;
        answered.await.map_err(|_| JournalError::Gone)?
    }
}
