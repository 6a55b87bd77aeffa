//! The only judge of signed bundles: bytes, keys, what is held and the time go in, a verdict comes out.

use chrono::{DateTime, Utc};

use super::envelope::{Envelope, LARGEST_ENVELOPE, PayloadType};
use super::manifest;
use super::root::{Role, Root};
use crate::model::{Bundle, CampaignId, Digest, Serial, Station, Words};

/// What a station holds of a campaign already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its number.
    pub serial: Serial,
    /// The SHA-256 of its signed bytes.
    pub payload: Digest,
}

/// What a station goes by when a bundle comes.
pub struct Judge<'a> {
    /// Who may sign.
    pub root: &'a Root,
    /// The stations of this daemon.
    pub stations: &'a [Station],
    /// Finds what is held of a campaign, withdrawn ones included.
    pub held: &'a dyn Fn(&CampaignId) -> Option<Held>,
    /// A time that is surely not in the future: the clock while it is trusted, else the latest time at which anything held
    /// was signed. A clock that once ran ahead leaves no trace here, and so blocks nothing later.
    pub now: DateTime<Utc>,
}

/// Why a bundle was refused, in the order in which it is asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// More bytes than any manifest has.
    #[error("too big: {0} bytes")]
    TooBig(usize),
    /// No envelope, or nobody has signed it.
    #[error("not signed")]
    NotSigned,
    /// Too few of the publishers of this county have signed exactly these bytes.
    #[error("not signed by enough publishers of this county")]
    NotOurs,
    /// Something newer is held.
    #[error("older: number {found}, held is {held}")]
    Older {
        /// The number that is held.
        held: Serial,
        /// The number that came.
        found: Serial,
    },
    /// Two different bundles have one number: somebody holds the office's key, or the office its backup.
    #[error("number {0} is held already, with other contents")]
    Forked(Serial),
    /// It says that it follows another bundle than the one that is held.
    #[error("number {0} does not follow the bundle that is held")]
    DoesNotFollow(Serial),
    /// Its time is over.
    #[error("expired at {0}")]
    Expired(DateTime<Utc>),
    /// Signed, but not a manifest as it must be.
    #[error("malformed")]
    Malformed,
    /// It is for others.
    #[error("not for this station")]
    NotForUs,
}

/// What a bundle that may come in is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A newer one than is held, verified: its files may be fetched.
    New(Bundle),
    /// The very one that is held.
    Held(Bundle),
}

impl Judge<'_> {
    /// Judges the bytes of an envelope.
    pub fn judge(&self, bytes: &[u8]) -> Result<Verdict, Refusal> {
        if bytes.len() > LARGEST_ENVELOPE {
            return Err(Refusal::TooBig(bytes.len()));
        }
        let envelope = Envelope::read(bytes)
            .filter(|envelope| !envelope.signatures.is_empty())
            .ok_or(Refusal::NotSigned)?;
        if !self.root.accepts(Role::Publisher, &envelope) {
            return Err(Refusal::NotOurs);
        }
        if envelope.payload_type != PayloadType::Bundle.name() {
            return Err(Refusal::Malformed);
        }
        let header: manifest::Header =
            serde_json::from_slice(&envelope.payload).map_err(|_| Refusal::Malformed)?;
        let held = (self.held)(&header.campaign);
        if is_held(&header, held.as_ref(), Digest::of(&envelope.payload))? {
            return manifest::read(&envelope.payload).map(Verdict::Held).ok_or(Refusal::Malformed);
        }
        if header.expires <= self.now {
            return Err(Refusal::Expired(header.expires));
        }
        let bundle = manifest::read(&envelope.payload).ok_or(Refusal::Malformed)?;
        follows(&bundle, held.as_ref())?;
        if !self.is_for_us(&bundle) {
            return Err(Refusal::NotForUs);
        }
        Ok(Verdict::New(bundle))
    }

    fn is_for_us(&self, bundle: &Bundle) -> bool {
        self.stations.iter().any(|station| bundle.target.iter().any(|target| target.includes(station)))
    }
}

/// Tells whether the very bundle is held already; refuses what is older or has a number that is taken.
fn is_held(header: &manifest::Header, held: Option<&Held>, payload: Digest) -> Result<bool, Refusal> {
    match held {
        Some(held) if header.serial < held.serial => {
            Err(Refusal::Older { held: held.serial, found: header.serial })
        }
        Some(held) if header.serial == held.serial && payload != held.payload => {
            Err(Refusal::Forked(header.serial))
        }
        Some(held) => Ok(header.serial == held.serial),
        None => Ok(false),
    }
}

/// A bundle right after the one that is held must name it; one further on came after others that this station missed.
fn follows(bundle: &Bundle, held: Option<&Held>) -> Result<(), Refusal> {
    let Some(held) = held else { return Ok(()) };
    let next = bundle.serial.0 == held.serial.0.saturating_add(1);
    if next && bundle.previous != Some(held.payload) {
        return Err(Refusal::DoesNotFollow(bundle.serial));
    }
    Ok(())
}

impl Refusal {
    /// Returns the word that stands in records and receipts.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TooBig(_) => "too_big",
            Self::NotSigned => "not_signed",
            Self::NotOurs => "not_ours",
            Self::Older { .. } => "older",
            Self::Forked(_) => "forked",
            Self::DoesNotFollow(_) => "does_not_follow",
            Self::Expired(_) => "expired",
            Self::Malformed => "malformed",
            Self::NotForUs => "not_for_us",
        }
    }

    /// Says it to people.
    pub fn words(&self) -> Words {
        let zh = match self {
            Self::TooBig(bytes) => format!("太大了（{bytes} 字节），不会是节目包"),
            Self::NotSigned => "没有签名，或者不是节目包".to_owned(),
            Self::NotOurs => "不是本县签发的，或者签名的人不够，或者内容被改过".to_owned(),
            Self::Older { held, found } => format!("是旧的：它是第 {found} 号，这里已有第 {held} 号"),
            Self::Forked(serial) => format!("第 {serial} 号这里已经有了，内容却不同；请告诉县里查明原因"),
            Self::DoesNotFollow(serial) => {
                format!("第 {serial} 号不是接着这里的上一号签发的；请告诉县里查明原因")
            }
            Self::Expired(at) => format!("已经过期（{} UTC）；请县里重新签发", at.format("%Y-%m-%d %H:%M")),
            Self::Malformed => "签名是对的，内容却读不懂；可能要升级程序".to_owned(),
            Self::NotForUs => "不是发给这里的站点的".to_owned(),
        };
        Words::new(zh, self.to_string())
    }
}
