//! What every request is answered from: the store, what is on offer, and who may ask.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use hashlink::LruCache;
use tokio::sync::{Semaphore, watch};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::answer::No;
use super::heads::Heads;
use super::limits::Limits;
use super::memory;
use super::offered::{Known, Offered};
use super::{Options, ROUND, ServerFault};
use crate::county::store::{Store, StoreFault, StoredSite};
use crate::model::{Digest, Words};
use crate::station::clock;
use crate::wire::Token;

/// Bundles that may come in at the same time.
const UPLOADS: usize = 2;

/// How long an answer may wait for the memory.
const SOON: Duration = Duration::from_secs(2);

/// Rounds after which limits forget those who have gone.
const FORGET: u32 = 60;

/// Rounds after which memory is given back.
const GIVE_BACK: u32 = 15;

/// Small files that are kept in memory.
const FILES: usize = 64;

/// Most sites whose tokens are remembered; all are forgotten at once when there are more.
const MOST_KNOWN: usize = 50_000;

/// The office, shared by all requests.
pub(super) struct Office {
    pub(super) store: Store,
    pub(super) offered: watch::Receiver<Arc<Offered>>,
    pub(super) closing: watch::Receiver<bool>,
    pub(super) limits: Limits,
    pub(super) uploads: Semaphore,
    /// Held while an alert is counted and kept.
    pub(super) alerts: tokio::sync::Mutex<()>,
    pub(super) heads: Heads,
    /// Small files that were asked for lately.
    pub(super) files: Mutex<LruCache<Digest, Bytes>>,
    pub(super) known_by: watch::Receiver<Option<String>>,
    pub(super) behind_proxy: bool,
    pub(super) program: PathBuf,
    known: Mutex<Known>,
}

/// The site that asks, known by its token.
pub(super) struct Asker(pub(super) Arc<StoredSite>);

impl Office {
    pub(super) async fn open(
        store: Store,
        options: &Options,
        known_by: watch::Receiver<Option<String>>,
        closing: watch::Receiver<bool>,
    ) -> Result<Arc<Self>, ServerFault> {
        let changes = store.changes().await?;
        let offered = Offered::read(&store, changes.offers, &Offered::default(), clock::wall()).await?;
        let (news, offered) = watch::channel(Arc::new(offered));
        let office = Arc::new(Self {
            heads: Heads::of(store.clone()),
            files: Mutex::new(LruCache::new(FILES)),
            store,
            offered,
            closing,
            limits: Limits::new(options.enrolments),
            uploads: Semaphore::new(UPLOADS),
            alerts: tokio::sync::Mutex::default(),
            known_by,
            behind_proxy: options.behind_proxy,
            program: options.program.clone(),
            known: Mutex::new(Known { changes, ..Known::default() }),
        });
        tokio::spawn(Arc::clone(&office).keep(news));
        Ok(office)
    }

    /// Keeps the memory true: at once when the bell rings, and every round in case that one was missed.
    async fn keep(self: Arc<Self>, news: watch::Sender<Arc<Offered>>) {
        let (mut bell, mut closing) = (self.store.bell(), self.closing.clone());
        let mut rounds = 0_u32;
        loop {
            tokio::select! {
                rung = timeout(ROUND, bell.changed()) => if matches!(rung, Ok(Err(_))) { return },
                _ = closing.wait_for(|closing| *closing) => return,
            }
            rounds = rounds.wrapping_add(1);
            if rounds.is_multiple_of(FORGET) {
                self.limits.forget();
            }
            if rounds.is_multiple_of(GIVE_BACK) {
                // Takes some hundredths of a second; nobody waits for it.
                spawn_blocking(memory::give_back);
            }
            if let Err(fault) = self.refresh(&news).await {
                tracing::warn!(%fault, "what is on offer is from before");
            }
        }
    }

    async fn refresh(&self, news: &watch::Sender<Arc<Offered>>) -> Result<(), StoreFault> {
        let changes = self.store.changes().await?;
        let known = self.lock().changes;
        if changes.sites != known.sites {
            self.lock().sites.clear();
        }
        if changes.offers != known.offers {
            let before = Arc::clone(&self.offered.borrow());
            let offered = Offered::read(&self.store, changes.offers, &before, clock::wall()).await?;
            news.send_replace(Arc::new(offered));
        }
        // Last, so that a round that failed is made again.
        self.lock().changes = changes;
        Ok(())
    }

    /// Waits until what was just written is on offer at this node. Where that takes too long, it is on offer soon after.
    pub(super) async fn caught_up(&self) -> Result<(), No> {
        let written = self.store.changes().await?.offers;
        self.has_caught_up(written).await;
        Ok(())
    }

    /// Waits until this node knows of everything up to the counter `newest`; tells whether it does.
    pub(super) async fn has_caught_up(&self, newest: i64) -> bool {
        let mut offered = self.offered.clone();
        let reached = timeout(SOON, offered.wait_for(|offered| offered.as_of >= newest)).await;
        reached.is_ok_and(|reached| reached.is_ok())
    }

    /// Returns what is on offer.
    pub(super) fn now_offered(&self) -> Arc<Offered> {
        Arc::clone(&self.offered.borrow())
    }

    /// Finds out who asks. The token's sum is what is looked up, so the time that it takes tells nothing of the token.
    pub(super) async fn asker(&self, token: Option<&Token>) -> Result<Arc<StoredSite>, No> {
        let sum = token.ok_or_else(stranger)?.digest();
        let known = self.lock().sites.get(&sum).cloned();
        let site = match known {
            Some(site) => site,
            None => self.look_up(sum).await?,
        };
        if site.revoked.is_some() {
            let words = Words::new("这个站点已被县里停用", "the county has revoked this station");
            return Err(No::new(StatusCode::FORBIDDEN, "revoked", words));
        }
        self.limits.site(&site.name)?;
        Ok(site)
    }

    async fn look_up(&self, sum: Digest) -> Result<Arc<StoredSite>, No> {
        // The counter is read first: what is looked up then is at least as new.
        let before = self.lock().changes.sites;
        let site = Arc::new(self.store.site_by_token(&sum).await?.ok_or_else(stranger)?);
        let mut known = self.lock();
        if known.changes.sites == before {
            if known.sites.len() >= MOST_KNOWN {
                known.sites.clear();
            }
            known.sites.insert(sum, Arc::clone(&site));
        }
        Ok(site)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the token out of `Authorization: Bearer …`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<Token> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Token(token.trim().to_owned()))
}

fn stranger() -> No {
    let words = Words::new(
        "县里不认识这个站点：请重新登记（dalaba enrol）",
        "the county does not know this station: enrol it again (dalaba enrol)",
    );
    No::new(StatusCode::UNAUTHORIZED, "unknown_token", words)
}

impl FromRequestParts<Arc<Office>> for Asker {
    type Rejection = No;

    async fn from_request_parts(parts: &mut Parts, office: &Arc<Office>) -> Result<Self, No> {
        office.asker(bearer(&parts.headers).as_ref()).await.map(Self)
    }
}

/// Waits at most so long; tells whether there was time enough.
pub(super) async fn within<T>(time: Duration, work: impl Future<Output = T>) -> Option<T> {
    timeout(time, work).await.ok()
}
