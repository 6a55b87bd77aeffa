//! The daemon: the only place where things happen by themselves.

pub mod clock;
pub mod kinds;
pub mod player;
pub mod sources;
