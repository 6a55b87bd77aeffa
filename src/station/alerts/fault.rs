//! Why an alert was not taken. Nothing sounds then that would not have sounded without it.

use std::io;

use crate::model::Words;
use crate::station::bundles::TakeFault;
use crate::trust::AlertRefusal;

/// Says why an alert was not taken.
#[derive(Debug, thiserror::Error)]
pub enum AlertFault {
    /// There is no root, or it cannot be read: nothing could be verified.
    #[error("{0}")]
    Root(TakeFault),
    /// The alert was refused.
    #[error("{0}")]
    Refused(#[from] AlertRefusal),
    /// This station's disk.
    #[error("cannot be stored: {0}")]
    Disk(#[from] io::Error),
}

impl AlertFault {
    /// Returns the word that stands in receipts.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Root(_) => "no_root",
            Self::Refused(refusal) => refusal.name(),
            Self::Disk(_) => "disk",
        }
    }

    /// Says it to people.
    pub fn words(&self) -> Words {
        match self {
            Self::Root(fault) => fault.words(),
            Self::Refused(refusal) => refusal.words(),
            Self::Disk(error) => Words::new(format!("存不下：{error}"), self.to_string()),
        }
    }
}
