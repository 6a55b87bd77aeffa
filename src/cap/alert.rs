//! A warning as it was sent: the elements of CAP that decide whether, where and how it is spoken.

use chrono::{DateTime, FixedOffset};

use crate::model::{AlertName, Words};

use super::Fault;

/// The three forms of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// `http://www.incident.com/cap/1.0`, 2004.
    V1_0,
    /// `urn:oasis:names:tc:emergency:cap:1.1`, 2005.
    V1_1,
    /// `urn:oasis:names:tc:emergency:cap:1.2`, 2010.
    V1_2,
}

impl Version {
    /// Every form, oldest first.
    pub const ALL: [Self; 3] = [Self::V1_0, Self::V1_1, Self::V1_2];

    /// Returns the namespace by which it is known.
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::V1_0 => "http://www.incident.com/cap/1.0",
            Self::V1_1 => "urn:oasis:names:tc:emergency:cap:1.1",
            Self::V1_2 => "urn:oasis:names:tc:emergency:cap:1.2",
        }
    }

    /// Returns its number.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1_0 => "1.0",
            Self::V1_1 => "1.1",
            Self::V1_2 => "1.2",
        }
    }
}

/// CAP's `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CapStatus {
    /// It is meant.
    Actual,
    /// A drill.
    Exercise,
    /// Between machines.
    System,
    /// A technical test.
    Test,
    /// Not finished.
    Draft,
}

/// CAP's `msgType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MsgType {
    /// New.
    Alert,
    /// Takes the place of others.
    Update,
    /// Ends others.
    Cancel,
    /// Says that another one arrived.
    Ack,
    /// Says that another one was refused.
    Error,
}

/// CAP's `scope`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// For everybody.
    Public,
    /// For those that `restriction` names.
    Restricted,
    /// For those that `addresses` names.
    Private,
}

/// One warning.
#[derive(Debug, Clone, PartialEq)]
pub struct CapAlert {
    /// Which form it has.
    pub version: Version,
    /// What it is known by.
    pub name: AlertName,
    /// Whether it is meant.
    pub status: CapStatus,
    /// What it does.
    pub msg_type: MsgType,
    /// Whom it is for.
    pub scope: Scope,
    /// The warnings that it is about.
    pub references: Vec<AlertName>,
    /// What it says, once a language or an area.
    pub infos: Vec<Info>,
    /// What departs from the standard and was let pass.
    pub remarks: Vec<Fault>,
}

/// What a warning says in one language, or of one area.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Info {
    /// Its language, as written.
    pub language: String,
    /// What happens.
    pub event: String,
    /// What people should do: words of [`super::words::RESPONSES`].
    pub responses: Vec<&'static str>,
    /// One of [`super::words::URGENCIES`].
    pub urgency: &'static str,
    /// One of [`super::words::SEVERITIES`].
    pub severity: &'static str,
    /// One of [`super::words::CERTAINTIES`].
    pub certainty: &'static str,
    /// Codes of the event in other systems.
    pub event_codes: Vec<Coded>,
    /// From when on it counts; when it was sent, if nobody said.
    pub effective: Option<DateTime<FixedOffset>>,
    /// When it is over.
    pub expires: Option<DateTime<FixedOffset>>,
    /// Who speaks.
    pub sender_name: String,
    /// In one line.
    pub headline: String,
    /// At length.
    pub description: String,
    /// What to do.
    pub instruction: String,
    /// Where.
    pub areas: Vec<Area>,
}

/// A code, and the system in which it is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coded {
    /// CAP's `valueName`.
    pub name: String,
    /// CAP's `value`.
    pub value: String,
}

/// Where a warning counts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Area {
    /// In words.
    pub description: String,
    /// Rings of points.
    pub polygons: Vec<Vec<Point>>,
    /// Circles.
    pub circles: Vec<Circle>,
    /// Codes of places.
    pub geocodes: Vec<Coded>,
}

/// A place on the earth, WGS-84, in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// North is positive; -90 to 90.
    pub latitude: f64,
    /// East is positive; -180 to 180.
    pub longitude: f64,
}

/// A circle on the earth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Circle {
    /// Its centre.
    pub centre: Point,
    /// Its radius in kilometres.
    pub radius: f64,
}

impl std::str::FromStr for Point {
    type Err = Words;

    /// Reads `LATITUDE,LONGITUDE`.
    fn from_str(text: &str) -> Result<Self, Words> {
        let degrees = |part: &str, most: f64| {
            let plain = part.bytes().all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte));
            part.parse::<f64>().ok().filter(|degrees| plain && degrees.abs() <= most)
        };
        let point = || {
            let (latitude, longitude) = text.split_once(',')?;
            Some(Self {
                latitude: degrees(latitude.trim(), 90.0)?,
                longitude: degrees(longitude.trim(), 180.0)?,
            })
        };
        point().ok_or_else(|| {
            Words::new(
                format!("{text:?} 不是“纬度,经度”，如 37.44,114.50"),
                format!("{text:?} is no LATITUDE,LONGITUDE such as 37.44,114.50"),
            )
        })
    }
}
