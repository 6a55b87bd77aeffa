//! `dalaba county alert`: what the office does when something happens.

mod arguments;
mod cap;
mod compose;
mod feed;
mod folder;
mod intake;
mod queue;
mod reach;
mod told;

use std::path::{Path, PathBuf};

use clap::ArgMatches;

pub(super) use arguments::{arguments, folder};

use self::compose::{Draft, default_correction, new, successor};
use self::told::{described, fault, listed};
use super::keys::{passphrase, told as key_told};
use super::out::print;
use super::{Context, Failure};
use crate::county::alarms::{Alarms, Issued, Standing, takes_back};
use crate::county::client::{ALERT_ANSWERED, Client};
use crate::county::keyring::Keyring;
use crate::model::{Alert, AlertKind};
use crate::station::clock;
use crate::station::disk::replace;
use crate::trust::{Root, SecretKey};
use crate::wire;

/// What the office works with.
struct Office<'a> {
    context: &'a Context,
    ring: Keyring,
    alarms: Alarms,
    root: Root,
}

/// How warnings of other offices are taken in; the office is there if somebody signs.
type Taking = fn(&Context, &Alarms, Option<&Office<'_>>, &ArgMatches) -> Result<(), Failure>;

/// Runs what was typed after `county alert`.
pub(super) fn run(
    context: &Context,
    ring: Keyring,
    folder: PathBuf,
    typed: &ArgMatches,
) -> Result<(), Failure> {
    let alarms = Alarms::new(folder);
    let taking: Option<(Taking, &ArgMatches)> = match typed.subcommand() {
        None => Some((cap::run, typed)),
        Some(("cap", typed)) => Some((cap::run, typed)),
        Some(("watch", typed)) => Some((folder::run, typed)),
        Some(("feed", typed)) => Some((feed::run, typed)),
        _ => None,
    };
    if let Some((take, typed)) = taking {
        // Only to look takes no keys and no root.
        let signs = typed.contains_id("by");
        let office = signs.then(|| Office::open(context, ring, alarms.clone())).transpose()?;
        return take(context, &alarms, office.as_ref(), typed);
    }
    let office = Office::open(context, ring, alarms)?;
    match typed.subcommand() {
        Some(("new", typed)) => {
            let draft = new(context, &office.root, typed)?;
            reach::show(context, &draft.alert.target, typed)?;
            office.issue(&draft, typed)
        }
        Some(("update", typed)) => office.succeed(typed, AlertKind::Update),
        Some(("cancel", typed)) => office.succeed(typed, AlertKind::Cancel),
        Some(("correct", typed)) => office.correct(typed),
        Some(("sign", typed)) => office.sign(typed),
        _ => office.list(),
    }
}

impl<'a> Office<'a> {
    fn open(context: &'a Context, ring: Keyring, alarms: Alarms) -> Result<Self, Failure> {
        let root = ring.root().map_err(|fault| key_told(&fault))?.ok_or_else(|| {
            Failure::new(
                "还没有根文件：先 dalaba keys rotate",
                "there is no root yet: dalaba keys rotate first",
            )
        })?;
        Ok(Self { context, ring, alarms, root })
    }

    fn issue(&self, draft: &Draft, typed: &ArgMatches) -> Result<(), Failure> {
        self.issue_by(&self.secrets(typed)?, draft, typed)
    }

    fn issue_by(&self, secrets: &[SecretKey], draft: &Draft, typed: &ArgMatches) -> Result<(), Failure> {
        let issued =
            self.alarms.issue(&draft.alert, draft.correction.as_deref(), &self.root, secrets, clock::wall());
        let (issued, standing) = issued.map_err(|error| fault(&error))?;
        self.send(&issued, standing, typed)
    }

    /// Issues the update or the cancel of an alert that was issued here.
    fn succeed(&self, typed: &ArgMatches, kind: AlertKind) -> Result<(), Failure> {
        let before = self.named(typed)?;
        self.issue(&successor(self.context, &before, kind, typed)?, typed)
    }

    /// Issues the correction that was signed with an alert; only where there is none is one signed now.
    fn correct(&self, typed: &ArgMatches) -> Result<(), Failure> {
        let wrong = self.named(typed)?;
        let now = clock::wall();
        if let Some(issued) = self.alarms.correction(&wrong.name(), &self.root, now) {
            self.alarms.keep_correction(&issued).map_err(|error| fault(&error))?;
            return self.send(&issued, Standing::Complete, typed);
        }
        let text = default_correction(self.context, &wrong)?;
        let alert = takes_back(&wrong, &text);
        self.issue(&Draft { alert, correction: None }, typed)
    }

    fn sign(&self, typed: &ArgMatches) -> Result<(), Failure> {
        let file = typed.get_one::<PathBuf>("file").cloned().unwrap_or_default();
        let (mut issued, mut standing) = (None, Standing::WaitsForAnother);
        for secret in self.secrets(typed)? {
            let signed = self.alarms.sign(&file, &self.root, &secret, clock::wall());
            let (signed, now) = signed.map_err(|error| fault(&error))?;
            (issued, standing) = (Some(signed), now);
        }
        let Some(issued) = issued else { return Ok(()) };
        let file = self.alarms.adopt(&issued, &file).map_err(|error| fault(&error))?;
        self.send_from(&issued, &file, standing, typed)
    }

    fn list(&self) -> Result<(), Failure> {
        let mut all = self.alarms.list().map_err(|error| fault(&error))?;
        all.extend(self.alarms.waiting().list().map_err(|error| fault(&error))?);
        print(&listed(self.context.lang, &all, &self.root, clock::wall()))
    }

    fn named(&self, typed: &ArgMatches) -> Result<Alert, Failure> {
        let reference = typed.get_one::<String>("reference").map(String::as_str).unwrap_or_default();
        self.alarms.find(reference).map(|issued| issued.alert).map_err(|error| fault(&error))
    }

    fn send(&self, issued: &Issued, standing: Standing, typed: &ArgMatches) -> Result<(), Failure> {
        let file = self.alarms.path(&issued.alert.identifier);
        self.send_from(issued, &file, standing, typed)
    }

    /// Brings an alert where it was asked for, and says what is next. One that stations would refuse goes nowhere.
    fn send_from(
        &self,
        issued: &Issued,
        file: &Path,
        standing: Standing,
        typed: &ArgMatches,
    ) -> Result<(), Failure> {
        let bytes = issued.envelope.write();
        let mut posted = None;
        if standing == Standing::Complete {
            if let Some(to) = output(typed) {
                replace(to, &bytes).map_err(|error| {
                    let to = to.display();
                    Failure::because(format!("写不了 {to}"), format!("cannot write {to}"), error)
                })?;
            }
            if let Some(server) = typed.get_one::<String>("server") {
                let certificate = typed.get_one::<PathBuf>("certificate").map(PathBuf::as_path);
                Client::new(server, certificate, ALERT_ANSWERED)
                    .and_then(|client| client.post(wire::ALERTS, "application/json", bytes.as_slice()))
                    .map_err(|fault| not_posted(file, &fault.words().zh, &fault.words().en))?;
                posted = Some(server.as_str());
            }
        }
        let written = output(typed).map_or(file, PathBuf::as_path);
        print(&described(self.context.lang, &issued.alert, written, standing, posted))
    }

    /// Opens the keys of everybody named with `--by`.
    fn secrets(&self, typed: &ArgMatches) -> Result<Vec<SecretKey>, Failure> {
        let names: Vec<&String> = typed.get_many("by").into_iter().flatten().collect();
        if names.is_empty() {
            return Err(Failure::new("要写由谁签发：--by 姓名", "say who signs it: --by NAME"));
        }
        let open = |name: &&String| {
            let passphrase = passphrase(self.context.lang, name, typed, false)?;
            self.ring.unlock(name, &passphrase).map_err(|fault| key_told(&fault))
        };
        names.iter().map(open).collect()
    }
}

/// What comes in by itself knows no such option: every alert would take the last one's place.
fn output(typed: &ArgMatches) -> Option<&PathBuf> {
    typed.try_get_one("output").ok().flatten()
}

fn not_posted(file: &Path, zh: &str, en: &str) -> Failure {
    let file = file.display();
    Failure::new(
        format!("签好了（{file}），但没有发出去：{zh}；可以把这个文件送到站点，dalaba import"),
        format!("signed ({file}), but not sent: {en}; the file can be carried to stations: dalaba import"),
    )
}
