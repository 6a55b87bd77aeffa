//! What the county has for a station.

use serde::{Deserialize, Serialize};

use super::Acknowledged;
use crate::model::{CampaignId, Digest, Serial};

/// The answer to a poll: everything that is newest now. A station that was away for a month needs no more than this.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offers {
    /// The version of the root in force at the county.
    pub root: u64,
    /// The newest bundle of each campaign that is for the asker, by campaign. One that ends a campaign stays here until it
    /// expires.
    pub bundles: Vec<Offer>,
    /// The envelopes of alerts for the asker that have not expired, oldest first: whole, so that an alert takes one way only.
    pub alerts: Vec<String>,
    /// How far the asker's as-run log has arrived; none if nothing has.
    pub acknowledged: Option<Acknowledged>,
}

/// A bundle that may be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Its campaign.
    pub campaign: CampaignId,
    /// Its number.
    pub serial: Serial,
    /// The digest of its signed bytes, by which it is asked for.
    pub payload: Digest,
}
