//! Some villages of one county, and the account that is made with them in the end.

use std::str::FromStr;

use dalaba::county::store::{Address, Store};
use dalaba::model::Digest;
use dalaba::station::journal::{BEFORE_THE_FIRST, follows};
use dalaba::wire::Acknowledged;
use tokio::runtime::Builder;

use super::county::{County, SOON};
use super::poll;
use super::village::Village;

/// Records that each village has acknowledged before and after a fault, so that the fault falls into the middle.
const MORE: i64 = 40;

/// Villages that report and wait.
pub(crate) struct Villages(Vec<Village>);

impl Villages {
    /// Enrols so many villages, which come in through `port`, and waits until all are at work.
    pub(crate) fn at_work(county: &County, count: usize, port: u16) -> Self {
        Self::named(county, "村", count, port)
    }

    /// The same, whose names begin with `name`.
    pub(crate) fn named(county: &County, name: &str, count: usize, port: u16) -> Self {
        let villages = (1..=count).map(|n| Village::enrol(county, &format!("{name}{n:02}"), port));
        let villages = Self(villages.collect());
        villages.until_news(1);
        villages.go_on();
        villages
    }

    /// Waits until each village had some more records acknowledged.
    pub(crate) fn go_on(&self) {
        let before: Vec<i64> = self.0.iter().map(Village::acknowledged).collect();
        poll::until("records that are acknowledged", SOON, || {
            let mut pairs = self.0.iter().zip(&before);
            pairs.all(|(village, before)| village.acknowledged() >= before + MORE).then_some(())
        });
    }

    /// Tells whether nothing is acknowledged to anybody for a second.
    pub(crate) fn has_stopped(&self) -> bool {
        let count = || self.0.iter().map(Village::acknowledged).sum::<i64>();
        let before = count();
        poll::pass(std::time::Duration::from_secs(1));
        count() == before
    }

    /// Waits until everybody has the bundle of this number.
    pub(crate) fn until_news(&self, serial: u64) {
        poll::until("news for everybody", SOON, || {
            self.0.iter().all(|village| village.news().contains_key(&serial)).then_some(())
        });
    }

    /// Lets everything arrive, and holds what is in the database against what the villages wrote, record by record; each of
    /// the bundles from 1 to `newest` was news exactly once, but for those that a later one overtook.
    pub(crate) fn account(self, database: &str, newest: u64) {
        self.until_news(newest);
        self.0.iter().for_each(Village::stop_writing);
        poll::until("the last acknowledgement", SOON, || self.0.iter().all(Village::is_done).then_some(()));
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let address = Address::from_str(database).unwrap();
        let store = runtime.block_on(Store::open(&address)).unwrap();
        for village in &self.0 {
            assert_eq!(village.wrong(), Vec::<String>::new(), "{}", village.site);
            assert!(village.news().values().all(|times| *times == 1), "{:?}", village.news());
            runtime.block_on(arrived(&store, village));
        }
        let count: i64 = self.0.iter().map(Village::acknowledged).sum();
        println!("{} villages, {count} records, each there once", self.0.len());
    }
}

/// Holds the county's records of a village against its log.
async fn arrived(store: &Store, village: &Village) {
    let written = village.facts();
    let (epoch, through) = (written[0].hash, written.last().unwrap().seq);
    let logs = store.logs(&village.site).await.unwrap();
    assert_eq!(logs, vec![Acknowledged { epoch, through }], "one log, and all of it");
    let stored = store.facts(&village.site, &epoch, 0, u32::MAX).await.unwrap();
    let stored: Vec<_> = stored.into_iter().map(|stored| stored.fact).collect();
    assert_eq!(stored, written, "{}", village.site);
    let mut before: Digest = BEFORE_THE_FIRST.into();
    for fact in &stored {
        assert!(follows(&before, fact), "{}: record {}", village.site, fact.seq);
        before = fact.hash;
    }
}
