//! What is on offer now, in memory: thousands of stations wait for it, and none of them asks the database.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::county::store::{Changes, Store, StoreFault, StoredAlert, StoredBundle, StoredSite};
use crate::model::{Digest, Limits, Selection, Station, StationId, Target, ZoneId};
use crate::trust::Root;
use crate::wire::{Offer, Offers};

/// Largest envelope that is kept in memory, in bytes.
const SMALL: usize = 64 * 1024;

/// Everything that is on offer, as of some counters of the database.
#[derive(Debug, Default)]
pub(super) struct Offered {
    /// The counter of which it is.
    pub(super) as_of: i64,
    /// Every root, the first one first, as signed.
    pub(super) roots: Vec<Bytes>,
    /// The root in force.
    pub(super) root: Option<Root>,
    bundles: Vec<StoredBundle>,
    alerts: Vec<StoredAlert>,
    envelopes: HashMap<Digest, Bytes>,
}

impl Offered {
    /// Reads what is on offer; what `before` holds already is not read again.
    pub(super) async fn read(
        store: &Store,
        as_of: i64,
        before: &Self,
        now: DateTime<Utc>,
    ) -> Result<Self, StoreFault> {
        let roots: Vec<Bytes> = store.roots().await?.into_iter().map(Bytes::from).collect();
        let newest = roots.last().map(|root| Root::first(root));
        let root = newest.transpose().map_err(|_| StoreFault::Damaged("root"))?;
        let (bundles, alerts) = (store.bundles(now).await?, store.alerts(now).await?);
        let mut envelopes = HashMap::new();
        for bundle in &bundles {
            let known = before.envelopes.get(&bundle.payload).cloned();
            let envelope = match known {
                Some(envelope) => Some(envelope),
                None => store.envelope(&bundle.payload).await?.map(Bytes::from),
            };
            if let Some(envelope) = envelope.filter(|envelope| envelope.len() <= SMALL) {
                envelopes.insert(bundle.payload, envelope);
            }
        }
        Ok(Self { as_of, roots, root, bundles, alerts, envelopes })
    }

    /// Finds a bundle's envelope, if it is small enough to be kept here.
    pub(super) fn envelope(&self, payload: &Digest) -> Option<Bytes> {
        self.envelopes.get(payload).cloned()
    }

    /// Picks what is for `site` at `now`. How far its log has arrived is left open.
    pub(super) fn of(&self, site: &StoredSite, now: DateTime<Utc>) -> Offers {
        let stations: Vec<Station> = site.stations.iter().map(|(id, zones)| station(id, zones)).collect();
        let meant = |target: &[Target]| {
            stations.iter().any(|station| target.iter().any(|target| target.includes(station)))
        };
        let mut bundles: Vec<Offer> = Vec::new();
        for bundle in self.bundles.iter().filter(|bundle| bundle.expires > now && meant(&bundle.target)) {
            // Newest first, so that the first one of a campaign is the one.
            if bundles.last().is_none_or(|offer| offer.campaign != bundle.campaign) {
                let (campaign, serial, payload) = (bundle.campaign.clone(), bundle.serial, bundle.payload);
                bundles.push(Offer { campaign, serial, payload });
            }
        }
        let alerts = self.alerts.iter().filter(|alert| alert.expires > now && meant(&alert.target));
        Offers {
            root: self.root.as_ref().map_or(0, |root| root.version),
            bundles,
            alerts: alerts.map(|alert| alert.envelope.clone()).collect(),
            acknowledged: None,
        }
    }
}

/// Names an offer: two that are the same have the same name. How far a log has arrived is no news.
pub(super) fn tag(offers: &Offers) -> String {
    let mut sum = Sha256::new();
    sum.update(offers.root.to_be_bytes());
    for offer in &offers.bundles {
        sum.update(offer.payload.bytes());
    }
    for alert in &offers.alerts {
        sum.update(Digest::of(alert.as_bytes()).bytes());
    }
    format!("\"{}\"", HEXLOWER.encode(&sum.finalize()[..16]))
}

/// A station, as far as targets ask for it.
pub(super) fn station(id: &StationId, zones: &[ZoneId]) -> Station {
    let output = Selection { kind: String::new(), options: [].into() };
    Station {
        id: id.clone(),
        zones: zones.to_vec(),
        group: None,
        output,
        amplifier: None,
        volume: 0,
        limits: Limits::default(),
        monitor: None,
    }
}

/// A node's memory: what is on offer and who may come in, each as of some counter.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) changes: Changes,
    pub(super) sites: HashMap<Digest, Arc<StoredSite>>,
}
