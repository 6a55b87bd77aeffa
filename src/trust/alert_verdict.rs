//! The only judge of signed alerts: bytes, keys, what came before and the clock go in, a verdict comes out.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::alert::{self, Header, LARGEST_ALERT};
use super::envelope::{Envelope, PayloadType};
use super::root::{Role, Root};
use crate::model::{Alert, AlertName, Digest, Priority, Station, Words};

/// Two clocks that are both right may differ by this much: an office PC, and a box that asks for the time now and then.
const TOLERANCE: TimeDelta = TimeDelta::minutes(10);

/// How far a wall clock may be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// It is kept in step with others.
    Synchronised,
    /// It goes on from where it was last seen. It may be behind, by as long as the box was off.
    Plausible,
    /// It is surely wrong.
    Untrusted,
}

/// What is known of an alert before it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// One of this name came before: the SHA-256 of its signed bytes.
    Came(Digest),
    /// It did not come, but another one that did ends it.
    Ended,
}

/// What a station goes by when an alert comes.
pub struct AlertJudge<'a> {
    /// Who may sign.
    pub root: &'a Root,
    /// Finds what is known of an alert, by its name or by the SHA-256 of its signed bytes.
    ///
    /// Whoever answers must remember everything whose `expires` is after `floor`: so an alert that comes again is either
    /// remembered or surely expired, whatever the clock says.
    pub before: &'a dyn Fn(&AlertName, &Digest) -> Option<Before>,
    /// A time that is surely not in the future, by what was signed and not by any clock.
    pub floor: DateTime<Utc>,
    /// The wall clock.
    pub now: DateTime<Utc>,
    /// How far it may be relied on.
    pub clock: ClockState,
}

/// Why an alert was refused, in the order in which it is asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AlertRefusal {
    /// More bytes than any alert has.
    #[error("too big: {0} bytes")]
    TooBig(usize),
    /// No envelope, or nobody has signed it.
    #[error("not signed")]
    NotSigned,
    /// Too few of the publishers of this county have signed exactly these bytes.
    #[error("not signed by enough publishers of this county")]
    NotOurs,
    /// The very same one came before. It has had its effect, and has no other.
    #[error("it came before")]
    Replayed,
    /// Another one of this name came before: somebody holds the office's key, or the office gave a name twice.
    #[error("another alert of this name came before")]
    Forked,
    /// It is taken back already, by one that came before it.
    #[error("it is taken back already")]
    Ended,
    /// Its time is over.
    #[error("expired at {0}")]
    Expired(DateTime<Utc>),
    /// It would be in force for longer than one of its priority may.
    #[error("in force for too long: until {0}")]
    TooLong(DateTime<Utc>),
    /// It says that it was sent after the present.
    #[error("sent in the future, at {0}")]
    NotYet(DateTime<Utc>),
    /// Signed, but not an alert as it must be.
    #[error("malformed")]
    Malformed,
    /// An emergency for so many stations takes two people.
    #[error("an emergency for more than {0} stations must be signed by two people")]
    Alone(u32),
    /// It is for others.
    #[error("not for this station")]
    NotForUs,
}

