//! A county and what its villages told: logs that the real journal wrote, taken in as the server takes them.

use std::fs;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use dalaba::county::ingest;
use dalaba::county::store::{Address, Applicant, Store, StoredCode};
use dalaba::model::{
    Airing, Alert, AlertKind, AsRun, Bundle, BundleFile, BundlePath, CampaignId, Digest, OnAir, Origin,
    Outcome, Priority, Reason, Record, Repeat, Serial, StationId, Status, Target, ZoneId,
};
use dalaba::station::journal::{BEFORE_THE_FIRST, Journal, Reader, RunStart};
use dalaba::trust::{Envelope, Holder, PayloadType, Quorum, Role, Root, SecretKey, alert, manifest};
use dalaba::wire::{About, Batch, Code, Receipt, Step};
use tempfile::TempDir;

/// The day that everything is about: a Monday.
pub(crate) const DAY: &str = "2025-11-24";

/// What the county published: two messages, twice a day, and a drill.
pub(crate) const PLAYLIST: &str = "title = \"春运\"\nstations = [\"*\"]\n\
    [[message]]\nid = \"头盔\"\ntext = \"骑乘电动车请佩戴安全头盔！\"\n\
    [[message]]\nid = \"安全带\"\ntext = \"安全带就是生命带！\"\n\
    [[schedule]]\nat = [\"08:00\", \"18:00\"]\n";
pub(crate) const DRILL: &str = "title = \"演练\"\nstatus = \"drill\"\npriority = \"urgent\"\nstations = [\"*\"]\n\
    [[message]]\nid = \"疏散\"\ntext = \"请到广场集合。\"\n[[schedule]]\nat = [\"10:00\"]\n";

pub(crate) fn at(time: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&format!("{DAY}T{time}+08:00")).unwrap().to_utc()
}

fn campaign() -> CampaignId {
    CampaignId::new("春运").unwrap()
}

fn key() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

/// An airing of the county's playlist.
pub(crate) fn airing(station: &str, message: &str, time: &str) -> Airing {
    let text = if message == "头盔" {
        "骑乘电动车请佩戴安全头盔！"
    } else {
        "安全带就是生命带！"
    };
    airing_of(station, "春运.春运", (message, text), time)
}

pub(crate) fn airing_of(station: &str, playlist: &str, message: (&str, &str), time: &str) -> Airing {
    super::airing::airing(station, playlist, message, Repeat::default(), at(time))
}

/// On air when it was due, and 8.045 s of it heard; another reason than none says what stopped it.
pub(crate) fn sounded(airing: &Airing, outcome: Outcome, reason: Option<Reason>) -> Vec<Record> {
    let (started, voice) = (airing.due_utc() + TimeDelta::milliseconds(1234), "espeak".to_owned());
    let ended = started + TimeDelta::milliseconds(8045);
    let on_air = OnAir {
        airing: airing.clone(),
        at: airing.due_utc(),
        voice: voice.clone(),
        planned: Duration::from_secs(8),
    };
    let closed = AsRun {
        airing: airing.clone(),
        at: ended + TimeDelta::seconds(1),
        outcome,
        reason,
        detail: String::new(),
        started: Some(started),
        ended: Some(ended),
        heard: Some(Duration::from_millis(8045)),
        readings: u32::from(outcome == Outcome::Completed),
        voice,
    };
    vec![Record::OnAir(on_air), Record::Closed(closed)]
}

pub(crate) fn heard(airing: &Airing) -> Vec<Record> {
    sounded(airing, Outcome::Completed, None)
}

pub(crate) fn silent(airing: &Airing, outcome: Outcome, reason: Reason) -> Vec<Record> {
    vec![Record::Closed(AsRun {
        airing: airing.clone(),
        at: airing.due_utc() + TimeDelta::minutes(10),
        outcome,
        reason: Some(reason),
        detail: String::new(),
        started: None,
        ended: None,
        heard: Some(Duration::ZERO),
        readings: 0,
        voice: String::new(),
    })]
}

/// Writes records into the log in `folder` by the real journal.
pub(crate) fn write(folder: &Path, began: &str, records: Vec<Record>) {
    let start = RunStart {
        at: at(began),
        version: "0.1.0".to_owned(),
        boot: "b1".to_owned(),
        steady: Duration::from_secs(30),
        clock_trusted: true,
    };
    let (mut journal, _) = Journal::open(folder, &start).unwrap();
    for record in records {
        journal.commit(&record).unwrap();
    }
}

/// The county's store, with everything in it.
pub(crate) struct County {
    pub(crate) store: Store,
}

impl County {
    pub(crate) async fn open(address: &Address) -> Self {
        Self { store: Store::open(address).await.unwrap() }
    }

