//! A village as the county sees it: it enrols, writes a real as-run log, sends it until it is acknowledged, and waits for news.
//! It tries again sooner than the real courier, which spares the county, and gives up sooner: a test has less time.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::model::{AsRun, Digest, Outcome, Record, Repeat};
use dalaba::station::clock;
use dalaba::station::journal::{BEFORE_THE_FIRST, Journal, Reader, RunStart};
use dalaba::wire::{
    AS_RUN, Acknowledged, Batch, Code, ENROL, EnrolRequest, Enrolled, Fact, Nonce, OFFERS, Offers, Token,
    client_proof, county_proof, token,
};
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use ureq::Agent;

use super::airing::airing;
use super::county::County;
use super::poll;

/// Pause after a failure.
const AGAIN: Duration = Duration::from_millis(150);

/// How long a poll lies at the county, and how long any answer may take.
const WAIT: u64 = 8;
const PATIENCE: Duration = Duration::from_secs(WAIT + 4);

/// Airings of one go, and facts of one batch: small, so that there is always one under way.
const AT_ONCE: i64 = 4;
const BATCH: usize = 10;

/// A village; its threads end after it was dropped.
pub(crate) struct Village {
    pub(crate) site: String,
    log: TempDir,
    known: Arc<Known>,
}

/// What its two threads know.
#[derive(Default)]
struct Known {
    over: AtomicBool,
    /// Whether it is to write no more.
    stop: AtomicBool,
    /// Whether it has written all that it will write.
    written: AtomicBool,
    acknowledged: AtomicI64,
    /// How often each bundle came as news.
    news: Mutex<BTreeMap<u64, usize>>,
    /// What must never be.
    wrong: Mutex<Vec<String>>,
}

/// Speaks with the county.
struct Line {
    agent: Agent,
    base: String,
    token: Token,
    known: Arc<Known>,
}

impl Village {
    /// Enrols a village of this name through `port`, and begins to send and to wait there.
    pub(crate) fn enrol(county: &County, site: &str, port: u16) -> Self {
        let log = tempfile::tempdir().unwrap();
        let (agent, base) = (county.agent(PATIENCE), format!("https://127.0.0.1:{port}"));
        let code: Code = county.code(site).parse().unwrap();
        let token = poll::until("an enrolment", super::county::SOON, || enrol(&agent, &base, &code, site));
        let known = Arc::new(Known::default());
        let line = || Line {
            agent: county.agent(PATIENCE),
            base: base.clone(),
            token: token.clone(),
            known: Arc::clone(&known),
        };
        let (sender, waiter, journal) = (line(), line(), journal(log.path()));
        let (folder, name) = (log.path().to_owned(), site.to_owned());
        thread::spawn(move || sender.tell(journal, &folder, &name));
        thread::spawn(move || waiter.wait_for_news());
        Self { site: site.to_owned(), log, known }
    }

    /// Returns the number of the last record that the county has acknowledged.
    pub(crate) fn acknowledged(&self) -> i64 {
        self.known.acknowledged.load(Ordering::SeqCst)
    }

    /// Lets it write no more.
    pub(crate) fn stop_writing(&self) {
        self.known.stop.store(true, Ordering::SeqCst);
    }

    /// Tells whether everything that it wrote is acknowledged.
    pub(crate) fn is_done(&self) -> bool {
        self.known.written.load(Ordering::SeqCst) && self.newest() == self.acknowledged()
    }

    fn newest(&self) -> i64 {
        Reader::open(self.log.path()).and_then(|log| log.newest()).unwrap_or_default()
    }

    /// Returns all that it has recorded.
    pub(crate) fn facts(&self) -> Vec<Fact> {
        Reader::open(self.log.path()).unwrap().facts(0, usize::MAX >> 1).unwrap()
    }

    /// Returns how often each bundle came as news, by its number.
    pub(crate) fn news(&self) -> BTreeMap<u64, usize> {
        locked(&self.known.news).clone()
    }

    /// Returns what must never have been.
    pub(crate) fn wrong(&self) -> Vec<String> {
        locked(&self.known.wrong).clone()
    }
}

impl Drop for Village {
    fn drop(&mut self) {
        self.known.over.store(true, Ordering::SeqCst);
    }
}

impl Known {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    fn complain(&self, what: String) {
        locked(&self.wrong).push(what);
    }
}

