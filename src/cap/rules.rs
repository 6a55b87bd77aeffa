//! What a county has decided beforehand: how strong a warning is at its stations, and which places are where.

use std::time::Duration;

use crate::model::{Priority, Target};

use super::alert::{Info, Point};
use super::words::{CERTAINTIES, SEVERITIES, URGENCIES};

/// Decides how strong a warning is: the first rule that fits, or else `otherwise`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertMap {
    /// The languages that are spoken here, the first that a warning has first; primary subtags, `zh` for all of Mandarin.
    pub languages: Vec<String>,
    /// Most characters that are spoken.
    pub longest: usize,
    /// How long a warning is in force that does not say so.
    pub lasts: Duration,
    /// The rules, in their order.
    pub rules: Vec<AlertRule>,
    /// What holds if no rule fits.
    pub otherwise: Verdict,
}

/// One rule. A list that is empty fits everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AlertRule {
    /// Codes of events, as in `<eventCode>`.
    pub event_codes: Vec<String>,
    /// Words of [`super::words::RESPONSES`], of which one must stand in the warning.
    pub responses: Vec<String>,
    /// Words of [`super::words::SEVERITIES`].
    pub severity: Vec<String>,
    /// Words of [`super::words::URGENCIES`].
    pub urgency: Vec<String>,
    /// Words of [`super::words::CERTAINTIES`].
    pub certainty: Vec<String>,
    /// What holds if it fits.
    pub verdict: Verdict,
}

/// How a warning is aired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verdict {
    /// How strong it is; none if it is not aired.
    pub priority: Option<Priority>,
    /// Time from one airing to the next; once, if none.
    pub repeat_every: Option<Duration>,
}

impl AlertMap {
    /// Finds what holds for `info`, and the number of the rule, from 1; 0 if none fitted.
    pub fn judge(&self, info: &Info) -> (Verdict, usize) {
        let found = self.rules.iter().position(|rule| rule.fits(info));
        found.map_or((self.otherwise, 0), |at| (self.rules[at].verdict, at + 1))
    }

    /// Finds what holds for a warning of which a person typed no more than these three words; a word that was left out is
    /// CAP's *Unknown*. `Err` with a word that CAP does not know.
    pub fn judge_words<'a>(
        &self,
        severity: Option<&'a str>,
        urgency: Option<&'a str>,
        certainty: Option<&'a str>,
    ) -> Result<Verdict, &'a str> {
        let info = Info {
            severity: listed(&SEVERITIES, severity)?,
            urgency: listed(&URGENCIES, urgency)?,
            certainty: listed(&CERTAINTIES, certainty)?,
            ..Info::default()
        };
        Ok(self.judge(&info).0)
    }
}

/// Finds a word as CAP writes it, whatever its capitals.
fn listed<'a>(list: &[&'static str], word: Option<&'a str>) -> Result<&'static str, &'a str> {
    let Some(word) = word else { return Ok("Unknown") };
    list.iter().copied().find(|listed| listed.eq_ignore_ascii_case(word)).ok_or(word)
}

impl AlertRule {
    fn fits(&self, info: &Info) -> bool {
        let has = |list: &[String], word: &str| list.iter().any(|listed| listed == word);
        let any = |list: &[String], word: &str| list.is_empty() || has(list, word);
        any(&self.severity, info.severity)
            && any(&self.urgency, info.urgency)
            && any(&self.certainty, info.certainty)
            && (self.responses.is_empty() || info.responses.iter().any(|word| has(&self.responses, word)))
            && (self.event_codes.is_empty()
                || info.event_codes.iter().any(|code| has(&self.event_codes, &code.value)))
    }
}

/// Says where stations are, in every way in which a warning may say it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Place {
    /// The stations and zones that are there.
    pub targets: Vec<Target>,
    /// Its codes: a village's of twelve digits lies in its county's of six, any other code is itself only.
    pub codes: Vec<String>,
    /// The `valueName`s under which the codes count; any, if empty.
    pub code_names: Vec<String>,
    /// Its names, as a warning writes them in `<areaDesc>`.
    pub names: Vec<String>,
    /// Where it is.
    pub position: Option<Point>,
}
