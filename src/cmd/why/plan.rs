//! What the playlists, calendars and limits of now have to say.

use super::super::Context;
use super::super::site::load;
use super::{Asked, Circumstances};
use crate::model::Words;
use crate::plan::why::{Explanation, Logged, Note, Question, why};
use crate::station::clock;
use crate::station::journal::{ClockEvent, Entry};

/// Asks the planner about the same time.
pub(super) struct Plan<'a> {
    pub(super) context: &'a Context,
    pub(super) asked: &'a Asked,
    pub(super) around: &'a Circumstances,
}

impl Plan<'_> {
    /// Tells what speaks for and against from the plan's side; what the log tells is left to it.
    pub(super) fn told(&self, entries: &[Entry]) -> String {
        let lang = self.around.lang;
        let Some(answer) = self.answer(entries) else {
            let words = Words::new(
                "（站点配置读不出来，或里面没有这个站点，所以没有对照节目单）\n",
                "(the station file cannot be read, or does not name this station: the playlists were not asked)\n",
            );
            return words.in_lang(lang).to_owned();
        };
        let asked = answer.iter().filter(|part| self.is_asked(part));
        asked
            .fold(String::new(), |text, part| text + "  " + part.words(self.around.zone).in_lang(lang) + "\n")
    }

    /// Who asks about one airing does not ask about its neighbours.
    fn is_asked(&self, part: &Explanation) -> bool {
        match (part, &self.asked.airing) {
            (Explanation::Planned { airing, .. }, Some(asked)) => airing.id == *asked,
            _ => true,
        }
    }

    fn answer(&self, entries: &[Entry]) -> Option<Vec<Explanation>> {
        let loaded = load(self.context).ok()?;
        let question = Question {
            site: &loaded.site,
            station: loaded.station(&self.asked.station).ok()?,
            playlists: &loaded.playlists,
            almanac: &loaded.almanac,
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
    Logged { id: entry.airing.clone(), reason: entry.close.as_ref().and_then(|close| close.reason) }
}
