//! What an office has published, and the next bundle of a campaign: drafted from a folder, signed, written as one file.
//!
//! ```text
//! published/春运/7.json    the signed manifest of number 7: the next one names it, and nobody gives its number again
//! published/春运/7.dalaba  the newest bundle, whole: to be sent or copied again, and to tell what the next one changes
//! published/.clips/       what the county spoke, so that nothing has to be spoken twice
//! ```

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::model::{Bundle, BundleFile, BundlePath, CampaignId, Digest, Serial, Target};
use crate::station::bundles;
use crate::station::disk::replace;
use crate::trust::manifest::{self, MOST_BYTES, MOST_FILES};
use crate::trust::{Envelope, PayloadType, Role, Root, SecretKey};

/// Folders of a campaign whose files are published.
const PARTS: [&str; 4] = ["broadcasts", "audio", "holidays", "clips"];

/// Endings of recordings.
const SOUNDS: [&str; 6] = ["wav", "mp3", "flac", "ogg", "oga", "m4a"];

/// The ending of bundles.
pub const ENDING: &str = "dalaba";

/// How deep below `audio/` recordings may lie.
const DEEPEST: usize = 8;

/// Keeps what was published in a folder.
#[derive(Debug, Clone)]
pub struct Press {
    published: PathBuf,
}

/// What the next bundle of a campaign is to be.
#[derive(Debug, Clone)]
pub struct Order {
    /// The campaign.
    pub campaign: CampaignId,
    /// The stations that it is for.
    pub target: Vec<Target>,
    /// The present.
    pub issued: DateTime<Utc>,
    /// First instant at which it may be in force.
    pub not_before: DateTime<Utc>,
    /// First instant at which no station takes it any more.
    pub expires: DateTime<Utc>,
}

/// Says why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum PressFault {
    /// There is nothing in the folder that stations could air.
    #[error("{0} holds no playlist, recording, holiday file or lexicon")]
    Nothing(PathBuf),
    /// More files or bytes than a bundle may have.
    #[error("{files} files of {bytes} bytes are more than a bundle holds")]
    TooMuch {
        /// How many files.
        files: usize,
        /// How many bytes.
        bytes: u64,
    },
    /// A file whose name cannot be in a bundle.
    #[error("{0} has a name that cannot be in a bundle")]
    Name(PathBuf),
    /// The campaign was never published.
    #[error("the campaign {0} was never published here")]
    Unknown(CampaignId),
    /// Those who signed are too few, or not publishers.
    #[error("not signed by enough publishers of the root")]
    NotEnough,
    /// The disk.
    #[error("{0}: {1}")]
    Disk(PathBuf, io::Error),
}

impl Press {
    /// Uses the folder `published`, which need not exist.
    pub const fn new(published: PathBuf) -> Self {
        Self { published }
    }

    /// Drafts the next bundle of a campaign from all that can be aired in `folder`, laid out as a station's files are.
    pub fn draft(&self, folder: &Path, order: Order) -> Result<Bundle, PressFault> {
        let mut files = Vec::new();
        for path in listed(folder)? {
            files.push(file(folder, &path)?);
        }
        let bytes = files.iter().map(|file| file.bytes).sum();
        match files.len() {
            0 => Err(PressFault::Nothing(folder.to_owned())),
            count if count > MOST_FILES || bytes > MOST_BYTES => {
                Err(PressFault::TooMuch { files: count, bytes })
            }
            _ => self.next(order, files),
        }
    }

    /// Drafts the bundle that ends a campaign; it goes to whom the last one went.
    pub fn withdrawal(&self, mut order: Order) -> Result<Bundle, PressFault> {
        let last = self.last(&order.campaign)?.ok_or_else(|| PressFault::Unknown(order.campaign.clone()))?;
        order.target = last.0.target;
        self.next(order, Vec::new())
    }

