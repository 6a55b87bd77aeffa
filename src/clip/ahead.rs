//! Work that is done beside the air: the clips of slow voices, one at a time, each once.

use std::collections::HashSet;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use super::Key;
use super::fault::SpeechFault;

/// Remembers what is being made, and what could not be.
#[derive(Clone, Default)]
pub(super) struct Ahead {
    begun: Arc<Mutex<HashSet<Key>>>,
    turns: Arc<tokio::sync::Mutex<()>>,
}

impl Ahead {
    /// Begins `work` for the clip `key`, unless it is being done. What failed is not tried again before the next reload:
    /// a voice that is broken would take a small board's whole time.
    pub(super) fn begin(
        &self,
        key: Key,
        work: impl Future<Output = Result<(), SpeechFault>> + Send + 'static,
    ) {
        if !self.begun().insert(key) {
            return;
        }
        let ahead = self.clone();
        tokio::spawn(async move {
            let _turn = ahead.turns.lock().await;
            match work.await {
                Ok(()) => drop(ahead.begun().remove(&key)),
                Err(fault) => {
                    tracing::error!(%fault, "a voice could not make its clip; espeak speaks instead");
                }
            }
        });
    }

    fn begun(&self) -> std::sync::MutexGuard<'_, HashSet<Key>> {
        // The set is whole at every moment.
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
