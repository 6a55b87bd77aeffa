//! The store of campaigns: bundles come in verified and whole, or not at all.
//!
//! ```text
//! county/root.json                     who may sign
//! county/.incoming/                    a bundle while it comes in
//! county/campaigns/春运/7/bundle.json   a bundle that came in whole, with its files beside
//! county/campaigns/春运/active.json     which of them is in force, and which was before
//! ```
//!
//! A bundle is written beside, brought to the disk, and moved into place; only then does `active.json` change, in one step.
//! A power cut at any point leaves the old one or the new one in force.

use std::fs::{self, File, TryLockError};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::slot::{self, Campaign, ENVELOPE};
use super::{TakeFault, file};
use crate::clip::recording;
use crate::model::{Bundle, BundleFile, BundlePath, CampaignId, Digest, Serial, Station};
use crate::station::disk::{replace, sync};
use crate::trust::{Envelope, Held, Judge, PayloadType, Root, Verdict};

/// The store's folder, in the state folder.
const FOLDER: &str = "county";

const ROOT: &str = "root.json";
const CAMPAIGNS: &str = "campaigns";
const INCOMING: &str = ".incoming";
const ACTIVE: &str = "active.json";

/// Largest small file that is read back, in bytes.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Holds the campaigns of one state folder.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    program: PathBuf,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// A root is in force that was not before.
    Root(Root),
    /// A bundle is in force that was not before.
    Bundle(Bundle),
    /// It was there already.
    Held(Bundle),
}

/// Which bundle of a campaign is in force.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Active {
    pub(super) serial: Serial,
    payload: Digest,
    previous: Option<Serial>,
}

/// Returns the folder of the campaigns in the folder `state`: playlists and recordings lie below it.
pub fn campaigns_below(state: &Path) -> PathBuf {
    state.join(FOLDER).join(CAMPAIGNS)
}

impl Store {
    /// Uses `county/` in the folder `state`. `program` is our own executable, which decodes recordings in a child.
    pub fn open(state: &Path, program: PathBuf) -> Self {
        Self { folder: state.join(FOLDER), program }
    }

    pub(super) fn root_path(&self) -> PathBuf {
        self.folder.join(ROOT)
    }

    fn campaigns_folder(&self) -> PathBuf {
        self.folder.join(CAMPAIGNS)
    }

    /// Reads who may sign; none if no county was ever trusted here.
    pub fn root(&self) -> Result<Option<Root>, TakeFault> {
        match small(&self.folder.join(ROOT))? {
            Some(bytes) => Ok(Some(Root::first(&bytes)?)),
            None => Ok(None),
        }
    }

    /// Takes a bundle or a root from a stream. `trusted` are the digits that name the first root; `now` is as
    /// [`Judge::now`] wants it. Blocks while recordings are decoded.
    pub fn take(
        &self,
        from: impl Read,
        stations: &[Station],
        trusted: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Taken, TakeFault> {
        fs::create_dir_all(&self.folder).map_err(TakeFault::Write)?;
        let _lock = self.lock()?;
        let mut from = BufReader::new(from);
        let bytes = file::envelope(&mut from).map_err(TakeFault::Read)?;
        let is_root = |envelope: Envelope| envelope.payload_type == PayloadType::Root.name();
        if Envelope::read(&bytes).is_some_and(is_root) {
            return self.take_root(&bytes, trusted);
        }
        match self.judge(&bytes, stations, now)? {
            Verdict::Held(bundle) if self.is_whole(&bundle) => Ok(Taken::Held(bundle)),
            // The one that is held comes in again where a worn card has damaged it.
            Verdict::Held(bundle) | Verdict::New(bundle) => {
                let received = self.receive(&mut from, &bytes, &bundle);
                if received.is_err() {
                    // Its room is needed; what cannot be deleted now is deleted next time.
                    let _ = removed(&self.folder.join(INCOMING));
                }
                received.and_then(|()| self.put_in_force(&bundle, &bytes))?;
                Ok(Taken::Bundle(bundle))
            }
        }
    }

    /// Judges an envelope, before anything is fetched for it; `now` is as [`Judge::now`] wants it.
    pub fn judge(
        &self,
        envelope: &[u8],
        stations: &[Station],
        now: DateTime<Utc>,
    ) -> Result<Verdict, TakeFault> {
        let root = self.root()?.ok_or(TakeFault::NoRoot)?;
        let held = |campaign: &CampaignId| self.held(campaign);
        let judge = Judge { root: &root, stations, held: &held, now: now.max(self.signed_last()) };
        Ok(judge.judge(envelope)?)
    }

    /// Lists where a file may lie that bundles held here have too. A card may have damaged it since.
    pub fn holding(&self, file: &BundleFile) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for id in self.campaigns() {
            for serial in self.serials(&id) {
                let slot = self.slot(&id, serial);
                let Some((bundle, _)) = slot::manifest_at(&slot) else { continue };
                let same = |listed: &&BundleFile| listed.sha256 == file.sha256 && listed.bytes == file.bytes;
                found.extend(bundle.files.iter().filter(same).map(|listed| slot.join(listed.path.as_str())));
            }
        }
        found
    }

