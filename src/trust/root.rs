//! The root: which keys may sign what, and how many of them it takes. Only its own keys can change it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::envelope::{Envelope, PayloadType};
use super::key::{KeyId, PublicKey};
use crate::model::Words;

/// Most keys that one root names.
const MOST_KEYS: usize = 64;

/// Most stations of an emergency that one person may send out, unless the root says otherwise.
const EMERGENCY_ALONE: u32 = 20;

/// Says what a signature is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Changing the root.
    Root,
    /// Publishing bundles.
    Publisher,
}

/// How many of which keys a role takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quorum {
    /// Fewest keys that must have signed, each counted once.
    pub threshold: usize,
    /// The keys that count.
    pub keys: BTreeSet<KeyId>,
}

/// Who may sign. The first is brought to a station by hand; each after it is signed by the one before, and by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Root {
    /// The county office, for people.
    pub county: String,
    /// Grows by one with every change.
    pub version: u64,
    /// When it was written.
    pub issued: DateTime<Utc>,
    /// The keys, with the names of the people who hold them.
    pub keys: Vec<Holder>,
    /// What it takes for each role.
    pub roles: BTreeMap<Role, Quorum>,
    /// Most stations of an emergency that one person may send out; none stands for 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency_alone: Option<u32>,
}

/// A key and who holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    /// Who holds it, for people.
    pub name: String,
    /// The key.
    pub key: PublicKey,
}

/// Says why a root was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RootFault {
    /// The bytes are no envelope with a root.
    #[error("not a root file")]
    NoRoot,
    /// Too few of its own keys have signed it.
    #[error("not signed by enough of its own keys")]
    NotSigned,
    /// Too few of the keys in force have signed it.
    #[error("not signed by enough keys of the root in force")]
    NotOurs,
    /// It is not the one right after the root in force.
    #[error("version {found} does not follow version {held}")]
    NotNext {
        /// The version in force.
        held: u64,
        /// The version that came.
        found: u64,
    },
    /// A role has fewer keys than it takes, or none is needed, or a key is missing or named twice.
    #[error("its roles and keys do not fit together")]
    Unsound,
}

impl Root {
    /// Reads the first root of a station, which somebody brought there and stands for.
    pub fn first(bytes: &[u8]) -> Result<Self, RootFault> {
        let (root, envelope) = Self::read(bytes)?;
        if !root.accepts(Role::Root, &envelope) {
            return Err(RootFault::NotSigned);
        }
        Ok(root)
    }

    /// Reads the root that follows this one.
    pub fn next(&self, bytes: &[u8]) -> Result<Self, RootFault> {
        let (root, envelope) = Self::read(bytes)?;
        if !self.accepts(Role::Root, &envelope) {
            return Err(RootFault::NotOurs);
        }
        if root.version != self.version.saturating_add(1) {
            return Err(RootFault::NotNext { held: self.version, found: root.version });
        }
        if !root.accepts(Role::Root, &envelope) {
            return Err(RootFault::NotSigned);
        }
        Ok(root)
    }

    /// Tells whether enough keys of `role` have signed `envelope`.
    pub fn accepts(&self, role: Role, envelope: &Envelope) -> bool {
        let Some(quorum) = self.roles.get(&role) else { return false };
        quorum.threshold > 0 && self.signers(quorum, envelope).count() >= quorum.threshold
    }

    /// Names the people of `role` who have signed `envelope`. Two keys of one person are one person.
    pub fn people(&self, role: Role, envelope: &Envelope) -> BTreeSet<&str> {
        let quorum = self.roles.get(&role);
        let signers = quorum.into_iter().flat_map(|quorum| self.signers(quorum, envelope));
        signers.map(|holder| holder.name.trim()).collect()
    }

    /// Returns how many stations an emergency may reach that one person signed.
    pub fn emergency_alone(&self) -> u32 {
        self.emergency_alone.unwrap_or(EMERGENCY_ALONE)
    }

    /// Each holder is counted once, however often the key signed: `is_sound` let no key be named twice.
    fn signers<'a>(&'a self, quorum: &Quorum, envelope: &Envelope) -> impl Iterator<Item = &'a Holder> {
        let message = envelope.to_be_signed();
        let signed = move |holder: &&Holder| {
            let id = holder.key.id();
            quorum.keys.contains(&id)
                && envelope
                    .signatures
                    .iter()
                    .any(|signature| signature.key == id && holder.key.verifies(&message, &signature.bytes))
        };
        self.keys.iter().filter(signed)
    }

    /// Writes the root's exact bytes, to be signed.
    pub fn payload(&self) -> Vec<u8> {
        // Texts, numbers and lists, which JSON can always hold.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Tells whether every role can be filled and every key is named once.
    pub fn is_sound(&self) -> bool {
        let known: BTreeSet<KeyId> = self.keys.iter().map(|holder| holder.key.id()).collect();
        let fills = |quorum: &Quorum| {
            (1..=quorum.keys.len()).contains(&quorum.threshold) && quorum.keys.is_subset(&known)
        };
        known.len() == self.keys.len()
            && self.keys.len() <= MOST_KEYS
            && [Role::Root, Role::Publisher].iter().all(|role| self.roles.get(role).is_some_and(fills))
    }

    fn read(bytes: &[u8]) -> Result<(Self, Envelope), RootFault> {
        let envelope = Envelope::read(bytes).ok_or(RootFault::NoRoot)?;
        if envelope.payload_type != PayloadType::Root.name() {
            return Err(RootFault::NoRoot);
        }
        let root: Self = serde_json::from_slice(&envelope.payload).map_err(|_| RootFault::NoRoot)?;
        if root.is_sound() { Ok((root, envelope)) } else { Err(RootFault::Unsound) }
    }
}

impl RootFault {
    /// Says it to people.
    pub fn words(&self) -> Words {
        let zh = match self {
            Self::NoRoot => "不是根文件".to_owned(),
            Self::NotSigned => "它自己的签名不够".to_owned(),
            Self::NotOurs => "现在的签名人没有签够".to_owned(),
            Self::NotNext { held, found } => format!("第 {found} 版接不上现在的第 {held} 版"),
            Self::Unsound => "人数和密钥对不上（要几人签名，就至少要有几个不同的密钥）".to_owned(),
        };
        Words::new(zh, self.to_string())
    }
}
