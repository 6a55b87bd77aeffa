//! Alerts: what two people or one have signed goes out at once, to everybody who waits.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};

use super::answer::No;
use super::body;
use super::office::Office;
use super::spool::signers;
use crate::county::store::StoredAlert;
use crate::model::{Alert, AlertName, Digest};
use crate::station::clock;
use crate::trust::{AlertJudge, AlertRefusal, Before, ClockState, Envelope, LARGEST_ALERT, Root};

/// `POST /v1/alerts`
pub(super) async fn post(State(office): State<Arc<Office>>, body: Body) -> Result<StatusCode, No> {
    let bytes = body::small(body, LARGEST_ALERT).await?;
    let roots = office.store.roots().await?;
    let newest = roots.last().ok_or_else(No::no_root)?;
    let root = Root::first(newest).map_err(|_| No::no_root())?;
    let envelope = Envelope::read(&bytes).ok_or_else(|| refused(&AlertRefusal::NotSigned))?;
    let (payload, now) = (Digest::of(&envelope.payload), clock::wall());
    let named = serde_json::from_slice::<Alert>(&envelope.payload).ok().map(|alert| alert.name());
    let before = match &named {
        Some(name) => office.store.alert_named(name).await?.map(Before::Came),
        None => None,
    };
    if before == Some(Before::Came(payload)) {
        return Ok(StatusCode::NO_CONTENT);
    }
    let here = office.store.alerts(now).await?;
    let ended = named.is_some_and(|name| here.iter().any(|other| ends(other, &name)));
    let before = before.or(ended.then_some(Before::Ended));
    let alert = judged(&root, before, &bytes, now)?;
    let who = signers(&root, &envelope);
    if !office.store.keep_alert(&alert, &payload, &bytes, &who, now).await? {
        // Somebody was faster with one of this name.
        return match office.store.alert_named(&alert.name()).await? {
            Some(kept) if kept == payload => Ok(StatusCode::NO_CONTENT),
            _ => Err(refused(&AlertRefusal::Forked)),
        };
    }
    tracing::warn!(identifier = alert.identifier, event = alert.event, who, "an alert goes out");
    office.caught_up().await?;
    Ok(StatusCode::CREATED)
}

/// Judges an alert as stations will, but for whom it is for.
fn judged(root: &Root, before: Option<Before>, bytes: &[u8], now: DateTime<Utc>) -> Result<Alert, No> {
    let judge = AlertJudge {
        root,
        before: &|_: &AlertName, _: &Digest| before,
        floor: root.issued,
        now,
        // The office vouches for its own clock.
        clock: ClockState::Synchronised,
    };
    judge.examine(bytes).map_err(|refusal| refused(&refusal))
}

/// Tells whether an alert that is here takes `name` back, or takes its place.
fn ends(other: &StoredAlert, name: &AlertName) -> bool {
    let envelope = Envelope::read(other.envelope.as_bytes());
    let alert = envelope.and_then(|envelope| serde_json::from_slice::<Alert>(&envelope.payload).ok());
    alert.is_some_and(|alert| alert.references.contains(name))
}

/// Says what the judge said.
fn refused(refusal: &AlertRefusal) -> No {
    let status = match refusal {
        AlertRefusal::TooBig(_) => StatusCode::PAYLOAD_TOO_LARGE,
        AlertRefusal::NotSigned | AlertRefusal::NotOurs | AlertRefusal::Alone(_) => StatusCode::FORBIDDEN,
        AlertRefusal::Replayed | AlertRefusal::Forked | AlertRefusal::Ended => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    No::new(status, refusal.name(), refusal.words())
}