    /// Reads every byte of a bundle that is held, and tells whether all is as it was signed.
    fn is_whole(&self, bundle: &Bundle) -> bool {
        let slot = self.slot(&bundle.campaign, bundle.serial);
        let same = |listed: &BundleFile| {
            let opened = File::open(slot.join(listed.path.as_str()));
            opened.is_ok_and(|mut opened| file::copy(&mut opened, listed, &mut io::sink()).is_ok())
        };
        slot::manifest_at(&slot).is_some_and(|(held, _)| held == *bundle) && bundle.files.iter().all(same)
    }

    /// Reads the campaigns that are in force at `now`. One that is damaged gives way to the bundle before it; what is not
    /// verified never airs.
    pub fn in_force(&self, now: DateTime<Utc>) -> Vec<Campaign> {
        let campaigns = self.campaigns();
        campaigns.iter().filter_map(|campaign| self.campaign(campaign, now)).collect()
    }

    /// Finds the first instant after `now` at which a bundle that is here comes in force.
    pub fn next_change(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let begins = |id: &CampaignId| {
            let (bundle, _) = slot::manifest_at(&self.slot(id, self.active(id)?.serial))?;
            (bundle.not_before > now).then_some(bundle.not_before)
        };
        self.campaigns().iter().filter_map(begins).min()
    }

    fn campaign(&self, id: &CampaignId, now: DateTime<Utc>) -> Option<Campaign> {
        let active = self.active(id)?;
        [Some(active.serial), active.previous].into_iter().flatten().find_map(|serial| {
            let slot = self.slot(id, serial);
            let (bundle, payload) = slot::manifest_at(&slot)?;
            if (serial == active.serial && payload != active.payload) || bundle.not_before > now {
                return None;
            }
            slot::read(&slot, bundle)
                .inspect_err(|(path, words)| {
                    tracing::error!(campaign = %id, %serial, %path, "{words}: damaged on this disk, not aired");
                })
                .ok()
        })
    }

    fn take_root(&self, bytes: &[u8], trusted: Option<&str>) -> Result<Taken, TakeFault> {
        let root = if let Some(held) = self.root()? {
            held.next(bytes)?
        } else {
            let root = Root::first(bytes)?;
            let found = Digest::of(&root.payload()).to_string();
            let given: String = trusted.unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect();
            if given.to_lowercase() != found {
                return Err(TakeFault::OtherRoot(found));
            }
            root
        };
        replace(&self.folder.join(ROOT), bytes).map_err(TakeFault::Write)?;
        Ok(Taken::Root(root))
    }

    /// Writes a bundle beside, verified file by file and found fit to air.
    fn receive(&self, from: &mut impl Read, envelope: &[u8], bundle: &Bundle) -> Result<(), TakeFault> {
        let incoming = self.folder.join(INCOMING);
        cleared(&incoming).map_err(TakeFault::Write)?;
        for listed in &bundle.files {
            let path = incoming.join(listed.path.as_str());
            let folder = path.parent().unwrap_or(&incoming);
            fs::create_dir_all(folder).map_err(TakeFault::Write)?;
            let mut written = File::create(&path).map_err(TakeFault::Write)?;
            file::copy(from, listed, &mut written)?;
            written.sync_all().and_then(|()| sync(folder)).map_err(TakeFault::Write)?;
        }
        file::end(from)?;
        is_fit(&self.program, &incoming, bundle, &mut |_| ())?;
        replace(&incoming.join(ENVELOPE), envelope).map_err(TakeFault::Write)
    }

    fn put_in_force(&self, bundle: &Bundle, envelope: &[u8]) -> Result<(), TakeFault> {
        let folder = self.campaigns_folder().join(bundle.campaign.as_str());
        let payload = Envelope::read(envelope).map(|envelope| Digest::of(&envelope.payload));
        let before = self.active(&bundle.campaign);
        let again = |active: &Active| active.serial == bundle.serial;
        let previous =
            before.and_then(|active| if again(&active) { active.previous } else { Some(active.serial) });
        let active = payload.map(|payload| Active { serial: bundle.serial, payload, previous });
        let store = || {
            fs::create_dir_all(&folder)?;
            let slot = self.slot(&bundle.campaign, bundle.serial);
            // Left there by a power cut just after the move.
            removed(&slot)?;
            fs::rename(self.folder.join(INCOMING), slot)?;
            sync(&folder)?;
            sync(&self.campaigns_folder())?;
            sync(&self.folder)?;
            replace(&folder.join(ACTIVE), &serde_json::to_vec(&active)?)
        };
        store().map_err(TakeFault::Write)?;
        self.forget(&bundle.campaign, &[Some(bundle.serial), previous]);
        Ok(())
    }

