//! stub
use super::{Kind, OutputFault};
use crate::config::KindFields;
/// x
#[derive(Debug, thiserror::Error)]
pub enum IcecastFault {}
impl IcecastFault { pub(in crate::output) fn zh(&self) -> String { String::new() } }
/// The row of the table.
pub(super) const KIND: Kind = Kind {
    fields: KindFields { name: "icecast", fields: &[], zh: "", en: "" },
    check: |_| Ok(()), open: |_, _| Err(OutputFault::Stalled), probe: None };
