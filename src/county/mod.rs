//! The county office: who may sign for it, what it publishes, the server from which its stations get it, and what
//! became of it. Signed files, answers and the truth leave this room.

pub mod alarms;
pub mod archive;
pub mod booth;
pub mod changes;
pub mod client;
pub mod feed;
pub mod ingest;
pub mod keyring;
pub mod press;
pub mod remembered;
pub mod server;
pub mod store;
pub mod truth;
