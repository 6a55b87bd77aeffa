//! Village loudspeakers that say the right safety message, clearly, at the right second, every day for years, and can
//! prove it.
//!
//! Text → plan → sound → record: one way. `ARCHITECTURE.md` is the map; each room says in its first sentence what
//! leaves it. A room imports only rooms above it in the list below.

pub mod amplifier;
pub mod calendar;
pub mod cap;
pub mod clip;
pub mod cmd;
pub mod config;
pub mod county;
pub mod model;
pub mod monitor;
pub mod output;
pub mod plan;
pub mod playout;
mod program;
pub mod relay;
pub mod speech;
pub mod station;
pub mod trust;
pub mod wire;

pub mod cli;
