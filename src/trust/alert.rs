//! What an alert must be like, between its signed bytes and the model.

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use serde::Deserialize;

use crate::model::{Alert, AlertKind, AlertName, Priority, Target};

/// Largest envelope of an alert, in bytes: a few minutes of speech and two thousand stations by name.
pub const LARGEST_ALERT: usize = 256 * 1024;

/// Longest life of an emergency, from `sent` to `expires`.
pub const LONGEST_EMERGENCY: TimeDelta = TimeDelta::hours(24);

/// Longest life of any other alert.
pub const LONGEST_ALERT: TimeDelta = TimeDelta::days(31);

/// Longest text that is spoken, in characters: ten minutes of it.
pub const LONGEST_TEXT: usize = 2000;

/// Fewest and most seconds from one airing of an alert to the next.
pub const REPEATS: std::ops::RangeInclusive<u32> = 10..=24 * 3600;

/// Longest of the short texts: names, the event, CAP's words.
const LONGEST_WORD: usize = 200;

/// Most alerts that one names.
const MOST_REFERENCES: usize = 32;

/// Most stations and zones that one names.
const MOST_TARGETS: usize = 2000;

/// What must be known to judge an alert at all. A later version may say more; this much stays.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Header {
    identifier: String,
    sender: String,
    pub(super) sent: DateTime<FixedOffset>,
    pub(super) expires: DateTime<Utc>,
    pub(super) priority: Priority,
}

impl Header {
    pub(super) fn name(&self) -> AlertName {
        AlertName { identifier: self.identifier.clone(), sender: self.sender.clone(), sent: self.sent }
    }

    /// How long such an alert may be in force at most.
    pub(super) fn longest(&self) -> TimeDelta {
        if self.priority == Priority::Emergency { LONGEST_EMERGENCY } else { LONGEST_ALERT }
    }
}

/// Writes the exact bytes that are signed for `alert`.
pub fn write(alert: &Alert) -> Vec<u8> {
    // Texts, numbers and lists, which JSON can always hold.
    serde_json::to_vec(alert).unwrap_or_default()
}

/// Reads everything that an alert says; `None` if any of it is not as it must be.
pub fn read(payload: &[u8]) -> Option<Alert> {
    let alert: Alert = serde_json::from_slice(payload).ok()?;
    is_sound(&alert).then_some(alert)
}

/// Tells whether an alert keeps to all limits of its parts.
pub fn is_sound(alert: &Alert) -> bool {
    let text = alert.text.trim();
    !text.is_empty()
        && text.chars().count() <= LONGEST_TEXT
        && text.chars().all(|c| !c.is_control() || c == '\n')
        && is_name(&alert.identifier)
        && is_name(&alert.sender)
        && is_word(&alert.event)
        && [&alert.urgency, &alert.severity, &alert.certainty].into_iter().all(|word| is_short(word))
        && is_word(&alert.language)
        && alert.sent < alert.expires
        && alert.repeat_every.is_none_or(|seconds| REPEATS.contains(&seconds))
        && (1..=MOST_TARGETS).contains(&alert.target.len())
        && refers(alert)
}

/// An update or a cancel names what it is about; nothing is about a later one, and nothing about itself.
fn refers(alert: &Alert) -> bool {
    let needed = usize::from(alert.msg_type != AlertKind::Alert);
    let earlier = |name: &AlertName| {
        is_name(&name.identifier)
            && is_name(&name.sender)
            && name.sent <= alert.sent
            && (&name.identifier, &name.sender) != (&alert.identifier, &alert.sender)
    };
    (needed..=MOST_REFERENCES).contains(&alert.references.len()) && alert.references.iter().all(earlier)
}

/// CAP's rule for the parts of an identity: they stand in lists, separated by commas and blanks.
fn is_name(text: &str) -> bool {
    is_word(text) && !text.contains(|c: char| c.is_whitespace() || matches!(c, ',' | '<' | '&'))
}

fn is_word(text: &str) -> bool {
    !text.trim().is_empty() && is_short(text)
}

fn is_short(text: &str) -> bool {
    text.chars().count() <= LONGEST_WORD && !text.contains(char::is_control)
}

/// Counts the stations that an alert can reach; none where nobody can count them, because it names a zone or all.
///
/// How many stations a zone has, each station would have to be told by somebody; so no number is believed.
pub fn reach(target: &[Target]) -> Option<usize> {
    let mut stations: Vec<&str> = Vec::new();
    for target in target {
        match target {
            Target::Station(id) => stations.push(id.as_str()),
            Target::Zone(_) | Target::All => return None,
        }
    }
    stations.sort_unstable();
    stations.dedup();
    Some(stations.len())
}
