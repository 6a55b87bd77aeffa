//! The county's alerts on this station's disk, and the pace at which each is aired: one door in, airings out.

mod airing;
mod fault;
mod pace;
mod store;
mod words;

pub use airing::PLAYLIST;
pub use fault::AlertFault;
pub use pace::{Pace, Past};
pub use store::{Arrival, Held, Store, is_alert};
