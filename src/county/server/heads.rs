//! How far the logs of those who ask have arrived: who asks while a question is under way goes into the next one, so that ten
//! thousand villages that wake in one moment are some hundred questions.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::county::store::{Store, StoreFault, StoredSite};
use crate::wire::Acknowledged;

/// Most sites of one question.
const MOST: usize = 256;

/// Sites that may wait; who comes after them waits outside.
const WAITING: usize = 1024;

/// The counter of offers that the database had, and how far the site's log has arrived.
type Head = (i64, Option<Acknowledged>);

/// Asks the database for many at once.
pub(super) struct Heads(mpsc::Sender<Job>);

struct Job {
    site: Arc<StoredSite>,
    done: oneshot::Sender<Result<Head, StoreFault>>,
}

impl Heads {
    /// Starts the task, which ends with this.
    pub(super) fn of(store: Store) -> Self {
        let (jobs, waiting) = mpsc::channel(WAITING);
        tokio::spawn(work(store, waiting));
        Self(jobs)
    }

    /// Asks for one site; what comes back is at least as new as the call.
    pub(super) async fn of_site(&self, site: &Arc<StoredSite>) -> Result<Head, StoreFault> {
        let gone = || StoreFault::Down("nobody asks any more".to_owned());
        let (done, answer) = oneshot::channel();
        self.0.send(Job { site: Arc::clone(site), done }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

async fn work(store: Store, mut waiting: mpsc::Receiver<Job>) {
    let mut jobs = Vec::with_capacity(MOST);
    while waiting.recv_many(&mut jobs, MOST).await > 0 {
        let sites: Vec<String> = jobs.iter().map(|job| job.site.name.clone()).collect();
        let answer = store.acknowledged_as_of(&sites).await;
        for Job { site, done } in jobs.drain(..) {
            let head = answer.as_ref().map(|(as_of, heads)| (*as_of, heads.get(&site.name).copied()));
            // Who asked may be gone.
            let _ = done.send(head.map_err(Clone::clone));
        }
    }
}
