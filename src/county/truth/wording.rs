//! Where a text comes from: what the station says that it aired, beside what the county had published.

use std::path::{Component, Path};

use super::known::Published;
use super::promise::Span;
use crate::model::{CampaignId, Message, Serial};
use crate::station::journal::Entry;

/// What the county had published of a message that a record names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// The campaign.
    pub campaign: CampaignId,
    /// The bundle.
    pub serial: Serial,
    /// The text as published; none for a recording without one.
    pub text: Option<String>,
    /// Whether the record has the very same text.
    pub same: bool,
}

/// Finds what was published under the names that a record bears: in the bundle that its recording is of, or else in the one
/// that was in force when it was due. None for what is not the county's.
pub fn wording(entry: &Entry, published: &[Published], spans: &[Span<'_>]) -> Option<Wording> {
    let of_recording = entry.audio.as_deref().and_then(recording).and_then(|(campaign, serial)| {
        let named =
            |one: &&Published| one.bundle.campaign.as_str() == campaign && one.bundle.serial == serial;
        published.iter().find(named)
    });
    let due = entry.due.to_utc();
    let then = spans.iter().filter(|span| span.from <= due && due < span.until);
    let in_force = then.flat_map(|span| span.bundles.iter().copied());
    of_recording.into_iter().chain(in_force).find_map(|bundle| {
        let message = message(bundle, entry)?;
        Some(Wording {
            campaign: bundle.bundle.campaign.clone(),
            serial: bundle.bundle.serial,
            text: message.text.clone(),
            same: message.text == entry.text,
        })
    })
}

/// Reads `@春运/7/helmet.mp3`: the campaign and the number of its bundle.
fn recording(audio: &str) -> Option<(&str, Serial)> {
    let mut parts = Path::new(audio).components().filter_map(|part| match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    let campaign = parts.next()?.strip_prefix('@')?;
    Some((campaign, Serial(parts.next()?.parse().ok()?)))
}

fn message<'a>(bundle: &'a Published, entry: &Entry) -> Option<&'a Message> {
    let playlist = bundle.playlists.iter().find(|playlist| playlist.id.as_str() == entry.playlist)?;
    playlist.message(&entry.message).map(AsRef::as_ref)
}
