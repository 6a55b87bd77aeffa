//! A village's side of the wire: a link to a server, an enrolment, and an as-run log to send.

use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;
use dalaba::model::Digest;
use dalaba::station::journal::{BEFORE_THE_FIRST, Reader};
use dalaba::wire::{
    Batch, Code, EnrolRequest, Enrolled, Nonce, Refused, Token, client_proof, county_proof, token,
};
use data_encoding::HEXLOWER;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use super::common::{airing, completed, morning, on_air, open};
use super::office::{Office, SOON, Server};

/// How somebody reaches a server.
#[derive(Clone)]
pub(crate) struct Link {
    agent: Agent,
    base: String,
    token: Option<Token>,
}

/// What a server answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The word of a refusal, which has to be said in both languages.
    pub(crate) fn refusal(&self) -> (u16, String) {
        let refused: Refused = self.json();
        // Names of files and stations are Chinese in both.
        assert!(
            !refused.zh.is_ascii() && refused.en.starts_with(|c: char| c.is_ascii_alphanumeric()),
            "{refused:?}"
        );
        (self.status, refused.error)
    }
}

impl Link {
    pub(crate) fn plain(at: &str) -> Self {
        Self::with(TlsConfig::builder(), format!("http://{at}"))
    }

    /// Trusts exactly this certificate.
    pub(crate) fn tls(at: &str, certificate: &str) -> Self {
        let known = Certificate::from_pem(certificate.as_bytes()).unwrap();
        let port = at.rsplit(':').next().unwrap();
        Self::with(
            TlsConfig::builder().root_certs(RootCerts::from(vec![known])),
            format!("https://localhost:{port}"),
        )
    }

    fn with(tls: ureq::tls::TlsConfigBuilder, base: String) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(SOON * 2))
            .tls_config(tls.build())
            .build();
        Self { agent: config.into(), base, token: None }
    }

    pub(crate) fn knowing(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// The same village at another server.
    pub(crate) fn at(&self, server: &Server) -> Self {
        Self { base: format!("http://{}", server.at), ..self.clone() }
    }

    pub(crate) fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.try_get(path, headers).unwrap()
    }

    pub(crate) fn try_get(&self, path: &str, headers: &[(&str, &str)]) -> Result<Answer, ureq::Error> {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {}", token.0));
        }
        request.call().and_then(answer)
    }

    pub(crate) fn post(&self, path: &str, body: &[u8]) -> Answer {
        self.try_post(path, body).unwrap()
    }

    pub(crate) fn try_post(&self, path: &str, body: &[u8]) -> Result<Answer, ureq::Error> {
        let mut request = self.agent.post(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {}", token.0));
        }
        request.send(body).and_then(answer)
    }

    pub(crate) fn send(&self, path: &str, body: &impl Serialize) -> Answer {
        self.post(path, &serde_json::to_vec(body).unwrap())
    }

    /// Asks for what is on offer, unless it is what `known` names, and waits so many seconds for it.
    pub(crate) fn poll(&self, known: &str, wait: u64) -> Answer {
        self.get("/v1/offers", &[("If-None-Match", known), ("Prefer", &format!("wait={wait}"))])
    }

    /// Enrols with a code as a village does, and proves the county's answer.
    pub(crate) fn enrol(&self, code: &str, stations: &[&str]) -> Result<(Self, Enrolled), Box<Answer>> {
        let code: Code = code.parse().unwrap();
        let request = request(&code, stations);
        let answer = self.send("/v1/enrol", &request);
        if answer.status != 200 {
            return Err(Box::new(answer));
        }
        let enrolled: Enrolled = answer.json();
        assert_eq!(enrolled.proof, county_proof(&code, &request.nonce, &enrolled));
        let token = token(&code, &request.nonce, &enrolled.nonce);
        Ok((self.clone().knowing(token), enrolled))
    }
}

/// What a village asks with a code.
pub(crate) fn request(code: &Code, stations: &[&str]) -> EnrolRequest {
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).unwrap();
    let mut request = EnrolRequest {
        code: code.name().to_owned(),
        nonce: Nonce(HEXLOWER.encode(&nonce)),
        stations: stations.iter().map(|line| (*line).to_owned()).collect(),
        version: "0.1.0".to_owned(),
        proof: String::new(),
    };
    request.proof = client_proof(code, &request);
    request
}

/// Lets 赵家庄 in, which is in the zone 河东.
pub(crate) fn enrolled(office: &Office, server: &Server) -> Link {
    server.stranger().enrol(&office.code("赵家庄"), &["赵家庄\t河东"]).ok().unwrap().0
}

fn answer(response: ureq::http::Response<ureq::Body>) -> Result<Answer, ureq::Error> {
    let (parts, mut body) = response.into_parts();
    let body = body.with_config().limit(64 * 1024 * 1024).read_to_vec()?;
    Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
}

/// An as-run log of a village.
pub(crate) struct Log {
    folder: TempDir,
}

impl Log {
    /// Writes `airings` airings, two records each, after the record of the start.
    pub(crate) fn of(airings: i64) -> Self {
        let log = Self { folder: tempfile::tempdir().unwrap() };
        let (mut journal, _) = open(log.folder.path());
        let records: Vec<_> = (0..airings)
            .flat_map(|n| {
                let airing = airing("赵家庄", "安全带", n * 20);
                [on_air(&airing), completed(&airing)]
            })
            .collect();
        journal.commit_all(&records).unwrap();
        journal.end_run(morning() + TimeDelta::days(1)).unwrap();
        log
    }

    /// Takes records after number `after` as a batch.
    pub(crate) fn batch(&self, after: i64, most: usize) -> Batch {
        let reader = Reader::open(Path::new(self.folder.path())).unwrap();
        let previous: Digest = match after {
            0 => BEFORE_THE_FIRST.into(),
            _ => reader.facts(after - 1, 1).unwrap().pop().unwrap().hash,
        };
        let facts = reader.facts(after, most).unwrap();
        Batch { epoch: reader.epoch().unwrap().unwrap(), previous, facts }
    }
}

/// How long a poll waits in tests that want it to be woken.
pub(crate) const LONG: u64 = 50;

/// Far less than [`LONG`], and far more than waking takes.
pub(crate) const WOKEN: Duration = Duration::from_secs(40);
