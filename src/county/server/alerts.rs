//! Alerts: what two people or one have signed goes out at once, to everybody who waits.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};

use super::answer::No;
use super::body;
use super::office::Office;
use super::spool::signers;
use crate::county::store::StoredAlert;
use crate::model::{Alert, AlertKind, AlertName, Digest, Priority};
use crate::station::clock;
use crate::trust::alert::reach;
use crate::trust::{AlertJudge, AlertRefusal, Before, ClockState, Envelope, LARGEST_ALERT, Role, Root};

/// Within it, the emergencies of one person are counted together.
const WINDOW: TimeDelta = TimeDelta::hours(1);

/// How often something else may come while an alert is judged.
const TRIES: u32 = 20;

/// `POST /v1/alerts`
pub(super) async fn post(State(office): State<Arc<Office>>, body: Body) -> Result<StatusCode, No> {
    let bytes = body::small(body, LARGEST_ALERT).await?;
    let roots = office.store.roots().await?;
    let newest = roots.last().ok_or_else(No::no_root)?;
    let root = Root::first(newest).map_err(|_| No::no_root())?;
    let envelope = Envelope::read(&bytes).ok_or_else(|| refused(&AlertRefusal::NotSigned))?;
    // One by one here, so that only another node can be faster.
    let _one_by_one = office.alerts.lock().await;
    for _ in 0..TRIES {
        match keep(&office, &root, &envelope, &bytes).await? {
            Kept::Before => return Ok(StatusCode::NO_CONTENT),
            Kept::Now => {
                office.caught_up().await?;
                return Ok(StatusCode::CREATED);
            }
            // What is here has to be counted again.
            Kept::Overtaken => {}
        }
    }
    Err(No::busy())
}

/// What became of an alert.
enum Kept {
    /// It was here.
    Before,
    /// It is now.
    Now,
    /// Something else came while it was judged.
    Overtaken,
}

/// Judges an alert by what is here, and keeps it if that is still all that is here.
async fn keep(office: &Office, root: &Root, envelope: &Envelope, bytes: &[u8]) -> Result<Kept, No> {
    let (payload, now) = (Digest::of(&envelope.payload), clock::wall());
    // Before all that is read.
    let as_of = office.store.changes().await?.offers;
    let named = serde_json::from_slice::<Alert>(&envelope.payload).ok().map(|alert| alert.name());
    let before = match &named {
        Some(name) => office.store.alert_named(name).await?.map(Before::Came),
        None => None,
    };
    if before == Some(Before::Came(payload)) {
        return Ok(Kept::Before);
    }
    let here = office.store.alerts(now).await?;
    let ended = named.is_some_and(|name| here.iter().any(|other| ends(other, &name)));
    let before = before.or(ended.then_some(Before::Ended));
    let alert = judged(root, before, bytes, now)?;
    let recent = office.store.alerts_since(now - WINDOW).await?;
    alone(root, &alert, envelope, (&recent, &here)).map_err(|refusal| refused(&refusal))?;
    let who = signers(root, envelope);
    if !office.store.keep_alert(&alert, (&payload, bytes), &who, (as_of, now)).await? {
        return Ok(Kept::Overtaken);
    }
    tracing::warn!(identifier = alert.identifier, event = alert.event, who, "an alert goes out");
    Ok(Kept::Now)
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

/// Holds what one person has signed alone within the window against the limit for one alert: many small emergencies are not
/// one person's way to a whole county. A station cannot count so, it sees only its own.
fn alone(
    root: &Root,
    alert: &Alert,
    envelope: &Envelope,
    (recent, here): (&[StoredAlert], &[StoredAlert]),
) -> Result<(), AlertRefusal> {
    let here: Vec<Alert> = here.iter().filter_map(|other| Some(opened(other)?.1)).collect();
    let counts = |alert: &Alert| alert.priority == Priority::Emergency && !only_takes_back(alert, &here);
    let people = root.people(Role::Publisher, envelope);
    if people.len() >= 2 || !counts(alert) {
        return Ok(());
    }
    let mut target = alert.target.clone();
    for (envelope, other) in recent.iter().filter_map(opened) {
        if counts(&other) && root.people(Role::Publisher, &envelope) == people {
            target.extend(other.target);
        }
    }
    let limit = root.emergency_alone();
    let few = reach(&target).is_some_and(|stations| stations <= limit as usize);
    if few { Ok(()) } else { Err(AlertRefusal::Alone(limit)) }
}

/// Tells whether an alert says no more than that others are over, and to nobody but those who had them: that must never wait.
fn only_takes_back(alert: &Alert, here: &[Alert]) -> bool {
    let named = || here.iter().filter(|other| alert.references.contains(&other.name()));
    let had = |target| named().any(|other| other.target.contains(target));
    alert.msg_type == AlertKind::Cancel && alert.target.iter().all(had)
}

fn opened(stored: &StoredAlert) -> Option<(Envelope, Alert)> {
    let envelope = Envelope::read(stored.envelope.as_bytes())?;
    let alert = serde_json::from_slice(&envelope.payload).ok()?;
    Some((envelope, alert))
}

/// Tells whether an alert that is here takes `name` back, or takes its place.
fn ends(other: &StoredAlert, name: &AlertName) -> bool {
    opened(other).is_some_and(|(_, alert)| alert.references.contains(name))
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
