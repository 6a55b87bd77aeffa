//! The whole daemon as a process: killed, cut off, misconfigured, asked, short of disk. Nothing in it is replaced.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

#[path = "../support/daemon.rs"]
mod daemon;
#[path = "../support/pack.rs"]
mod pack;
#[path = "../support/poll.rs"]
mod poll;

mod alert_delay;
mod alerts;
mod amplifier;
mod clock;
mod county;
mod demo;
mod disk;
mod kills;
mod manager;
mod messages;
mod orders;
mod power;
mod reload;
mod stick;
mod voices;
mod volume;
