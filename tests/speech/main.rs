//! Speech, recordings and clips with real parts: libespeak-ng, ffmpeg, sox, and children of the program under test.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

#[path = "../support/pack.rs"]
mod pack;
#[path = "../support/poll.rs"]
#[expect(dead_code, reason = "of the ways to wait, this test needs one")]
mod poll;

mod child;
mod chimes;
mod command;
mod commands;
mod engine;
mod health;
mod kokoro;
mod loudness;
mod recordings;
mod shipped;
mod studio;
mod workshop;
