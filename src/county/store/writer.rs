//! Writes many things with one commit: everything that waits when the disk becomes free goes into the next transaction.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use super::StoreFault;
use super::database::Kind;
use super::value::Group;

/// Most groups of one transaction.
const MOST: usize = 256;

/// Groups that may wait; who comes after them waits outside.
const WAITING: usize = 1024;

/// How long a writer may wait: the commit under way, if the database is silent, and the one after it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Hands groups to the one task that writes.
#[derive(Debug, Clone)]
pub(super) struct Writer(mpsc::Sender<Job>);

#[derive(Debug)]
struct Job {
    group: Group,
    done: oneshot::Sender<Result<bool, StoreFault>>,
}

impl Writer {
    /// Starts the task; `ring` is rung after each commit that others wait for. It ends with the last writer.
    pub(super) fn start(kind: Kind, ring: watch::Sender<u64>) -> Self {
        let (jobs, waiting) = mpsc::channel(WAITING);
        tokio::spawn(work(kind, waiting, ring));
        Self(jobs)
    }

    /// Returns once the group is committed.
    pub(super) async fn write(&self, group: Group) -> Result<bool, StoreFault> {
        let gone = || StoreFault::Down("the writer has ended".to_owned());
        let (done, answer) = oneshot::channel();
        let written = async {
            self.0.send(Job { group, done }).await.map_err(|_| gone())?;
            answer.await.map_err(|_| gone())?
        };
        let silent = |_| StoreFault::Down("it does not answer".to_owned());
        timeout(PATIENCE, written).await.map_err(silent)?
    }
}

async fn work(kind: Kind, mut waiting: mpsc::Receiver<Job>, ring: watch::Sender<u64>) {
    let mut jobs = Vec::with_capacity(MOST);
    while waiting.recv_many(&mut jobs, MOST).await > 0 {
        let (groups, done): (Vec<Group>, Vec<_>) = jobs.drain(..).map(|job| (job.group, job.done)).unzip();
        let rings = groups.iter().any(|group| group.rings);
        let answers = commit(&kind, groups).await;
        if rings && answers.iter().any(|answer| matches!(answer, Ok(true))) {
            ring.send_modify(|rung| *rung += 1);
        }
        for (done, answer) in done.into_iter().zip(answers) {
            // Who asked may be gone; it is written all the same.
            let _ = done.send(answer);
        }
    }
}

/// One group that the database refuses must not take the others with it: then each goes alone.
async fn commit(kind: &Kind, groups: Vec<Group>) -> Vec<Result<bool, StoreFault>> {
    let count = groups.len();
    let groups = Arc::new(groups);
    match kind.commit(Arc::clone(&groups)).await {
        Ok(applied) => applied.into_iter().map(Ok).collect(),
        Err(StoreFault::Refused(_)) if count > 1 => {
            let mut answers = Vec::with_capacity(count);
            for group in groups.iter() {
                let one = kind.commit(Arc::new(vec![group.clone()])).await;
                answers.push(one.map(|applied| applied.first().copied().unwrap_or_default()));
            }
            answers
        }
        Err(fault) => vec![Err(fault); count],
    }
}
