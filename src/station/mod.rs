//! The daemon: the only place where things happen by themselves.

pub mod clock;
pub mod journal;
pub mod player;
