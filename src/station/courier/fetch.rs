//! The second round: brings what is offered, piece by piece, and hands it to the store whole.

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper::header;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use super::Fault;
use super::desk::{Desk, Patience};
use super::link::{ANSWERING, Ask, BYTES, JSON, Link, at_the_slowest};
use super::refusal::{Outcome, outcome};
use super::spool::{Assembled, LEFT_FREE, Spool, is_file};
use crate::model::{Bundle, BundleFile, Digest, Words};
use crate::station::bundles::{Store, TakeFault};
use crate::trust::{Envelope, LARGEST_ENVELOPE, Verdict};
use crate::wire::{About, BUNDLES, FILES, Offer, Offers, ROOTS, Step};

/// What was refused is looked at again so often: a clock may have been set, a zone written down.
const AGAIN: Duration = Duration::from_hours(1);

/// Most versions of the root in one go.
const MOST_ROOTS: u64 = 1000;

struct Fetcher<'a> {
    desk: &'a Desk,
    link: Link,
    spool: Spool,
    store: Store,
    /// Envelopes of what is offered, so that a line that breaks does not carry them again.
    envelopes: HashMap<Digest, Vec<u8>>,
    /// Bundles that were refused, or found whole: not to be asked for again for a while.
    settled: HashSet<Digest>,
    /// Whether some of a file came since this was last asked.
    moved: bool,
}

/// A bundle that may come in.
struct Wanted {
    about: About,
    bundle: Bundle,
    envelope: Vec<u8>,
}

/// Fetches for ever.
pub(super) async fn fetch(desk: &Desk) -> Result<(), Fault> {
    let spool = Spool::open(&desk.state).map_err(Fault::Disk)?;
    let (link, store) = (Link::to(&desk.office)?, desk.inputs.store.clone());
    let mut fetcher = Fetcher {
        desk,
        link,
        spool,
        store,
        envelopes: HashMap::new(),
        settled: HashSet::new(),
        moved: false,
    };
    let mut patience = Patience::new();
    let mut news = desk.offers.subscribe();
    loop {
        let offered = news.borrow_and_update().clone();
        let Some(offers) = offered else {
            changed(&mut news, None).await;
            continue;
        };
        let done = tokio::select! {
            done = fetcher.all(&offers) => done,
            // What was begun is gone on with, if it is still wanted.
            () = changed(&mut news, Some(&offers)) => continue,
        };
        desk.fetching(None);
        desk.worked(done.as_ref().map(drop));
        match done {
            Ok(()) => {
                patience.restored();
                tokio::select! {
                    () = changed(&mut news, Some(&offers)) => {}
                    () = sleep(AGAIN) => fetcher.settled.clear(),
                }
            }
            Err(fault) => {
                if std::mem::take(&mut fetcher.moved) {
                    // A line that breaks and yet carries something is not to be waited for longer and longer.
                    patience.restored();
                }
                tokio::select! {
                    () = changed(&mut news, Some(&offers)) => {}
                    () = patience.after(&fault) => {}
                }
            }
        }
    }
}

/// Waits until something else is offered.
async fn changed(news: &mut watch::Receiver<Option<Arc<Offers>>>, than: Option<&Arc<Offers>>) {
    let other = |now: &Option<Arc<Offers>>| match (now, than) {
        (Some(now), Some(than)) => now.root != than.root || now.bundles != than.bundles,
        (now, than) => now.is_some() != than.is_some(),
    };
    if news.wait_for(other).await.is_err() {
        // The desk is gone, and we with it.
        std::future::pending::<()>().await;
    }
}

