//! The county office: who may sign for it, and what it publishes. Signed files leave this room.

pub mod alarms;
pub mod errand;
pub mod keyring;
pub mod press;