    /// Signs a draft; `Err` unless `secrets` are enough publishers of `root`.
    pub fn sign(&self, bundle: &Bundle, root: &Root, secrets: &[SecretKey]) -> Result<Envelope, PressFault> {
        let kind = PayloadType::Bundle.name().to_owned();
        let mut envelope =
            Envelope { payload_type: kind, payload: manifest::write(bundle), signatures: Vec::new() };
        for secret in secrets {
            secret.sign_too(&mut envelope);
        }
        if root.accepts(Role::Publisher, &envelope) { Ok(envelope) } else { Err(PressFault::NotEnough) }
    }

    /// Writes a signed bundle with its files from `folder` to `to`, and remembers its number first: one that is given twice
    /// would be refused everywhere. `begun` is told of each file before it.
    pub fn publish(
        &self,
        bundle: &Bundle,
        envelope: &Envelope,
        folder: &Path,
        to: &Path,
        begun: &mut dyn FnMut(&BundlePath),
    ) -> Result<(), PressFault> {
        let place = self.published.join(bundle.campaign.as_str());
        let kept = place.join(format!("{}.json", bundle.serial));
        let keep = || fs::create_dir_all(&place).and_then(|()| replace(&kept, &envelope.write()));
        keep().map_err(|error| PressFault::Disk(kept.clone(), error))?;
        let files = bundle.files.iter().map(|file| {
            begun(&file.path);
            fs::read(folder.join(file.path.as_str()))
        });
        let whole = place.join(format!("{}.{ENDING}", bundle.serial));
        let write = || {
            let mut written = File::create(&whole)?;
            bundles::write(&mut written, &envelope.write(), files)?;
            written.sync_all()?;
            fs::copy(&whole, to)?;
            File::open(to)?.sync_all()
        };
        write().map_err(|error| PressFault::Disk(to.to_owned(), error))?;
        self.forget(bundle);
        Ok(())
    }

    /// Deletes the bundles before `newest`, of which the manifests stay. What cannot be deleted takes room, and no more.
    fn forget(&self, newest: &Bundle) {
        let older = self.serials(&newest.campaign).unwrap_or_default();
        for serial in older.into_iter().filter(|serial| *serial < newest.serial.0) {
            let _ = fs::remove_file(
                self.published.join(newest.campaign.as_str()).join(format!("{serial}.{ENDING}")),
            );
        }
    }

    /// Lists the campaigns that were ever published, sorted.
    pub fn campaigns(&self) -> Vec<CampaignId> {
        let listed = fs::read_dir(&self.published).into_iter().flatten();
        let id = |name: String| CampaignId::new(&name).ok().filter(|_| !name.starts_with('.'));
        let mut found: Vec<CampaignId> =
            listed.filter_map(|entry| id(entry.ok()?.file_name().into_string().ok()?)).collect();
        found.sort_unstable();
        found
    }

    /// Finds the newest bundle of a campaign, whole: its number and its file; none if there is none any more.
    pub fn newest(&self, campaign: &CampaignId) -> Option<(Serial, PathBuf)> {
        let serial = self.serials(campaign).ok()?.into_iter().max()?;
        let file = self.published.join(campaign.as_str()).join(format!("{serial}.{ENDING}"));
        file.is_file().then_some((Serial(serial), file))
    }

    /// Returns where what the county spoke is kept.
    pub fn clips(&self) -> PathBuf {
        self.published.join(".clips")
    }

    /// Brings a campaign's files from `folder` to `stage`, so that clips can be laid beside them, and what is checked then is
    /// what is published.
    pub fn stage(folder: &Path, stage: &Path) -> Result<(), PressFault> {
        for path in listed(folder)? {
            let to = stage.join(&path);
            let copy = || {
                fs::create_dir_all(to.parent().unwrap_or(stage))
                    .and_then(|()| fs::copy(folder.join(&path), &to))
            };
            copy().map_err(|error| PressFault::Disk(path.clone(), error))?;
        }
        Ok(())
    }

