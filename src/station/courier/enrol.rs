//! Enrolment: a code that was read out over the telephone makes a station and its county sure of each other.

use std::fs;
use std::io;
use std::path::Path;

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;

use super::link::{Ask, JSON, Link};
use super::office::{self, folder_below, make_folder};
use super::{Address, Fault, Office};
use crate::model::{Digest, Station, Words};
use crate::station::bundles::{Store, TakeFault};
use crate::station::disk::replace_secret;
use crate::trust::{Root, RootFault};
use crate::wire::{
    Code, ENROL, EnrolRequest, Enrolled, LARGEST_JSON, Nonce, client_proof, county_proof, token,
};

/// The file of the courier's folder with the question that was asked last.
const ASKED: &str = "asked.json";

/// Times that the question is asked while the line breaks. If the county had heard it and only its answer was lost, it gives
/// the same one again.
const TIMES: usize = 3;

/// Says why a station was not enrolled. Nothing has changed here then.
#[derive(Debug, thiserror::Error)]
pub enum EnrolFault {
    /// The county could not be spoken with, or refused.
    #[error("{0}")]
    Spoken(#[from] Fault),
    /// Whoever answered does not know the code.
    #[error("whoever answered does not know the code: this is not your county's server")]
    Unproven,
    /// The county's roots do not hold.
    #[error("its root was not taken: {0}")]
    Root(#[from] TakeFault),
    /// This station trusts another county.
    #[error("this station trusts another county ({0}) already")]
    OtherCounty(String),
    /// No random numbers, or the result cannot be kept.
    #[error("cannot be kept: {0}")]
    Here(#[from] io::Error),
}

impl EnrolFault {
    /// Says it to people.
    pub fn words(&self) -> Words {
        let zh = match self {
            Self::Spoken(fault) => fault.words().zh,
            Self::Unproven => "对方不知道这个代码：它不是你们县的服务器，请核对网址".to_owned(),
            Self::Root(fault) => format!("县里的根文件没有收下：{}", fault.words().zh),
            Self::OtherCounty(county) => format!("这个站点已经听另一个县的（{county}）"),
            Self::Here(error) => format!("存不下：{error}"),
        };
        Words::new(zh, self.to_string())
    }
}

/// Enrols the station whose state folder is `state` at the county at `address`. Returns what was kept, and the root.
pub async fn enrol(
    state: &Path,
    store: &Store,
    address: &Address,
    code: &Code,
    stations: &[Station],
    now: DateTime<Utc>,
) -> Result<(Office, Root), EnrolFault> {
    let asked = folder_below(state).join(ASKED);
    let request = request(&asked, code, stations)?;
    make_folder(state)?;
    replace_secret(&asked, &serde_json::to_vec(&request).map_err(io::Error::from)?)?;
    let answer = ask(address, &request).await?;
    if county_proof(code, &request.nonce, &answer) != answer.proof {
        return Err(EnrolFault::Unproven);
    }
    let root = trust(store, &answer.roots, stations, now)?;
    let office = Office {
        address: address.to_string(),
        site: answer.site.clone(),
        certificate: answer.certificate.clone(),
        token: token(code, &request.nonce, &answer.nonce),
        since: now,
    };
    office.write(state)?;
    // Left lying, it is of no use to anybody.
    let _ = fs::remove_file(asked);
    Ok((office, root))
}

/// Makes the question, or takes the one that was asked with this code before and was not answered: `asked` is where it is kept. The
/// county knows that one, and answers it once more.
fn request(asked: &Path, code: &Code, stations: &[Station]) -> Result<EnrolRequest, EnrolFault> {
    let version = env!("CARGO_PKG_VERSION");
    let stations: Vec<String> = stations.iter().map(line).collect();
    let same = |before: &EnrolRequest| {
        before.stations == stations && before.version == version && before.proof == client_proof(code, before)
    };
    // One that cannot be read is asked anew.
    if let Some(before) = office::read(asked).unwrap_or_default().filter(same) {
        return Ok(before);
    }
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).map_err(io::Error::from)?;
    let mut request = EnrolRequest {
        code: code.name().to_owned(),
        nonce: Nonce(HEXLOWER.encode(&nonce)),
        stations,
        version: version.to_owned(),
        proof: String::new(),
    };
    request.proof = client_proof(code, &request);
    Ok(request)
}

/// Writes a station and its zones in one line: ids may hold blanks, but no tabs.
fn line(station: &Station) -> String {
    let zones = station.zones.iter().map(|zone| format!("\t{zone}"));
    format!("{}{}", station.id, zones.collect::<String>())
}

async fn ask(address: &Address, request: &EnrolRequest) -> Result<Enrolled, Fault> {
    let json = serde_json::to_vec(request).map_err(|error| Fault::Disk(error.into()))?;
    let ask = Ask::post(ENROL, json);
    let mut link = Link::to_anybody(address)?;
    let mut last = Fault::Silent;
    for _ in 0..TIMES {
        let answered = match link.ask(&ask).await {
            Ok(answer) => answer.bytes(JSON, LARGEST_JSON).await,
            Err(fault) => Err(fault),
        };
        match answered {
            Ok(bytes) => {
                return serde_json::from_slice(&bytes)
                    .map_err(|error| Fault::Astray(format!("not what was asked for: {error}")));
            }
            Err(fault @ (Fault::Cut(_) | Fault::Silent)) => last = fault,
            Err(fault) => return Err(fault),
        }
    }
    Err(last)
}

/// Takes the county's roots, which the proof vouches for, one version after the other. Those that are held are passed over.
fn trust(
    store: &Store,
    roots: &[String],
    stations: &[Station],
    now: DateTime<Utc>,
) -> Result<Root, EnrolFault> {
    let first = roots.first().ok_or(TakeFault::Root(RootFault::NoRoot))?;
    let digits = Digest::of(&Root::first(first.as_bytes()).map_err(TakeFault::from)?.payload()).to_string();
    let mut held = store.root()?;
    if let Some(held) = &held
        && !roots.iter().any(|root| Root::first(root.as_bytes()).is_ok_and(|root| root == *held))
    {
        return Err(EnrolFault::OtherCounty(held.county.clone()));
    }
    for root in roots {
        let version = Root::first(root.as_bytes()).map_err(TakeFault::from)?.version;
        if held.as_ref().is_none_or(|held| held.version < version) {
            store.take(root.as_bytes(), stations, Some(&digits), now)?;
            held = store.root()?;
        }
    }
    held.ok_or(EnrolFault::Root(TakeFault::NoRoot))
}
