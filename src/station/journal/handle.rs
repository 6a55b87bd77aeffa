//! Shares the one writer among the tasks of the daemon: a thread of its own, because a commit waits for the disk.

use std::io;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use super::JournalError;
use super::store::{ClockEvent, Journal};
use crate::model::Record;

type Answer = oneshot::Sender<Result<i64, JournalError>>;

enum Task {
    Fact(Box<Record>),
    Clock(DateTime<Utc>, ClockEvent),
    End(DateTime<Utc>),
}

/// Commits facts from any task; cheap to clone. Facts of one sender are committed in the order in which they were sent,
/// and a fact that was sent is committed even if nobody waits for the answer any more.
#[derive(Clone)]
pub struct JournalHandle {
    tasks: mpsc::Sender<(Task, Answer)>,
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
        let (tasks, inbox) = mpsc::channel::<(Task, Answer)>();
        let work = move || {
            for (task, answer) in inbox {
                // Whoever asked may have gone; the fact is on the disk all the same.
                let _ = answer.send(perform(&mut journal, task));
            }
        };
        let thread = thread::Builder::new().name("as-run".to_owned()).spawn(work)?;
        Ok((Self { tasks }, Writer(thread)))
    }

    /// Commits a fact about an airing; see [`Journal::commit`].
    pub async fn commit(&self, record: Record) -> Result<i64, JournalError> {
        self.ask(Task::Fact(Box::new(record))).await
    }

    /// Commits what happened to the wall clock; see [`Journal::commit_clock`].
    pub async fn commit_clock(&self, at: DateTime<Utc>, event: ClockEvent) -> Result<i64, JournalError> {
        self.ask(Task::Clock(at, event)).await
    }

    /// Records that the run ended in good order; see [`Journal::end_run`].
    pub async fn end_run(&self, at: DateTime<Utc>) -> Result<i64, JournalError> {
        self.ask(Task::End(at)).await
    }

    async fn ask(&self, task: Task) -> Result<i64, JournalError> {
        let (answer, answered) = oneshot::channel();
        self.tasks.send((task, answer)).map_err(|_| JournalError::Gone)?;
        answered.await.map_err(|_| JournalError::Gone)?
    }
}

fn perform(journal: &mut Journal, task: Task) -> Result<i64, JournalError> {
    match task {
        Task::Fact(record) => journal.commit(&record),
        Task::Clock(at, event) => journal.commit_clock(at, event),
        Task::End(at) => journal.end_run(at),
    }
}
