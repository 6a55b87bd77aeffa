//! The only verifier of what the county signs: bytes, keys, what is held and the time go in, a verdict leaves this room.

pub mod alert;
mod alert_verdict;
mod envelope;
mod key;
pub mod manifest;
mod root;
mod verdict;

pub use alert::LARGEST_ALERT;
pub use alert_verdict::{AlertJudge, AlertRefusal, Before, ClockState};
pub use envelope::{Envelope, LARGEST_ENVELOPE, PayloadType, Signature};
pub use key::{Algorithm, KeyId, NoKeyId, NoSecretKey, PublicKey, SecretKey};
pub use root::{Holder, Quorum, Role, Root, RootFault};
pub use verdict::{Held, Judge, Refusal, Verdict};
