//! The county office: who may sign for it. Signed files leave this room.

pub mod keyring;
