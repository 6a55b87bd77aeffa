//! Speech, recordings and clips with real parts: libespeak-ng, ffmpeg, sox, and children of the program under test.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails where it stands")]

mod child;
mod command;
mod engine;
mod kokoro;
mod recordings;
mod studio;
mod workshop;
