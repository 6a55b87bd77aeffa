//! What playout is told, and what it asks for.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::model::{Airing, AiringId, ClipLength, Reason, Record, Timetable};

/// One reading of both clocks, and whether the wall clock may be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The wall clock. It may step.
    pub wall: DateTime<Utc>,
    /// The steady clock: any origin, never steps.
    pub steady: Duration,
    /// Whether the wall clock is trusted (`docs/time.md`).
    pub trusted: bool,
}

/// Says how playing ended, as the player saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The last sample was heard.
    Drained,
    /// It was cut because we asked.
    Stopped,
    /// The output went away; the text says how.
    Lost(String),
    /// The output could not be opened; nothing sounded. The text says why.
    Absent(String),
    /// The clip, ready before, could not be had any more: `render_failed` or `file_missing`, and the error's text.
    NoClip(Reason, String),
}

/// One thing that happened. All events of a station pass through one channel.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Nothing but time went by.
    Tick,
    /// This is now the plan for its window. Airings planned before with `due` in the window are replaced.
    Timetable(Timetable),
    /// The playlists changed, and of what fell due in this window only these airings are still planned. Those that wait
    /// and are not among them are taken back; nothing is added, because a change does not reach into the past.
    StillPlanned(Timetable),
    /// A person, or an alert, asked for this airing.
    Said(Airing),
    /// This order is taken back: it is cut if it is on air, and does not sound if it waits.
    TakenBack(AiringId, Reason),
    /// The clip of an airing is rendered and checked.
    Ready {
        /// The airing.
        airing: AiringId,
        /// How long its parts are.
        length: ClipLength,
    },
    /// The clip of an airing cannot be had.
    NotReady {
        /// The airing.
        airing: AiringId,
        /// `render_failed` or `file_missing`.
        reason: Reason,
        /// The error's text.
        detail: String,
    },
    /// Playing ended.
    Ended {
        /// The airing.
        airing: AiringId,
        /// When its first sample was heard.
        started: Option<DateTime<Utc>>,
        /// When its last heard sample was heard.
        ended: DateTime<Utc>,
        /// How much was heard.
        heard: Duration,
        /// How it ended.
        how: Ending,
    },
    /// The output is open: what is played now is heard.
    OutputUp,
    /// The output was closed because nothing sounded for a while; it opens when it is wanted.
    OutputClosed,
    /// The output cannot be opened, or was lost.
    OutputDown,
    /// The log says that this airing was on air before: it must not sound, and has its close already.
    AlreadyRecorded(AiringId),
    /// A person (the name) stops what is on air and takes back what waits.
    Stop(String),
    /// The daemon is about to leave: cut what is on air, start nothing.
    Shutdown,
}

/// One thing to be done. Actions are carried out in order; a [`Action::Record`] is durable before the next begins.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Render and check the clip, then tell [`Event::Ready`] or [`Event::NotReady`].
    Prepare(Airing),
    /// Open the output ahead, then tell [`Event::OutputUp`] or [`Event::OutputDown`].
    Warm,
    /// Commit to the as-run log.
    Record(Record),
    /// Make it sound.
    Play {
        /// The airing.
        airing: Airing,
        /// When its first sample is to be heard, by the wall clock; at once if none, or if that has passed.
        at: Option<DateTime<Utc>>,
        /// Whether the slot's chime goes first.
        chime: bool,
        /// What the clip was when it was measured: an engine and its voice, or `recording`.
        voice: String,
    },
    /// Cut what sounds; [`Event::Ended`] follows.
    Cut(AiringId),
    /// The player does not answer: give it up and take a new one.
    Abandon,
}
