//! What a station and its county say to each other over HTTPS: requests, answers, their limits and the proofs of an
//! enrolment leave this room.
//!
//! A county may be newer than its stations, and the other way round: unknown fields are passed over here, as nowhere else.
//! What decides anything is signed, and is judged in `trust`.

mod as_run;
mod enrol;
mod health;
mod offers;
mod receipt;

pub use as_run::{Acknowledged, Batch, Fact};
pub use enrol::{Code, EnrolRequest, Enrolled, NoCode, Nonce, Token, client_proof, county_proof, token};
pub use health::{Health, HeldCampaign, StationHealth};
pub use offers::{Offer, Offers};
pub use receipt::{About, Receipt, Receipts, Step};

use serde::{Deserialize, Serialize};

/// `POST`, without a token: [`EnrolRequest`] → [`Enrolled`].
pub const ENROL: &str = "/v1/enrol";

/// `GET`: [`Offers`], with an `ETag`. With `If-None-Match` of the newest and `Prefer: wait=SECONDS` it is answered when there is
/// something new, or with 304 when the time is over.
pub const OFFERS: &str = "/v1/offers";

/// `GET /v1/roots/VERSION`: a signed root, as bytes.
pub const ROOTS: &str = "/v1/roots";

/// `GET /v1/bundles/PAYLOAD`: the envelope of a bundle by the digest of its signed bytes, as one line.
/// `POST /v1/bundles`, without a token: a whole bundle as one file; what is signed speaks for itself.
pub const BUNDLES: &str = "/v1/bundles";

/// `GET /v1/files/SHA256`: a file of a bundle, with `Range`.
pub const FILES: &str = "/v1/files";

/// `POST /v1/alerts`, without a token: the envelope of an alert.
pub const ALERTS: &str = "/v1/alerts";

/// `POST`: [`Batch`] → [`Acknowledged`], after the commit.
pub const AS_RUN: &str = "/v1/as-run";

/// `POST`: [`Receipts`] → nothing.
pub const RECEIPTS: &str = "/v1/receipts";

/// `POST`: [`Health`] → nothing.
pub const HEALTH: &str = "/v1/health";

/// `GET`, without a token: what this API is, as an OpenAPI document.
pub const OPENAPI: &str = "/v1/openapi.json";

/// Longest wait that a long poll may ask for, in seconds: less than what middle boxes of mobile networks forget after.
pub const LONGEST_WAIT: u64 = 55;

/// Largest request and answer of JSON, in bytes.
pub const LARGEST_JSON: usize = 1024 * 1024;

/// Most facts of one batch.
pub const MOST_FACTS: usize = 500;

/// Most stations of one daemon.
pub const MOST_STATIONS: usize = 256;

/// What every refusal is answered with, whatever its status code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// A word for programs, such as `revoked`.
    pub error: String,
    /// The reason, in 简体中文.
    pub zh: String,
    /// The reason, in English.
    pub en: String,
}
