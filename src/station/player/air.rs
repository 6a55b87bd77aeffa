//! One clip on the air: how much of it was heard, and since when.

use chrono::{DateTime, TimeDelta, Utc};

use super::cue::Cue;
use super::{How, PlayerEvent};
use crate::model::{AiringId, length_of};
use crate::output::Output;
use crate::station::clock;

/// Follows one clip through the output.
pub(super) struct Air {
    airing: AiringId,
    /// The output's count before the clip.
    base: u64,
    rate: u32,
    cue: Option<Cue>,
    started: Option<DateTime<Utc>>,
}

impl Air {
    pub(super) fn new(airing: AiringId, output: &dyn Output, cue: Option<Cue>) -> Self {
        Self { airing, base: output.heard(), rate: output.rate(), cue, started: None }
    }

    /// Counts the clip's samples that were heard.
    pub(super) fn heard(&self, output: &dyn Output) -> u64 {
        output.heard().saturating_sub(self.base)
    }

    /// Returns the event of the start, once, as soon as something was heard.
    pub(super) fn start(&mut self, output: &dyn Output) -> Option<PlayerEvent> {
        let heard = self.heard(output);
        if heard == 0 || self.started.is_some() {
            return None;
        }
        let at = self.placed(output).unwrap_or_else(|| {
            let ago = TimeDelta::from_std(length_of(heard, self.rate)).unwrap_or_default();
            clock::wall() - ago
        });
        self.started = Some(at);
        Some(PlayerEvent::Started { airing: self.airing.clone(), at })
    }

    /// Returns when the first sample was heard, if it was placed and the output knows.
    fn placed(&self, output: &dyn Output) -> Option<DateTime<Utc>> {
        Some(self.cue?.wall_of(output.placed()?))
    }

    /// Returns the event of the end.
    ///
    /// A loss is seen up to two seconds after the last sample was heard, and an end a tenth of one; the end of the sound
    /// is told, not that of the wait.
    pub(super) fn end(self, output: &dyn Output, how: How) -> PlayerEvent {
        let heard = length_of(self.heard(output), self.rate);
        let now = clock::wall();
        let last = self.started.zip(TimeDelta::from_std(heard).ok()).map(|(started, heard)| started + heard);
        let ended = last.map_or(now, |last| last.min(now));
        PlayerEvent::Ended { airing: self.airing, started: self.started, ended, heard, how }
    }
}
