//! Which request goes where.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;

use super::answer::No;
use super::office::{Office, within};
use super::{OPENAPI, alerts, as_run, bundles, enrol, files, offers, reports, roots};
use crate::wire;

/// How long a question after our health may take: load balancers do not wait for long.
const HEALTHY: Duration = Duration::from_secs(2);

/// Builds every route.
pub(super) fn all(office: Arc<Office>) -> Router {
    let one = |path: &str, name: &str| format!("{path}/{{{name}}}");
    Router::new()
        .route(wire::ENROL, post(enrol::post))
        .route(wire::OFFERS, get(offers::get))
        .route(wire::ROOTS, post(roots::post))
        .route(&one(wire::ROOTS, "version"), get(roots::get))
        .route(wire::BUNDLES, post(bundles::post))
        .route(&one(wire::BUNDLES, "payload"), get(bundles::get))
        .route(&one(wire::FILES, "sha256"), get(files::get))
        .route(wire::ALERTS, post(alerts::post))
        .route(wire::AS_RUN, post(as_run::post))
        .route(wire::RECEIPTS, post(reports::receipts))
        .route(wire::HEALTH, post(reports::health))
        .route(wire::OPENAPI, get(document))
        .route("/healthz", get(healthy))
        .method_not_allowed_fallback(async || No::not_allowed())
        .fallback(async || No::not_found())
        .with_state(office)
}

/// `GET /v1/openapi.json`
async fn document() -> Response {
    ([(CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}

/// `GET /healthz`: whether this node can do its work, for load balancers.
async fn healthy(State(office): State<Arc<Office>>) -> Result<Response, No> {
    match within(HEALTHY, office.store.answers()).await {
        Some(Ok(())) => Ok((StatusCode::OK, Json(json!({ "ok": true }))).into_response()),
        Some(Err(fault)) => Err(fault.into()),
        None => Err(No::busy()),
    }
}
