//! The words of the national play record (国家应急广播播发记录): states 0 to 5, classes and levels. Here ours become theirs, and
//! nowhere else.

use crate::model::{Outcome, Priority, Status, Words};
use crate::station::journal::Entry;

/// How far a message has come, in the national scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nobody has handled it, as far as is known.
    NotHandled = 0,
    /// It waits.
    Waiting = 1,
    /// It is on air.
    OnAir = 2,
    /// It was played as ordered.
    Success = 3,
    /// It was not played, only in part, or not as ordered.
    Failed = 4,
    /// It was taken back.
    Cancelled = 5,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::NotHandled, Self::Waiting, Self::OnAir, Self::Success, Self::Failed, Self::Cancelled];

    /// Returns its number.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Names it.
    pub fn words(self) -> Words {
        let (zh, en) = match self {
            Self::NotHandled => ("未处理", "not handled"),
            Self::Waiting => ("等待播发", "waiting"),
            Self::OnAir => ("播发中", "on air"),
            Self::Success => ("播发成功", "success"),
            Self::Failed => {
                ("播发失败（含未全部播发、未按要求播发）", "failed (in part and not as ordered, too)")
            }
            Self::Cancelled => ("播发取消", "cancelled"),
        };
        Words::new(zh, en)
    }
}

/// What each of our outcomes is there. What was late was not as ordered.
const OUTCOMES: [(Outcome, State); 8] = [
    (Outcome::Completed, State::Success),
    (Outcome::CompletedLate, State::Failed),
    (Outcome::Partial, State::Failed),
    (Outcome::Preempted, State::Failed),
    (Outcome::Suppressed, State::Failed),
    (Outcome::Missed, State::Failed),
    (Outcome::Failed, State::Failed),
    (Outcome::Cancelled, State::Cancelled),
];

/// Returns the state of an airing that ended so.
pub fn of_outcome(outcome: Outcome) -> State {
    // Every outcome stands in the table, by test; what did not would be no success.
    OUTCOMES.iter().find(|(ours, _)| *ours == outcome).map_or(State::Failed, |(_, state)| *state)
}

/// Returns the state of an airing of which the log says this, or nothing.
pub fn of(entry: Option<&Entry>) -> State {
    match entry {
        None => State::NotHandled,
        Some(Entry { close: Some(close), .. }) => of_outcome(close.outcome),
        Some(Entry { on_air: Some(_), .. }) => State::OnAir,
        Some(_) => State::Waiting,
    }
}

/// Returns the level, of which 1 (特别重大) is the strongest and 4 (一般) the weakest.
pub const fn level(priority: Priority) -> u8 {
    match priority {
        Priority::Emergency => 1,
        Priority::Urgent => 2,
        Priority::Important => 3,
        Priority::Routine => 4,
    }
}

/// Returns the class: `emergency`, `drill` (tests are drills there) or `daily`.
pub const fn class(priority: Priority, status: Status) -> &'static str {
    match (status, priority) {
        (Status::Drill | Status::Test, _) => "drill",
        (Status::Actual, Priority::Emergency | Priority::Urgent) => "emergency",
        (Status::Actual, _) => "daily",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_one_state_and_only_a_plain_completion_is_a_success() {
        for outcome in Outcome::ALL {
            let rows = OUTCOMES.iter().filter(|(ours, _)| ours == outcome).count();
            assert_eq!(rows, 1, "{outcome}");
            let success = of_outcome(*outcome) == State::Success;
            assert_eq!(success, *outcome == Outcome::Completed, "{outcome}");
        }
        assert_eq!(of_outcome(Outcome::Cancelled), State::Cancelled);
        assert_eq!(of(None), State::NotHandled, "silence is no success");
        assert_eq!(State::ALL.map(State::code), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_drill_is_never_an_emergency_and_one_is_the_strongest_level() {
        for priority in Priority::ALL {
            assert_eq!(class(priority, Status::Drill), "drill");
            assert_eq!(class(priority, Status::Test), "drill");
        }
        assert_eq!(Priority::ALL.map(level), [4, 3, 2, 1]);
    }
}
