//! The manifest: what a bundle says of itself, between its signed bytes and the model.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::{Bundle, BundleFile, CampaignId, Digest, Serial, Target};

/// Most files of one bundle.
pub const MOST_FILES: usize = 2000;

/// Most bytes of all files of one bundle: small boxes keep two of each campaign.
pub const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// Most targets that a bundle names one by one.
const MOST_TARGETS: usize = 2000;

/// What must be known to judge a bundle at all. A later version may say more; this much stays.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Header {
    pub(super) campaign: CampaignId,
    pub(super) serial: Serial,
    pub(super) expires: DateTime<Utc>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    campaign: CampaignId,
    serial: Serial,
    previous: Option<Digest>,
    issued: DateTime<Utc>,
    not_before: DateTime<Utc>,
    expires: DateTime<Utc>,
    target: Vec<String>,
    files: Vec<BundleFile>,
}

/// Writes the exact bytes that are signed for `bundle`.
pub fn write(bundle: &Bundle) -> Vec<u8> {
    let bundle = bundle.clone();
    let written = Written {
        campaign: bundle.campaign,
        serial: bundle.serial,
        previous: bundle.previous,
        issued: bundle.issued,
        not_before: bundle.not_before,
        expires: bundle.expires,
        target: bundle.target.iter().map(ToString::to_string).collect(),
        files: bundle.files,
    };
    // Texts, numbers and lists, which JSON can always hold.
    serde_json::to_vec(&written).unwrap_or_default()
}

/// Reads everything that a manifest says; `None` if any of it is not as it must be.
pub fn read(payload: &[u8]) -> Option<Bundle> {
    let written: Written = serde_json::from_slice(payload).ok()?;
    if written.files.len() > MOST_FILES || written.target.is_empty() || written.target.len() > MOST_TARGETS {
        return None;
    }
    let bundle = Bundle {
        campaign: written.campaign,
        serial: written.serial,
        previous: written.previous,
        issued: written.issued,
        not_before: written.not_before,
        expires: written.expires,
        target: written.target.iter().map(|target| target.parse::<Target>().ok()).collect::<Option<_>>()?,
        files: written.files,
    };
    let paths: BTreeSet<&str> = bundle.files.iter().map(|file| file.path.as_str()).collect();
    let bytes = bundle.files.iter().try_fold(0_u64, |sum, file| sum.checked_add(file.bytes))?;
    let sound = paths.len() == bundle.files.len()
        && bytes <= MOST_BYTES
        && bundle.not_before < bundle.expires
        && bundle.serial > Serial(0);
    sound.then_some(bundle)
}
