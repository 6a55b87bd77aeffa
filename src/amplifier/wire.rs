//! What a daemon and the guard of one of its amplifiers say to each other: one JSON object a line.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::{AiringId, Selection, Switch, SwitchCause, Switched};

/// The first line that a guard hears.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Setup {
    /// Name of the amplifier.
    pub amplifier: String,
    /// The switch with its options.
    pub selection: Selection,
    /// Folder of the lock and of what a guard leaves behind.
    pub folder: PathBuf,
}

/// An order to a guard.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// Number of the order; its answer bears it.
    pub number: u64,
    /// What to switch to.
    pub switch: Switch,
    /// For how long it may be on; no more than the guard's own `max_on` counts.
    pub at_most: Duration,
    /// Why.
    pub cause: SwitchCause,
    /// For which airing.
    pub airing: Option<AiringId>,
}

/// What a guard says: first that it is there, then one answer to each order, and what it did by itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Answer {
    /// It is there, and waits for orders.
    There,
    /// It switched, or could not.
    Switched {
        /// Number of the order; none if it was not ordered.
        number: Option<u64>,
        /// False if the amplifier stood so already, and is known to.
        news: bool,
        /// What was done.
        switched: Switched,
    },
}
