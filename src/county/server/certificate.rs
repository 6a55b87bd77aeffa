//! The operator's certificate: read from its files, and again when they change or `SIGHUP` says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{Options, ServerFault};

/// Largest certificate that stations are given to know us by, in bytes.
const LARGEST: usize = 64 * 1024;

/// The certificate in use.
pub(super) struct Certificate {
    files: Option<(PathBuf, PathBuf)>,
    known_by_file: Option<PathBuf>,
    configs: watch::Sender<Option<Arc<ServerConfig>>>,
    known_by: watch::Sender<Option<String>>,
}

impl Certificate {
    pub(super) fn read(options: &Options) -> Result<Self, ServerFault> {
        let config = options.tls.as_ref().map(config).transpose()?;
        let known_by = options.known_by.as_deref().map(known_by).transpose()?;
        Ok(Self {
            files: options.tls.clone(),
            known_by_file: options.known_by.clone(),
            configs: watch::Sender::new(config),
            known_by: watch::Sender::new(known_by),
        })
    }

    /// Returns what new connections are taken in with; nothing for plain HTTP.
    pub(super) fn configs(&self) -> watch::Receiver<Option<Arc<ServerConfig>>> {
        self.configs.subscribe()
    }

    /// Returns what stations are told to know us by.
    pub(super) fn known_by(&self) -> watch::Receiver<Option<String>> {
        self.known_by.subscribe()
    }

    /// Looks every `round`, and at once on `SIGHUP`, whether the files have changed. What cannot be used changes nothing.
    pub(super) async fn keep(&self, round: Duration) {
        let Ok(mut hangup) = signal(SignalKind::hangup()) else { return std::future::pending().await };
        let mut read = self.changed();
        loop {
            let asked = timeout(round, hangup.recv()).await.is_ok();
            let now = self.changed();
            if !asked && now == read {
                continue;
            }
            read = now;
            match self.read_again() {
                Ok(()) => tracing::info!("the certificate was read again"),
                Err(fault) => tracing::error!(%fault, "the certificate stays as it was"),
            }
        }
    }

    fn read_again(&self) -> Result<(), ServerFault> {
        let config = self.files.as_ref().map(config).transpose()?;
        let known_by = self.known_by_file.as_deref().map(known_by).transpose()?;
        self.configs.send_replace(config);
        self.known_by.send_replace(known_by);
        Ok(())
    }

    fn changed(&self) -> Vec<Option<SystemTime>> {
        let named = self.files.iter().flat_map(|(certificate, key)| [certificate, key]);
        let time = |path: &PathBuf| fs::metadata(path).and_then(|about| about.modified()).ok();
        named.chain(&self.known_by_file).map(time).collect()
    }
}

fn config((certificate, key): &(PathBuf, PathBuf)) -> Result<Arc<ServerConfig>, ServerFault> {
    let fault = |path: &Path, why: String| ServerFault::Certificate(path.to_owned(), why);
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| fault(certificate, error.to_string()))?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| fault(key, error.to_string()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, secret))
        .map_err(|error| fault(certificate, error.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn known_by(path: &Path) -> Result<String, ServerFault> {
    let fault = |why: String| ServerFault::Certificate(path.to_owned(), why);
    let text = fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
    let count = CertificateDer::pem_slice_iter(text.as_bytes()).flatten().count();
    if count == 0 || text.len() > LARGEST || text.contains("PRIVATE KEY") {
        return Err(fault("PEM, CERTIFICATE".to_owned()));
    }
    Ok(text)
}
