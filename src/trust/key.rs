//! Keys: which algorithm, which bytes, and the short name that follows from both.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64, HEXLOWER};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use pkcs8::rand_core::TryCryptoRng;
use pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use serde::{Deserialize, Serialize};

use super::envelope::{Envelope, PayloadType, Signature};
use crate::model::Digest;

/// How a key signs. Another one (SM2 with SM3) is one more row here, and signs beside this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// Ed25519 (RFC 8032), with the strict rules for verifying that leave one signature per message.
    Ed25519,
}

/// Names a key: the first half of the SHA-256 of its algorithm and bytes, so that nobody can give another key its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId([u8; 16]);

/// Says that a text is no name of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not 32 small hexadecimal digits")]
pub struct NoKeyId;

/// A key that verifies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenKey", into = "WrittenKey")]
pub struct PublicKey {
    algorithm: Algorithm,
    key: VerifyingKey,
}

/// A key that signs. It is forgotten from memory when it is dropped.
pub struct SecretKey(SigningKey);

/// Says why a secret key could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSecretKey {
    /// The passphrase is another one, or the file was changed.
    #[error("wrong passphrase, or a damaged key")]
    Locked,
    /// The file holds no encrypted Ed25519 key.
    #[error("not an encrypted private key in PEM")]
    NoKey,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKey {
    algorithm: Algorithm,
    public: String,
}

impl PublicKey {
    /// Takes an Ed25519 key of 32 bytes; `None` if they are no point that one may trust.
    pub fn ed25519(bytes: &[u8]) -> Option<Self> {
        let key = VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()?;
        // Anybody can sign for a key of small order.
        (!key.is_weak()).then_some(Self { algorithm: Algorithm::Ed25519, key })
    }

    /// Returns the key's name.
    pub fn id(&self) -> KeyId {
        let Algorithm::Ed25519 = self.algorithm;
        let mut named = b"ed25519:".to_vec();
        named.extend_from_slice(self.key.as_bytes());
        let mut id = [0; 16];
        id.copy_from_slice(&Digest::of(&named).bytes()[..16]);
        KeyId(id)
    }

    /// Tells whether `signature` was made over `message` by this key.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let Algorithm::Ed25519 = self.algorithm;
        ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

impl SecretKey {
    /// Makes the key that follows from 32 bytes, which nobody else may know or guess.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// Returns the half that verifies.
    pub fn public(&self) -> PublicKey {
        PublicKey { algorithm: Algorithm::Ed25519, key: self.0.verifying_key() }
    }

    /// Puts `payload` into an envelope with this key's signature.
    pub fn sign(&self, kind: PayloadType, payload: Vec<u8>) -> Envelope {
        let mut envelope = Envelope { payload_type: kind.name().to_owned(), payload, signatures: Vec::new() };
        self.sign_too(&mut envelope);
        envelope
    }

    /// Adds this key's signature to an envelope, in place of one that it made before.
    pub fn sign_too(&self, envelope: &mut Envelope) {
        let key = self.public().id();
        let bytes = self.0.sign(&envelope.to_be_signed()).to_vec();
        envelope.signatures.retain(|signature| signature.key != key);
        envelope.signatures.push(Signature { key, bytes });
    }

    /// Writes the key as PEM, locked with `passphrase` (PKCS #8, PBES2 with scrypt and AES-256); takes about 0.1 s.
    pub fn lock(&self, passphrase: &str, random: &mut impl TryCryptoRng) -> Result<String, NoSecretKey> {
        let der = self.0.to_pkcs8_der().map_err(|_| NoSecretKey::NoKey)?;
        let info = pkcs8::PrivateKeyInfoRef::try_from(der.as_bytes()).map_err(|_| NoSecretKey::NoKey)?;
        let locked = info.encrypt_with_rng(random, passphrase).map_err(|_| NoSecretKey::Locked)?;
        let pem = locked.to_pem("ENCRYPTED PRIVATE KEY", LineEnding::LF).map_err(|_| NoSecretKey::NoKey)?;
        Ok(pem.as_str().to_owned())
    }

    /// Reads a key that [`Self::lock`] wrote.
    pub fn unlock(pem: &str, passphrase: &str) -> Result<Self, NoSecretKey> {
        if !pem.contains("BEGIN ENCRYPTED PRIVATE KEY") {
            return Err(NoSecretKey::NoKey);
        }
        SigningKey::from_pkcs8_encrypted_pem(pem, passphrase).map(Self).map_err(|_| NoSecretKey::Locked)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.public().id())
    }
}

impl TryFrom<WrittenKey> for PublicKey {
    type Error = &'static str;

    fn try_from(written: WrittenKey) -> Result<Self, Self::Error> {
        let Algorithm::Ed25519 = written.algorithm;
        let bytes = BASE64.decode(written.public.as_bytes()).map_err(|_| "a key that is no Base64")?;
        Self::ed25519(&bytes).ok_or("a key that nobody may trust")
    }
}

impl From<PublicKey> for WrittenKey {
    fn from(key: PublicKey) -> Self {
        Self { algorithm: key.algorithm, public: BASE64.encode(key.key.as_bytes()) }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&HEXLOWER.encode(&self.0))
    }
}

impl FromStr for KeyId {
    type Err = NoKeyId;

    fn from_str(text: &str) -> Result<Self, NoKeyId> {
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| NoKeyId)?;
        bytes.try_into().map(Self).map_err(|_| NoKeyId)
    }
}

impl TryFrom<String> for KeyId {
    type Error = NoKeyId;

    fn try_from(text: String) -> Result<Self, NoKeyId> {
        text.parse()
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.to_string()
    }
}
