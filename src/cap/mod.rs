//! Warnings of other offices, in the Common Alerting Protocol 1.0, 1.1 and 1.2: bytes come in; warnings, or where and why they
//! are refused, leave this room, and so does what of them is to be spoken where.
//!
//! Nothing here trusts a file: it is bounded in size, depth and number, has no document type and no entities of its own, and
//! an XML signature in it is not looked at. What a station believes is the county's own signature.

pub mod alert;
mod clean;
mod decode;
mod draft;
mod fault;
mod file;
mod parts;
mod place;
mod read;
mod rules;
mod spoken;
mod tree;
pub mod words;

pub use alert::{CapAlert, Point, Version};
pub use decode::LARGEST;
pub use draft::{Desk, Draft, Taken};
pub use fault::Fault;
pub use file::{CapFile, FileKind, Link, MOST_ALERTS, read_file};
pub use rules::{AlertMap, AlertRule, Place, Verdict};
pub use tree::{DEEPEST, MOST_ATTRIBUTES, MOST_ELEMENTS};
