//! Speech, recordings and clips with real parts: libespeak-ng, ffmpeg, sox, and children of the program under test.

mod child;
mod engine;
mod recordings;
mod studio;
mod workshop;