    /// Issues an alert, a drill.
    pub(crate) async fn issue(&self) {
        let alert = Alert {
            identifier: "20251124-1".to_owned(),
            sender: "某县应急局".to_owned(),
            sent: at("09:00:00").with_timezone(&FixedOffset::east_opt(8 * 3600).unwrap()),
            status: Status::Drill,
            msg_type: AlertKind::Alert,
            references: Vec::new(),
            event: "暴雨红色预警".to_owned(),
            urgency: String::new(),
            severity: String::new(),
            certainty: String::new(),
            priority: Priority::Emergency,
            language: "zh".to_owned(),
            text: "请立即转移到高处。".to_owned(),
            expires: at("11:00:00"),
            repeat_every: Some(120),
            target: vec![Target::Zone(ZoneId::new("河东").unwrap())],
        };
        let envelope = signed(PayloadType::Alert, alert::write(&alert));
        let payload = Digest::of(&envelope.payload);
        let as_of = self.store.changes().await.unwrap().offers;
        assert!(
            self.store
                .keep_alert(&alert, (&payload, &envelope.write()), "王", (as_of, at("09:00:00")))
                .await
                .unwrap()
        );
    }

    /// Publishes number 1 of the campaign; `more` files come besides.
    pub(crate) async fn publish(&self, files: &[(&str, &str)]) -> (Bundle, Digest) {
        let root = root();
        let envelope = signed(PayloadType::Root, root.payload());
        self.store.keep_root(1, &envelope.write(), "王", at("00:00:00")).await.unwrap();
        let mut listed = Vec::new();
        for (path, text) in files {
            let (sha256, bytes) = (Digest::of(text.as_bytes()), text.len() as u64);
            self.store.keep_piece(&sha256, 0, text.as_bytes()).await.unwrap();
            self.store.keep_file(&sha256, bytes).await.unwrap();
            listed.push(BundleFile { path: BundlePath::new(path).unwrap(), bytes, sha256 });
        }
        let bundle = Bundle {
            campaign: campaign(),
            serial: Serial(1),
            previous: None,
            issued: at("00:00:00") - TimeDelta::days(1),
            not_before: at("00:00:00") - TimeDelta::days(1),
            expires: at("00:00:00") + TimeDelta::days(30),
            target: vec![Target::All],
            files: listed,
        };
        let envelope = signed(PayloadType::Bundle, manifest::write(&bundle));
        let payload = Digest::of(&envelope.payload);
        let now = bundle.issued;
        assert!(self.store.keep_bundle(&bundle, &payload, &envelope.write(), "王", now).await.unwrap());
        (bundle, payload)
    }

    /// Lets a village in, which has put the bundle in force.
    pub(crate) async fn enrol(&self, site: &str, number: u8, payload: Digest) {
        let now = at("00:00:00") - TimeDelta::hours(20);
        let code = StoredCode {
            code: Code::of(&[number; 13]),
            site: site.to_owned(),
            expires: now + TimeDelta::days(1),
            tries: 0,
        };
        self.store.keep_code(&code, "王", now).await.unwrap();
        let stations = [(StationId::new(site).unwrap(), vec![ZoneId::new("河东").unwrap()])];
        let token = Digest::of(&[number]);
        let (proof, answer, version) = ("", "", "0.1.0");
        let applicant = Applicant { code: &code, token, proof, answer, version, stations: &stations, now };
        assert!(self.store.enrol(&applicant).await.unwrap());
        let about = About::Bundle { campaign: campaign(), serial: Serial(1), payload };
        let step = |step| Receipt {
            about: about.clone(),
            step,
            reason: String::new(),
            at: now,
            clock_trusted: true,
        };
        let steps = [Step::Received, Step::Verified, Step::Active].map(step);
        self.store.keep_receipts(site, &steps, now).await.unwrap();
    }

    /// Takes in the whole log of `folder`, as it arrives at `now`.
    pub(crate) async fn take(&self, site: &str, folder: &Path, now: DateTime<Utc>) {
        let reader = Reader::open(folder).unwrap();
        let batch = Batch {
            epoch: reader.epoch().unwrap().unwrap(),
            previous: BEFORE_THE_FIRST.into(),
            facts: reader.facts(0, 500).unwrap(),
        };
        ingest::take(&self.store, site, &batch, now).await.unwrap();
    }
}

fn root() -> Root {
    let key = key().public();
    let quorum = || Quorum { threshold: 1, keys: [key.id()].into() };
    Root {
        county: "某县交警大队".to_owned(),
        version: 1,
        issued: at("00:00:00"),
        roles: [(Role::Root, quorum()), (Role::Publisher, quorum())].into(),
        keys: vec![Holder { name: "李科长".to_owned(), key }],
        emergency_alone: None,
    }
}

