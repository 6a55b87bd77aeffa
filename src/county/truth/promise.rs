//! What the county promised at a village: the bundles that were in force there, and the airings that they plan.
//!
//! In force is what the village itself acknowledged as active, from then on or from the bundle's own first instant, until the
//! next one that it took. What nobody acknowledged was never promised there.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::known::{Published, Village};
use crate::calendar::Almanac;
use crate::model::{
    Airing, CampaignId, Digest, Limits, Playlist, Selection, Serial, Station, StationId, ZoneId,
};
use crate::plan::plan_station;
use crate::wire::{About, Step};

/// Some time in which the same bundles were in force at a village.
#[derive(Debug, Clone, PartialEq)]
pub struct Span<'a> {
    /// First instant.
    pub from: DateTime<Utc>,
    /// First instant after it.
    pub until: DateTime<Utc>,
    /// The bundles, by campaign.
    pub bundles: Vec<&'a Published>,
}

/// An airing that the county planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The airing.
    pub airing: Airing,
    /// The campaign whose playlist it is of.
    pub campaign: CampaignId,
    /// The bundle that was in force.
    pub serial: Serial,
}

/// When a village took a bundle, and from when on it counted there.
struct Begin<'a> {
    taken: DateTime<Utc>,
    counts: DateTime<Utc>,
    bundle: &'a Published,
}

/// Cuts `[from, until)` where what is in force at the village changes.
pub fn in_force<'a>(
    village: &Village,
    published: &'a [Published],
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Vec<Span<'a>> {
    let mut campaigns: BTreeMap<&CampaignId, Vec<Begin<'a>>> = BTreeMap::new();
    for begin in begins(village, published) {
        campaigns.entry(&begin.bundle.bundle.campaign).or_default().push(begin);
    }
    for taken in campaigns.values_mut() {
        taken.sort_by_key(|begin| (begin.taken, begin.bundle.bundle.serial));
    }
    let inside = |at: &DateTime<Utc>| from < *at && *at < until;
    let changes = campaigns.values().flatten().map(|begin| begin.counts).filter(inside);
    let mut edges: Vec<DateTime<Utc>> = changes.chain([from, until]).collect();
    edges.sort_unstable();
    edges.dedup();
    let at = |instant: DateTime<Utc>| {
        let newest = |taken: &Vec<Begin<'a>>| {
            taken.iter().rev().find(|begin| begin.counts <= instant).map(|begin| begin.bundle)
        };
        campaigns.values().filter_map(newest).collect()
    };
    edges.windows(2).map(|two| Span { from: two[0], until: two[1], bundles: at(two[0]) }).collect()
}

/// Lists what the village says that it put in force.
fn begins<'a>(village: &Village, published: &'a [Published]) -> Vec<Begin<'a>> {
    let by_payload: BTreeMap<Digest, &Published> =
        published.iter().map(|bundle| (bundle.payload, bundle)).collect();
    let mut begins: Vec<Begin<'a>> = Vec::new();
    let begin = |bundle: &'a Published, taken: DateTime<Utc>| Begin {
        taken,
        counts: taken.max(bundle.bundle.not_before),
        bundle,
    };
    for step in village.steps.iter().filter(|step| step.receipt.step == Step::Active) {
        let About::Bundle { payload, .. } = &step.receipt.about else { continue };
        let Some(bundle) = by_payload.get(payload) else { continue };
        begins.push(begin(bundle, believed(step.receipt.clock_trusted, step.receipt.at, step.received)));
    }
    let health = village.state.iter().flat_map(|state| {
        let at = believed(state.health.clock_trusted, state.health.at, state.received);
        state.health.campaigns.iter().map(move |held| (held, at))
    });
    // What came by a stick may be in force without a receipt; from when on, only the report can tell.
    for (held, at) in health {
        let named = |bundle: &&Published| {
            bundle.bundle.campaign == held.campaign && bundle.bundle.serial == held.serial
        };
        let Some(bundle) = published.iter().find(named) else { continue };
        if !begins.iter().any(|begin| begin.bundle.payload == bundle.payload) {
            begins.push(begin(bundle, at));
        }
    }
    begins
}

/// A clock that the station itself does not believe says nothing about when; and no word is older than what it tells.
fn believed(trusted: bool, at: DateTime<Utc>, received: DateTime<Utc>) -> DateTime<Utc> {
    if trusted { at.min(received) } else { received }
}

/// Plans what the county promised in `spans` at one station, as the station itself does it.
pub fn planned(station: &(StationId, Vec<ZoneId>), spans: &[Span<'_>], zone: Tz) -> Vec<Planned> {
    let output = Selection { kind: "null".to_owned(), options: BTreeMap::new() };
    let (id, zones) = station.clone();
    let station = Station {
        id,
        zones,
        group: None,
        output,
        amplifier: None,
        volume: 0,
        limits: Limits::default(),
        monitor: None,
    };
    spans.iter().flat_map(|span| planned_in(&station, span, zone)).collect()
}

fn planned_in(station: &Station, span: &Span<'_>, zone: Tz) -> Vec<Planned> {
    let mut years = Almanac::builtin_years();
    years.extend(span.bundles.iter().flat_map(|bundle| bundle.years.iter().cloned()));
    let almanac = Almanac::new(years, Vec::new());
    let meant = |bundle: &&&Published| bundle.bundle.target.iter().any(|target| target.includes(station));
    let bundles: Vec<&Published> = span.bundles.iter().filter(meant).copied().collect();
    let playlists: Vec<Playlist> =
        bundles.iter().flat_map(|bundle| bundle.playlists.iter().cloned()).collect();
    let mut all = Vec::new();
    let mut from = span.from;
    while from < span.until {
        let piece = plan_station(station, zone, &playlists, &almanac, from, span.until);
        // A piece ends after the instant at which it became too long.
        from = piece.until;
        all.extend(piece.airings.into_iter().filter_map(|airing| of(&bundles, airing)));
    }
    all
}

/// Finds the bundle that an airing is of.
fn of(bundles: &[&Published], airing: Airing) -> Option<Planned> {
    let holds = |bundle: &&&Published| bundle.playlists.iter().any(|playlist| playlist.id == airing.playlist);
    let bundle = &bundles.iter().find(holds)?.bundle;
    Some(Planned { campaign: bundle.campaign.clone(), serial: bundle.serial, airing })
}
