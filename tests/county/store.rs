//! The store: the same suite over SQLite and over PostgreSQL.

use std::future::Future;

use chrono::{DateTime, Duration, Utc};
use dalaba::county::ingest::{self, IngestFault};
use dalaba::county::store::{Address, Applicant, Store, StoredCode};
use dalaba::model::{
    Alert, AlertKind, CampaignId, Digest, Priority, Serial, StationId, Status, Target, ZoneId,
};
use dalaba::wire::{About, Code, Enrolled, Health, Nonce, Receipt, StationHealth, Step};

use super::common::morning;
use super::postgres::Postgres;
use super::village::Log;

fn noon() -> DateTime<Utc> {
    morning() + Duration::hours(5)
}

/// Runs `work` on an empty store of each kind.
fn on_both<F: Future<Output = ()>>(work: impl Fn(Store) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let postgres = Postgres::start();
    let addresses = [Address::File(folder.path().join("county.db")), postgres.url().parse().unwrap()];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for address in addresses {
        runtime.block_on(async {
            work(Store::open(&address).await.unwrap()).await;
            // Opened again, nothing is made anew.
            assert_eq!(Store::open(&address).await.unwrap().sites().await.unwrap().len(), 1);
        });
    }
}

async fn enrolled(store: &Store) -> Digest {
    let code = StoredCode {
        code: Code::of(&[3; 13]),
        site: "赵家庄".to_owned(),
        expires: noon() + Duration::days(7),
        tries: 0,
    };
    store.keep_code(&code, "王", noon()).await.unwrap();
    assert_eq!(store.code(code.code.name()).await.unwrap(), Some(code.clone()));
    let stations = [
        (StationId::new("赵家庄").unwrap(), vec![ZoneId::new("河东").unwrap()]),
        (StationId::new("东 头").unwrap(), vec![]),
    ];
    let token = Digest::of(b"token");
    let answer = Enrolled {
        site: code.site.clone(),
        nonce: Nonce("11".repeat(16)),
        roots: Vec::new(),
        certificate: None,
        proof: "10".to_owned(),
    };
    let written = serde_json::to_string(&answer).unwrap();
    let (code, proof, version) = (&code, "01", "0.1.0");
    let applicant =
        Applicant { code, token, proof, answer: &written, version, stations: &stations, now: noon() };
    let answered = async |proof: &str, minutes| {
        let at = noon() + Duration::minutes(minutes);
        store.answered(code.code.name(), proof, at).await.unwrap()
    };
    assert_eq!(answered("01", 0).await, None);
    assert!(store.enrol(&applicant).await.unwrap());
    assert!(!store.enrol(&applicant).await.unwrap(), "a code is good for one use");
    assert_eq!(answered("01", 9).await, Some(answer));
    assert_eq!(answered("01", 10).await, None, "who asks so late did not lose a line");
    assert_eq!(answered("02", 1).await, None);
    token
}

#[test]
fn sites_come_in_once_and_go_and_every_deed_is_written_down() {
    on_both(async |store| {
        let before = store.changes().await.unwrap();
        let token = enrolled(&store).await;
        let site = store.site_by_token(&token).await.unwrap().unwrap();
        assert_eq!((site.name.as_str(), site.stations.len(), site.revoked), ("赵家庄", 2, None));
        assert_eq!(store.sites().await.unwrap(), std::slice::from_ref(&site));
        assert!(store.changes().await.unwrap().sites > before.sites);
        assert!(store.revoke("赵家庄", "王", noon()).await.unwrap());
        assert!(!store.revoke("赵家庄", "王", noon()).await.unwrap());
        assert_eq!(store.site_by_token(&token).await.unwrap().unwrap().revoked, Some(noon()));
        let deeds = store.deeds(10).await.unwrap();
        let mut did: Vec<_> = deeds.iter().map(|deed| (deed.who.as_str(), deed.did.as_str())).collect();
        did.sort_unstable();
        assert_eq!(did, [("王", "code"), ("王", "revoked"), ("赵家庄", "enrolled")]);
    });
}

#[test]
fn a_code_can_be_tried_five_times_and_no_more() {
    on_both(async |store| {
        let other = StoredCode {
            code: Code::of(&[5; 13]),
            site: "河西".to_owned(),
            expires: noon() + Duration::days(7),
            tries: 0,
        };
        enrolled(&store).await;
        store.keep_code(&other, "王", noon()).await.unwrap();
        for _ in 0..5 {
            assert!(store.count_try(other.code.name(), 5).await.unwrap());
        }
        assert!(!store.count_try(other.code.name(), 5).await.unwrap());
        // The next code clears away what is over.
        let next = StoredCode { code: Code::of(&[6; 13]), site: "河南".to_owned(), ..other.clone() };
        store.keep_code(&next, "王", noon() + Duration::days(8)).await.unwrap();
        assert_eq!(store.code(other.code.name()).await.unwrap(), None);
    });
}

