//! Enrolment: whoever proves that they know a code gets a name, the roots, and a token that never travels.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use data_encoding::HEXLOWER;

use super::answer::No;
use super::body;
use super::connection::Peer;
use super::office::Office;
use crate::county::store::{Applicant, StoredCode};
use crate::model::{StationId, Words, ZoneId};
use crate::station::clock;
use crate::wire::{self, EnrolRequest, Enrolled, MOST_STATIONS, Nonce, client_proof, county_proof};

/// Proofs that may be tried for one code.
const TRIES: i64 = 5;

/// Digits of a nonce.
const NONCE: usize = 32;

/// Longest name of a version.
const LONGEST_VERSION: usize = 64;

/// `POST /v1/enrol`
pub(super) async fn post(
    State(office): State<Arc<Office>>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Enrolled>, No> {
    office.limits.enrolment(source(&office, peer, &headers))?;
    let request: EnrolRequest = body::json(body).await?;
    let stations = checked(&request).ok_or_else(No::malformed)?;
    let roots = office.now_offered().roots.clone();
    if roots.is_empty() {
        return Err(No::no_root());
    }
    // Who asks the same once more, to the last digit, did not get the answer.
    if let Some(answer) = office.store.answered(&request.code, &request.proof, clock::wall()).await? {
        return Ok(Json(answer));
    }
    let code = proved(&office, &request).await?;
    let mut random = [0; NONCE / 2];
    getrandom::fill(&mut random).map_err(|_| No::busy())?;
    let nonce = Nonce(HEXLOWER.encode(&random));
    let text = |root: &bytes::Bytes| String::from_utf8_lossy(root).into_owned();
    let mut answer = Enrolled {
        site: code.site.clone(),
        nonce,
        roots: roots.iter().map(text).collect(),
        certificate: office.known_by.borrow().clone(),
        proof: String::new(),
    };
    answer.proof = county_proof(&code.code, &request.nonce, &answer);
    let applicant = Applicant {
        code: &code,
        proof: &request.proof,
        // Texts, which JSON can always hold.
        answer: &serde_json::to_string(&answer).unwrap_or_default(),
        version: &request.version,
        token: wire::token(&code.code, &request.nonce, &answer.nonce).digest(),
        stations: &stations,
        now: clock::wall(),
    };
    if !office.store.enrol(&applicant).await? {
        return Err(unknown());
    }
    tracing::info!(site = code.site, stations = stations.len(), "enrolled");
    Ok(Json(answer))
}

/// Finds the code, if the request proves that it is known. Every try is counted before it is looked at, so that many at the
/// same time are no more tries than one after the other.
async fn proved(office: &Office, request: &EnrolRequest) -> Result<StoredCode, No> {
    let code = office.store.code(&request.code).await?.filter(|code| code.expires > clock::wall());
    let code = code.ok_or_else(unknown)?;
    if !office.store.count_try(&request.code, TRIES).await? {
        let words = Words::new(
            "这个登记码试错太多次，已经作废：请县里另发一个",
            "this code was tried too often and is void: ask the county for another",
        );
        return Err(No::new(StatusCode::FORBIDDEN, "locked", words));
    }
    if same(&client_proof(&code.code, request), &request.proof) {
        return Ok(code);
    }
    tracing::warn!(site = code.site, tries = code.tries + 1, "a wrong proof for an enrolment code");
    let words = Words::new("登记码不对", "the code is wrong");
    Err(No::new(StatusCode::FORBIDDEN, "wrong_proof", words))
}

fn unknown() -> No {
    let words = Words::new(
        "没有这个登记码，或者已经用过、过期了：请县里另发一个",
        "there is no such code, or it was used, or is over: ask the county for another",
    );
    No::new(StatusCode::FORBIDDEN, "unknown_code", words)
}

/// Reads the stations of a request; `None` if anything in it is not as it must be.
fn checked(request: &EnrolRequest) -> Option<Vec<(StationId, Vec<ZoneId>)>> {
    let nonce = &request.nonce.0;
    let is_nonce = nonce.len() == NONCE && HEXLOWER.decode(nonce.as_bytes()).is_ok();
    let fits = (1..=MOST_STATIONS).contains(&request.stations.len())
        && request.version.len() <= LONGEST_VERSION
        && is_nonce;
    let station = |line: &String| {
        let mut words = line.split('\t');
        let id = StationId::new(words.next()?).ok()?;
        Some((id, words.map(|zone| ZoneId::new(zone).ok()).collect::<Option<_>>()?))
    };
    let stations = request.stations.iter().map(station).collect::<Option<Vec<_>>>();
    stations.filter(|_| fits)
}

/// Compares without telling by the time where two texts part.
fn same(one: &str, other: &str) -> bool {
    let differences = one.bytes().zip(other.bytes()).fold(0, |found, (one, other)| found | (one ^ other));
    one.len() == other.len() && differences == 0
}

/// Who asks: the other end, or whom a proxy of ours names last.
fn source(office: &Office, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let named = headers.get_all("x-forwarded-for").iter().next_back();
    let last = named.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    last.filter(|_| office.behind_proxy).unwrap_or(peer)
}
