//! Judges what was found: file by file, then together.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::path::{Path, PathBuf};

use crate::amplifier;
use crate::clip::recording::{self, Health, RecordingFault};
use crate::config::{
    Complaint, Facts, Kinds, Parsed, RecordingFact, Referred, Severity, check_together, parse_alert_map,
    parse_alerts, parse_areas, parse_lexicon, parse_playlist, review_texts,
};
use crate::model::{Site, Words};
use crate::output::{self, OutputFault};
use crate::speech::text::Reader;
use crate::speech::text::normalize::Options;
use crate::station::clock;
use crate::station::kinds::kinds;
use crate::station::sources::{self, Sources};

use super::Findings;
use super::find::{Chosen, Found};
use super::languages::languages;

/// Gathers every complaint about what was found.
pub(super) fn judge(found: &Found) -> Findings {
    let kinds = kinds();
    let mut findings = Findings::default();
    for (config, chosen) in &found.sites {
        findings.site(config, chosen, &kinds);
    }
    for path in &found.orphans {
        findings.orphan(path, &kinds);
    }
    for path in &found.holidays {
        findings.holidays(path);
    }
    for path in &found.lexicons {
        findings.lexicon(path);
    }
    for path in &found.warnings {
        findings.warnings(path);
    }
    for path in &found.alerts {
        findings.alerts(path);
    }
    findings.complaints.sort_by(|a, b| (&a.path, a.span.start).cmp(&(&b.path, b.span.start)));
    findings
}

impl Findings {
    fn add(&mut self, complaints: impl IntoIterator<Item = Complaint>) {
        for complaint in complaints {
            if !self.complaints.contains(&complaint) {
                self.complaints.push(complaint);
            }
        }
    }

    fn site(&mut self, config: &Path, chosen: &Chosen, kinds: &Kinds) {
        let mut read =
            if chosen.whole { sources::load(config, kinds) } else { sources::load_site(config, kinds) };
        for path in &chosen.playlists {
            if !read.playlists.iter().any(|parsed| parsed.path == *path) {
                read.add_playlist(path, kinds);
            }
        }
        self.files.extend(read.playlists.iter().map(|parsed| parsed.path.clone()));
        if chosen.whole {
            self.files.insert(config.to_owned());
            self.files.extend(read.holidays.iter().cloned());
            self.files.extend(read.lexicon.iter().map(|parsed| parsed.path.clone()));
        }
        if chosen.whole {
            self.add(outputs(&read.site));
            self.add(microphones(&read.site));
            self.add(amplifiers(&read.site));
        }
        // Without a site that can be read, the names in playlists could not be judged: so its mistakes are told too.
        if chosen.whole || read.site.value.is_none() {
            self.add(read.complaints());
        } else {
            self.add(read.playlists.iter().flat_map(|parsed| parsed.complaints.clone()));
        }
        let reader = read.reader();
        self.add(read.review_texts(&|text, language| reader.review(text, language)));
        let house = read.site.value.as_ref().map(|site| &site.voice);
        self.add(read.playlists.iter().flat_map(|parsed| languages(parsed, house)));
        if let Some(site) = read.site.value.clone() {
            self.together(&site, &read);
        }
        self.texts.append(&mut read.texts);
    }

    fn together(&mut self, site: &Site, read: &Sources) {
        let found = recordings(site, read);
        let is_silent = |health: &Health| health.is_silent_at_an_end();
        let silent = found.iter().filter(|(_, found)| found.as_ref().is_ok_and(is_silent));
        self.silent.extend(silent.map(|(path, _)| (site.audio.clone(), path.clone())));
        let recordings = found.iter().map(|(path, found)| (path.clone(), fact(site, path, found))).collect();
        let facts = Facts { almanac: &read.almanac(), recordings: &recordings, now: clock::wall() };
        self.add(check_together(site, &read.playlists, &facts));
    }

