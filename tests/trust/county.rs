//! A county of paper: keys from seeds, a root, bundles, and a station that judges them.

use chrono::{DateTime, Duration, Utc};
use dalaba::model::{
    Bundle, BundleFile, BundlePath, CampaignId, Digest, Serial, Station, StationId, Target, ZoneId,
};
use dalaba::trust::{
    Envelope, Held, Holder, Judge, PayloadType, Quorum, Refusal, Role, Root, SecretKey, Verdict, manifest,
};

/// 2026-11-23, noon in Beijing.
pub(crate) fn noon() -> DateTime<Utc> {
    "2026-11-23T04:00:00Z".parse().unwrap()
}

/// The key of one person: always the same for one number.
pub(crate) fn key(person: u8) -> SecretKey {
    SecretKey::from_seed(&[person; 32])
}

fn quorum(threshold: usize, people: &[u8]) -> Quorum {
    Quorum { threshold, keys: people.iter().map(|person| key(*person).public().id()).collect() }
}

/// A root of which two of the people 1, 2, 3 may change it and `threshold` of 4, 5, 6 publish.
pub(crate) fn root(threshold: usize) -> Root {
    let holder = |person: u8| Holder { name: format!("{person}号"), key: key(person).public() };
    Root {
        county: "某县".to_owned(),
        version: 1,
        issued: noon(),
        keys: (1..=6).map(holder).collect(),
        roles: [(Role::Root, quorum(2, &[1, 2, 3])), (Role::Publisher, quorum(threshold, &[4, 5, 6]))].into(),
        emergency_alone: None,
    }
}

/// Signs `payload` by these people.
pub(crate) fn signed(kind: PayloadType, payload: Vec<u8>, people: &[u8]) -> Envelope {
    let mut envelope = Envelope { payload_type: kind.name().to_owned(), payload, signatures: Vec::new() };
    for person in people {
        key(*person).sign_too(&mut envelope);
    }
    envelope
}

/// A bundle for every station, with one playlist.
pub(crate) fn bundle(serial: u64) -> Bundle {
    Bundle {
        campaign: CampaignId::new("春运").unwrap(),
        serial: Serial(serial),
        previous: (serial > 1).then(|| payload_of(serial - 1)),
        issued: noon() - Duration::hours(1),
        not_before: noon(),
        expires: noon() + Duration::days(30),
        target: vec![Target::All],
        files: vec![BundleFile {
            path: BundlePath::new("broadcasts/春运.toml").unwrap(),
            bytes: serial,
            sha256: Digest::of(&serial.to_be_bytes()),
        }],
    }
}

fn payload_of(serial: u64) -> Digest {
    Digest::of(&manifest::write(&bundle(serial)))
}

/// What is held after `bundle(serial)`.
pub(crate) fn held(serial: u64) -> Held {
    Held { serial: Serial(serial), payload: payload_of(serial) }
}

/// A bundle's envelope, signed by person 4.
pub(crate) fn published(bundle: &Bundle) -> Vec<u8> {
    signed(PayloadType::Bundle, manifest::write(bundle), &[4]).write()
}

pub(crate) fn station() -> Station {
    Station::bare(StationId::new("赵家庄").unwrap(), vec![ZoneId::new("河东").unwrap()])
}

/// Judges `bytes` at 赵家庄, noon, with `held`.
pub(crate) fn judged(bytes: &[u8], root: &Root, held: Option<&Held>) -> Result<Verdict, Refusal> {
    judged_at(bytes, root, held, noon())
}

pub(crate) fn judged_at(
    bytes: &[u8],
    root: &Root,
    held: Option<&Held>,
    now: DateTime<Utc>,
) -> Result<Verdict, Refusal> {
    let stations = [station()];
    Judge { root, stations: &stations, held: &|_| held.cloned(), now }.judge(bytes)
}
