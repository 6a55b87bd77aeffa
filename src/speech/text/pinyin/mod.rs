//! What is said → how each character sounds. A [`Script`](super::script::Script) leaves this room.

pub mod lexicon;
pub mod sandhi;
