//! The poll: everything that is newest for the asker, at once when there is something new, else when the time is over.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::header::{ETAG, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::time::sleep;

use super::answer::No;
use super::offered::tag;
use super::office::{Office, bearer};
use crate::station::clock;
use crate::wire::{LONGEST_WAIT, Token};

/// What a poll asks: all that it keeps of its request. The headers lie in the buffer of their connection, and ten thousand
/// of those must not be kept while their polls wait.
pub(super) struct Poll {
    token: Option<Token>,
    known: Vec<String>,
    wait: Duration,
}

impl<S: Sync> FromRequestParts<S> for Poll {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let headers = &parts.headers;
        Ok(Self { token: bearer(headers), known: known(headers), wait: wait(headers) })
    }
}

/// `GET /v1/offers`
pub(super) async fn get(State(office): State<Arc<Office>>, poll: Poll) -> Result<Response, No> {
    let (mut offered, mut closing) = (office.offered.clone(), office.closing.clone());
    let over = sleep(poll.wait);
    tokio::pin!(over);
    loop {
        // Whoever was revoked while waiting gets nothing any more.
        // What asks the database is boxed: a poll that waits has no room for it.
        let site = Box::pin(office.asker(poll.token.as_ref())).await?;
        let now = Arc::clone(&offered.borrow_and_update());
        let mut offers = now.of(&site, clock::wall());
        let tag = tag(&offers);
        if !poll.known.contains(&tag) {
            let (newest, acknowledged) = Box::pin(office.heads.of_site(&site)).await?;
            if now.as_of < newest {
                // What another node has told already must not be followed by what is older.
                if Box::pin(office.has_caught_up(newest)).await {
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

fn known(headers: &HeaderMap) -> Vec<String> {
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    known
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/").to_owned())
        .collect()
}
