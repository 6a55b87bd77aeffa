//! Playlists, calendars and a window → the timetable; timetable and as-run → what was missed and why.

mod choice;
mod reconcile;
mod stream;
#[cfg(test)]
mod test_site;
mod timetable;
pub mod why;

pub use reconcile::{Report, reconcile};
pub use timetable::{MOST_AIRINGS, plan, plan_station};
