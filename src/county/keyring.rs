//! A folder with keys: secret ones locked, public ones open, and the root that says what each may sign.
//!
//! ```text
//! keys/
//!   王主任.key       the secret half, locked with a passphrase; never leaves the machine of whoever holds it
//!   王主任.pub       the public half, to be given to everybody
//!   root.json       the root in force, as stations hold it
//!   root.next.json  the root to come, while people sign it
//!   root.3.json     a root that was in force before
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use getrandom::SysRng;

use crate::model::{HolderName, IdError};
use crate::station::disk::{replace, sync};
use crate::trust::{
    Envelope, Holder, KeyId, NoSecretKey, PayloadType, Quorum, Role, Root, RootFault, SecretKey,
};

/// Shortest passphrase, in characters.
pub const SHORTEST_PASSPHRASE: usize = 8;

/// Largest file that is read here, in bytes.
const LARGEST: u64 = 4 * 1024 * 1024;

const ROOT: &str = "root.json";
const NEXT: &str = "root.next.json";

/// A folder with keys.
#[derive(Debug, Clone)]
pub struct Keyring {
    folder: PathBuf,
}

/// What a new root is to say.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The county office, for people.
    pub county: String,
    /// Names of those who may change the root, and how many it takes.
    pub root: (Vec<String>, usize),
    /// Names of those who may publish, and how many it takes.
    pub publisher: (Vec<String>, usize),
    /// Most stations of an emergency that one person may send out; the default if none.
    pub emergency_alone: Option<u32>,
    /// The time at which it is written.
    pub issued: DateTime<Utc>,
}

/// How far the signing of a root is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signing {
    /// More people must sign.
    UnderWay,
    /// It is in force now.
    InForce(Root),
}

/// Says why the keys could not be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringFault {
    /// A name that cannot be the name of a file.
    #[error("{0:?}: {1}")]
    Name(String, IdError),
    /// There is a key of this name already, and it may be the only copy.
    #[error("there is a key called {0} already")]
    Exists(String),
    /// There is no key of this name here.
    #[error("there is no key called {0} here")]
    Missing(String),
    /// The key did not open.
    #[error("{0}: {1}")]
    Locked(String, NoSecretKey),
    /// The passphrase is too easily guessed.
    #[error("a passphrase needs {SHORTEST_PASSPHRASE} characters at least")]
    Weak,
    /// A public key or root on the disk is none.
    #[error("{0} is damaged")]
    Damaged(PathBuf),
    /// The root cannot be as it was asked for, or what was signed is not in order.
    #[error("the root: {0}")]
    Root(#[from] RootFault),
    /// No root waits for signatures.
    #[error("no root waits to be signed")]
    NothingToSign,
    /// The disk.
    #[error("{0}: {1}")]
    Disk(PathBuf, io::Error),
}

impl Keyring {
    /// Uses `folder`, which need not exist.
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Returns where the root in force lies.
    pub fn root_file(&self) -> PathBuf {
        self.folder.join(ROOT)
    }

