//! The only verifier of what the county signs: bytes, keys, what is held and the time go in, a verdict leaves this room.

mod envelope;
mod key;
pub mod manifest;
mod root;
mod verdict;

pub use envelope::{Envelope, LARGEST_ENVELOPE, PayloadType, Signature};
pub use key::{Algorithm, KeyId, NoKeyId, NoSecretKey, PublicKey, SecretKey};
pub use root::{Holder, Quorum, Role, Root, RootFault};
pub use verdict::{Held, Judge, Refusal, Verdict};
