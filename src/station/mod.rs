//! The daemon: the only place where things happen by themselves.

pub mod clock;
pub mod control;
pub mod lock;