fn signed(kind: PayloadType, payload: Vec<u8>) -> Envelope {
    let mut envelope = Envelope { payload_type: kind.name().to_owned(), payload, signatures: Vec::new() };
    key().sign_too(&mut envelope);
    envelope
}

/// Fills a store with five villages, each with a fate of its own.
pub(crate) async fn fill(county: &County) {
    let (_, payload) =
        county.publish(&[("broadcasts/春运.toml", PLAYLIST), ("broadcasts/演练.toml", DRILL)]).await;
    for (number, site) in (1..).zip(["赵家庄", "河东村", "钱家庄", "孙家庄", "李家庄"]) {
        county.enrol(site, number, payload).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let of = |site: &str| folder.path().join(site);
    good(&of("赵家庄"));
    county.take("赵家庄", &of("赵家庄"), at("23:00:00")).await;
    offline(&of("河东村"));
    county.take("河东村", &of("河东村"), at("09:00:00") + TimeDelta::days(7)).await;
    broke(county, &folder).await;
    cut_short(&of("孙家庄"));
    county.take("孙家庄", &of("孙家庄"), at("23:00:00")).await;
}

/// Everything is heard, and an alert, a drill, an item of the village's own, and a man with a microphone.
fn good(folder: &Path) {
    let mut records = Vec::new();
    for (message, time) in [("头盔", "08:00:00"), ("安全带", "08:00:00")] {
        records.extend(heard(&airing("赵家庄", message, time)));
    }
    let mut drill = airing_of("赵家庄", "春运.演练", ("疏散", "请到广场集合。"), "10:00:00");
    (drill.status, drill.priority) = (Status::Drill, Priority::Urgent);
    records.extend(heard(&drill));
    let own = airing_of("赵家庄", "村务", ("收电费", "请交电费 <b>&\"今天\"</b>"), "11:00:00");
    records.extend(heard(&own));
    let mut said = airing_of("赵家庄", "said", ("1", "开会了"), "12:00:00");
    said.origin = Origin::Said("村广播员".to_owned());
    records.extend(heard(&said));
    let mut alert = airing_of("赵家庄", "alert", ("暴雨-1a2b3c4d.1", "暴雨红色预警。"), "13:14:15");
    (alert.origin, alert.priority) = (Origin::Said("alert:某县".to_owned()), Priority::Emergency);
    records.extend(heard(&alert));
    for message in ["头盔", "安全带"] {
        records.extend(heard(&airing("赵家庄", message, "18:00:00")));
    }
    write(folder, "07:00:00", records);
}

/// Two are heard, then the power goes; all of it is told a week later.
fn offline(folder: &Path) {
    let mut records = Vec::new();
    for message in ["头盔", "安全带"] {
        records.extend(heard(&airing("河东村", message, "08:00:00")));
    }
    for message in ["头盔", "安全带"] {
        records.extend(silent(&airing("河东村", message, "18:00:00"), Outcome::Missed, Reason::PowerOff));
    }
    write(folder, "07:00:00", records);
}

/// The log is damaged at noon, and a new one begun: what was told of the old one stays.
async fn broke(county: &County, folder: &TempDir) {
    let folder = folder.path().join("钱家庄");
    let both = |time: &str| {
        ["头盔", "安全带"]
            .map(|message| heard(&airing("钱家庄", message, time)))
            .into_iter()
            .flatten()
            .collect()
    };
    write(&folder, "07:00:00", both("08:00:00"));
    county.take("钱家庄", &folder, at("09:00:00")).await;
    let file = folder.join("as-run.sqlite3");
    let length = fs::metadata(&file).unwrap().len();
    fs::write(&file, vec![0x5a; usize::try_from(length).unwrap()]).unwrap();
    write(&folder, "12:00:00", both("18:00:00"));
    county.take("钱家庄", &folder, at("19:00:00")).await;
}

/// One partly heard, one held back, one cut by something stronger, one heard.
fn cut_short(folder: &Path) {
    let mut records =
        sounded(&airing("孙家庄", "头盔", "08:00:00"), Outcome::Partial, Some(Reason::OutputFailed));
    records.extend(silent(&airing("孙家庄", "安全带", "08:00:00"), Outcome::Suppressed, Reason::QuietHours));
    records.extend(sounded(
        &airing("孙家庄", "头盔", "18:00:00"),
        Outcome::Preempted,
        Some(Reason::HigherPriority),
    ));
    records.extend(heard(&airing("孙家庄", "安全带", "18:00:00")));
    write(folder, "07:00:00", records);
}
