//! What the office has issued: alerts in envelopes, on their way to enough signatures, and the correction of each beside it.
//!
//! ```text
//! alerts/20261126-1204-3f2a.json             an alert, signed by those who signed it so far
//! alerts/20261126-1204-3f2a.correction.json  what takes it back, signed by the same people at the same time
//! ```
//!
//! A correction is signed with its alert, so that taking it back needs nobody's passphrase and no second person: in Hawaii
//! that took 38 minutes.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::model::{Alert, AlertKind, AlertName, Digest};
use crate::station::disk::replace;
use crate::trust::{
    AlertJudge, AlertRefusal, Before, ClockState, Envelope, LARGEST_ALERT, PayloadType, Role, Root,
    SecretKey, alert,
};

/// Ending of the file with an alert's correction.
const CORRECTION: &str = "correction";

/// Longest file name that is an identifier as it stands, in bytes: with what is put behind it, it must fit into 255.
const LONGEST_STEM: usize = 200;

/// Keeps what was issued in a folder.
#[derive(Debug, Clone)]
pub struct Alarms {
    folder: PathBuf,
}

/// An alert that was issued, or waits for a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// What it says.
    pub alert: Alert,
    /// Its envelope, as it goes out.
    pub envelope: Envelope,
}

/// How far an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Stations take it.
    Complete,
    /// It takes one more person.
    WaitsForAnother,
}

/// Says why an alert was not issued.
#[derive(Debug, thiserror::Error)]
pub enum AlarmFault {
    /// No station would take it.
    #[error("no station would take it: {0}")]
    Refused(#[from] AlertRefusal),
    /// No alert of that name was issued here, or several begin so.
    #[error("no alert {0} was issued here, or more than one begins so")]
    Unknown(String),
    /// The file holds no alert.
    #[error("{0} holds no alert")]
    NoAlert(PathBuf),
    /// The disk.
    #[error("{0}: {1}")]
    Disk(PathBuf, io::Error),
}

impl Alarms {
    /// Uses `folder`, which need not exist.
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Signs an alert and its correction, keeps both, and tells whether that is enough.
    pub fn issue(
        &self,
        alert: &Alert,
        correction: Option<&str>,
        root: &Root,
        secrets: &[SecretKey],
        now: DateTime<Utc>,
    ) -> Result<(Issued, Standing), AlarmFault> {
        let issued = signed(alert, secrets);
        let standing = standing(&issued.envelope, root, now)?;
        if let Some(text) = correction {
            let correction = signed(&takes_back(alert, text), secrets);
            self.keep(&format!("{}.{CORRECTION}", stem(&alert.identifier)), &correction.envelope)?;
        }
        self.keep(&alert.identifier, &issued.envelope)?;
        Ok((issued, standing))
    }

    /// Adds a person's signature to the alert in `file`, and to its correction if that is here.
    pub fn sign(
        &self,
        file: &Path,
        root: &Root,
        secret: &SecretKey,
        now: DateTime<Utc>,
    ) -> Result<(Issued, Standing), AlarmFault> {
        let mut issued = read(file)?;
        secret.sign_too(&mut issued.envelope);
        let standing = standing(&issued.envelope, root, now)?;
        let beside = file.with_extension(format!("{CORRECTION}.json"));
        if let Ok(mut correction) = read(&beside) {
            secret.sign_too(&mut correction.envelope);
            write(&beside, &correction.envelope)?;
        }
        write(file, &issued.envelope)?;
        Ok((issued, standing))
    }

    /// Finds an alert by its name or the beginning of it.
    pub fn find(&self, reference: &str) -> Result<Issued, AlarmFault> {
        let all = self.list()?;
        let whole = all.iter().find(|issued| issued.alert.identifier == reference);
        let mut begin = all.iter().filter(|issued| issued.alert.identifier.starts_with(reference));
        match (whole, begin.next(), begin.next()) {
            (Some(found), ..) | (None, Some(found), None) => Ok(found.clone()),
            _ => Err(AlarmFault::Unknown(reference.to_owned())),
        }
    }

    /// Reads the correction that was signed with an alert; none if there is none, or not enough have signed it.
    pub fn correction(&self, alert: &AlertName, root: &Root, now: DateTime<Utc>) -> Option<Issued> {
        let issued = read(&self.path(&format!("{}.{CORRECTION}", stem(&alert.identifier)))).ok()?;
        let takes_back = issued.alert.references.contains(alert);
        let complete = matches!(standing(&issued.envelope, root, now), Ok(Standing::Complete));
        (takes_back && complete).then_some(issued)
    }

    /// Keeps a correction as issued: it went out.
    pub fn keep_correction(&self, issued: &Issued) -> Result<(), AlarmFault> {
        self.keep(&issued.alert.identifier, &issued.envelope)
    }

    /// Lists what was issued, oldest first; corrections only once they were issued themselves.
    pub fn list(&self) -> Result<Vec<Issued>, AlarmFault> {
        let listed = match fs::read_dir(&self.folder) {
            Ok(listed) => listed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(AlarmFault::Disk(self.folder.clone(), error)),
        };
        let names = listed.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let ours = |name: &String| name.strip_suffix(".json").is_some_and(|stem| !stem.ends_with(CORRECTION));
        let mut all: Vec<Issued> =
            names.filter(ours).filter_map(|name| read(&self.folder.join(name)).ok()).collect();
        all.sort_by_key(|issued| (issued.alert.sent, issued.alert.identifier.clone()));
        Ok(all)
    }

