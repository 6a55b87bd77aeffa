//! The daemon: the only place where things happen by themselves.

pub mod alerts;
pub mod amplifier;
pub mod bundles;
pub mod clock;
pub mod control;
pub mod courier;
pub mod daemon;
pub mod disk;
pub mod ear;
pub mod journal;
pub mod kinds;
pub mod lock;
pub mod logging;
pub mod memory;
pub mod player;
pub mod progress;
pub mod reserve;
pub mod sources;
pub mod stick;
pub mod systemd;
pub mod watch;
