//! What the county signed, on this station's disk: campaigns that were verified, stored whole and put in force.

mod export;
mod fault;
mod file;
mod slot;
mod store;

pub use fault::TakeFault;
pub use file::{texts_of, write};
pub use slot::{Campaign, read, read_by};
pub use store::{Store, Taken, campaigns_below, is_fit};
