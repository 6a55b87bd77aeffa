//! Why a message has no sound.

use std::fmt;

use super::shape;
use crate::model::{Reason, Words};
use crate::speech::engine::EngineFault;
use crate::speech::text::TextFault;

/// Says why a message has no sound; the next one goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderFault {
    /// What goes into the as-run log as the reason.
    pub reason: Reason,
    /// What goes there as the detail.
    pub detail: Words,
}

impl fmt::Display for RenderFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.detail)
    }
}

impl std::error::Error for RenderFault {}

/// Says why a text could not be turned into a reading.
#[derive(Debug, thiserror::Error)]
pub(super) enum SpeechFault {
    #[error(transparent)]
    Text(#[from] TextFault),
    #[error(transparent)]
    Engine(#[from] EngineFault),
    #[error("the speech lasts more than ten minutes")]
    TooLong,
    #[error(transparent)]
    Shape(shape::ShapeFault),
}

impl SpeechFault {
    pub(super) fn words(&self) -> Words {
        match self {
            Self::Text(fault) => fault.words(),
            Self::Engine(fault) => fault.words(),
            Self::TooLong => Words::new("念完超过十分钟", self.to_string()),
            Self::Shape(fault) => Words::new(format!("声音无法转换：{fault}"), fault.to_string()),
        }
    }
}