    /// Makes a key for the person called `name` and locks it with `passphrase`.
    pub fn make(&self, name: &str, passphrase: &str) -> Result<Holder, KeyringFault> {
        checked(name)?;
        if passphrase.chars().count() < SHORTEST_PASSPHRASE {
            return Err(KeyringFault::Weak);
        }
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| self.disk(name, error.into()))?;
        let secret = SecretKey::from_seed(&seed);
        seed.fill(0);
        let locked = |fault| KeyringFault::Locked(name.to_owned(), fault);
        let pem = secret.lock(passphrase, &mut SysRng).map_err(locked)?;
        let holder = Holder { name: name.to_owned(), key: secret.public() };
        fs::create_dir_all(&self.folder).map_err(|error| self.disk("", error))?;
        self.create(&format!("{name}.key"), pem.as_bytes(), 0o600).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => KeyringFault::Exists(name.to_owned()),
            _ => self.disk(name, error),
        })?;
        let public = format!("{name}.pub");
        replace(&self.folder.join(&public), &written(&holder)).map_err(|error| self.disk(&public, error))?;
        Ok(holder)
    }

    /// Lists the public keys by name, and whether the secret half is here.
    pub fn list(&self) -> Result<Vec<(Holder, bool)>, KeyringFault> {
        let mut names: Vec<String> = match fs::read_dir(&self.folder) {
            Ok(listed) => listed
                .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
                .filter_map(|file| file.strip_suffix(".pub").map(str::to_owned))
                .collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(self.disk("", error)),
        };
        names.sort_unstable();
        let entry =
            |name: &String| Ok((self.holder(name)?, self.folder.join(format!("{name}.key")).exists()));
        names.iter().map(entry).collect()
    }

    /// Reads the public key of the person called `name`.
    pub fn holder(&self, name: &str) -> Result<Holder, KeyringFault> {
        checked(name)?;
        let file = format!("{name}.pub");
        let bytes = self.read(&file)?.ok_or_else(|| KeyringFault::Missing(name.to_owned()))?;
        serde_json::from_slice(&bytes).map_err(|_| KeyringFault::Damaged(self.folder.join(file)))
    }

    /// Opens the secret key of the person called `name`.
    pub fn unlock(&self, name: &str, passphrase: &str) -> Result<SecretKey, KeyringFault> {
        checked(name)?;
        let bytes =
            self.read(&format!("{name}.key"))?.ok_or_else(|| KeyringFault::Missing(name.to_owned()))?;
        let pem = String::from_utf8_lossy(&bytes);
        SecretKey::unlock(&pem, passphrase).map_err(|fault| KeyringFault::Locked(name.to_owned(), fault))
    }

    /// Reads the root in force; none before the first is signed.
    pub fn root(&self) -> Result<Option<Root>, KeyringFault> {
        let Some(bytes) = self.read(ROOT)? else { return Ok(None) };
        Ok(Some(Root::first(&bytes)?))
    }

    /// Reads every root that was in force, as signed, the first one first; nothing before the first is signed.
    pub fn history(&self) -> Result<Vec<Vec<u8>>, KeyringFault> {
        let Some(newest) = self.root()? else { return Ok(Vec::new()) };
        let mut roots = Vec::new();
        for version in 1..newest.version {
            // An office that has lost an old one still has the newest.
            roots.extend(self.read(&format!("root.{version}.json"))?);
        }
        roots.extend(self.read(ROOT)?);
        Ok(roots)
    }

    /// Writes the root that is to follow the one in force, for people to sign.
    pub fn plan(&self, plan: &Plan) -> Result<Root, KeyringFault> {
        let mut holders = BTreeMap::<KeyId, Holder>::new();
        let mut quorum = |(names, threshold): &(Vec<String>, usize)| {
            let mut keys = BTreeSet::new();
            for name in names {
                let holder = self.holder(name)?;
                keys.insert(holder.key.id());
                holders.insert(holder.key.id(), holder);
            }
            Ok::<_, KeyringFault>(Quorum { threshold: *threshold, keys })
        };
        let roles = [(Role::Root, quorum(&plan.root)?), (Role::Publisher, quorum(&plan.publisher)?)].into();
        let version = self.root()?.map_or(1, |root| root.version.saturating_add(1));
        let keys = holders.into_values().collect();
        let root = Root {
            county: plan.county.clone(),
            version,
            issued: plan.issued,
            keys,
            roles,
            emergency_alone: plan.emergency_alone,
        };
        if !root.is_sound() {
            return Err(RootFault::Unsound.into());
        }
        let kind = PayloadType::Root.name().to_owned();
        let envelope = Envelope { payload_type: kind, payload: root.payload(), signatures: Vec::new() };
        self.write(NEXT, &envelope.write())?;
        Ok(root)
    }

    /// Adds a signature to the root to come, and puts it in force once it has enough.
    pub fn sign_root(&self, secret: &SecretKey) -> Result<Signing, KeyringFault> {
        let bytes = self.read(NEXT)?.ok_or(KeyringFault::NothingToSign)?;
        let mut envelope = Envelope::read(&bytes).ok_or(RootFault::NoRoot)?;
        secret.sign_too(&mut envelope);
        let bytes = envelope.write();
        self.write(NEXT, &bytes)?;
        let held = self.root()?;
        let judged = held.as_ref().map_or_else(|| Root::first(&bytes), |held| held.next(&bytes));
        match judged {
            Ok(root) => self.put_in_force(held.as_ref(), root, &bytes),
            Err(RootFault::NotSigned | RootFault::NotOurs) => Ok(Signing::UnderWay),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Stations that were away must be able to follow one root after the other: so all are kept.
    fn put_in_force(&self, held: Option<&Root>, root: Root, bytes: &[u8]) -> Result<Signing, KeyringFault> {
        if let (Some(held), Some(old)) = (held, self.read(ROOT)?) {
            self.write(&format!("root.{}.json", held.version), &old)?;
        }
        self.write(ROOT, bytes)?;
        fs::remove_file(self.folder.join(NEXT)).map_err(|error| self.disk(NEXT, error))?;
        Ok(Signing::InForce(root))
    }

    fn create(&self, name: &str, bytes: &[u8], mode: u32) -> io::Result<()> {
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(mode).open(self.folder.join(name))?;
        file.write_all(bytes)?;
        file.sync_all()?;
        sync(&self.folder)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), KeyringFault> {
        replace(&self.folder.join(name), bytes).map_err(|error| self.disk(name, error))
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, KeyringFault> {
        let read = |file: File| {
            let mut bytes = Vec::new();
            file.take(LARGEST).read_to_end(&mut bytes).map(|_| bytes)
        };
        match File::open(self.folder.join(name)).and_then(read) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.disk(name, error)),
        }
    }

    fn disk(&self, name: &str, error: io::Error) -> KeyringFault {
        KeyringFault::Disk(self.folder.join(name), error)
    }
}

/// A person's name becomes the name of a file, so it keeps to the rules of ids; `root` is the root's own.
fn checked(name: &str) -> Result<(), KeyringFault> {
    let hidden = name.starts_with('.').then_some(IdError::Forbidden('.'));
    match HolderName::new(name).err().or(hidden) {
        Some(error) => Err(KeyringFault::Name(name.to_owned(), error)),
        None => Ok(()),
    }
}

fn written(holder: &Holder) -> Vec<u8> {
    // Texts alone, which JSON can always hold.
    let mut bytes = serde_json::to_vec_pretty(holder).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