    fn next(&self, order: Order, files: Vec<BundleFile>) -> Result<Bundle, PressFault> {
        let last = self.last(&order.campaign)?;
        let serial = last.as_ref().map_or(1, |(bundle, _)| bundle.serial.0.saturating_add(1));
        Ok(Bundle {
            campaign: order.campaign,
            serial: Serial(serial),
            previous: last.map(|(_, payload)| payload),
            issued: order.issued,
            not_before: order.not_before,
            expires: order.expires,
            target: order.target,
            files,
        })
    }

    /// Lists the numbers of a campaign that were given.
    fn serials(&self, campaign: &CampaignId) -> Result<Vec<u64>, PressFault> {
        let folder = self.published.join(campaign.as_str());
        let listed = match fs::read_dir(&folder) {
            Ok(listed) => listed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(PressFault::Disk(folder, error)),
        };
        let serial = |name: &str| name.strip_suffix(".json")?.parse::<u64>().ok();
        Ok(listed.filter_map(|entry| serial(entry.ok()?.file_name().to_str()?)).collect())
    }

    /// Finds the newest bundle of a campaign, and the sum of its signed bytes.
    fn last(&self, campaign: &CampaignId) -> Result<Option<(Bundle, Digest)>, PressFault> {
        let folder = self.published.join(campaign.as_str());
        let newest = self.serials(campaign)?.into_iter().max();
        let Some(newest) = newest else { return Ok(None) };
        let path = folder.join(format!("{newest}.json"));
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "damaged");
        let read = |path: &Path| {
            let envelope = Envelope::read(&fs::read(path)?).ok_or_else(damaged)?;
            let bundle = manifest::read(&envelope.payload).ok_or_else(damaged)?;
            Ok((bundle, Digest::of(&envelope.payload)))
        };
        read(&path).map(Some).map_err(|error| PressFault::Disk(path, error))
    }
}

/// Lists what can be aired in a campaign's folder, as paths in it, sorted.
fn listed(folder: &Path) -> Result<Vec<PathBuf>, PressFault> {
    let mut found = Vec::new();
    if folder.join("lexicon.toml").is_file() {
        found.push(PathBuf::from("lexicon.toml"));
    }
    for part in PARTS {
        walk(folder, Path::new(part), DEEPEST, &mut found)?;
    }
    found.sort();
    Ok(found)
}

fn walk(folder: &Path, part: &Path, deeper: usize, found: &mut Vec<PathBuf>) -> Result<(), PressFault> {
    let place = folder.join(part);
    let disk = |error| PressFault::Disk(place.clone(), error);
    let listed = match fs::read_dir(&place) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(disk(error)),
    };
    for entry in listed {
        let entry = entry.map_err(disk)?;
        let (name, kind) = (entry.file_name(), entry.file_type().map_err(disk)?);
        let is_ours = !name.as_encoded_bytes().starts_with(b".") && !is_note(part, &name.to_string_lossy());
        let path = part.join(name);
        let has_folders = part.starts_with("audio") || part.starts_with("clips");
        if kind.is_dir() && deeper > 0 && has_folders {
            walk(folder, &path, deeper - 1, found)?;
        } else if kind.is_file() && is_ours {
            found.push(path);
        }
    }
    Ok(())
}

/// People keep notes and copies beside their files; by the name's ending they are told from what is to air.
fn is_note(part: &Path, name: &str) -> bool {
    let sounds = part.starts_with("audio") || part.starts_with("clips");
    let endings = if sounds { SOUNDS.as_slice() } else { &["toml"] };
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    !ending.is_some_and(|ending| endings.contains(&ending.as_str()))
}

fn file(folder: &Path, path: &Path) -> Result<BundleFile, PressFault> {
    let written = path.to_str().and_then(|path| BundlePath::new(path).ok());
    let written = written.ok_or_else(|| PressFault::Name(path.to_owned()))?;
    let bytes = fs::read(folder.join(path)).map_err(|error| PressFault::Disk(path.to_owned(), error))?;
    Ok(BundleFile { path: written, bytes: bytes.len() as u64, sha256: Digest::of(&bytes) })
}
