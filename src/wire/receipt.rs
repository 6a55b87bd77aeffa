//! What became of something that the county sent.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::{CampaignId, Digest, Serial};

/// Several receipts, oldest first. Sent again until they were answered: the same one twice is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipts {
    /// At most [`super::MOST_FACTS`].
    pub receipts: Vec<Receipt>,
}

/// One step of something that the county sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What it is about.
    pub about: About,
    /// How far it came.
    pub step: Step,
    /// Why it was refused: a word such as `not_ours`, and what a person should know; empty otherwise.
    #[serde(default)]
    pub reason: String,
    /// The station's wall clock, and whether it is believed.
    pub at: DateTime<Utc>,
    /// Whether that clock is believed.
    pub clock_trusted: bool,
}

/// Names something that the county sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A bundle.
    Bundle {
        /// Its campaign.
        campaign: CampaignId,
        /// Its number.
        serial: Serial,
        /// The digest of its signed bytes.
        payload: Digest,
    },
    /// An alert, by the digest of its signed bytes.
    Alert(Digest),
    /// A root, by its version.
    Root(u64),
}

/// How far something came at a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// All of it is on the station's disk.
    Received,
    /// Signatures, sums, texts and recordings are in order.
    Verified,
    /// It is in force.
    Active,
    /// It was refused, and changed nothing.
    Refused,
}

impl Step {
    /// Returns the word used on the wire and in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Verified => "verified",
            Self::Active => "active",
            Self::Refused => "refused",
        }
    }
}
