//! What sites tell besides their records: receipts, and how they are.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;

use super::answer::No;
use super::body;
use super::office::{Asker, Office};
use crate::model::{StationId, ZoneId};
use crate::station::clock;
use crate::wire::{Health, MOST_FACTS, MOST_STATIONS, Receipts};

/// Longest reason that a receipt may give, in bytes.
const LONGEST_REASON: usize = 4096;

/// `POST /v1/receipts`
pub(super) async fn receipts(
    State(office): State<Arc<Office>>,
    Asker(site): Asker,
    body: Body,
) -> Result<StatusCode, No> {
    let receipts: Receipts = body::json(body).await?;
    let fine = receipts.receipts.len() <= MOST_FACTS
        && receipts.receipts.iter().all(|receipt| receipt.reason.len() <= LONGEST_REASON);
    if !fine {
        return Err(No::malformed());
    }
    office.store.keep_receipts(&site.name, &receipts.receipts, clock::wall()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /v1/health`
pub(super) async fn health(
    State(office): State<Arc<Office>>,
    Asker(site): Asker,
    body: Body,
) -> Result<StatusCode, No> {
    let health: Health = body::json(body).await?;
    let running = running(&health).ok_or_else(No::malformed)?;
    office.store.keep_health(&site.name, &health, clock::wall()).await?;
    // A village that has put a horn into another zone is offered what is for that zone.
    if !running.is_empty() && running != site.stations {
        office.store.keep_stations(&site.name, &running).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Reads which stations a daemon runs, by id; `None` if they are too many or no stations.
fn running(health: &Health) -> Option<Vec<(StationId, Vec<ZoneId>)>> {
    if health.stations.len() > MOST_STATIONS {
        return None;
    }
    let station = |told: &crate::wire::StationHealth| {
        let zones = told.zones.iter().map(|zone| ZoneId::new(zone).ok()).collect::<Option<_>>()?;
        Some((StationId::new(&told.id).ok()?, zones))
    };
    let mut running = health.stations.iter().map(station).collect::<Option<Vec<_>>>()?;
    running.sort();
    running.dedup_by(|one, other| one.0 == other.0);
    Some(running)
}
