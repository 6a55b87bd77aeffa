//! One stored bundle: a folder that is written once and never changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::calendar::holidays;
use crate::clip::recording::CAMPAIGN_MARK;
use crate::clip::rendered::{MARK, RenderedClip};
use crate::config::{Complaint, Parsed, Severity, Source, parse_lexicon, parse_playlist};
use crate::model::{
    Bundle, BundleFile, BundlePart, BundlePath, CampaignId, Digest, HolidayYear, LexiconEntry, Playlist,
    PlaylistId, Serial, Words,
};
use crate::station::kinds::kinds;
use crate::station::sources;
use crate::trust::{Envelope, manifest};

/// The signed envelope, beside the files.
pub(super) const ENVELOPE: &str = "bundle.json";

/// A campaign in force, with all that it brings.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// Its signed manifest.
    pub bundle: Bundle,
    /// Its playlists, under names and with recordings that are the campaign's own.
    pub playlists: Vec<Playlist>,
    /// Its words, to be read so unless the user's own lexicon says otherwise.
    pub words: Vec<LexiconEntry>,
    /// Its holiday years.
    pub years: Vec<HolidayYear>,
    /// What the county spoke already, by the key of what it says.
    pub clips: BTreeMap<Digest, RenderedClip>,
}

/// Reads a stored bundle back: its manifest, and the sum of its signed bytes.
pub(super) fn manifest_at(slot: &Path) -> Option<(Bundle, Digest)> {
    let envelope = Envelope::read(&fs::read(slot.join(ENVELOPE)).ok()?)?;
    Some((manifest::read(&envelope.payload)?, Digest::of(&envelope.payload)))
}

/// Reads everything of a stored bundle that is text, each byte of it verified; recordings are looked at when they air.
pub fn read(slot: &Path, bundle: Bundle) -> Result<Campaign, (BundlePath, Words)> {
    let mut campaign = read_by(bundle, &|file| text(slot, file))?;
    let clips = campaign.bundle.files.iter().filter(|file| file.path.part() == BundlePart::Clip);
    campaign.clips = clips.filter_map(|file| clip(slot, file)).collect();
    Ok(campaign)
}

/// Reads everything of a bundle that is text, as every station that has it does; `text` finds a file's.
pub fn read_by(
    bundle: Bundle,
    text: &dyn Fn(&BundleFile) -> Result<Source, Words>,
) -> Result<Campaign, (BundlePath, Words)> {
    let mut campaign = Campaign {
        bundle,
        playlists: Vec::new(),
        words: Vec::new(),
        years: Vec::new(),
        clips: BTreeMap::new(),
    };
    for file in campaign.bundle.files.clone() {
        let unfit = |words| (file.path.clone(), words);
        match file.path.part() {
            BundlePart::Recording | BundlePart::Clip => {}
            BundlePart::Playlist => {
                let source = text(&file).map_err(unfit)?;
                let playlist = sound(parse_playlist(&source, &kinds())).map_err(unfit)?;
                has_recordings(&playlist, &campaign.bundle).map_err(unfit)?;
                campaign.playlists.push(own(playlist, &campaign.bundle).map_err(unfit)?);
            }
            BundlePart::Lexicon => {
                let source = text(&file).map_err(unfit)?;
                campaign.words = sound(parse_lexicon(&source)).map_err(unfit)?;
            }
            BundlePart::Holidays => {
                let source = text(&file).map_err(unfit)?;
                campaign.years.push(holidays::parse(&source.text).map_err(|fault| unfit(fault.what))?);
            }
        }
    }
    Ok(campaign)
}

fn clip(slot: &Path, file: &BundleFile) -> Option<(Digest, RenderedClip)> {
    let (voice, key) = file.path.clip()?;
    let voice = format!("{voice} {MARK}");
    let (folder, path) = (slot.to_owned(), PathBuf::from(file.path.as_str()));
    Some((key, RenderedClip { folder, file: path, voice, sha256: file.sha256 }))
}

fn text(slot: &Path, file: &BundleFile) -> Result<Source, Words> {
    let source = sources::read(&slot.join(file.path.as_str())).map_err(|complaint| complaint.what)?;
    // The byte order mark of some editors is not in the text any more, but it was signed.
    let marked = || Digest::of(format!("\u{feff}{}", source.text).as_bytes());
    if Digest::of(source.text.as_bytes()) == file.sha256 || marked() == file.sha256 {
        Ok(source)
    } else {
        Err(Words::new("和签发的不一样", "not the file that was signed"))
    }
}

fn sound<T>(parsed: Parsed<T>) -> Result<T, Words> {
    let is_error = |complaint: &&Complaint| complaint.severity == Severity::Error;
    let first = parsed.complaints.iter().find(is_error).map(|complaint| complaint.what.clone());
    parsed.value.ok_or_else(|| first.unwrap_or_else(|| Words::new("读不懂", "it cannot be read")))
}

/// A recording that a bundle's playlist names must be in the bundle: nobody knows what a village has under that name.
fn has_recordings(playlist: &Playlist, bundle: &Bundle) -> Result<(), Words> {
    let there = |audio: &Path| {
        bundle.files.iter().any(|file| Path::new(file.path.as_str()).strip_prefix("audio") == Ok(audio))
    };
    let mut named = playlist.messages.iter().filter_map(|message| message.audio.as_ref());
    named.find(|audio| !there(audio)).map_or(Ok(()), |audio| {
        let audio = audio.display();
        Err(Words::new(format!("节目包里没有录音 {audio}"), format!("the bundle has no recording {audio}")))
    })
}

/// Names a playlist and its recordings as the campaign's, so that none is taken for one of the village's.
fn own(mut playlist: Playlist, bundle: &Bundle) -> Result<Playlist, Words> {
    let name = format!("{}.{}", bundle.campaign, playlist.id);
    playlist.id = PlaylistId::new(&name)
        .map_err(|_| Words::new(format!("名称 {name} 太长"), format!("the name {name} is too long")))?;
    let prefix = recordings(&bundle.campaign, bundle.serial);
    for message in &mut playlist.messages {
        let message = Arc::make_mut(message);
        message.audio = message.audio.as_ref().map(|audio| prefix.join(audio));
    }
    Ok(playlist)
}

/// The path by which a campaign's recordings are known: `@春运/7`.
fn recordings(campaign: &CampaignId, serial: Serial) -> PathBuf {
    Path::new(&format!("{CAMPAIGN_MARK}{campaign}")).join(serial.to_string())
}
