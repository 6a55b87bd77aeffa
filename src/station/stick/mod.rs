//! A stick that somebody carries from the county to a village and back: what may be read of it, and what is written onto it.
//!
//! Whoever found it in the yard may have filled it. Only plain files with plain names are looked at, in two folders, so many and so
//! large; whatever else is on it is passed over. What is signed is judged where all that is signed is judged.

mod find;
mod put;

pub use find::{Kind, MOST_FILES, OnStick, look};
pub use put::{name_of, put};

/// The folder on a stick that is ours.
pub const FOLDER: &str = "dalaba";