    fn orphan(&mut self, path: &Path, kinds: &Kinds) {
        self.files.insert(path.to_owned());
        match sources::read(path) {
            Ok(source) => {
                let parsed = parse_playlist(&source, kinds);
                let reader = Reader::new(&[], Options::default());
                self.add(review_texts(&parsed, &source, &|text, language| reader.review(text, language)));
                self.add(languages(&parsed, None));
                self.add(parsed.complaints);
                self.texts.push(source);
            }
            Err(complaint) => self.add([*complaint]),
        }
    }

    fn lexicon(&mut self, path: &Path) {
        self.files.insert(path.to_owned());
        match sources::read(path) {
            Ok(source) => {
                self.add(parse_lexicon(&source).complaints);
                self.texts.push(source);
            }
            Err(complaint) => self.add([*complaint]),
        }
    }

    /// Tables and places are told apart by their names, which the county's commands look for.
    fn warnings(&mut self, path: &Path) {
        self.files.insert(path.to_owned());
        match sources::read(path) {
            Ok(source) if path.file_name().is_some_and(|name| name == "areas.toml") => {
                self.add(parse_areas(&source).complaints);
                self.texts.push(source);
            }
            Ok(source) => {
                self.add(parse_alert_map(&source).complaints);
                self.texts.push(source);
            }
            Err(complaint) => self.add([*complaint]),
        }
    }

    fn alerts(&mut self, path: &Path) {
        self.files.insert(path.to_owned());
        match sources::read(path) {
            Ok(source) => {
                self.add(parse_alerts(&source).complaints);
                self.texts.push(source);
            }
            Err(complaint) => self.add([*complaint]),
        }
    }

    fn holidays(&mut self, path: &Path) {
        self.files.insert(path.to_owned());
        match sources::read(path) {
            Ok(source) => {
                self.add(sources::read_holidays(&source).err().map(|complaint| *complaint));
                self.texts.push(source);
            }
            Err(complaint) => self.add([*complaint]),
        }
    }
}

/// Lets each output judge its options, without touching a device.
fn outputs(site: &Parsed<Site>) -> Vec<Complaint> {
    let stations = site.value.iter().flat_map(|site| &site.stations).enumerate();
    let judged = stations.filter_map(|(at, station)| {
        let kind = output::kind(&station.output);
        let fault = kind.and_then(|kind| (kind.check)(&station.output)).err()?;
        let whole = format!("station.{at}.output");
        let (place, what, fix) = match fault {
            OutputFault::Option { key, what, fix } => (format!("{whole}.{key}"), what, fix),
            fault => {
                let fix = Words::new("照上面说的改 `output`", "change `output` as said above");
                (whole.clone(), fault.words(), fix)
            }
        };
        Some(Complaint {
            severity: Severity::Error,
            path: site.path.clone(),
            span: site.places.get(&place).or_else(|| site.places.get(&whole)).cloned().unwrap_or_default(),
            what,
            fix,
        })
    });
    judged.chain(quarrels(site)).chain(mixers(site)).collect()
}

/// Finds what two outputs would take from each other.
fn quarrels(site: &Parsed<Site>) -> impl Iterator<Item = Complaint> {
    let stations = site.value.as_ref().map(|site| site.stations.as_slice()).unwrap_or_default();
    output::quarrels(stations).into_iter().map(|quarrel| {
        let whole = format!("station.{}.output", quarrel.station);
        let place = site.places.get(&format!("{whole}.{}", quarrel.key));
        Complaint {
            severity: Severity::Error,
            path: site.path.clone(),
            span: place.or_else(|| site.places.get(&whole)).cloned().unwrap_or_default(),
            what: quarrel.what,
            fix: quarrel.fix,
        }
    })
}

/// Finds mixers that are named by a number.
fn mixers(site: &Parsed<Site>) -> impl Iterator<Item = Complaint> {
    let stations = site.value.iter().flat_map(|site| &site.stations).enumerate();
    stations.filter_map(|(at, station)| {
        let fault = output::check_mixer(station.mixer.as_ref()?).err()?;
        Some(Complaint {
            severity: Severity::Error,
            path: site.path.clone(),
            span: site.places.get(&format!("station.{at}.mixer")).cloned().unwrap_or_default(),
            what: fault.words(),
            fix: Words::new("照上面说的改 `mixer` 的 `card`", "change the `card` of `mixer` as said above"),
        })
    })
}

