//! What a person may want to know of an amplifier.

use chrono::{DateTime, Utc};

use crate::model::{Switch, SwitchCause, Switched, Words};

/// What is wrong with an amplifier, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// When it was first seen.
    pub since: DateTime<Utc>,
    /// What it is.
    pub words: Words,
}

/// How an amplifier is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notice {
    /// What it was last switched to with success, and when; none if it never was in this run.
    pub switched: Option<(Switch, DateTime<Utc>)>,
    /// What is wrong with its switch.
    pub switch: Option<Trouble>,
    /// What is wrong with its guard.
    pub guard: Option<Trouble>,
}

impl Notice {
    /// Says that an amplifier's settings cannot be used.
    pub(super) fn unfit(words: Words, since: DateTime<Utc>) -> Self {
        Self { switch: Some(Trouble { since, words }), ..Self::default() }
    }

    /// Notes a switch.
    pub(super) fn note(&mut self, switched: &Switched) {
        if let Some(fault) = &switched.fault {
            return self.trouble(switched, fault);
        }
        self.switched = Some((switched.switch, switched.at));
        self.switch = (switched.cause == SwitchCause::MaxOn).then(|| Trouble {
            since: switched.at,
            words: Words::new(
                "连续开启已到 max_on，已关掉；最后一段声音可能没有响",
                "it was on for max_on and was switched off; the end of a sound may not have been heard",
            ),
        });
    }

    fn trouble(&mut self, switched: &Switched, fault: &str) {
        let words = match switched.switch {
            Switch::On => Words::new(
                format!("功放打不开，声音照常送出：{fault}"),
                format!("it cannot be switched on, sound goes out all the same: {fault}"),
            ),
            Switch::Off => Words::new(
                format!("功放关不掉，一直在重试：{fault}"),
                format!("it cannot be switched off, which is tried again and again: {fault}"),
            ),
        };
        let since = self.switch.as_ref().map_or(switched.at, |trouble| trouble.since);
        self.switch = Some(Trouble { since, words });
    }

    /// Notes how the guard is.
    pub(super) fn guard(&mut self, trouble: Option<Words>, now: DateTime<Utc>) {
        let since = self.guard.as_ref().map_or(now, |trouble| trouble.since);
        self.guard = trouble.map(|words| Trouble { since, words });
    }
}