impl AlertJudge<'_> {
    /// Judges the bytes of an envelope for a machine with `stations`. An alert that is returned is new, and may sound.
    pub fn judge(&self, bytes: &[u8], stations: &[Station]) -> Result<Alert, AlertRefusal> {
        let alert = self.examine(bytes)?;
        let ours = |station: &Station| alert.target.iter().any(|target| target.includes(station));
        if stations.iter().any(ours) { Ok(alert) } else { Err(AlertRefusal::NotForUs) }
    }

    /// Judges all but whom it is for: the county's question.
    pub fn examine(&self, bytes: &[u8]) -> Result<Alert, AlertRefusal> {
        if bytes.len() > LARGEST_ALERT {
            return Err(AlertRefusal::TooBig(bytes.len()));
        }
        let envelope = Envelope::read(bytes)
            .filter(|envelope| !envelope.signatures.is_empty())
            .ok_or(AlertRefusal::NotSigned)?;
        if !self.root.accepts(Role::Publisher, &envelope) {
            return Err(AlertRefusal::NotOurs);
        }
        if envelope.payload_type != PayloadType::Alert.name() {
            return Err(AlertRefusal::Malformed);
        }
        let header: Header =
            serde_json::from_slice(&envelope.payload).map_err(|_| AlertRefusal::Malformed)?;
        self.is_new(&header, Digest::of(&envelope.payload))?;
        self.is_timely(&header)?;
        let alert = alert::read(&envelope.payload).ok_or(AlertRefusal::Malformed)?;
        takes_two(self.root, &alert, &envelope)?;
        Ok(alert)
    }

    fn is_new(&self, header: &Header, payload: Digest) -> Result<(), AlertRefusal> {
        match (self.before)(&header.name(), &payload) {
            Some(Before::Came(before)) if before == payload => Err(AlertRefusal::Replayed),
            Some(Before::Came(_)) => Err(AlertRefusal::Forked),
            Some(Before::Ended) => Err(AlertRefusal::Ended),
            None => Ok(()),
        }
    }

    /// Holds the alert's times to the clock, as far as that is worth it.
    ///
    /// A clock that is wrong neither lets an old alert in (`floor` and `before` do not ask it) nor keeps an emergency out.
    fn is_timely(&self, header: &Header) -> Result<(), AlertRefusal> {
        let (sent, emergency) = (header.sent.to_utc(), header.priority == Priority::Emergency);
        let surely = if self.clock == ClockState::Untrusted { self.floor } else { self.now.max(self.floor) };
        if header.expires <= surely {
            return Err(AlertRefusal::Expired(header.expires));
        }
        if header.expires.signed_duration_since(sent) > header.longest() {
            return Err(AlertRefusal::TooLong(header.expires));
        }
        // A box that was off believes the time at which it went off: not reason enough to keep silent.
        let asks = match self.clock {
            ClockState::Synchronised => true,
            ClockState::Plausible => !emergency,
            ClockState::Untrusted => false,
        };
        if asks && sent.signed_duration_since(self.now) > TOLERANCE {
            return Err(AlertRefusal::NotYet(sent));
        }
        Ok(())
    }
}

/// One person, or one key that was stolen, must not make a whole county run. The rule stands in the root, which neither
/// a publisher nor a server can change.
fn takes_two(root: &Root, alert: &Alert, envelope: &Envelope) -> Result<(), AlertRefusal> {
    let alone = root.emergency_alone();
    let few = alert::reach(&alert.target).is_some_and(|stations| stations <= alone as usize);
    if alert.priority != Priority::Emergency || few || root.people(Role::Publisher, envelope).len() >= 2 {
        Ok(())
    } else {
        Err(AlertRefusal::Alone(alone))
    }
}

impl AlertRefusal {
    /// Returns the word that stands in records and receipts.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TooBig(_) => "too_big",
            Self::NotSigned => "not_signed",
            Self::NotOurs => "not_ours",
            Self::Replayed => "replayed",
            Self::Forked => "forked",
            Self::Ended => "ended",
            Self::Expired(_) => "expired",
            Self::TooLong(_) => "too_long",
            Self::NotYet(_) => "not_yet",
            Self::Malformed => "malformed",
            Self::Alone(_) => "alone",
            Self::NotForUs => "not_for_us",
        }
    }

    /// Says it to people.
    pub fn words(&self) -> Words {
        let time = |at: &DateTime<Utc>| at.format("%Y-%m-%d %H:%M").to_string();
        let zh = match self {
            Self::TooBig(bytes) => format!("太大了（{bytes} 字节），不会是警报"),
            Self::NotSigned => "没有签名，或者不是警报".to_owned(),
            Self::NotOurs => "不是本县签发的，或者签名的人不够，或者内容被改过".to_owned(),
            Self::Replayed => "这条警报已经收过了".to_owned(),
            Self::Forked => "同一个编号已经收过，内容却不同；请告诉县里查明原因".to_owned(),
            Self::Ended => "这条警报已经被取消或者更新了".to_owned(),
            Self::Expired(at) => format!("已经过期（{} UTC）", time(at)),
            Self::TooLong(at) => {
                format!("有效期太长（到 {} UTC）：应急最多 24 小时，其他最多 31 天", time(at))
            }
            Self::NotYet(at) => format!("发出时间 {} UTC 还没到；请核对县里和这里的时钟", time(at)),
            Self::Malformed => "签名是对的，内容却读不懂；可能要升级程序".to_owned(),
            Self::Alone(stations) => format!("超过 {stations} 个站点（或者整个区域）的应急要两个人签名"),
            Self::NotForUs => "不是发给这里的站点的".to_owned(),
        };
        Words::new(zh, self.to_string())
    }
}
