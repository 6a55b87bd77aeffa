//! The real county's server with keys of paper, and what has arrived in its database.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dalaba::county::store::{Address, Store, StoredCode, StoredFact};
use dalaba::model::{
    Alert, AlertKind, Bundle, BundleFile, BundlePath, CampaignId, Digest, Priority, Serial, Status, Target,
};
use dalaba::station::bundles::write;
use dalaba::station::clock;
use dalaba::station::journal::Reader;
use dalaba::trust::{Envelope, Holder, PayloadType, Quorum, Role, Root, SecretKey, alert, manifest};
use dalaba::wire::{About, Code, Receipt, Step};
use tempfile::TempDir;
use ureq::Agent;
use ureq::tls::TlsConfig;

use super::daemon::{House, SOON};
use super::poll;

/// An office: its keys, its database and its server.
pub(crate) struct Office {
    root: TempDir,
    listen: String,
    secure: bool,
    server: Option<Child>,
}

fn key() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

fn signed(kind: PayloadType, payload: Vec<u8>) -> Envelope {
    signed_by(&key(), kind, payload)
}

fn signed_by(secret: &SecretKey, kind: PayloadType, payload: Vec<u8>) -> Envelope {
    let mut envelope = Envelope { payload_type: kind.name().to_owned(), payload, signatures: Vec::new() };
    secret.sign_too(&mut envelope);
    envelope
}

/// The root's version `version`, signed.
pub(crate) fn root(version: u64) -> Vec<u8> {
    root_by(&key(), version)
}

/// The same words, signed by somebody else.
pub(crate) fn strange_root(version: u64) -> Vec<u8> {
    root_by(&SecretKey::from_seed(&[9; 32]), version)
}

fn root_by(secret: &SecretKey, version: u64) -> Vec<u8> {
    let key = secret.public();
    let quorum = || Quorum { threshold: 1, keys: [key.id()].into() };
    let root = Root {
        county: "某县".to_owned(),
        version,
        issued: "2026-11-23T04:00:00Z".parse().unwrap(),
        roles: [(Role::Root, quorum()), (Role::Publisher, quorum())].into(),
        keys: vec![Holder { name: "王".to_owned(), key }],
        emergency_alone: None,
    };
    signed_by(secret, PayloadType::Root, root.payload()).write()
}

/// Signs number `serial` of a campaign; returns its envelope and the sum of its signed bytes.
pub(crate) fn bundle(
    campaign: &str,
    serial: u64,
    previous: Option<Digest>,
    files: &[(&str, Vec<u8>)],
) -> (Vec<u8>, Digest) {
    let now = clock::wall();
    let file = |(path, bytes): &(&str, Vec<u8>)| BundleFile {
        path: BundlePath::new(path).unwrap(),
        bytes: bytes.len() as u64,
        sha256: Digest::of(bytes),
    };
    let bundle = Bundle {
        campaign: CampaignId::new(campaign).unwrap(),
        serial: Serial(serial),
        previous,
        issued: now - TimeDelta::minutes(1),
        not_before: now - TimeDelta::minutes(1),
        expires: now + TimeDelta::days(30),
        target: vec![Target::All],
        files: files.iter().map(file).collect(),
    };
    let envelope = signed(PayloadType::Bundle, manifest::write(&bundle));
    (envelope.write(), Digest::of(&envelope.payload))
}

/// A playlist that airs nothing for a while: once a year.
pub(crate) fn quiet_playlist(audio: Option<&str>) -> Vec<u8> {
    let what = audio.map_or("text = \"停水\"".to_owned(), |audio| format!("audio = \"{audio}\""));
    format!(
        "title = \"试\"\nstations = [\"*\"]\n[[message]]\nid = \"甲\"\n{what}\n[[schedule]]\n\
         cron = \"0 0 3 29 2 *\"\n"
    )
    .into_bytes()
}

/// Noise as a WAV file of about so many bytes: nothing makes it smaller on the way.
pub(crate) fn noise(bytes: u32) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 22_050,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut whole = std::io::Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut whole, spec).unwrap();
    let mut state = 1_u32;
    for _ in 0..bytes / 2 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [high, low, ..] = state.to_be_bytes();
        writer.write_sample(i16::from_be_bytes([high, low]) / 4).unwrap();
    }
    writer.finalize().unwrap();
    whole.into_inner()
}

