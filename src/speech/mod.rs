//! What is written → what is said → samples.

pub mod engine;
pub mod text;