#[test]
fn records_come_back_as_they_went_in_with_those_that_were_late_marked() {
    on_both(async |store| {
        enrolled(&store).await;
        let log = Log::of(100);
        let batch = log.batch(0, 150);
        let epoch = batch.epoch;
        ingest::take(&store, "赵家庄", &batch, noon()).await.unwrap();
        let later = noon() + Duration::days(30);
        ingest::take(&store, "赵家庄", &log.batch(150, 100), later).await.unwrap();
        let stored = store.facts("赵家庄", &epoch, 0, 1000).await.unwrap();
        assert_eq!(stored.len(), 202);
        let facts: Vec<_> = stored.iter().map(|stored| stored.fact.clone()).collect();
        assert_eq!(facts, log.batch(0, 1000).facts);
        assert!(stored.iter().all(|stored| stored.late == (stored.received == later)));
        assert_eq!(store.logs("赵家庄").await.unwrap().len(), 1);
        let gap = ingest::take(&store, "赵家庄", &Log::of(1).batch(1, 1), noon()).await;
        assert!(gap.is_ok(), "the same record is here: {gap:?}");
        let strange = ingest::take(
            &store,
            "赵家庄",
            &{
                let mut b = log.batch(5, 3);
                b.epoch = Digest::of(b"x");
                b
            },
            noon(),
        )
        .await;
        assert_eq!(strange, Err(IngestFault::Gap(0)));
    });
}

#[test]
fn receipts_are_kept_once_and_of_health_the_newest() {
    on_both(async |store| {
        enrolled(&store).await;
        let about = About::Bundle {
            campaign: CampaignId::new("春运").unwrap(),
            serial: Serial(7),
            payload: Digest::of(b"bundle"),
        };
        let receipt = |about: About, step| Receipt {
            about,
            step,
            reason: String::new(),
            at: noon(),
            clock_trusted: true,
        };
        let all = [
            receipt(about.clone(), Step::Received),
            receipt(About::Alert(Digest::of(b"alert")), Step::Active),
            receipt(About::Root(2), Step::Refused),
        ];
        store.keep_receipts("赵家庄", &all, noon()).await.unwrap();
        store.keep_receipts("赵家庄", &all, noon() + Duration::hours(1)).await.unwrap();
        let kept = store.receipts("赵家庄", 100).await.unwrap();
        assert_eq!(kept.len(), 3);
        assert!(all.iter().all(|receipt| kept.contains(&(receipt.clone(), noon()))));

        let station = StationHealth {
            id: "赵家庄".to_owned(),
            zones: vec!["河东".to_owned()],
            output_ok: true,
            output_detail: String::new(),
            amplifier_fault: String::new(),
            monitor: String::new(),
            volume: 80,
            last_completed: None,
            last_heard: None,
        };
        let health = |run| Health {
            at: noon(),
            clock_trusted: true,
            version: "0.1.0".to_owned(),
            run,
            disk_free: None,
            newest: 9,
            journal_ok: true,
            campaigns: vec![],
            stations: vec![station.clone()],
        };
        store.keep_health("赵家庄", &health(2), noon()).await.unwrap();
        store.keep_health("赵家庄", &health(1), noon() - Duration::hours(1)).await.unwrap();
        let kept = store.healths().await.unwrap();
        assert_eq!((kept.len(), kept[0].health.run, kept[0].received), (1, 2, noon()));
    });
}

fn alert(identifier: &str) -> Alert {
    Alert {
        identifier: identifier.to_owned(),
        sender: "某县应急局".to_owned(),
        sent: noon().fixed_offset(),
        status: Status::Actual,
        msg_type: AlertKind::Alert,
        references: Vec::new(),
        event: "暴雨".to_owned(),
        urgency: String::new(),
        severity: String::new(),
        certainty: String::new(),
        priority: Priority::Emergency,
        language: "zh".to_owned(),
        text: "请注意。".to_owned(),
        expires: noon() + Duration::hours(1),
        repeat_every: None,
        target: vec![Target::All],
    }
}

/// Hawaii and Yunnan: of two emergencies that were each counted without the other, one is kept.
#[test]
fn what_was_counted_before_something_else_came_is_not_kept() {
    on_both(async |store| {
        enrolled(&store).await;
        let as_of = store.changes().await.unwrap().offers;
        let keep = async |name: &str, as_of| {
            let payload = Digest::of(name.as_bytes());
            store.keep_alert(&alert(name), (&payload, b"{}"), "王", (as_of, noon())).await.unwrap()
        };
        let (one, other) = tokio::join!(keep("一", as_of), keep("二", as_of));
        assert!(one != other, "{one} {other}");
        assert!(!keep("三", as_of).await, "it was counted without the first");
        let now = store.changes().await.unwrap().offers;
        assert!(keep("三", now).await);
        assert_eq!(store.alerts(noon()).await.unwrap().len(), 2);
    });
}
