//! The envelope: exact bytes and the signatures over them.
//!
//! The form is DSSE, the Dead Simple Signing Envelope (github.com/secure-systems-lab/dsse, version 1): what is signed is the
//! pre-authentication encoding of the payload's type and of its bytes, so that nothing signed as one thing passes for
//! another, and nothing has to be written anew to be verified.

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use super::key::KeyId;

/// Largest envelope, in bytes: a manifest of two thousand files takes a quarter of it.
pub const LARGEST_ENVELOPE: usize = 2 * 1024 * 1024;

/// Most signatures of one envelope.
const MOST_SIGNATURES: usize = 32;

/// Says what the payload of an envelope is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadType {
    /// Who may sign: [`super::Root`].
    Root,
    /// What a bundle holds: [`crate::model::Bundle`].
    Bundle,
    /// What is to be spoken now: [`crate::model::Alert`].
    Alert,
}

impl PayloadType {
    /// Returns the name that is signed with the payload.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Root => "application/vnd.dalaba.root+json",
            Self::Bundle => "application/vnd.dalaba.bundle+json",
            Self::Alert => "application/vnd.dalaba.alert+json",
        }
    }
}

/// Exact bytes, what they claim to be, and who is said to have signed them. Nothing in it is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// What the payload claims to be.
    pub payload_type: String,
    /// The bytes that were signed.
    pub payload: Vec<u8>,
    /// What claim to be signatures over them.
    pub signatures: Vec<Signature>,
}

/// One signature, by the key that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The key that is said to have made it; which algorithm that is, the key says and never the signature.
    pub key: KeyId,
    /// The signature itself.
    pub bytes: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(rename = "payloadType")]
    payload_type: String,
    payload: String,
    signatures: Vec<WrittenSignature>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSignature {
    keyid: KeyId,
    sig: String,
}

impl Envelope {
    /// Reads an envelope; `None` if the bytes are none, or more than one may be.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > LARGEST_ENVELOPE {
            return None;
        }
        let written: Written = serde_json::from_slice(bytes).ok()?;
        if written.signatures.len() > MOST_SIGNATURES {
            return None;
        }
        let signature = |written: WrittenSignature| {
            Some(Signature { key: written.keyid, bytes: BASE64.decode(written.sig.as_bytes()).ok()? })
        };
        Some(Self {
            payload_type: written.payload_type,
            payload: BASE64.decode(written.payload.as_bytes()).ok()?,
            signatures: written.signatures.into_iter().map(signature).collect::<Option<_>>()?,
        })
    }

    /// Writes the envelope as one line of JSON.
    pub fn write(&self) -> Vec<u8> {
        let signature = |signature: &Signature| WrittenSignature {
            keyid: signature.key,
            sig: BASE64.encode(&signature.bytes),
        };
        let written = Written {
            payload_type: self.payload_type.clone(),
            payload: BASE64.encode(&self.payload),
            signatures: self.signatures.iter().map(signature).collect(),
        };
        // Texts alone, which JSON can always hold.
        let mut bytes = serde_json::to_vec(&written).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Returns the bytes that signatures are made over: DSSE's pre-authentication encoding.
    pub fn to_be_signed(&self) -> Vec<u8> {
        let (kind, payload) = (&self.payload_type, &self.payload);
        let mut bytes = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).into_bytes();
        bytes.extend_from_slice(payload);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the protocol's own page.
    #[test]
    fn what_is_signed_is_the_encoding_that_dsse_prescribes() {
        let envelope = Envelope {
            payload_type: "http://example.com/HelloWorld".to_owned(),
            payload: b"hello world".to_vec(),
            signatures: Vec::new(),
        };
        assert_eq!(envelope.to_be_signed(), b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
        assert_eq!(Envelope::read(&envelope.write()), Some(envelope));
    }

    #[test]
    fn what_is_no_envelope_is_not_read() {
        for text in ["", "{}", "[]", "null", r#"{"payloadType":"a","payload":"!","signatures":[]}"#] {
            assert_eq!(Envelope::read(text.as_bytes()), None, "{text}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(Envelope::read(deep.as_bytes()), None);
        assert_eq!(Envelope::read(&vec![b' '; LARGEST_ENVELOPE + 1]), None);
    }
}