    /// Deletes bundles that are neither in force nor the one before. What cannot be deleted now is deleted next time.
    fn forget(&self, id: &CampaignId, kept: &[Option<Serial>]) {
        for serial in self.serials(id).into_iter().filter(|serial| !kept.contains(&Some(*serial))) {
            if let Err(error) = removed(&self.slot(id, serial)) {
                tracing::warn!(campaign = %id, %serial, %error, "an old bundle could not be deleted");
            }
        }
    }

    /// Finds what is held of a campaign. Where `active.json` is damaged, the newest bundle that is there counts, so that
    /// nothing older comes in again.
    pub fn held(&self, id: &CampaignId) -> Option<Held> {
        self.active(id).map(|active| Held { serial: active.serial, payload: active.payload })
    }

    pub(super) fn active(&self, id: &CampaignId) -> Option<Active> {
        let path = self.campaigns_folder().join(id.as_str()).join(ACTIVE);
        let bytes = small(&path).ok().flatten();
        let read = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        read.or_else(|| {
            let whole = |serial: &Serial| slot::manifest_at(&self.slot(id, *serial));
            let serials = self.serials(id);
            let (bundle, payload) = serials.iter().rev().find_map(whole)?;
            Some(Active { serial: bundle.serial, payload, previous: None })
        })
    }

    /// The latest time at which anything held was signed: the real time is surely later.
    fn signed_last(&self) -> DateTime<Utc> {
        let issued = |id: &CampaignId| {
            let active = self.active(id)?;
            Some(slot::manifest_at(&self.slot(id, active.serial))?.0.issued)
        };
        self.campaigns().iter().filter_map(issued).max().unwrap_or(DateTime::UNIX_EPOCH)
    }

    pub(super) fn campaigns(&self) -> Vec<CampaignId> {
        let mut ids: Vec<CampaignId> =
            names(&self.campaigns_folder()).filter_map(|name| CampaignId::new(&name).ok()).collect();
        ids.sort_unstable();
        ids
    }

    fn serials(&self, id: &CampaignId) -> Vec<Serial> {
        let folder = self.campaigns_folder().join(id.as_str());
        let mut serials: Vec<Serial> =
            names(&folder).filter_map(|name| name.parse().ok().map(Serial)).collect();
        serials.sort_unstable();
        serials
    }

    pub(super) fn slot(&self, id: &CampaignId, serial: Serial) -> PathBuf {
        self.campaigns_folder().join(id.as_str()).join(serial.to_string())
    }

    fn lock(&self) -> Result<File, TakeFault> {
        let lock = File::create(self.folder.join(".lock")).map_err(TakeFault::Write)?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(TryLockError::WouldBlock) => Err(TakeFault::Busy),
            Err(TryLockError::Error(error)) => Err(TakeFault::Write(error)),
        }
    }
}

/// Finds out that every file of `bundle`, which lie in `folder`, is the one that is listed and can be aired: texts are read,
/// recordings and clips decoded in a child of `program`. `begun` is told of each of these before it.
pub fn is_fit(
    program: &Path,
    folder: &Path,
    bundle: &Bundle,
    begun: &mut dyn FnMut(&BundlePath),
) -> Result<(), TakeFault> {
    slot::read(folder, bundle.clone()).map_err(|(path, what)| TakeFault::Unfit { path, what })?;
    for file in bundle.files.iter().filter(|file| file.path.part().sounds()) {
        begun(&file.path);
        recording::measure(program, folder, Path::new(file.path.as_str()))
            .map_err(|fault| TakeFault::Unfit { path: file.path.clone(), what: fault.words() })?;
    }
    Ok(())
}

/// Reads a small file; none if there is no such file.
fn small(path: &Path) -> Result<Option<Vec<u8>>, TakeFault> {
    let mut bytes = Vec::new();
    match File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes)) {
        Ok(_) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(TakeFault::Read(error)),
    }
}

fn names(folder: &Path) -> impl Iterator<Item = String> {
    let listed = fs::read_dir(folder).into_iter().flatten();
    listed.filter_map(|entry| entry.ok()?.file_name().into_string().ok())
}

/// Makes an empty folder in the place of whatever is there.
fn cleared(folder: &Path) -> io::Result<()> {
    removed(folder)?;
    fs::create_dir_all(folder)
}

fn removed(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
