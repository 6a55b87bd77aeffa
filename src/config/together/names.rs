//! What a playlist names outside itself: stations, zones, calendars, recordings.

use std::ops::Range;

use crate::config::advice::{listed, nearest, quoted};
use crate::config::complaint::Severity;
use crate::config::parse::{Reference, Referred};
use crate::model::{Words, ZoneId};

use super::{Check, RecordingFact};

impl Check<'_> {
    /// Complains about names that nothing bears.
    pub(super) fn references(&mut self) {
        let parsed = self.parsed;
        for reference in &parsed.references {
            match &reference.to {
                Referred::Station(id) => {
                    let known: Vec<&str> =
                        self.site.stations.iter().map(|station| station.id.as_str()).collect();
                    self.expect(id.as_str(), "", &known, &reference.span, ("站点", "station"));
                }
                Referred::Zone(id) => {
                    let zones = self.site.stations.iter().flat_map(|station| &station.zones);
                    let known: Vec<&str> = zones.map(ZoneId::as_str).collect();
                    self.expect(id.as_str(), "zone:", &known, &reference.span, ("区域", "zone"));
                }
                Referred::Calendar(id) => {
                    let known: Vec<&str> =
                        self.site.calendars.iter().map(|calendar| calendar.id.as_str()).collect();
                    self.expect(id.as_str(), "", &known, &reference.span, ("日历", "calendar"));
                }
                Referred::Recording(path) => match self.facts.recordings.get(path) {
                    Some(RecordingFact::Fault { what, fix }) => {
                        self.recording(reference, what.clone(), fix.clone());
                    }
                    Some(RecordingFact::Flawed { flaws, .. }) => {
                        for (what, fix) in flaws {
                            self.add(Severity::Warning, reference.span.clone(), what.clone(), fix.clone());
                        }
                    }
                    Some(RecordingFact::Sound(_)) | None => {}
                },
            }
        }
    }

    fn expect(&mut self, name: &str, prefix: &str, known: &[&str], span: &Range<usize>, noun: (&str, &str)) {
        if known.contains(&name) {
            return;
        }
        let fix = match nearest(name, known.iter().copied()) {
            Some(near) => {
                Words::new(format!("改成 `\"{prefix}{near}\"`"), format!("write `\"{prefix}{near}\"`"))
            }
            None if known.is_empty() => {
                Words::new("先在 station.toml 里写上它", "add it to station.toml first")
            }
            None => {
                let mut known = known.to_vec();
                known.sort_unstable();
                known.dedup();
                let known = listed(known);
                Words::new(
                    format!("station.toml 里有：{}", known.zh),
                    format!("station.toml has: {}", known.en),
                )
            }
        };
        let (zh, en) = noun;
        let name = quoted(name);
        self.add(
            Severity::Error,
            span.clone(),
            Words::new(format!("station.toml 里没有{zh} {name}"), format!("station.toml has no {en} {name}")),
            fix,
        );
    }

    /// A recording that cannot be used is a mistake, unless the message has a text that is spoken in its place.
    fn recording(&mut self, reference: &Reference, what: Words, fix: Words) {
        let text = reference.place.strip_suffix(".audio").map(|message| format!("{message}.text"));
        let spoken = text.is_some_and(|text| self.parsed.places.contains_key(&text));
        if !spoken {
            return self.add(Severity::Error, reference.span.clone(), what, fix);
        }
        let what = Words::new(
            format!("{}；眼下改念文字", what.zh),
            format!("{}; the text is spoken in its place", what.en),
        );
        self.add(Severity::Warning, reference.span.clone(), what, fix);
    }
}
