//! Bundles: published to the server as one file, handed to stations envelope by envelope.

use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::time::timeout;

use super::answer::No;
use super::body::swallow;
use super::office::{Asker, Office};
use super::spool::{addressed, disk, payload, refused, signers, unpack};
use crate::model::{Bundle, CampaignId, Digest};
use crate::station::clock;
use crate::trust::manifest::{self, MOST_BYTES};
use crate::trust::{Envelope, Judge, LARGEST_ENVELOPE, Root, Verdict};

/// How long the next bytes of a bundle may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// `GET /v1/bundles/PAYLOAD`
pub(super) async fn get(
    State(office): State<Arc<Office>>,
    _: Asker,
    Path(payload): Path<String>,
) -> Result<Response, No> {
    let payload: Digest = payload.parse().map_err(|_| No::not_found())?;
    let known = office.now_offered().envelope(&payload);
    let envelope = match known {
        Some(envelope) => envelope,
        None => office.store.envelope(&payload).await?.map(Bytes::from).ok_or_else(No::not_found)?,
    };
    Ok(([(CONTENT_TYPE, "application/json")], envelope).into_response())
}

/// `POST /v1/bundles`
pub(super) async fn post(State(office): State<Arc<Office>>, body: Body) -> Result<StatusCode, No> {
    let mut incoming = Incoming { body: body.into_data_stream(), rest: Bytes::new() };
    let taken = taken(&office, &mut incoming).await;
    if taken.is_err() {
        swallow(&mut incoming.body).await;
    }
    taken
}

async fn taken(office: &Office, incoming: &mut Incoming) -> Result<StatusCode, No> {
    let _turn = office.uploads.try_acquire().map_err(|_| No::busy())?;
    let roots = office.store.roots().await?;
    let newest = roots.last().ok_or_else(No::no_root)?;
    let root = Root::first(newest).map_err(|_| No::no_root())?;
    let line = incoming.line().await?;
    // Judged before anything is spooled: who has no key fills no disk.
    let judged = judged(office, &root, &line).await?;
    let Some((bundle, envelope)) = judged else { return Ok(StatusCode::NO_CONTENT) };
    let spooled = incoming.spool(&line, bundle.bytes().min(MOST_BYTES)).await?;
    let unpacked = unpack(spooled, bundle.clone(), newest.clone(), office.program.clone()).await?;
    unpacked.keep(&office.store).await?;
    let (now, who) = (clock::wall(), signers(&root, &envelope));
    if office.store.keep_bundle(&bundle, &payload(&envelope), &line, &who, now).await? {
        tracing::info!(campaign = %bundle.campaign, serial = %bundle.serial, who, "published");
        office.caught_up().await?;
        return Ok(StatusCode::CREATED);
    }
    // Somebody was faster: with the same one, or with another.
    self::judged(office, &root, &line).await.map(|_| StatusCode::NO_CONTENT)
}

/// Judges an envelope as the stations will that it is for; none if it is here already.
async fn judged(office: &Office, root: &Root, line: &[u8]) -> Result<Option<(Bundle, Envelope)>, No> {
    let envelope = Envelope::read(line);
    let bundle = envelope.as_ref().and_then(|envelope| manifest::read(&envelope.payload));
    let campaign = bundle.as_ref().map(|bundle| bundle.campaign.clone());
    let held = match &campaign {
        Some(campaign) => office.store.held(campaign).await?,
        None => None,
    };
    let stations = addressed(bundle.as_ref().map_or(&[], |bundle| &bundle.target));
    let held = |_: &CampaignId| held.clone();
    let judge = Judge { root, stations: &stations, held: &held, now: clock::wall() };
    match judge.judge(line).map_err(|refusal| refused(&refusal))? {
        Verdict::Held(_) => Ok(None),
        Verdict::New(bundle) => Ok(envelope.map(|envelope| (bundle, envelope))),
    }
}

/// A body as it comes in.
struct Incoming {
    body: axum::body::BodyDataStream,
    rest: Bytes,
}

impl Incoming {
    async fn next(&mut self) -> Result<Option<Bytes>, No> {
        if !self.rest.is_empty() {
            return Ok(Some(std::mem::take(&mut self.rest)));
        }
        let next = timeout(PATIENCE, self.body.next()).await.map_err(|_| No::too_slow())?;
        next.transpose().map_err(|_| No::malformed())
    }

    /// Reads the first line, with its end; what comes after it waits.
    async fn line(&mut self) -> Result<Vec<u8>, No> {
        let mut line = Vec::new();
        while let Some(mut bytes) = self.next().await? {
            let end = bytes.iter().position(|byte| *byte == b'\n').map(|place| place + 1);
            let mine = bytes.split_to(end.unwrap_or(bytes.len()));
            line.extend_from_slice(&mine);
            if line.len() > LARGEST_ENVELOPE {
                return Err(No::too_big());
            }
            if end.is_some() {
                self.rest = bytes;
                break;
            }
        }
        Ok(line)
    }

    /// Writes the whole bundle into a file without a name: the line, and what follows it, at most `most` bytes.
    async fn spool(&mut self, line: &[u8], most: u64) -> Result<File, No> {
        let mut file = tempfile::tempfile().map_err(|error| disk(&error))?;
        file.write_all(line).map_err(|error| disk(&error))?;
        let mut left = most;
        while let Some(bytes) = self.next().await? {
            // What is longer than it says is refused here, and not after it has filled the disk.
            left = left.checked_sub(bytes.len() as u64).ok_or_else(No::too_big)?;
            file.write_all(&bytes).map_err(|error| disk(&error))?;
        }
        Ok(file)
    }
}
