//! Brings the files in from the disk: `station.toml`, the playlists, the holiday files, the lexicon.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::bundles::Campaign;
use crate::calendar::{Almanac, holidays};
use crate::clip::rendered::Rendered;
use crate::config::{
    Complaint, Finding, Kinds, LARGEST, Parsed, Severity, Source, parse_lexicon, parse_playlist, parse_site,
    review_texts,
};
use crate::model::{HolidayYear, LexiconEntry, Playlist, Site, Words};
use crate::speech::text::Reader;
use crate::speech::text::normalize::Options;

/// Most files of one folder: files are hostile, and people read the list.
const MOST_FILES: usize = 1000;

/// Holds everything that was read for one site.
#[derive(Debug, Clone)]
pub struct Sources {
    /// What `station.toml` says; its value is `None` when it has mistakes or could not be read.
    pub site: Parsed<Site>,
    /// What the playlists say, by file name; one with mistakes has no value. Empty when the site has no value.
    pub playlists: Vec<Parsed<Playlist>>,
    /// The user's holiday years.
    pub years: Vec<HolidayYear>,
    /// The holiday files, also those with mistakes.
    pub holidays: Vec<PathBuf>,
    /// The user's words; none when there is no such file. Its value is `None` when it has mistakes.
    pub lexicon: Option<Parsed<Vec<LexiconEntry>>>,
    /// What the county has put in force here; empty unless somebody looked.
    pub campaigns: Vec<Campaign>,
    /// Complaints about files that could not be read, and about holiday files.
    pub complaints: Vec<Complaint>,
    /// The texts, for citing.
    pub texts: Vec<Source>,
}

impl Sources {
    /// Lists all complaints about single files, in the order of the files.
    pub fn complaints(&self) -> Vec<Complaint> {
        let site = self.site.complaints.iter();
        let playlists = self.playlists.iter().flat_map(|parsed| &parsed.complaints);
        let lexicon = self.lexicon.iter().flat_map(|parsed| &parsed.complaints);
        site.chain(playlists).chain(lexicon).chain(&self.complaints).cloned().collect()
    }

    /// Has the texts of all playlists reviewed; see [`config::review_texts`](review_texts).
    pub fn review_texts(&self, review: &dyn Fn(&str, &str) -> Vec<Finding>) -> Vec<Complaint> {
        let source = |path: &Path| self.texts.iter().find(|source| source.path == path);
        let playlists = self.playlists.iter().filter_map(|parsed| Some((parsed, source(&parsed.path)?)));
        playlists.flat_map(|(parsed, source)| review_texts(parsed, source, review)).collect()
    }

    /// Joins the built-in holidays, the user's, and the user's calendars.
    pub fn almanac(&self) -> Almanac {
        let mut years = Almanac::builtin_years();
        // The village's own files come last, and so win.
        years.extend(self.campaigns.iter().flat_map(|campaign| campaign.years.iter().cloned()));
        years.extend(self.years.iter().cloned());
        let calendars = self.site.value.as_ref().map(|site| site.calendars.clone());
        Almanac::new(years, calendars.unwrap_or_default())
    }
}

/// Reads `station.toml` at `config`, and the playlists, holiday files and lexicon that it names.
///
/// A file that cannot be read, is no UTF-8 or has mistakes loses only itself. Hidden files and the copies that editors
/// leave (`~`) are passed over.
pub fn load(config: &Path, kinds: &Kinds) -> Sources {
    let mut sources = load_site(config, kinds);
    if let Some(site) = sources.site.value.clone() {
        let place = sources.site.places.get("broadcasts").cloned().unwrap_or_default();
        let listed = toml_files(&site.broadcasts).unwrap_or_else(|error| {
            sources.complaints.push(no_folder(config, place, &site.broadcasts, &error));
            Vec::new()
        });
        for path in listed {
            sources.add_playlist(&path, kinds);
        }
    }
    sources
}

/// Reads `station.toml` at `config`, its holiday files and its lexicon, but no playlists.
pub fn load_site(config: &Path, kinds: &Kinds) -> Sources {
    match read(config) {
        Ok(source) => Sources::of(parse_site(&source, kinds), vec![source]),
        Err(complaint) => Sources::of(Parsed::refused(*complaint), Vec::new()),
    }
}

impl Sources {
    /// Begins with a site that was read from `texts`, and reads its holiday files and its lexicon.
    pub fn of(site: Parsed<Site>, texts: Vec<Source>) -> Self {
        // A folder of one's own holidays need not exist.
        let folder = site.value.as_ref().map(|site| site.holidays.clone());
        let lexicon = site.value.as_ref().map(|site| site.lexicon.clone());
        let mut sources = Self {
            site,
            playlists: Vec::new(),
            years: Vec::new(),
            holidays: Vec::new(),
            lexicon: None,
            campaigns: Vec::new(),
            complaints: Vec::new(),
            texts,
        };
        for path in folder.and_then(|folder| toml_files(&folder).ok()).unwrap_or_default() {
            sources.add_holidays(&path);
        }
        // So need not a lexicon.
        if let Some(path) = lexicon.filter(|path| path.exists()) {
            sources.add_lexicon(&path);
        }
        sources
    }

