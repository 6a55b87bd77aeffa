//! Sound that is really played and really recorded.

// Marked as tests, as whole modules, so that their helpers may unwrap too.
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;

#[cfg(test)]
mod broadcast;
#[cfg(test)]
mod device;
#[cfg(test)]
mod hung;
#[cfg(test)]
mod paced;
#[cfg(test)]
mod start;