impl Fetcher<'_> {
    /// Brings everything that is offered and not here. One bundle that cannot come in holds no other up.
    async fn all(&mut self, offers: &Offers) -> Result<(), Fault> {
        self.roots(offers.root).await?;
        let offered: HashSet<Digest> = offers.bundles.iter().map(|offer| offer.payload).collect();
        self.envelopes.retain(|payload, _| offered.contains(payload));
        self.settled.retain(|payload| offered.contains(payload));
        let mut wanted = Vec::new();
        for offer in &offers.bundles {
            wanted.extend(self.look(offer).await?);
        }
        let files = wanted.iter().flat_map(|wanted| &wanted.bundle.files);
        let files: HashSet<Digest> = files.map(|file| file.sha256).collect();
        self.spool.keep_only(&files).map_err(Fault::Disk)?;
        let mut first = Ok(());
        for wanted in &wanted {
            match self.bring(wanted).await {
                Err(fault) if fault.is_here() => first = first.and(Err(fault)),
                done => done?,
            }
        }
        if first.is_ok() {
            // All of it is in the store, or was refused.
            self.spool.keep_only(&HashSet::new()).map_err(Fault::Disk)?;
        }
        first
    }

    /// Walks to the root in force at the county, one version after the other: each is signed by the one before.
    async fn roots(&mut self, newest: u64) -> Result<(), Fault> {
        let Ok(Some(held)) = self.store.root() else { return Ok(()) };
        let last = newest.min(held.version.saturating_add(MOST_ROOTS));
        for version in held.version.saturating_add(1)..=last {
            let about = About::Root(version);
            let answer = self.link.ask(&Ask::get(format!("{ROOTS}/{version}"))).await?;
            let bytes = answer.bytes(JSON, LARGEST_ENVELOPE).await?;
            match self.store.take(&bytes[..], &[], None, self.desk.surely()) {
                Ok(_) => self.desk.note(&about, Step::Active, ""),
                Err(fault) => match outcome(&fault) {
                    Outcome::Refused(reason) => {
                        self.desk.note(&about, Step::Refused, &reason);
                        return Ok(());
                    }
                    Outcome::Later(fault) => return Err(fault),
                },
            }
            // Others may sign now.
            self.settled.clear();
        }
        Ok(())
    }

    /// Judges what is offered by its envelope, before anything else of it is fetched.
    async fn look(&mut self, offer: &Offer) -> Result<Option<Wanted>, Fault> {
        let standing = Arc::clone(&self.desk.inputs.standing.borrow());
        let same = |held: &crate::trust::Held| held.serial == offer.serial && held.payload == offer.payload;
        let held = self.store.held(&offer.campaign).as_ref().is_some_and(same);
        let in_force = standing.campaigns.iter().any(|(id, held)| *id == offer.campaign && same(held));
        if self.settled.contains(&offer.payload) || (held && in_force) {
            return Ok(None);
        }
        let envelope = self.envelope(offer).await?;
        let (campaign, serial, payload) = (offer.campaign.clone(), offer.serial, offer.payload);
        let about = About::Bundle { campaign, serial, payload };
        match self.store.judge(&envelope, &standing.stations, self.desk.surely()) {
            // One that is held and not in force may be damaged: the store finds out.
            Ok(Verdict::New(bundle) | Verdict::Held(bundle)) => Ok(Some(Wanted { about, bundle, envelope })),
            Err(fault) => self.refused(&about, offer.payload, &fault).map(|()| None),
        }
    }

    async fn envelope(&mut self, offer: &Offer) -> Result<Vec<u8>, Fault> {
        if let Some(known) = self.envelopes.get(&offer.payload) {
            return Ok(known.clone());
        }
        let answer = self.link.ask(&Ask::get(format!("{BUNDLES}/{}", offer.payload))).await?;
        let bytes = answer.bytes(JSON, LARGEST_ENVELOPE + 1).await?;
        let envelope = Envelope::read(&bytes).filter(|found| Digest::of(&found.payload) == offer.payload);
        let envelope =
            envelope.ok_or_else(|| Fault::Astray("another bundle than was asked for".to_owned()))?;
        // As the store reads it: in one line.
        let bytes = envelope.write();
        self.envelopes.insert(offer.payload, bytes.clone());
        Ok(bytes)
    }

    /// Notes a refusal, or says why to try again.
    fn refused(&mut self, about: &About, payload: Digest, fault: &TakeFault) -> Result<(), Fault> {
        match outcome(fault) {
            Outcome::Refused(reason) => {
                self.settled.insert(payload);
                self.desk.note(about, Step::Refused, &reason);
                Ok(())
            }
            Outcome::Later(fault) => Err(fault),
        }
    }

    /// Brings the files that are not here, and hands the whole to the store, which is the one door.
    async fn bring(&mut self, wanted: &Wanted) -> Result<(), Fault> {
        let Wanted { about, bundle, envelope } = wanted;
        let mut places = Vec::new();
        let mut missing: Vec<&BundleFile> = Vec::new();
        for file in &bundle.files {
            match self.place(file) {
                Some(_) => {}
                None if missing.iter().any(|other| other.sha256 == file.sha256) => {}
                None => missing.push(file),
            }
        }
        self.has_room(about, bundle, &missing)?;
        for (number, file) in missing.iter().enumerate() {
            let (campaign, serial) = (&bundle.campaign, bundle.serial);
            let of = format!("{} / {}", number + 1, missing.len());
            self.desk.fetching(Some(Words::new(
                format!("“{campaign}”第 {serial} 号，文件 {of}"),
                format!("{campaign} number {serial}, file {of}"),
            )));
            self.file(file).await?;
        }
        for file in &bundle.files {
            let gone = || Fault::Busy(format!("{} is gone again", file.path));
            places.push(self.place(file).ok_or_else(gone)?);
        }
        self.desk.note(about, Step::Received, "");
        self.take(about, envelope.clone(), places).await
    }

    async fn take(&mut self, about: &About, envelope: Vec<u8>, files: Vec<PathBuf>) -> Result<(), Fault> {
        let (store, now) = (self.store.clone(), self.desk.surely());
        let standing = Arc::clone(&self.desk.inputs.standing.borrow());
        let payload = Envelope::read(&envelope).map(|envelope| Digest::of(&envelope.payload));
        // Recordings are decoded: that takes its time.
        let work = move || store.take(Assembled::new(envelope, files), &standing.stations, None, now);
        let taken = spawn_blocking(work).await.map_err(|error| Fault::Busy(error.to_string()))?;
        let Some(payload) = payload else { return Ok(()) };
        match taken {
            Ok(_) => {
                self.settled.insert(payload);
                self.desk.note(about, Step::Verified, "");
                // It may have been in force all the time.
                self.desk.note_in_force();
                Ok(())
            }
            Err(fault) => self.refused(about, payload, &fault),
        }
    }

    /// Finds a file that is here already: fetched before, or of another bundle. Only its sum is believed.
    fn place(&self, file: &BundleFile) -> Option<PathBuf> {
        let held = || self.store.holding(file).into_iter().find(|path| is_file(path, file));
        self.spool.whole(file).or_else(held)
    }

    /// Finds out that a bundle has room twice, once in the spool and once in the store, and the log has room beside it.
    fn has_room(&self, about: &About, bundle: &Bundle, missing: &[&BundleFile]) -> Result<(), Fault> {
        let left: u64 = missing.iter().map(|file| file.bytes.saturating_sub(self.spool.length(file))).sum();
        let needed = left.saturating_add(bundle.bytes()).saturating_add(LEFT_FREE);
        match self.spool.free() {
            Some(free) if free < needed => {
                let words = Words::new("本站的磁盘放不下", "no room on the station's disk");
                self.desk.note(about, Step::Refused, &format!("no_room: {words}"));
                Err(Fault::NoRoom { needed, free })
            }
            _ => Ok(()),
        }
    }

    /// Fetches a file, from where it broke off.
    async fn file(&mut self, file: &BundleFile) -> Result<(), Fault> {
        let at = Some(self.spool.length(file)).filter(|at| *at <= file.bytes).unwrap_or_default();
        if at < file.bytes || file.bytes == 0 {
            let limit = ANSWERING + at_the_slowest(file.bytes);
            timeout(limit, self.rest(file, at)).await.map_err(|_| Fault::Silent)??;
        }
        let (spool, wanted) = (self.spool.clone(), file.clone());
        let finished = spawn_blocking(move || spool.finish(&wanted)).await;
        let finished = finished.map_err(|error| Fault::Busy(error.to_string()))?;
        if finished.map_err(Fault::Disk)? {
            Ok(())
        } else {
            Err(Fault::Astray(format!("{} is not the file that was signed", file.path)))
        }
    }

    async fn rest(&mut self, file: &BundleFile, mut at: u64) -> Result<(), Fault> {
        let mut ask = Ask::get(format!("{FILES}/{}", file.sha256));
        if at > 0 {
            ask = ask.with(header::RANGE, format!("bytes={at}-"));
        }
        let mut answer = self.link.ask(&ask).await?;
        answer.is(BYTES)?;
        match answer.starts_at() {
            Some(start) if start == at => {}
            Some(0) => at = 0,
            _ => return Err(Fault::Astray("another part of the file than was asked for".to_owned())),
        }
        let mut to = self.spool.append(file, at).map_err(Fault::Disk)?;
        while let Some(piece) = answer.piece().await? {
            at += piece.len() as u64;
            if at > file.bytes {
                return Err(Fault::TooLarge);
            }
            to.write_all(&piece).map_err(Fault::Disk)?;
            self.moved = true;
        }
        if at == file.bytes { Ok(()) } else { Err(Fault::Cut(format!("{} ended early", file.path))) }
    }
}