    /// Returns what texts are read by: as the site says, or as one without options.
    pub fn reader(&self) -> Reader {
        let own = self.lexicon.as_ref().and_then(|parsed| parsed.value.clone()).unwrap_or_default();
        let words = self.with_county_words(own);
        match &self.site.value {
            Some(site) => Reader::of(site, &words),
            None => Reader::new(&words, Options::default()),
        }
    }

    /// Adds the county's words to the village's `own`, which win.
    pub fn with_county_words(&self, mut own: Vec<LexiconEntry>) -> Vec<LexiconEntry> {
        let known: BTreeSet<String> = own.iter().map(|entry| entry.word.clone()).collect();
        let county = self.campaigns.iter().flat_map(|campaign| &campaign.words);
        own.extend(county.filter(|entry| !known.contains(&entry.word)).cloned());
        own
    }

    /// Lists what the county spoke already, and how it reads: by no words of the village's own.
    pub fn rendered(&self) -> Rendered {
        let clips = self.campaigns.iter().flat_map(|campaign| campaign.clips.clone()).collect();
        Rendered::new(clips, Reader::new(&self.with_county_words(Vec::new()), Options::default()))
    }

    /// Lists the county's playlists in force.
    pub fn county_playlists(&self) -> impl Iterator<Item = Playlist> {
        self.campaigns.iter().flat_map(|campaign| campaign.playlists.iter().cloned())
    }

    /// Reads one playlist and adds it.
    pub fn add_playlist(&mut self, path: &Path, kinds: &Kinds) {
        match read(path) {
            Ok(source) => {
                self.playlists.push(parse_playlist(&source, kinds));
                self.texts.push(source);
            }
            Err(complaint) => self.playlists.push(Parsed::refused(*complaint)),
        }
    }

    fn add_lexicon(&mut self, path: &Path) {
        self.lexicon = Some(match read(path) {
            Ok(source) => {
                let parsed = parse_lexicon(&source);
                self.texts.push(source);
                parsed
            }
            Err(complaint) => Parsed::refused(*complaint),
        });
    }

    fn add_holidays(&mut self, path: &Path) {
        self.holidays.push(path.to_owned());
        match read(path) {
            Ok(source) => {
                match read_holidays(&source) {
                    Ok(year) => self.years.push(year),
                    Err(complaint) => self.complaints.push(*complaint),
                }
                self.texts.push(source);
            }
            Err(complaint) => self.complaints.push(*complaint),
        }
    }
}

/// Reads a holiday file's text.
pub fn read_holidays(source: &Source) -> Result<HolidayYear, Box<Complaint>> {
    holidays::parse(&source.text)
        .map_err(|fault| Box::new(complaint(&source.path, fault.range, fault.what, fault.fix)))
}

/// Lists the `.toml` files of a folder by name, without hidden ones.
pub fn toml_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    paths.truncate(MOST_FILES);
    Ok(paths)
}

/// Reads one file, no more than [`LARGEST`] bytes of it and one.
pub fn read(path: &Path) -> Result<Source, Box<Complaint>> {
    let bytes = bounded(path).map_err(|error| Box::new(unreadable(path, &error)))?;
    let text = String::from_utf8(bytes).map_err(|error| Box::new(not_utf8(path, &error)))?;
    // Some editors of Windows put a byte order mark in front; it means nothing.
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    Ok(Source { path: path.to_owned(), text })
}

fn bounded(path: &Path) -> io::Result<Vec<u8>> {
    // A pipe or a device could be read for ever.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn complaint(path: &Path, span: Range<usize>, what: Words, fix: Words) -> Complaint {
    Complaint { severity: Severity::Error, path: path.to_owned(), span, what, fix }
}

fn unreadable(path: &Path, error: &io::Error) -> Complaint {
    let (what, fix) = if error.kind() == io::ErrorKind::NotFound {
        (
            Words::new("没有这个文件", "there is no such file"),
            Words::new("检查文件名和文件夹", "look at the name and the folder"),
        )
    } else {
        (
            Words::new(format!("读不了这个文件（{error}）"), format!("the file cannot be read ({error})")),
            Words::new("检查它是不是普通文件，权限对不对", "see that it is a plain file that may be read"),
        )
    };
    complaint(path, 0..0, what, fix)
}

fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> Complaint {
    let good = error.utf8_error().valid_up_to();
    let line = String::from_utf8_lossy(&error.as_bytes()[..good]).matches('\n').count() + 1;
    complaint(
        path,
        0..0,
        Words::new(format!("第 {line} 行起不是 UTF-8 编码"), format!("from line {line} on it is not UTF-8")),
        Words::new("在编辑器里选“另存为”，编码选 UTF-8", "save it again with the encoding UTF-8"),
    )
}

fn no_folder(config: &Path, span: Range<usize>, folder: &Path, error: &io::Error) -> Complaint {
    let folder = folder.display();
    complaint(
        config,
        span,
        Words::new(
            format!("读不了节目单文件夹 `{folder}`({error})"),
            format!("the folder of playlists `{folder}` cannot be read ({error})"),
        ),
        Words::new("建好这个文件夹，或改 `broadcasts`", "create it, or change `broadcasts`"),
    )
}
