//! One connection to the county, kept while it lasts: bounded questions, and answers that are taken for nothing else.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{self, HeaderName};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::tls::{self, Believe};
use super::{Address, Fault, Office};
use crate::wire::{LARGEST_JSON, Refused, Token};

/// Time until a connection stands, TLS and all: over a link of 10 kbit/s that others use too, half a minute was seen.
const CONNECTING: Duration = Duration::from_mins(1);

/// Time in which the first line of an answer must come, beside what the county was asked to wait.
pub(super) const ANSWERING: Duration = Duration::from_mins(1);

/// Longest silence in the middle of an answer.
pub(super) const STALLED: Duration = Duration::from_secs(30);

/// Slowest pace that a whole answer or question may have, bytes a second: below it, the link is as good as none.
const SLOWEST: u64 = 256;

/// Largest refusal that is read.
const LARGEST_REFUSAL: usize = 16 * 1024;

pub(super) const JSON: &str = "application/json";
pub(super) const BYTES: &str = "application/octet-stream";

/// Speaks with the county. Every question may be dropped at any moment; the connection goes with it.
pub(super) struct Link {
    address: Address,
    tls: Option<Arc<ClientConfig>>,
    token: Option<Token>,
    open: Option<SendRequest<Full<Bytes>>>,
}

/// What is asked.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    method: Method,
    path: String,
    headers: Vec<(HeaderName, String)>,
    body: Bytes,
    patience: Duration,
}

impl Ask {
    pub(super) fn get(path: impl Into<String>) -> Self {
        let headers = Vec::new();
        Self { method: Method::GET, path: path.into(), headers, body: Bytes::new(), patience: ANSWERING }
    }

    pub(super) fn post(path: &str, json: Vec<u8>) -> Self {
        let headers = vec![(header::CONTENT_TYPE, JSON.to_owned())];
        let patience = ANSWERING + at_the_slowest(json.len() as u64);
        Self { method: Method::POST, path: path.to_owned(), headers, body: Bytes::from(json), patience }
    }

    pub(super) fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Lets the county wait for so long before it answers.
    pub(super) fn waiting(mut self, time: Duration) -> Self {
        self.patience += time;
        self.with(HeaderName::from_static("prefer"), format!("wait={}", time.as_secs()))
    }
}

/// Returns the time that so many bytes may take.
pub(super) const fn at_the_slowest(bytes: u64) -> Duration {
    Duration::from_secs(bytes / SLOWEST)
}

impl Link {
    /// Prepares a link to the office that enrolled this station; connects when something is asked.
    pub(super) fn to(office: &Office) -> Result<Self, Fault> {
        let believe = office.certificate.as_deref().map_or(Believe::Authorities, Believe::This);
        Self::new(office.address()?, believe, Some(office.token.clone()))
    }

    /// Prepares a link to an address whose certificate nobody vouches for yet.
    pub(super) fn to_anybody(address: &Address) -> Result<Self, Fault> {
        Self::new(address.clone(), Believe::Anybody, None)
    }

    fn new(address: Address, believe: Believe<'_>, token: Option<Token>) -> Result<Self, Fault> {
        let tls = if address.secure { Some(tls::config(believe)?) } else { None };
        Ok(Self { address, tls, token, open: None })
    }