impl Office {
    /// Opens an office whose server listens at `listen`, with a certificate of its own if `secure`.
    pub(crate) fn open(listen: &str, secure: bool) -> Self {
        let mut office =
            Self { root: tempfile::tempdir().unwrap(), listen: listen.to_owned(), secure, server: None };
        fs::create_dir(office.path("keys")).unwrap();
        fs::write(office.path("keys/root.json"), root(1)).unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["county.test".to_owned()]).unwrap();
        fs::write(office.path("certificate.pem"), made.cert.pem()).unwrap();
        fs::write(office.path("key.pem"), made.signing_key.serialize_pem()).unwrap();
        fs::create_dir(office.path("state")).unwrap();
        office.serve();
        office
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path("state/county.db")
    }

    /// Starts the server; once it has a port, it keeps it.
    pub(crate) fn serve(&mut self) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dalaba"));
        command.args(["county", "serve", "--lang", "en", "--listen", &self.listen]);
        command.arg("--keys").arg(self.path("keys")).arg("--state").arg(self.path("state"));
        if self.secure {
            command.arg("--certificate").arg(self.path("certificate.pem"));
            command.arg("--key").arg(self.path("key.pem"));
        }
        let log = fs::File::options().create(true).append(true).open(self.path("stderr")).unwrap();
        let mut server = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let at = line.trim().rsplit(' ').next().unwrap_or_default();
        assert!(at.contains(':'), "{line}{}", fs::read_to_string(self.path("stderr")).unwrap());
        at.clone_into(&mut self.listen);
        self.server = Some(server);
    }

    /// Cuts the server's power.
    pub(crate) fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }

    /// Where the server listens.
    pub(crate) fn at(&self) -> &str {
        &self.listen
    }

    /// Its address, if it is reached at `at`.
    pub(crate) fn url(&self, at: &str) -> String {
        format!("{}://{at}", if self.secure { "https" } else { "http" })
    }

    /// Does something with the database, as any other program may.
    pub(crate) fn store<T>(&self, work: impl AsyncFnOnce(Store) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { work(Store::open(&Address::File(self.database())).await.unwrap()).await })
    }

    /// Gives out a code for a site.
    pub(crate) fn code(&self, site: &str) -> String {
        let mut random = [0; 13];
        getrandom::fill(&mut random).unwrap();
        let now = clock::wall();
        let expires = now + TimeDelta::days(1);
        let code = StoredCode { code: Code::of(&random), site: site.to_owned(), expires, tries: 0 };
        self.store(async |store| store.keep_code(&code, "test", now).await.unwrap());
        code.code.to_string()
    }

    /// Types the code at a village that reaches the server at `at`.
    pub(crate) fn enrol(&self, house: &House, site: &str, at: &str) {
        let output = house.dalaba(&["enrol", &self.code(site), "--county", &self.url(at)]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Publishes number `serial` of a campaign; returns the sum of its signed bytes.
    pub(crate) fn publish(
        &self,
        campaign: &str,
        serial: u64,
        previous: Option<Digest>,
        files: &[(&str, Vec<u8>)],
    ) -> Digest {
        let (envelope, payload) = bundle(campaign, serial, previous, files);
        let mut whole = Vec::new();
        write(&mut whole, &envelope, files.iter().map(|(_, bytes)| Ok(bytes.clone()))).unwrap();
        self.post("/v1/bundles", &whole);
        payload
    }

    /// Sends out an alert that is said once; returns the sum of its signed bytes.
    pub(crate) fn alert(&self, text: &str) -> Digest {
        let now = clock::wall();
        let alert = Alert {
            identifier: format!("{}", now.timestamp_millis()),
            sender: "office@county.test".to_owned(),
            sent: now.with_timezone(&chrono_tz::Asia::Shanghai).fixed_offset(),
            status: Status::Actual,
            msg_type: AlertKind::Alert,
            references: Vec::new(),
            event: "暴雨预警".to_owned(),
            urgency: String::new(),
            severity: String::new(),
            certainty: String::new(),
            priority: Priority::Urgent,
            language: "zh".to_owned(),
            text: text.to_owned(),
            expires: now + TimeDelta::minutes(30),
            repeat_every: None,
            target: vec![Target::All],
        };
        let envelope = signed(PayloadType::Alert, alert::write(&alert));
        self.post("/v1/alerts", &envelope.write());
        Digest::of(&envelope.payload)
    }

    fn post(&self, path: &str, bytes: &[u8]) {
        let agent: Agent = Agent::config_builder()
            .tls_config(TlsConfig::builder().disable_verification(true).build())
            .build()
            .into();
        agent.post(format!("{}{path}", self.url(&self.listen))).send(bytes).unwrap();
    }

    /// What a site has sent of its log, in order; of all its logs.
    pub(crate) fn facts(&self, site: &str) -> Vec<StoredFact> {
        self.store(async |store| {
            let mut facts = Vec::new();
            for log in store.logs(site).await.unwrap() {
                while let Some(page) = Some(
                    store
                        .facts(site, &log.epoch, facts.last().map_or(0, |f: &StoredFact| f.fact.seq), 500)
                        .await
                        .unwrap(),
                )
                .filter(|page| !page.is_empty())
                {
                    facts.extend(page);
                }
            }
            facts
        })
    }

    /// The steps that a site told of a bundle, in the order in which they were taken.
    pub(crate) fn steps(&self, site: &str, bundle: &Digest) -> Vec<Step> {
        let mut receipts: Vec<Receipt> =
            self.receipts(site).into_iter().filter(|receipt| is_about(&receipt.about, bundle)).collect();
        receipts.sort_by_key(|receipt| (receipt.step, receipt.at));
        receipts.iter().map(|receipt| receipt.step).collect()
    }

    /// Everything that a site told.
    pub(crate) fn receipts(&self, site: &str) -> Vec<Receipt> {
        let kept = self.store(async |store| store.receipts(site, 1000).await.unwrap());
        kept.into_iter().map(|(receipt, _)| receipt).collect()
    }

    /// Waits until everything that is on record at a house is here, and holds it against the house's log; returns how many
    /// records.
    pub(crate) fn wait_for_all_records(&self, house: &House, site: &str) -> usize {
        let log = || Reader::open(&house.state()).unwrap();
        poll::until("all records at the county", SOON * 3, || {
            poll::pass(Duration::from_millis(200));
            let newest = log().newest().unwrap();
            (self.facts(site).last().map(|fact| fact.fact.seq) == Some(newest)).then_some(())
        });
        let (here, there) = (log().facts(0, 100_000).unwrap(), self.facts(site));
        assert_eq!(here.len(), there.len());
        for (number, (here, there)) in here.iter().zip(&there).enumerate() {
            assert_eq!(there.fact, *here, "record {number}, in order, once, as it was recorded");
        }
        there.len()
    }

    /// Waits until a site told that a bundle is in force.
    pub(crate) fn wait_until_active(&self, site: &str, bundle: &Digest) {
        poll::until("a bundle in force", SOON * 3, || {
            poll::pass(Duration::from_millis(200));
            self.steps(site, bundle).contains(&Step::Active).then_some(())
        });
    }
}

fn is_about(about: &About, bundle: &Digest) -> bool {
    matches!(about, About::Bundle { payload, .. } if payload == bundle)
}

impl Drop for Office {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            println!("office:\n{}", fs::read_to_string(self.path("stderr")).unwrap_or_default());
        }
    }
}

/// Prints what a village's daemon said, when a test fails.
pub(crate) struct Told<'a>(pub(crate) &'a House);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("village:\n{}", fs::read_to_string(self.0.path("stderr")).unwrap_or_default());
        }
    }
}

/// Lists the bundles of a campaign that lie on a station's disk, beside what says which is in force.
pub(crate) fn slots(state: &Path, campaign: &str) -> Vec<String> {
    let folder = state.join("county/campaigns").join(campaign);
    let listed = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = listed.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

/// How long ago something may have been sent and still count as now.
pub(crate) fn a_moment_ago() -> DateTime<Utc> {
    clock::wall() - TimeDelta::minutes(10)
}
