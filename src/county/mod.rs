//! The county office: who may sign for it, and what it publishes. Signed files leave this room.

pub mod booth;
pub mod changes;
pub mod client;
pub mod keyring;
pub mod press;
