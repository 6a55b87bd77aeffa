//! What is written → what is said → samples.

pub mod engine;
pub mod pack;
pub mod text;
