//! Roots: the office's own, brought when the server begins; later ones, which signatures alone let in.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use super::ServerFault;
use super::answer::No;
use super::body;
use super::office::{Asker, Office};
use crate::county::store::Store;
use crate::station::clock;
use crate::trust::{LARGEST_ENVELOPE, Root, RootFault};

/// Who brings the roots that lie beside the server.
const OPERATOR: &str = "operator";

/// Brings the database the office's roots that it lacks. What the operator has on the disk is trusted as a station trusts
/// the root that is brought to it by hand; each after it must follow the one before.
pub(super) async fn bring(store: &Store, roots: &[Vec<u8>]) -> Result<(), ServerFault> {
    let mut held = store.roots().await?;
    let mut last: Option<Root> = None;
    for bytes in roots {
        let root = match &last {
            None => Root::first(bytes)?,
            Some(last) => last.next(bytes)?,
        };
        let place = usize::try_from(root.version.saturating_sub(1)).unwrap_or(usize::MAX);
        match held.get(place).map(|held| Root::first(held)) {
            Some(Ok(held)) if held == root => {}
            Some(_) => return Err(ServerFault::OtherRoot(root.version)),
            None if place == held.len() => {
                store.keep_root(root.version, bytes, OPERATOR, clock::wall()).await?;
                held.push(bytes.clone());
            }
            None => return Err(RootFault::NotNext { held: held.len() as u64, found: root.version }.into()),
        }
        last = Some(root);
    }
    Ok(())
}

/// `GET /v1/roots/VERSION`
pub(super) async fn get(
    State(office): State<Arc<Office>>,
    _: Asker,
    Path(version): Path<String>,
) -> Result<Response, No> {
    let version: usize = version.parse().map_err(|_| No::not_found())?;
    let offered = office.now_offered();
    let root = version.checked_sub(1).and_then(|place| offered.roots.get(place)).ok_or_else(No::not_found)?;
    Ok(([(CONTENT_TYPE, "application/json")], root.clone()).into_response())
}

/// `POST /v1/roots`
pub(super) async fn post(State(office): State<Arc<Office>>, body: Body) -> Result<StatusCode, No> {
    let bytes = body::small(body, LARGEST_ENVELOPE).await?;
    let roots = office.store.roots().await?;
    let newest = roots.last().ok_or_else(No::no_root)?;
    if newest[..] == bytes[..] {
        return Ok(StatusCode::NO_CONTENT);
    }
    let held = Root::first(newest).map_err(|fault| refused(&fault))?;
    let root = held.next(&bytes).map_err(|fault| refused(&fault))?;
    office.store.keep_root(root.version, &bytes, "signed", clock::wall()).await?;
    office.caught_up().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn refused(fault: &RootFault) -> No {
    let (status, word) = match fault {
        RootFault::NoRoot => (StatusCode::BAD_REQUEST, "no_root_file"),
        RootFault::NotSigned => (StatusCode::FORBIDDEN, "not_signed"),
        RootFault::NotOurs => (StatusCode::FORBIDDEN, "not_ours"),
        RootFault::NotNext { .. } => (StatusCode::CONFLICT, "not_next"),
        RootFault::Unsound => (StatusCode::UNPROCESSABLE_ENTITY, "unsound"),
    };
    No::new(status, word, fault.words())
}
