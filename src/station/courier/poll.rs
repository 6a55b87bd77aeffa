//! The first round: asks what the county has, and lets the question lie there until there is something new.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use hyper::StatusCode;
use hyper::header;
use tokio::time::sleep;

use super::desk::{Desk, Patience};
use super::link::{Ask, Link};
use super::{Fault, Verdict};
use crate::model::Digest;
use crate::station::clock;
use crate::trust::Envelope;
use crate::wire::{About, LONGEST_WAIT, OFFERS, Offers, Step};

/// An answer of "nothing new" that comes sooner than this came without waiting.
const TOO_SOON: Duration = Duration::from_secs(5);

/// Pause after one, so that a county that cannot wait is not asked without end.
const PAUSE: Duration = Duration::from_secs(15);

/// Shortest time from one question to the next, whatever is answered.
const LEAST: Duration = Duration::from_millis(500);

/// Asks for ever.
pub(super) async fn poll(desk: &Desk) -> Result<(), Fault> {
    let mut link = Link::to(&desk.office)?;
    let mut patience = Patience::new();
    let mut newest = None;
    let mut settled = HashSet::new();
    loop {
        let asked = clock::steady();
        let result = tokio::select! {
            result = once(desk, &mut link, newest.clone(), &mut settled) => result,
            () = desk.ask_anew.notified() => {
                newest = None;
                continue;
            }
        };
        desk.polled(result.as_ref().map(drop));
        match result {
            Err(fault) => patience.after(&fault).await,
            Ok(etag) => {
                patience.restored();
                let waited = clock::steady().saturating_sub(asked);
                let nothing_new = etag.is_none() || etag == newest;
                newest = etag;
                let pause = if nothing_new && waited < TOO_SOON { PAUSE } else { LEAST };
                sleep(pause.saturating_sub(waited)).await;
            }
        }
    }
}

/// Asks once. Returns the mark of the newest answer.
async fn once(
    desk: &Desk,
    link: &mut Link,
    newest: Option<String>,
    settled: &mut HashSet<Digest>,
) -> Result<Option<String>, Fault> {
    let known = desk.cursor().clone();
    let mut ask = Ask::get(OFFERS);
    if let Some(etag) = &newest {
        ask = ask.with(header::IF_NONE_MATCH, etag.clone()).waiting(Duration::from_secs(LONGEST_WAIT));
    }
    let answer = link.ask(&ask).await?;
    if answer.status == StatusCode::NOT_MODIFIED {
        desk.heard();
        return Ok(newest);
    }
    let etag = answer.etag.clone();
    let offers: Offers = answer.json().await?;
    desk.heard();
    desk.cursor().learn(offers.acknowledged, &known);
    let taken = take_alerts(desk, &offers, settled);
    desk.offers.send_replace(Some(Arc::new(offers)));
    desk.news.notify_one();
    // Without its mark, the same answer comes once more.
    Ok(etag.filter(|_| taken))
}

/// Hands alerts on at once: they wait for no download. Returns false if one has to come again. All that are in force are
/// offered each time; those in `settled` are here, and a new one does not wait until each was judged once more.
fn take_alerts(desk: &Desk, offers: &Offers, settled: &mut HashSet<Digest>) -> bool {
    let mut taken = true;
    let before = std::mem::take(settled);
    for text in &offers.alerts {
        let Some(envelope) = Envelope::read(text.as_bytes()) else {
            tracing::warn!("an alert that is no envelope");
            continue;
        };
        let payload = Digest::of(&envelope.payload);
        if before.contains(&payload) {
            settled.insert(payload);
            continue;
        }
        let about = About::Alert(payload);
        match (desk.inputs.alerts)(text.as_bytes()) {
            Verdict::Taken => {
                settled.insert(payload);
                for step in [Step::Received, Step::Verified, Step::Active] {
                    desk.note(&about, step, "");
                }
            }
            // By a stick, or before a power cut: the county may not know.
            Verdict::Known => {
                settled.insert(payload);
                desk.note(&about, Step::Active, "");
            }
            Verdict::Refused(reason) => desk.note(&about, Step::Refused, &reason),
            Verdict::Later => taken = false,
        }
    }
    taken
}
