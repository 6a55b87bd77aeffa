//! What a player tells.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::model::{AiringId, Words};

/// Tells what happened at the output.
#[derive(Debug, Clone, PartialEq)]
pub enum PlayerEvent {
    /// The first sample of an airing was heard.
    Started {
        /// The airing.
        airing: AiringId,
        /// When it was heard, by the wall clock; what waits in the device is taken off.
        at: DateTime<Utc>,
    },
    /// An airing is over, in one way or another; exactly one for each clip that was to be played.
    Ended {
        /// The airing.
        airing: AiringId,
        /// When its first sample was heard; none if nothing was.
        started: Option<DateTime<Utc>>,
        /// When its last sample was heard, or when it was given up.
        ended: DateTime<Utc>,
        /// How much of it was heard.
        heard: Duration,
        /// How it ended.
        how: How,
    },
    /// The output is there; told on every change, and in answer to each [`super::Player::warm`].
    Up,
    /// The output was closed because nothing sounded for a while; it opens when it is wanted.
    Closed,
    /// The output is not there.
    Down(Words),
    /// The thread has ended; nothing follows.
    Quit,
}

/// Says how a clip ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// Heard to the last sample.
    Drained,
    /// Cut by an order: a stop, another clip, or the end of the program.
    Stopped,
    /// The output was lost while the clip sounded.
    Lost(Words),
    /// The output could not be opened; nothing sounded.
    Absent(Words),
}
