//! As-run batches: acknowledged once they are committed, and not before.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;

use super::answer::No;
use super::body;
use super::office::{Asker, Office};
use crate::county::ingest;
use crate::station::clock;
use crate::wire::{Acknowledged, Batch};

/// `POST /v1/as-run`
pub(super) async fn post(
    State(office): State<Arc<Office>>,
    Asker(site): Asker,
    body: Body,
) -> Result<Json<Acknowledged>, No> {
    let batch: Batch = body::json(body).await?;
    let taken = ingest::take(&office.store, &site.name, &batch, clock::wall()).await;
    if let Err(fault @ (ingest::IngestFault::Fork(_) | ingest::IngestFault::Broken)) = &taken {
        // Somebody changed a log, or a program has a mistake: the office has to hear of it.
        tracing::error!(site = site.name, epoch = %batch.epoch, %fault, "an as-run batch was refused");
    }
    Ok(Json(taken?))
}
