//! A village as the server sees it: one connection, a token, long polls, and the files of what is new.

use std::sync::Arc;
use std::time::Duration;

use dalaba::station::clock;
use dalaba::wire::{BUNDLES, FILES, LONGEST_WAIT, OFFERS, Offers};
use tokio::task::JoinSet;

use super::server::{Connection, Server};

/// How often the server gives memory back, and a second.
const GIVES_BACK: Duration = Duration::from_secs(16);

/// One village, connected.
pub(crate) struct Village {
    connection: Connection,
    token: Arc<str>,
    tag: String,
}

/// How long each village waited for a new bundle.
pub(crate) struct Spread {
    sorted: Vec<Duration>,
    /// What the server took while all of them waited, in bytes.
    pub(crate) memory: u64,
}

impl Spread {
    /// Returns the time within which this share of the villages had it.
    pub(crate) fn at(&self, share: f64) -> Duration {
        let last = self.sorted.len().saturating_sub(1);
        self.sorted.get((share * last as f64).round() as usize).copied().unwrap_or_default()
    }
}

impl Village {
    /// Asks what is new, and waits for it if `wait`; fetches it whole.
    async fn poll(&mut self, wait: bool) {
        loop {
            let wait = if wait { LONGEST_WAIT } else { 0 };
            let headers = [("if-none-match", self.tag.clone()), ("prefer", format!("wait={wait}"))];
            let answer = self.connection.get(OFFERS, &self.token, &headers).await;
            if answer.status == 304 {
                continue;
            }
            assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
            self.tag = answer.tag;
            let offers: Offers = serde_json::from_slice(&answer.body).expect("offers");
            self.fetch(&offers).await;
            return;
        }
    }

    /// Fetches the envelope and the files of every bundle on offer; a bundle that was held before is the first one's.
    async fn fetch(&mut self, offers: &Offers) {
        let newest = offers.bundles.iter().max_by_key(|offer| offer.serial).expect("a bundle");
        let envelope = self.connection.get(&format!("{BUNDLES}/{}", newest.payload), &self.token, &[]).await;
        assert_eq!(envelope.status, 200);
        let envelope = dalaba::trust::Envelope::read(&envelope.body).expect("an envelope");
        let bundle = dalaba::trust::manifest::read(&envelope.payload).expect("a manifest");
        for file in &bundle.files {
            let answer = self.connection.get(&format!("{FILES}/{}", file.sha256), &self.token, &[]).await;
            assert_eq!((answer.status, answer.body.len() as u64), (200, file.bytes));
        }
    }
}

/// Lets all villages come at once, and returns them once each of them has everything.
pub(crate) async fn storm(server: &Server, villages: usize) -> (Vec<Village>, Duration) {
    let began = clock::steady();
    let mut coming = JoinSet::new();
    for token in server.tokens().take(villages) {
        let at = server.at;
        coming.spawn(async move {
            let mut village = Village { connection: Connection::open(at).await, token, tag: String::new() };
            village.poll(false).await;
            village
        });
    }
    let all = coming.join_all().await;
    (all, clock::steady().saturating_sub(began))
}

/// Publishes while all villages wait, and takes the time of each.
pub(crate) async fn publish(server: &Server, villages: Vec<Village>) -> Spread {
    let mut waiting = JoinSet::new();
    for mut village in villages {
        waiting.spawn(async move {
            village.poll(true).await;
            clock::steady()
        });
    }
    server.until_idle().await;
    // What the storm needed and is no longer in use is given back within this time.
    tokio::time::sleep(GIVES_BACK).await;
    let (memory, bundle) = (server.memory(), server.next_bundle());
    let began = clock::steady();
    server.send(bundle).await;
    let mut sorted: Vec<Duration> =
        waiting.join_all().await.into_iter().map(|had| had.saturating_sub(began)).collect();
    sorted.sort_unstable();
    Spread { sorted, memory }
}
