//! What the playlists, calendars and limits of now have to say.

use std::path::Path;

use super::{Asked, Circumstances};
use crate::model::{Playlist, Words};
use crate::plan::why::{End, Explanation, Logged, Note, Question, why};
use crate::station::journal::{ClockEvent, Entry};
use crate::station::{clock, kinds, sources};

/// Asks the planner about the same time.
pub(super) struct Plan<'a> {
    pub(super) config: &'a Path,
    pub(super) asked: &'a Asked,
    pub(super) around: &'a Circumstances,
}

impl Plan<'_> {
    /// Tells what speaks for and against from the plan's side; what the log has told already is left out.
    pub(super) fn told(&self, entries: &[Entry]) -> String {
        let lang = self.around.lang;
        let Some(answer) = self.answer(entries) else {
            let words = Words::new(
                "（站点配置读不出来，或里面没有这个站点，所以没有对照节目单）\n",
                "(the station file cannot be read, or does not name this station: the playlists were not asked)\n",
            );
            return words.in_lang(lang).to_owned();
        };
        let new = answer.iter().filter(|part| self.is_new(part, entries));
        new.fold(String::new(), |text, part| text + "  " + part.words(self.around.zone).in_lang(lang) + "\n")
    }

    fn is_new(&self, part: &Explanation, entries: &[Entry]) -> bool {
        match part {
            Explanation::Planned { airing, logged, .. } => {
                logged.is_none() && self.asked.airing.as_ref().is_none_or(|asked| *asked == airing.id)
            }
            Explanation::Quiet { .. } | Explanation::NoiseLimits { .. } => true,
            // The log has told of these, and who asks about what it knows does not ask about all the other schedules.
            _ => entries.is_empty(),
        }
    }

    fn answer(&self, entries: &[Entry]) -> Option<Vec<Explanation>> {
        let sources = sources::load(self.config, &kinds::kinds());
        let site = sources.site.value.as_ref()?;
        let station = site.stations.iter().find(|station| station.id.as_str() == self.asked.station)?;
        let playlists: Vec<Playlist> =
            sources.playlists.iter().filter_map(|parsed| parsed.value.clone()).collect();
        let question = Question {
            station,
            site,
            playlists: &playlists,
            almanac: &sources.almanac(),
            at: self.asked.at,
            now: clock::wall(),
        };
        let logged: Vec<Logged> = entries.iter().map(logged).collect();
        Some(why(&question, &logged, &self.clock_notes()))
    }

    fn clock_notes(&self) -> Vec<Note> {
        let mut trusted = true;
        let mut notes = Vec::new();
        for fact in &self.around.clocks {
            let before = trusted;
            trusted = fact.event != ClockEvent::Untrusted;
            let what = match fact.event {
                ClockEvent::Trusted if before => continue,
                ClockEvent::Trusted => Words::new("时钟又可信了", "the clock was trusted again"),
                ClockEvent::Untrusted => Words::new("时钟不可信", "the clock was not trusted"),
                ClockEvent::Stepped { .. } => Words::new("时钟被拨动", "the clock was stepped"),
            };
            notes.push(Note { at: fact.at, what });
        }
        notes
    }
}

fn logged(entry: &Entry) -> Logged {
    let close = entry.close.as_ref();
    let unknown = close.is_some_and(|close| close.heard.is_none());
    let end = |close: &crate::station::journal::Close| End {
        outcome: close.outcome,
        reason: close.reason,
        detail: close.detail.clone(),
    };
    Logged {
        id: entry.airing.clone(),
        due: entry.due.to_utc(),
        // Of a sound that the power cut nobody knows more than that it was about to begin.
        started: close.and_then(|close| close.started).or(entry.on_air.filter(|_| unknown)),
        end: close.map(end),
    }
}
