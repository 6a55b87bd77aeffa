//! Sound that is really played and really recorded.

#[path = "../support/mod.rs"]
mod support;

mod device;
