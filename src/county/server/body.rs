//! Bodies of requests: read whole, but no further than they may go, and not for longer than they may take.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::answer::No;
use crate::wire::LARGEST_JSON;

/// How long a small body may take: a megabyte over a village's slowest link.
const PATIENCE: Duration = Duration::from_mins(2);

/// Reads a body of JSON.
pub(super) async fn json<T: DeserializeOwned>(body: Body) -> Result<T, No> {
    let bytes = small(body, LARGEST_JSON).await?;
    serde_json::from_slice(&bytes).map_err(|_| No::malformed())
}

/// Reads a body of at most `most` bytes.
pub(super) async fn small(body: Body, most: usize) -> Result<Bytes, No> {
    let read = timeout(PATIENCE, to_bytes(body, most)).await.map_err(|_| No::too_slow())?;
    read.map_err(|error| {
        let mut cause = Some(&error as &dyn std::error::Error);
        while let Some(inner) = cause {
            if inner.to_string().contains("length limit") {
                return No::too_big();
            }
            cause = inner.source();
        }
        No::malformed()
    })
}
