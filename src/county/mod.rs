//! The county office: who may sign for it, what it publishes, and the server from which its stations get it. Signed files and
//! answers leave this room.

pub mod alarms;
pub mod errand;
pub mod ingest;
pub mod keyring;
pub mod press;
pub mod server;
pub mod store;
