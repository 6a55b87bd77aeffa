//! Bodies of requests: read whole, but no further than they may go, and not for longer than they may take.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::answer::No;
use crate::wire::LARGEST_JSON;

/// How long a small body may take: a megabyte over a village's slowest link.
const PATIENCE: Duration = Duration::from_mins(2);

/// Most bytes of a refused body that are let come, and how long they may take.
const SWALLOWED: usize = 64 * 1024 * 1024;
const SWALLOWING: Duration = Duration::from_secs(10);

/// Reads a body of JSON.
pub(super) async fn json<T: DeserializeOwned>(body: Body) -> Result<T, No> {
    let bytes = small(body, LARGEST_JSON).await?;
    serde_json::from_slice(&bytes).map_err(|_| No::malformed())
}

/// Reads a body of at most `most` bytes.
pub(super) async fn small(body: Body, most: usize) -> Result<Bytes, No> {
    let mut stream = body.into_data_stream();
    let read = timeout(PATIENCE, to_the_end(&mut stream, most)).await.map_err(|_| No::too_slow())?;
    if matches!(&read, Err(no) if *no == No::too_big()) {
        swallow(&mut stream).await;
    }
    read
}

async fn to_the_end(stream: &mut BodyDataStream, most: usize) -> Result<Bytes, No> {
    let mut read = BytesMut::new();
    while let Some(bytes) = stream.next().await.transpose().map_err(|_| No::malformed())? {
        if bytes.len() > most - read.len() {
            return Err(No::too_big());
        }
        read.extend_from_slice(&bytes);
    }
    Ok(read.freeze())
}

/// Lets the rest of a refused body come, within bounds: who still sends when we hang up never reads why.
pub(super) async fn swallow(stream: &mut BodyDataStream) {
    let rest = async {
        let mut left = SWALLOWED;
        while let Some(Ok(bytes)) = stream.next().await {
            left = left.checked_sub(bytes.len())?;
        }
        Some(())
    };
    // Who sends even more, or slower, is hung up on.
    let _ = timeout(SWALLOWING, rest).await;
}
