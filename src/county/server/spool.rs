//! A bundle on its way in: spooled beside, judged and unpacked by the very code that stations use, then kept piece by piece.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use axum::http::StatusCode;
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use super::answer::No;
use crate::county::store::{PIECE, Store};
use crate::model::{Bundle, BundleFile, Digest, Station, StationId, Target, Words};
use crate::station::bundles::{self, TakeFault, Taken};
use crate::station::clock;
use crate::station::disk::replace;
use crate::trust::{Refusal, Root};

/// A name for stations that nobody asked for by name.
const ANYBODY: &str = "某站";

/// A bundle whose files lie in a folder, as a station would have them in force.
pub(super) struct Unpacked {
    folder: TempDir,
    bundle: Bundle,
}

/// Makes stations that a bundle is for, so that it is judged as they would.
pub(super) fn addressed(target: &[Target]) -> Vec<Station> {
    let anybody = StationId::new(ANYBODY).ok();
    let one = |target: &Target| match target {
        Target::All => anybody.as_ref().map(|id| Station::bare(id.clone(), Vec::new())),
        Target::Zone(zone) => anybody.as_ref().map(|id| Station::bare(id.clone(), vec![zone.clone()])),
        Target::Station(id) => Some(Station::bare(id.clone(), Vec::new())),
    };
    target.iter().filter_map(one).collect()
}

/// Unpacks a spooled bundle and finds out that every file is the one that was signed, and can be aired.
pub(super) async fn unpack(
    mut spooled: File,
    bundle: Bundle,
    root: Vec<u8>,
    program: PathBuf,
) -> Result<Unpacked, No> {
    let work = move || {
        let folder = tempfile::tempdir().map_err(TakeFault::Write)?;
        let place = folder.path().join("county");
        std::fs::create_dir_all(&place).map_err(TakeFault::Write)?;
        replace(&place.join("root.json"), &root).map_err(TakeFault::Write)?;
        spooled.rewind().map_err(TakeFault::Read)?;
        let stations = addressed(&bundle.target);
        let store = bundles::Store::open(folder.path(), program);
        match store.take(spooled, &stations, None, clock::wall())? {
            Taken::Bundle(bundle) | Taken::Held(bundle) => Ok(Unpacked { folder, bundle }),
            Taken::Root(_) => Err(TakeFault::Refused(Refusal::Malformed)),
        }
    };
    spawn_blocking(work).await.map_err(|_| No::busy())?.map_err(|fault| unfit(&fault))
}

impl Unpacked {
    /// Keeps every file. A power cut in between leaves pieces that no bundle names, and that the next try finds again.
    pub(super) async fn keep(&self, store: &Store) -> Result<(), No> {
        let slot = bundles::campaigns_below(self.folder.path())
            .join(self.bundle.campaign.as_str())
            .join(self.bundle.serial.to_string());
        for file in &self.bundle.files {
            if store.size_of(&file.sha256).await?.is_none() {
                keep(store, &slot, file).await?;
            }
        }
        Ok(())
    }
}

async fn keep(store: &Store, slot: &Path, file: &BundleFile) -> Result<(), No> {
    let mut opened = File::open(slot.join(file.path.as_str())).map_err(|error| disk(&error))?;
    for place in 0.. {
        let (read, from) = spawn_blocking(move || piece(opened)).await.map_err(|_| No::busy())?;
        opened = from;
        let read = read.map_err(|error| disk(&error))?;
        if read.is_empty() {
            break;
        }
        store.keep_piece(&file.sha256, place, &read).await?;
    }
    Ok(store.keep_file(&file.sha256, file.bytes).await?)
}

fn piece(mut file: File) -> (io::Result<Vec<u8>>, File) {
    let mut bytes = Vec::with_capacity(PIECE);
    let read = file.by_ref().take(PIECE as u64).read_to_end(&mut bytes).map(|_| bytes);
    (read, file)
}

pub(super) fn disk(error: &io::Error) -> No {
    tracing::error!(%error, "the spool");
    No::busy()
}

/// Says why stations would not take it.
fn unfit(fault: &TakeFault) -> No {
    match fault {
        TakeFault::Refused(refusal) => refused(refusal),
        TakeFault::Read(_) | TakeFault::Write(_) | TakeFault::Busy | TakeFault::NoRoot => {
            tracing::error!(%fault, "the spool");
            No::busy()
        }
        TakeFault::Short(_) | TakeFault::Long | TakeFault::Differs(_) => {
            No::new(StatusCode::UNPROCESSABLE_ENTITY, "damaged", fault.words())
        }
        _ => No::new(StatusCode::UNPROCESSABLE_ENTITY, "unfit", fault.words()),
    }
}

/// Says what the judge said.
pub(super) fn refused(refusal: &Refusal) -> No {
    let status = match refusal {
        Refusal::TooBig(_) => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::NotSigned | Refusal::NotOurs => StatusCode::FORBIDDEN,
        Refusal::Older { .. } | Refusal::Forked(_) | Refusal::DoesNotFollow(_) => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let words = refusal.words();
    No::new(status, refusal.name(), Words::new(words.zh, words.en))
}

/// Names the keys that signed an envelope, for the audit.
pub(super) fn signers(root: &Root, envelope: &crate::trust::Envelope) -> String {
    let signed = |holder: &&crate::trust::Holder| {
        envelope.signatures.iter().any(|signature| signature.key == holder.key.id())
    };
    let names: Vec<&str> = root.keys.iter().filter(signed).map(|holder| holder.name.as_str()).collect();
    names.join(" ")
}

/// Returns the sum by which an envelope is asked for.
pub(super) fn payload(envelope: &crate::trust::Envelope) -> Digest {
    Digest::of(&envelope.payload)
}