    /// Asks, and returns the answer whose status says that it is one; its body is still to be read.
    ///
    /// A connection that was kept may have died unseen: then it is asked once more, on a new one. All that we ask may be
    /// asked twice.
    pub(super) async fn ask(&mut self, ask: &Ask) -> Result<Answer, Fault> {
        let kept = self.open.take();
        if let Some(mut sender) = kept
            && timeout(STALLED, sender.ready()).await.is_ok_and(|ready| ready.is_ok())
        {
            match self.send(&mut sender, ask).await {
                Ok(answer) => return self.answered(sender, answer).await,
                Err(Fault::Cut(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
        let mut sender = timeout(CONNECTING, self.connect()).await.map_err(|_| Fault::Silent)??;
        let answer = self.send(&mut sender, ask).await?;
        self.answered(sender, answer).await
    }

    async fn send(
        &self,
        sender: &mut SendRequest<Full<Bytes>>,
        ask: &Ask,
    ) -> Result<Response<Incoming>, Fault> {
        let mut request = Request::builder()
            .method(&ask.method)
            .uri(self.address.path(&ask.path))
            .header(header::HOST, self.address.host_header())
            .header(header::USER_AGENT, concat!("dalaba/", env!("CARGO_PKG_VERSION")));
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", token.0));
        }
        for (name, value) in &ask.headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(ask.body.clone()));
        let request =
            request.map_err(|error| Fault::Cut(format!("no request can be made of it: {error}")))?;
        let answered = timeout(ask.patience, sender.send_request(request)).await;
        answered.map_err(|_| Fault::Silent)?.map_err(cut)
    }

    /// Keeps the connection and sorts the answer by its status.
    async fn answered(
        &mut self,
        sender: SendRequest<Full<Bytes>>,
        response: Response<Incoming>,
    ) -> Result<Answer, Fault> {
        let status = response.status();
        let text = |name: HeaderName| {
            let value = response.headers().get(name)?.to_str().ok()?;
            (value.len() <= 256).then(|| value.to_owned())
        };
        let kind = text(header::CONTENT_TYPE).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let (etag, range) = (text(header::ETAG), text(header::CONTENT_RANGE));
        let after = text(header::RETRY_AFTER).and_then(|text| text.parse().ok()).map(Duration::from_secs);
        let answer = Answer { status, kind, etag, range, body: response.into_body() };
        match status {
            StatusCode::OK
            | StatusCode::PARTIAL_CONTENT
            | StatusCode::NOT_MODIFIED
            | StatusCode::NO_CONTENT => {
                self.open = Some(sender);
                Ok(answer)
            }
            _ if status.is_redirection() => Err(Fault::Astray(format!("a redirect ({status})"))),
            _ => {
                let status = status.as_u16();
                let said = if answer.kind == JSON { answer.refusal().await } else { None };
                self.open = Some(sender);
                Err(said.map_or(Fault::Unable { status, after }, |said| Fault::Refused {
                    status,
                    said,
                    after,
                }))
            }
        }
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Fault> {
        let (host, port) = (self.address.host.as_str(), self.address.port);
        let stream = TcpStream::connect((host, port)).await.map_err(Fault::Unreachable)?;
        // Small questions should not wait for each other.
        let _ = stream.set_nodelay(true);
        let Some(tls) = &self.tls else { return greet(stream).await };
        let name = ServerName::try_from(host.to_owned());
        let name = name.map_err(|error| Fault::Stranger(error.to_string()))?;
        let connector = TlsConnector::from(Arc::clone(tls));
        greet(connector.connect(name, stream).await.map_err(no_tls)?).await
    }
}

/// Begins HTTP on a connection. What drives it ends with the connection, which ends with the link.
async fn greet<S>(stream: S) -> Result<SendRequest<Full<Bytes>>, Fault>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(cut)?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to the county ended");
        }
    });
    Ok(sender)
}

fn no_tls(error: io::Error) -> Fault {
    // What rustls finds wrong comes as such an error; a line that broke comes as another.
    if error.kind() == io::ErrorKind::InvalidData {
        Fault::Stranger(error.to_string())
    } else {
        Fault::Unreachable(error)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn cut(error: hyper::Error) -> Fault {
    if error.is_parse() {
        return Fault::Astray(error.to_string());
    }
    let mut words = error.to_string();
    if let Some(cause) = std::error::Error::source(&error) {
        words = format!("{words}: {cause}");
    }
    Fault::Cut(words)
}

/// An answer, its body to be read.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    kind: String,
    pub(super) etag: Option<String>,
    range: Option<String>,
    body: Incoming,
}

impl Answer {
    /// Reads it as JSON, which it must say that it is.
    pub(super) async fn json<T: DeserializeOwned>(self) -> Result<T, Fault> {
        let bytes = self.bytes(JSON, LARGEST_JSON).await?;
        serde_json::from_slice(&bytes)
            .map_err(|error| Fault::Astray(format!("not what was asked for: {error}")))
    }

    /// Reads a small answer whole, if it is of this content type.
    pub(super) async fn bytes(mut self, kind: &str, most: usize) -> Result<Vec<u8>, Fault> {
        self.is(kind)?;
        let whole = async {
            let mut bytes = Vec::new();
            while let Some(piece) = self.piece().await? {
                if bytes.len() + piece.len() > most {
                    return Err(Fault::TooLarge);
                }
                bytes.extend_from_slice(&piece);
            }
            Ok(bytes)
        };
        timeout(ANSWERING + at_the_slowest(most as u64), whole).await.map_err(|_| Fault::Silent)?
    }

    /// Finds out that it is of this content type.
    pub(super) fn is(&self, kind: &str) -> Result<(), Fault> {
        if self.kind == kind {
            Ok(())
        } else {
            Err(Fault::Astray(format!("content of type {:?}", self.kind)))
        }
    }

    /// Finds out that it is an answer to something that was told: empty, or JSON. A page to log in is neither.
    pub(super) fn is_no_page(&self) -> Result<(), Fault> {
        if self.status == StatusCode::NO_CONTENT || self.kind.is_empty() { Ok(()) } else { self.is(JSON) }
    }

    /// Returns the place from which on a part of a file was sent: `bytes 100-199/200` → 100.
    pub(super) fn starts_at(&self) -> Option<u64> {
        if self.status != StatusCode::PARTIAL_CONTENT {
            return Some(0);
        }
        self.range.as_deref()?.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
    }

    /// Returns the next piece of the body; none at its end.
    pub(super) async fn piece(&mut self) -> Result<Option<Bytes>, Fault> {
        loop {
            let frame = timeout(STALLED, self.body.frame()).await.map_err(|_| Fault::Silent)?;
            match frame.transpose().map_err(cut)? {
                None => return Ok(None),
                Some(frame) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }

    async fn refusal(self) -> Option<Refused> {
        let bytes = self.bytes(JSON, LARGEST_REFUSAL).await.ok()?;
        serde_json::from_slice(&bytes).ok()
    }
}
