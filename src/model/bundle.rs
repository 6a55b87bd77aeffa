//! A bundle: what the county office gives to its stations in one piece.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{CampaignId, Digest, Target};

/// Longest path of a file in a bundle, in bytes: file systems take 255 for one name.
const LONGEST_PATH: usize = 200;

/// Numbers the bundles of a campaign; it only grows, so that an older one is known as old.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Serial(pub u64);

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Holds what a signed manifest says, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The campaign that it is the newest word of.
    pub campaign: CampaignId,
    /// Its number.
    pub serial: Serial,
    /// The SHA-256 of the manifest before, none for the first.
    pub previous: Option<Digest>,
    /// When it was signed.
    pub issued: DateTime<Utc>,
    /// First instant at which it may be in force.
    pub not_before: DateTime<Utc>,
    /// First instant at which no station takes it any more; one that has it goes on.
    pub expires: DateTime<Utc>,
    /// The stations that it is for.
    pub target: Vec<Target>,
    /// What it holds, paths unique; nothing if the campaign is withdrawn.
    pub files: Vec<BundleFile>,
}

impl Bundle {
    /// Tells whether it ends the campaign.
    pub fn withdraws(&self) -> bool {
        self.files.is_empty()
    }

    /// Returns the bytes of all files together.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

/// One file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleFile {
    /// Its place among the files of a station.
    pub path: BundlePath,
    /// Its size.
    pub bytes: u64,
    /// What it holds, exactly.
    pub sha256: Digest,
}

/// What a file of a bundle is for: the folder that it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BundlePart {
    /// `broadcasts/NAME.toml`: a playlist.
    Playlist,
    /// `audio/…`: a recording.
    Recording,
    /// `holidays/NAME.toml`: the days off of a year.
    Holidays,
    /// `lexicon.toml`: how names are read.
    Lexicon,
    /// `clips/VOICE/KEY.flac`: a text that was spoken at the county already, in the voice that its folder names.
    Clip,
}

impl BundlePart {
    /// Tells whether it is sound, and no text.
    pub const fn sounds(self) -> bool {
        matches!(self, Self::Recording | Self::Clip)
    }
}

/// A path of a file in a bundle: `broadcasts/春运.toml`, with `/` between the parts, that leads nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BundlePath(String);

/// Says that a path may not stand in a bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no path for a file of a bundle")]
pub struct NoBundlePath(String);

impl BundlePath {
    /// Takes a path that names a known part, and no parent, hidden or odd file.
    pub fn new(path: &str) -> Result<Self, NoBundlePath> {
        let checked = Self(path.to_owned());
        let fine =
            path.len() <= LONGEST_PATH && path.split('/').all(is_name) && checked.find_part().is_some();
        if fine { Ok(checked) } else { Err(NoBundlePath(path.chars().take(LONGEST_PATH).collect())) }
    }

    /// Returns the path as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells what the file is for.
    pub fn part(&self) -> BundlePart {
        // `new` took only paths that have one.
        self.find_part().unwrap_or(BundlePart::Recording)
    }

    /// Tells which voice speaks in a clip, and the key of what it says; none if the file is no clip.
    pub fn clip(&self) -> Option<(&str, Digest)> {
        let (voice, name) = self.0.strip_prefix("clips/")?.split_once('/')?;
        Some((voice, name.strip_suffix(".flac")?.parse().ok()?))
    }

    fn find_part(&self) -> Option<BundlePart> {
        let toml = |name: &str| {
            name.strip_suffix(".toml").is_some_and(|stem| !stem.is_empty() && !stem.contains('/'))
        };
        match self.0.split_once('/') {
            Some(("broadcasts", name)) if toml(name) => Some(BundlePart::Playlist),
            Some(("holidays", name)) if toml(name) => Some(BundlePart::Holidays),
            Some(("audio", _)) => Some(BundlePart::Recording),
            Some(("clips", _)) if self.clip().is_some() => Some(BundlePart::Clip),
            None if self.0 == "lexicon.toml" => Some(BundlePart::Lexicon),
            _ => None,
        }
    }
}

/// Hidden files and `..` begin with a dot; control characters and backslashes have no honest use in a name.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(|c: char| c.is_control() || c == '\\')
}

impl fmt::Display for BundlePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for BundlePath {
    type Error = NoBundlePath;

    fn try_from(path: String) -> Result<Self, NoBundlePath> {
        Self::new(&path)
    }
}

impl From<BundlePath> for String {
    fn from(path: BundlePath) -> Self {
        path.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_a_known_part_and_nowhere_else() {
        let part = |path| BundlePath::new(path).unwrap().part();
        assert_eq!(part("broadcasts/春运.toml"), BundlePart::Playlist);
        assert_eq!(part("audio/头盔/helmet.mp3"), BundlePart::Recording);
        assert_eq!(part("holidays/2027.toml"), BundlePart::Holidays);
        assert_eq!(part("lexicon.toml"), BundlePart::Lexicon);
        let key = Digest::of("安全带就是生命带！".as_bytes());
        let clip = format!("clips/kokoro zf_xiaoxiao/{key}.flac");
        assert_eq!(part(&clip), BundlePart::Clip);
        assert_eq!(BundlePath::new(&clip).unwrap().clip(), Some(("kokoro zf_xiaoxiao", key)));
        let long = format!("audio/{}", "a".repeat(LONGEST_PATH));
        let bad = [
            "",
            "/",
            "audio",
            "audio/",
            "/audio/a.mp3",
            "audio//a.mp3",
            "audio/../station.toml",
            "../audio/a.mp3",
            "audio/.hidden",
            "audio/a\nb",
            "audio\\a.mp3",
            "station.toml",
            "broadcasts/a.txt",
            "broadcasts/.toml",
            "broadcasts/a/b.toml",
            "holidays/a/b.toml",
            "lexicon.toml/a",
            "audio/./a.mp3",
            "clips/a.flac",
            "clips/kokoro/a.flac",
            &clip.replace("clips/", "clips/../"),
            &clip.replace(".flac", ".wav"),
            &long,
        ];
        for path in bad {
            assert!(BundlePath::new(path).is_err(), "{path}");
        }
    }
}
