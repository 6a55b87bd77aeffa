//! Brings out of the store what the truth is judged from: villages, what was published, and what their logs tell.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::store::{Store, StoreFault, StoredAlert};
use super::truth::{Arrived, Chain, Issued, Log, Published, Reported, Taken, Told, Village, Walk, told};
use crate::config::{LARGEST, Source};
use crate::model::{Bundle, BundleFile, BundlePart, Digest, StationId, Words, ZoneId};
use crate::station::bundles::read_by;
use crate::station::journal::JournalError;
use crate::trust::{self, Envelope, Role, Root, manifest};

/// Records of a log that are walked at a time.
const PIECE: u32 = 1000;

/// Says why the truth could not be found.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveFault {
    /// The store.
    #[error("{0}")]
    Store(#[from] StoreFault),
    /// A record that no station of ours can have written.
    #[error("a record of {0} cannot be read: {1}")]
    Record(String, JournalError),
}

/// Lists every village, by name.
pub async fn villages(store: &Store) -> Result<Vec<Village>, ArchiveFault> {
    let mut villages: BTreeMap<String, Village> = BTreeMap::new();
    for site in store.sites().await? {
        let village = Village {
            site: site.name.clone(),
            revoked: site.revoked.is_some(),
            stations: site.stations,
            steps: Vec::new(),
            state: None,
            logs: Vec::new(),
        };
        villages.insert(site.name, village);
    }
    for (site, receipt, received) in store.bundle_receipts().await? {
        if let Some(village) = villages.get_mut(&site) {
            village.steps.push(Taken { receipt, received });
        }
    }
    for log in store.all_logs().await? {
        if let Some(village) = villages.get_mut(&log.site) {
            let (epoch, through, last, received) = (log.epoch, log.through, log.last, log.received);
            village.logs.push(Log { epoch, through, last, received });
        }
    }
    for stored in store.healths().await? {
        if let Some(village) = villages.get_mut(&stored.site) {
            let state = Reported { health: stored.health, received: stored.received };
            village.stations = stations(&state, std::mem::take(&mut village.stations));
            village.state = Some(state);
        }
    }
    Ok(villages.into_values().collect())
}

/// What a village says of its stations now goes before what it said when it enrolled.
fn stations(state: &Reported, enrolled: Vec<(StationId, Vec<ZoneId>)>) -> Vec<(StationId, Vec<ZoneId>)> {
    let said = state.health.stations.iter().filter_map(|station| {
        let zones = station.zones.iter().filter_map(|zone| ZoneId::new(zone).ok()).collect();
        Some((StationId::new(&station.id).ok()?, zones))
    });
    let said: Vec<_> = said.collect();
    if said.is_empty() { enrolled } else { said }
}

/// Reads everything that was ever published, as stations read it. What cannot be read, no station could.
pub async fn published(store: &Store) -> Result<Vec<Published>, ArchiveFault> {
    let roots = roots(store).await?;
    let mut all = Vec::new();
    for bytes in store.envelopes().await? {
        let Some(envelope) = Envelope::read(&bytes) else { continue };
        let Some(bundle) = manifest::read(&envelope.payload) else { continue };
        let texts = texts(store, &bundle).await?;
        let find = |file: &BundleFile| {
            let missing = || Words::new("文件不在", "the file is not here");
            let text = texts.get(&file.sha256).cloned().ok_or_else(missing)?;
            Ok(Source { path: file.path.as_str().into(), text })
        };
        let Ok(campaign) = read_by(bundle, &find) else { continue };
        all.push(Published {
            bundle: campaign.bundle,
            payload: Digest::of(&envelope.payload),
            playlists: campaign.playlists,
            years: campaign.years,
            signers: signers(&roots, &envelope),
        });
    }
    Ok(all)
}

/// Reads every alert that was ever issued, oldest first.
pub async fn issued(store: &Store) -> Result<Vec<Issued>, ArchiveFault> {
    let roots = roots(store).await?;
    let stored = store.alerts_since(DateTime::UNIX_EPOCH).await?;
    let read = |stored: StoredAlert| {
        let envelope = Envelope::read(stored.envelope.as_bytes())?;
        let alert = trust::alert::read(&envelope.payload)?;
        Some(Issued { alert, payload: stored.payload, signers: signers(&roots, &envelope) })
    };
    Ok(stored.into_iter().filter_map(read).collect())
}

/// Says who signed, by the newest root that takes it.
fn signers(roots: &[Root], envelope: &Envelope) -> Vec<String> {
    let accepts = |root: &&Root| root.accepts(Role::Publisher, envelope);
    let people = roots.iter().rev().find(accepts).map(|root| root.people(Role::Publisher, envelope));
    people.into_iter().flatten().map(str::to_owned).collect()
}

/// Reads every root that counted; the last one tells the county's name.
pub async fn roots(store: &Store) -> Result<Vec<Root>, StoreFault> {
    Ok(store.roots().await?.iter().filter_map(|bytes| Root::first(bytes).ok()).collect())
}

/// Reads the texts of a bundle: recordings may be long, and say nothing.
async fn texts(store: &Store, bundle: &Bundle) -> Result<HashMap<Digest, String>, StoreFault> {
    let mut texts = HashMap::new();
    let is_text = |part| matches!(part, BundlePart::Playlist | BundlePart::Holidays | BundlePart::Lexicon);
    for file in bundle.files.iter().filter(|file| is_text(file.path.part()) && file.bytes <= LARGEST as u64) {
        let (mut bytes, mut place) = (Vec::new(), 0);
        while let Some(piece) = store.piece(&file.sha256, place).await? {
            bytes.extend(piece);
            place += 1;
        }
        if let Ok(text) = String::from_utf8(bytes) {
            texts.insert(file.sha256, text.trim_start_matches('\u{feff}').to_owned());
        }
    }
    Ok(texts)
}

/// Reads what all villages told of airings that were due in `[from, until)`, by village.
pub async fn told_of(
    store: &Store,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<BTreeMap<String, Vec<Told>>, ArchiveFault> {
    let mut sites: BTreeMap<String, Vec<Arrived>> = BTreeMap::new();
    for telling in store.tellings(from, until).await? {
        let (epoch, fact, before) = (telling.epoch, telling.fact, telling.before);
        let (received, late) = (telling.received, telling.late);
        sites.entry(telling.site).or_default().push(Arrived { epoch, fact, before, received, late });
    }
    let read = |(site, records): (String, Vec<Arrived>)| match told(&site, &records) {
        Ok(told) => Ok((site, told)),
        Err(error) => Err(ArchiveFault::Record(site, error)),
    };
    sites.into_iter().map(read).collect()
}

/// Walks every log of a village from its first record to its last.
pub async fn chains(store: &Store, village: &Village) -> Result<Vec<Chain>, ArchiveFault> {
    let mut chains = Vec::new();
    for log in &village.logs {
        let (mut walk, mut after) = (Walk::new(log.epoch), 0);
        loop {
            let piece = store.facts(&village.site, &log.epoch, after, PIECE).await?;
            let Some(last) = piece.last() else { break };
            after = last.fact.seq;
            for stored in &piece {
                walk.step(&stored.fact);
            }
        }
        chains.push(walk.end());
    }
    Ok(chains)
}