fn locked<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Line {
    /// Writes and sends, and sends again what was not acknowledged.
    fn tell(&self, mut journal: Journal, folder: &Path, site: &str) {
        let mut minute = 0;
        while !self.known.is_over() {
            if self.known.stop.load(Ordering::SeqCst) {
                self.known.written.store(true, Ordering::SeqCst);
            } else {
                let records: Vec<Record> = (minute..minute + AT_ONCE).map(|n| heard(site, n)).collect();
                journal.commit_all(&records).unwrap();
                minute += AT_ONCE;
            }
            if !self.send(folder) {
                poll::pass(AGAIN);
            }
        }
    }

    /// Sends one batch; tells whether it was acknowledged.
    fn send(&self, folder: &Path) -> bool {
        let after = self.known.acknowledged.load(Ordering::SeqCst);
        let log = Reader::open(folder).unwrap();
        let facts = log.facts(after, BATCH).unwrap();
        if facts.is_empty() {
            return false;
        }
        let before = log.facts(after - 1, 1).unwrap().pop().filter(|fact| fact.seq == after);
        let previous = before.map_or(BEFORE_THE_FIRST.into(), |fact| fact.hash);
        let epoch = log.epoch().unwrap().unwrap();
        let last = facts.last().unwrap().seq;
        let body = serde_json::to_vec(&Batch { epoch, previous, facts }).unwrap();
        let asked = self.agent.post(format!("{}{AS_RUN}", self.base));
        let asked = asked.header("authorization", format!("Bearer {}", self.token.0));
        let Ok(mut answer) = asked.content_type("application/json").send(&body[..]) else { return false };
        let status = answer.status().as_u16();
        // A county that does not take what follows has lost what it acknowledged.
        if (400..500).contains(&status) && status != 429 {
            self.known.complain(format!("{after}: {status} {:?}", answer.body_mut().read_to_string()));
        }
        let Some(taken) = read::<Acknowledged>(&mut answer) else { return false };
        if taken.epoch != epoch || taken.through < last {
            self.known.complain(format!("{taken:?} after {last}"));
        }
        self.known.acknowledged.store(taken.through, Ordering::SeqCst);
        true
    }

    /// Waits for news, and counts them as a station would that looks at the numbers of bundles.
    fn wait_for_news(&self) {
        let mut tag: Option<String> = None;
        let mut held = 0;
        while !self.known.is_over() {
            let known = self.known.acknowledged.load(Ordering::SeqCst);
            let Some((newest, offers)) = self.ask(tag.as_deref()) else {
                poll::pass(AGAIN);
                continue;
            };
            let Some(offers) = offers else { continue };
            tag = newest;
            if offers.acknowledged.map_or(0, |acknowledged| acknowledged.through) < known {
                self.known.complain(format!("{:?} when {known} was acknowledged", offers.acknowledged));
            }
            let serial = offers.bundles.first().map_or(0, |offer| offer.serial.0);
            if serial < held {
                self.known.complain(format!("bundle {serial} was offered after {held}"));
            }
            if serial > 0 && serial >= held {
                held = serial;
                *locked(&self.known.news).entry(serial).or_default() += 1;
            }
        }
    }

    /// Asks once: the new mark and the offers, if there is anything new; `None` if there was no answer.
    fn ask(&self, tag: Option<&str>) -> Option<(Option<String>, Option<Offers>)> {
        let mut asked = self.agent.get(format!("{}{OFFERS}", self.base));
        asked = asked.header("authorization", format!("Bearer {}", self.token.0));
        if let Some(tag) = tag {
            asked = asked.header("if-none-match", tag).header("prefer", format!("wait={WAIT}"));
        }
        let mut answer = asked.call().ok()?;
        if answer.status() == 304 {
            return Some((None, None));
        }
        let newest = answer.headers().get("etag").and_then(|tag| Some(tag.to_str().ok()?.to_owned()));
        Some((newest, Some(read(&mut answer)?)))
    }
}

fn read<T: DeserializeOwned>(answer: &mut ureq::http::Response<ureq::Body>) -> Option<T> {
    if answer.status() != 200 {
        return None;
    }
    serde_json::from_slice(&answer.body_mut().read_to_vec().ok()?).ok()
}

/// Proves that it knows the code, and has the county prove it, too; `None` if there was no answer.
fn enrol(agent: &Agent, base: &str, code: &Code, site: &str) -> Option<Token> {
    let mut request = EnrolRequest {
        code: code.name().to_owned(),
        nonce: Nonce("5a".repeat(16)),
        stations: vec![site.to_owned()],
        version: "test".to_owned(),
        proof: String::new(),
    };
    request.proof = client_proof(code, &request);
    let body = serde_json::to_vec(&request).unwrap();
    let asked = agent.post(format!("{base}{ENROL}")).content_type("application/json");
    let answer: Enrolled = read(&mut asked.send(&body[..]).ok()?)?;
    assert_eq!(answer.proof, county_proof(code, &request.nonce, &answer));
    Some(token(code, &request.nonce, &answer.nonce))
}

/// Returns when the villages' logs begin: any morning.
fn morning() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_780)
}

fn journal(folder: &Path) -> Journal {
    let (version, boot) = ("test".to_owned(), Digest::of(folder.as_os_str().as_encoded_bytes()).to_string());
    let start = RunStart { at: morning(), version, boot, steady: clock::steady(), clock_trusted: true };
    Journal::open(folder, &start).unwrap().0
}

/// Makes the record of the airing of minute `n`, heard to the end.
fn heard(site: &str, n: i64) -> Record {
    let at = morning() + TimeDelta::seconds(n * 60);
    let airing = airing(site, "春运", ("安全带", "安全带就是生命带！"), Repeat::default(), at);
    let (started, ended) = (Some(at), Some(at + TimeDelta::seconds(8)));
    let heard = Some(Duration::from_secs(8));
    let (outcome, detail, voice) = (Outcome::Completed, String::new(), "espeak".to_owned());
    Record::Closed(AsRun {
        airing,
        at,
        outcome,
        reason: None,
        detail,
        started,
        ended,
        heard,
        readings: 1,
        voice,
    })
}