/// Lists the recordings that playlists name, each once.
fn named(read: &Sources) -> BTreeSet<&PathBuf> {
    let references = read.playlists.iter().flat_map(|parsed| &parsed.references);
    let recordings = references.filter_map(|reference| match &reference.to {
        Referred::Recording(path) => Some(path),
        _ => None,
    });
    recordings.collect()
}

/// Lets each amplifier judge its options, without touching a switch, and holds those that are shared against each other.
fn amplifiers(site: &Parsed<Site>) -> Vec<Complaint> {
    let stations = site.value.as_ref().map(|site| site.stations.as_slice()).unwrap_or_default();
    let complain = |at: usize, what: Words, fix: Words| Complaint {
        severity: Severity::Error,
        path: site.path.clone(),
        span: site.places.get(&format!("station.{at}.amplifier")).cloned().unwrap_or_default(),
        what,
        fix,
    };
    let unfit = stations.iter().enumerate().filter_map(|(at, station)| {
        let amplifier = station.amplifier.as_ref()?;
        let fault = amplifier::kind(amplifier).and_then(|kind| (kind.check)(amplifier)).err()?;
        let fix = Words::new("照上面说的改 `amplifier`", "change `amplifier` as said above");
        Some(complain(at, fault.words(), fix))
    });
    let quarrels = amplifier::quarrels(stations).into_iter();
    unfit.chain(quarrels.map(|quarrel| complain(quarrel.station, quarrel.what, quarrel.fix))).collect()
}

/// Judges the names of microphones, without touching one.
fn microphones(site: &Parsed<Site>) -> Vec<Complaint> {
    let stations = site.value.iter().flat_map(|site| &site.stations).enumerate();
    let judged = stations.filter_map(|(at, station)| {
        let fault = output::Capture::check(&station.monitor.as_ref()?.device).err()?;
        let place = format!("station.{at}.monitor");
        Some(Complaint {
            severity: Severity::Error,
            path: site.path.clone(),
            span: site.places.get(&place).cloned().unwrap_or_default(),
            what: fault.words(),
            fix: Words::new("照上面说的改 `monitor`", "change `monitor` as said above"),
        })
    });
    judged.collect()
}

/// Measures every recording that a playlist names, each once.
fn recordings(site: &Site, read: &Sources) -> BTreeMap<PathBuf, Result<Health, RecordingFault>> {
    // Recordings are decoded in a child of our own; without knowing ourselves nothing can be measured, and only the
    // names are checked.
    let Ok(program) = env::current_exe() else { return BTreeMap::new() };
    let measured = |path: &PathBuf| (path.clone(), recording::examine(&program, &site.audio, path));
    named(read).into_iter().map(measured).collect()
}

fn fact(site: &Site, path: &Path, found: &Result<Health, RecordingFault>) -> RecordingFact {
    match found {
        Ok(health) => {
            let length = health.length;
            let flaws = health.flaws(site.common_shaping());
            let flaws: Vec<_> = flaws.iter().map(|flaw| (flaw.what(path), flaw.fix())).collect();
            if flaws.is_empty() {
                RecordingFact::Sound(length)
            } else {
                RecordingFact::Flawed { length, flaws }
            }
        }
        Err(fault) => {
            let words = fault.words();
            let name = path.display();
            let folder = site.audio.display();
            RecordingFact::Fault {
                what: Words::new(
                    format!("录音 `{name}` 不能用：{}", words.zh),
                    format!("the recording `{name}` cannot be used: {}", words.en),
                ),
                fix: Words::new(
                    format!("把完好的录音放进 `{folder}`，或改文件名"),
                    format!("put a good recording into `{folder}`, or correct the name"),
                ),
            }
        }
    }
}