    /// Returns the place of alerts that nobody has signed yet.
    #[must_use]
    pub fn waiting(&self) -> Self {
        Self::new(self.folder.join("waiting"))
    }

    /// Returns the folder in which they are kept.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps an alert without any signature, and returns its file.
    pub fn keep_unsigned(&self, alert: &Alert) -> Result<PathBuf, AlarmFault> {
        self.keep(&alert.identifier, &signed(alert, &[]).envelope)?;
        Ok(self.path(&alert.identifier))
    }

    /// Writes an alert without any signature to `file`.
    pub fn write_unsigned(alert: &Alert, file: &Path) -> Result<(), AlarmFault> {
        write(file, &signed(alert, &[]).envelope)
    }

    /// Keeps an alert that was signed in `file` among those that were issued, so that it can be listed, updated and cancelled here,
    /// and returns where. One that had waited waits no longer.
    pub fn adopt(&self, issued: &Issued, file: &Path) -> Result<PathBuf, AlarmFault> {
        self.keep(&issued.alert.identifier, &issued.envelope)?;
        let waited = self.waiting().path(&issued.alert.identifier);
        let same =
            |other: &Path| matches!((file.canonicalize(), other.canonicalize()), (Ok(a), Ok(b)) if a == b);
        if !same(&waited) {
            return Ok(file.to_owned());
        }
        self.waiting().forget(&issued.alert.identifier)?;
        Ok(self.path(&issued.alert.identifier))
    }

    /// Removes an alert.
    pub fn forget(&self, identifier: &str) -> Result<(), AlarmFault> {
        let path = self.path(identifier);
        fs::remove_file(&path).map_err(|error| AlarmFault::Disk(path, error))
    }

    /// Returns where an alert lies.
    pub fn path(&self, identifier: &str) -> PathBuf {
        self.folder.join(format!("{}.json", stem(identifier)))
    }

    fn keep(&self, name: &str, envelope: &Envelope) -> Result<(), AlarmFault> {
        fs::create_dir_all(&self.folder).map_err(|error| AlarmFault::Disk(self.folder.clone(), error))?;
        write(&self.path(name), envelope)
    }
}

/// Returns the file name of an identifier. Other offices choose their own, with addresses and dots in them: no name leads out of
/// the folder, and none that was changed meets another.
fn stem(identifier: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '+');
    if identifier.chars().all(plain) && !identifier.starts_with('.') && identifier.len() <= LONGEST_STEM {
        return identifier.to_owned();
    }
    let kept: String = identifier.chars().filter(|c| c.is_alphanumeric()).take(40).collect();
    format!("{kept}-{}", &Digest::of(identifier.as_bytes()).to_string()[..16])
}

/// Writes the alert that takes `alert` back with the words `text`. Until when it is in force follows from the alert, so that
/// both can be signed at once.
pub fn takes_back(alert: &Alert, text: &str) -> Alert {
    Alert {
        identifier: format!("{}-0", alert.identifier),
        msg_type: AlertKind::Cancel,
        references: vec![alert.name()],
        text: text.to_owned(),
        repeat_every: None,
        ..alert.clone()
    }
}

fn signed(alert: &Alert, secrets: &[SecretKey]) -> Issued {
    let payload_type = PayloadType::Alert.name().to_owned();
    let mut envelope = Envelope { payload_type, payload: alert::write(alert), signatures: Vec::new() };
    for secret in secrets {
        secret.sign_too(&mut envelope);
    }
    Issued { alert: alert.clone(), envelope }
}

/// Asks what a station would ask. Only what another signature can mend may wait for one.
fn standing(envelope: &Envelope, root: &Root, now: DateTime<Utc>) -> Result<Standing, AlarmFault> {
    let new = |_: &AlertName, _: &Digest| None::<Before>;
    let judge =
        AlertJudge { root, before: &new, floor: DateTime::UNIX_EPOCH, now, clock: ClockState::Synchronised };
    match judge.examine(&envelope.write()) {
        Ok(_) => Ok(Standing::Complete),
        Err(AlertRefusal::Alone(_)) => Ok(Standing::WaitsForAnother),
        Err(AlertRefusal::NotOurs) if !root.people(Role::Publisher, envelope).is_empty() => {
            Ok(Standing::WaitsForAnother)
        }
        Err(refusal) => Err(refusal.into()),
    }
}

fn read(path: &Path) -> Result<Issued, AlarmFault> {
    let mut bytes = Vec::new();
    let opened =
        File::open(path).and_then(|file| file.take(LARGEST_ALERT as u64 + 1).read_to_end(&mut bytes));
    opened.map_err(|error| AlarmFault::Disk(path.to_owned(), error))?;
    let envelope = Envelope::read(&bytes).filter(|read| read.payload_type == PayloadType::Alert.name());
    let read =
        envelope.and_then(|envelope| Some(Issued { alert: alert::read(&envelope.payload)?, envelope }));
    read.ok_or_else(|| AlarmFault::NoAlert(path.to_owned()))
}

fn write(path: &Path, envelope: &Envelope) -> Result<(), AlarmFault> {
    replace(path, &envelope.write()).map_err(|error| AlarmFault::Disk(path.to_owned(), error))
}
