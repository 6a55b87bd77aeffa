//! The office as a client of its own server: what was signed is posted, within limits of time, and refusals come back in words.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, SendBody};

use crate::model::Words;
use crate::wire::Refused;

/// Time until somebody answers.
const CONNECTING: Duration = Duration::from_secs(20);

/// Time in which a bundle is answered: the server decodes every recording first.
pub const BUNDLE_ANSWERED: Duration = Duration::from_mins(10);

/// Time in which an alert is answered. After that it has to go another way.
pub const ALERT_ANSWERED: Duration = Duration::from_secs(30);

/// Time for one file: 512 MB over a line of 100 kB a second.
const SENDING: Duration = Duration::from_hours(2);

/// Largest answer that is read, in bytes.
const LARGEST_ANSWER: u64 = 64 * 1024;

/// Speaks to one server.
pub struct Client {
    agent: Agent,
    server: String,
}

/// Says why the server has not taken something.
#[derive(Debug, thiserror::Error)]
pub enum ClientFault {
    /// No address of a server.
    #[error("{0}: not an address such as https://county.example")]
    Address(String),
    /// The certificate by which the server is to be known.
    #[error("the certificate cannot be used: {0}")]
    Certificate(String),
    /// Nobody answered, or not whom we expected.
    #[error("{0}")]
    Unreachable(String),
    /// The server answered, and refused.
    #[error("{}", .1.en)]
    Refused(u16, Words),
}

impl Client {
    /// Prepares to speak to `server`, which is known by `certificate` (a PEM file), or by the authorities that everybody knows.
    /// Whatever is posted is answered within the time `answered`, or not at all.
    pub fn new(server: &str, certificate: Option<&Path>, answered: Duration) -> Result<Self, ClientFault> {
        let known = ["https://", "http://"].iter().find_map(|scheme| server.strip_prefix(scheme));
        if !known.is_some_and(|host| !host.is_empty() && !host.contains(['?', '#', '@', ' '])) {
            return Err(ClientFault::Address(server.to_owned()));
        }
        let mut tls = TlsConfig::builder();
        if let Some(path) = certificate {
            let unusable = |error: String| ClientFault::Certificate(format!("{}: {error}", path.display()));
            let pem = fs::read(path).map_err(|error| unusable(error.to_string()))?;
            let known = Certificate::from_pem(&pem).map_err(|error| unusable(error.to_string()))?;
            tls = tls.root_certs(RootCerts::new_with_certs(&[known]));
        }
        let config = Agent::config_builder()
            .tls_config(tls.build())
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(CONNECTING))
            .timeout_send_body(Some(SENDING))
            .timeout_recv_response(Some(answered))
            .timeout_recv_body(Some(CONNECTING))
            .user_agent(concat!("dalaba/", env!("CARGO_PKG_VERSION")));
        Ok(Self { agent: config.build().into(), server: server.trim_end_matches('/').to_owned() })
    }

    /// Posts what `body` reads to `path`, one of [`crate::wire`]'s, and returns the answer.
    pub fn post(&self, path: &str, kind: &str, mut body: impl Read) -> Result<Vec<u8>, ClientFault> {
        let sent = self
            .agent
            .post(format!("{}{path}", self.server))
            .header("content-type", kind)
            .send(SendBody::from_reader(&mut body));
        let answer = sent.map_err(|error| ClientFault::Unreachable(error.to_string()))?;
        let status = answer.status();
        let mut bytes = Vec::new();
        let read = answer.into_body().into_reader().take(LARGEST_ANSWER).read_to_end(&mut bytes);
        if status.is_success() {
            return read.map(|_| bytes).map_err(|error| ClientFault::Unreachable(error.to_string()));
        }
        // A refusal counts also where its words got lost.
        let words = serde_json::from_slice(&bytes).map_or_else(
            |_| Words::new(format!("服务器答复 {status}"), format!("the server answered {status}")),
            |refused: Refused| Words::new(refused.zh, refused.en),
        );
        Err(ClientFault::Refused(status.as_u16(), words))
    }
}

impl ClientFault {
    /// Says it to people.
    pub fn words(&self) -> Words {
        let zh = match self {
            Self::Address(server) => format!("{server} 不是服务器地址；要写成 https://county.example"),
            Self::Certificate(why) => format!("证书用不了：{why}"),
            Self::Unreachable(why) => format!("连不上服务器：{why}"),
            Self::Refused(_, words) => words.zh.clone(),
        };
        Words::new(zh, self.to_string())
    }
}
