//! The poll: everything that is newest for the asker, at once when there is something new, else when the time is over.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header::{ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::time::sleep;

use super::answer::No;
use super::offered::tag;
use super::office::Office;
use crate::station::clock;
use crate::wire::LONGEST_WAIT;

/// `GET /v1/offers`
pub(super) async fn get(State(office): State<Arc<Office>>, headers: HeaderMap) -> Result<Response, No> {
    let (mut offered, mut closing) = (office.offered.clone(), office.closing.clone());
    let over = sleep(wait(&headers));
    tokio::pin!(over);
    loop {
        // Whoever was revoked while waiting gets nothing any more.
        let site = office.asker(&headers).await?;
        let now = Arc::clone(&offered.borrow_and_update());
        let mut offers = now.of(&site, clock::wall());
        let tag = tag(&offers);
        if !seen(&headers, &tag) {
            let (newest, acknowledged) = office.store.acknowledged_as_of(&site.name).await?;
            if now.as_of < newest {
                // What another node has told already must not be followed by what is older.
                if office.has_caught_up(newest).await {
                    continue;
                }
                return Err(No::busy());
            }
            offers.acknowledged = acknowledged;
            return Ok(([(ETAG, tag)], Json(offers)).into_response());
        }
        // While it waits, a poll holds on to nothing that is large.
        drop((site, now, offers));
        let woken = tokio::select! {
            changed = offered.changed() => changed.is_ok(),
            () = &mut over => false,
            _ = closing.wait_for(|closing| *closing) => false,
        };
        if !woken {
            return Ok((StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response());
        }
    }
}

fn wait(headers: &HeaderMap) -> Duration {
    let asked = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let seconds = asked
        .flat_map(|value| value.split([',', ';']))
        .find_map(|part| part.trim().strip_prefix("wait=")?.trim().parse::<u64>().ok());
    Duration::from_secs(seconds.unwrap_or_default().min(LONGEST_WAIT))
}

fn seen(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    known.flat_map(|value| value.split(',')).any(|known| known.trim().trim_start_matches("W/") == tag)
}
