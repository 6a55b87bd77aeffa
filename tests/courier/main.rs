//! A village and its county over real connections: enrolled, served, cut off, misled, forgotten. Server and daemon are the
//! real ones; only the line between them is ours.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

#[path = "../support/airing.rs"]
mod airing;
#[allow(dead_code, reason = "other tests use the rest of it")]
#[path = "../support/daemon.rs"]
mod daemon;
#[path = "../support/poll.rs"]
mod poll;

mod cuts;
mod line;
mod losses;
mod month;
mod namespaces;
mod office;
mod portal;
mod village;
