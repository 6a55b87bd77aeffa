//! Which days and times: cron, holidays with make-up workdays, lunar dates, quiet hours. Instants leave this room.

pub mod almanac;
pub mod civil;
pub mod cron;
pub mod holidays;
pub mod lunar;
pub mod quiet;
mod rotation;
mod slots;

pub use almanac::{Almanac, Doubt, UnknownYear};
pub use rotation::Rotation;
pub use slots::{CivilSlot, occurrences, slots};
